"""Which mutants count as caught, and what an author may say of those that are not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from graders.exercise import CheckSpec
from graders.model import Limits, Verdict
from graders.verify import Fate, as_json, render_mutants, verify
from graders.verify.survivors import MUTANT_WALL_S, survey_mutants
from tests.unit.graders.proving import PlainGrader, make_exercise

REFERENCE = "def f(x):\n    return x * 2\n"
VALUE = {"value": lambda f, seed: f(seed + 10)}
BLIND = {"blind": lambda _f, _seed: 1}
ENTRY = '- line: "return x * 2"\n  mutant: "{}"\n  reason: {}\n'


@pytest.fixture
def survey(tmp_path):
    """How to grade the mutants of a reference, with what the author explained."""

    def run(reference=REFERENCE, scenarios=VALUE, explained=None, grader=None, checks=None):
        if explained is not None:
            (tmp_path / "mutants.yaml").write_text(explained)
        exercise = make_exercise(
            reference=reference, starter="", checks=checks or tuple(scenarios), folder=tmp_path
        )
        chosen = grader or PlainGrader(scenarios)
        return survey_mutants(exercise, chosen, jobs=2, on_step=lambda _name: None)

    return run


def fates(survey):
    return {trial.mutant.after: trial.fate for trial in survey.trials}


def test_mutants_that_no_seed_accepts_are_caught(survey):
    found = survey()
    assert set(fates(found).values()) == {Fate.CAUGHT}
    assert (found.count(Fate.CAUGHT), found.problems) == (len(found.trials), ())
    assert all(trial.catchers == ("value",) and trial.diff == "" for trial in found.trials)


def test_a_mutant_that_every_seed_accepts_survives_and_shows_its_change(survey):
    found = survey(scenarios={"sign": lambda f, seed: f(seed) > 0})
    survivor = next(trial for trial in found.trials if trial.mutant.after == "return x * 3")
    assert survivor.fate is Fate.SURVIVED
    assert survivor.diff == "@@ -1,2 +1,2 @@\n def f(x):\n-    return x * 2\n+    return x * 3"
    name = survivor.mutant.name
    assert f"reference.py:2: no check catches the mutant {name}" in found.problems


def test_a_mutant_that_only_some_seeds_catch_is_no_less_a_hole(survey):
    found = survey(scenarios={"third": lambda f, seed: f(seed) if seed == 3 else 0})
    trial = found.trials[0]
    assert (trial.fate, trial.catchers) == (Fate.BY_LUCK, ("third",))
    assert found.problems[0] == (
        "reference.py:2: the mutant removal:2 is caught by luck only: "
        "2 of 3 seeds accept it (by third)"
    )


def count_seeds(grader, result):
    """Under how many seeds the mutant with this last line was graded."""
    return len({seed for source, seed, _ in grader.asked if source.endswith(f"{result}\n")})


def test_a_mutant_is_tried_with_every_seed_even_if_the_first_sees_it_fail(survey):
    grader = PlainGrader(VALUE)
    survey(grader=grader)
    assert count_seeds(grader, "return x / 2") == 3


def test_but_not_where_its_error_hangs_on_no_number(survey):
    grader = PlainGrader(VALUE)
    survey("def f(x):\n    y = x\n    return y\n", grader=grader)
    assert count_seeds(grader, "def f(x):\n    return y") == 1


def test_a_mutant_may_take_no_longer_than_a_moment(survey):
    grader = PlainGrader(VALUE)
    survey(grader=grader)
    assert [wall_s for _, _, wall_s in grader.asked[1:]] == [MUTANT_WALL_S] * (
        len(grader.asked) - 1
    )


class SlowGrader(PlainGrader):
    """Says that every submission takes 0.4 s a check, and remembers the limits of the checks."""

    def grade(self, exercise, source, *, seed=None, device="cpu"):
        self.checks = exercise.checks
        report = super().grade(exercise, source, seed=seed, device=device)
        return replace(report, checks=tuple(replace(entry, wall_s=0.4) for entry in report.checks))


def test_unless_the_reference_takes_as_long(survey):
    grader = SlowGrader(VALUE)
    survey(grader=grader)
    assert [spec.wall_s for spec in grader.checks] == [2.0]


def test_a_hidden_check_may_take_its_time_for_nobody_tells_how_long_the_reference_takes(survey):
    grader = SlowGrader(VALUE)
    survey(grader=grader, checks=[CheckSpec(name="value", sentence="value", hidden=True)])
    assert [spec.wall_s for spec in grader.checks] == [Limits().wall_s]


class BusyGrader(PlainGrader):
    """A machine that is too busy for a short time limit."""

    def __init__(self, scenarios, verdict, cpu_s, patience_s):
        super().__init__(scenarios)
        self.verdict, self.cpu_s, self.patience_s = verdict, cpu_s, patience_s

    def grade(self, exercise, source, *, seed=None, device="cpu"):
        report = super().grade(exercise, source, seed=seed, device=device)
        if exercise.limits.wall_s >= self.patience_s:
            return replace(report, cpu_s=0.2)
        return replace(report, verdict=self.verdict, cpu_s=self.cpu_s)


@pytest.mark.parametrize("verdict", [Verdict.TIME_LIMIT, Verdict.AUTHOR_ERROR])
def test_what_a_busy_machine_could_not_say_is_asked_again_without_hurry(survey, verdict):
    patience_s = Limits().wall_s
    grader = BusyGrader(BLIND, verdict, 0.1, patience_s)
    assert set(fates(survey(scenarios=BLIND, grader=grader)).values()) == {Fate.SURVIVED}


def test_a_mutant_that_used_up_its_time_is_caught(survey):
    grader = BusyGrader(BLIND, Verdict.TIME_LIMIT, 0.9, 5.0)
    assert set(fates(survey(scenarios=BLIND, grader=grader)).values()) == {Fate.CAUGHT}


def test_a_mutant_that_cannot_be_graded_is_a_problem(survey):
    grader = BusyGrader(VALUE, Verdict.PLATFORM_ERROR, 0.0, 1000.0)
    found = survey(grader=grader)
    assert set(fates(found).values()) == {Fate.NOT_GRADED}
    assert "could not be graded: platform_error" in found.problems[0]


# Whether `x` is zero is all that is seen: both signs of what is added look alike.
PARITY = {"value": lambda f, seed: (seed, f(seed) % 2)}
TWICE = "def f(x):\n    return x + 2\n"


def test_a_reason_explains_a_survivor(survey):
    explained = '- line: return x + 2  # even\n  mutant: "return x - 2"\n  reason: Both are even.\n'
    found = survey(TWICE, PARITY, explained)
    trial = next(trial for trial in found.trials if trial.mutant.after == "return x - 2")
    assert (trial.fate, trial.reason) == (Fate.SURVIVED, "Both are even.")
    assert trial not in found.unexplained
    survived = [entry for entry in found.unexplained if entry.fate is Fate.SURVIVED]
    assert (found.explained, found.count(Fate.SURVIVED)) == (1, len(survived))


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (
            ENTRY.format("return x / 2", "Why not."),
            "mutants.yaml:1: `return x / 2`: this mutant is caught",
        ),
        (
            ENTRY.format("return y", "Why not."),
            "mutants.yaml:1: `return y`: there is no such mutant; correct",
        ),
        (ENTRY.format("return x", ""), "mutants.yaml:1: the reason is empty"),
        (ENTRY.format("return x", "' '"), "mutants.yaml:1: the reason is empty"),
        ("- line: a\n  mutant: b\n", "mutants.yaml:1: an entry has line, mutant, reason"),
        ("- just text\n", "mutants.yaml:1: an entry has line, mutant, reason"),
        ("\n- line: [a]\n  mutant: b\n  reason: c\n", "mutants.yaml:2: an entry has line, mutant"),
        ("line: a\n", "mutants.yaml:1: must be a list of entries"),
        ('- line: "a\n', "mutants.yaml:2: found unexpected end of stream; quote code"),
        ("- line: a: b\n", "mutants.yaml:1: mapping values are not allowed here; quote code"),
        (2 * ENTRY.format("return y", "So."), "mutants.yaml:4: the same as mutants.yaml:1; remove"),
    ],
)
def test_what_is_wrong_with_an_explanation_is_told_with_its_place(survey, entry, problem):
    assert any(found.startswith(problem) for found in survey(explained=entry).problems)


def test_one_reason_may_be_that_of_several_mutants_of_a_line(survey):
    explained = (
        "- line: return x + 2\n  mutants: [return x - 2, return x + 4, return y]\n  reason: Even.\n"
    )
    found = survey(TWICE, PARITY, explained)
    assert {trial.mutant.after for trial in found.trials if trial.reason} >= {"return x - 2"}
    stale = [problem for problem in found.problems if "there is no such mutant" in problem]
    assert stale[-1].startswith("mutants.yaml:1: `return y`: there is no such mutant")


@pytest.mark.parametrize("text", ["", "# nothing to explain\n", "[]\n"])
def test_an_empty_file_explains_nothing_and_is_no_problem(survey, text):
    assert survey(explained=text).problems == ()


def test_the_text_counts_and_shows_the_survivors_and_how_to_explain_them(survey):
    text = render_mutants(survey(TWICE, PARITY)).splitlines()
    assert text[0].startswith("mutants: ")
    assert "survived, 0 explained" in text[0]
    assert "arithmetic:2: survived" in text
    assert "  +    return x - 2" in text
    assert "    mutant: return x - 2" in text
    assert "    reason: ''" in text


def test_what_the_text_offers_to_be_pasted_explains_all_once_a_reason_is_added(survey):
    _, _, offered = render_mutants(survey(TWICE, PARITY)).partition("in mutants.yaml:\n\n")
    found = survey(TWICE, PARITY, offered.replace("reason: ''", "reason: Because."))
    assert found.problems == ()
    assert found.explained > 0


def test_verify_makes_mutants_only_where_the_reference_passes(tmp_path):
    exercise = make_exercise(reference=REFERENCE, starter="", checks=("value",), folder=tmp_path)
    outcome = verify(exercise, PlainGrader(VALUE), seeds=4, mutants=True, jobs=1)
    data = as_json(outcome)["survey"]
    assert (data["counts"]["caught"], data["counts"]["survived"]) == (len(data["trials"]), 0)
    assert "source" not in data["trials"][0]["mutant"]
    same = {"value": lambda _f, _seed: 1}
    assert verify(exercise, PlainGrader(same), seeds=4, mutants=True).survey is None
