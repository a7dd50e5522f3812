"""What `verify` complains about and what it tells, with a grader that runs plain Python."""

from __future__ import annotations

import pytest

from graders.exercise import CheckSpec, JudgeSpec
from graders.model import Verdict
from graders.runner import Expectation
from graders.verify import count_steps, render_fingerprints, render_matrix, verify
from graders.verify.strays import find_stray_files, tell_idle_judges
from tests.unit.graders.proving import PlainGrader, make_exercise, make_sample

REFERENCE = "def f(x):\n    return [x, x * 2]\n"
STARTER = "def f(x):\n    return [0, x * 2]\n"
SCENARIOS = {"first": lambda f, seed: f(seed)[0], "second": lambda f, seed: f(seed)[1]}
GOOD = (
    make_sample("right", "def f(x):\n    return [x, x + x]\n", Verdict.ACCEPTED),
    make_sample("one", STARTER, caught_by=["first"]),
    make_sample("two", "def f(x):\n    return [0, 0]\n", caught_by=["first", "second"]),
)


def prove(*samples, scenarios=SCENARIOS, seeds=5, grader=None, **settings):
    names = settings.pop("checks", tuple(scenarios))
    chosen = {"reference": REFERENCE, "starter": STARTER, **settings}
    exercise = make_exercise(*(samples or GOOD), checks=names, **chosen)
    return verify(exercise, grader or PlainGrader(scenarios), seeds=seeds, jobs=2)


def find_problems(*samples, **settings):
    return prove(*samples, **settings).problems


def test_a_sound_exercise_has_no_problems():
    assert find_problems() == ()


def test_a_starter_that_passes_leaves_nothing_to_do():
    (problem,) = find_problems(starter=REFERENCE)
    assert problem == (
        "starter.py:1: the starter is accepted: there is nothing left to do; "
        "take out what is to be written"
    )


def test_a_reference_that_fails_under_one_seed_is_found():
    # It differs from itself: what it returns depends on how often it was called.
    memory = "def f(x, seen=[]):\n    seen.append(x)\n    return [x, x * 2]\n"
    outcomes = iter(range(1000))
    scenarios = {"first": lambda f, seed: (f(seed)[0], next(outcomes) if seed == 4 else 0)}
    problems = find_problems(GOOD[0], reference=memory, scenarios=scenarios)
    assert problems[0].startswith("reference.py: wrong with seed 4 (first); what it returns must")


def test_a_reference_that_raises_is_told_with_its_reason():
    scenarios = {**SCENARIOS, "second": lambda f, seed: f(seed)[2]}
    problems = find_problems(scenarios=scenarios)
    assert problems == ("reference.py:1: the reference fails in second: list index out of range",)


def test_a_wrong_verdict_and_wrong_checks_are_told():
    right, one, _ = GOOD
    assert find_problems(*GOOD, make_sample("odd", REFERENCE, caught_by=["first"])) == (
        (
            "submissions/wrong/odd.py:1: must be wrong, is accepted; "
            "mend it or the checks, or move it to submissions/accepted"
        ),
        (
            "submissions/wrong/odd.py:1: names first, is caught by nothing; "
            "correct the first line, or the checks"
        ),
    )
    assert find_problems(*GOOD, make_sample("odd", STARTER, caught_by=["second"])) == (
        (
            "submissions/wrong/odd.py:1: names second, is caught by first; "
            "correct the first line, or the checks"
        ),
    )
    assert find_problems(*GOOD, make_sample("odd", STARTER, Verdict.ACCEPTED)) == (
        (
            "submissions/accepted/odd.py:1: must be accepted, is wrong; "
            "mend it or the checks, or move it to submissions/wrong"
        ),
    )
    assert right.caught_by is None
    assert one.caught_by == {"first"}


def test_a_mistake_that_is_caught_by_luck_only_is_told():
    lucky = "def f(x):\n    return [x if x == 3 else 0, x * 2]\n"
    problems = find_problems(*GOOD, make_sample("lucky", lucky, caught_by=["first"]))
    assert problems[0].startswith("submissions/wrong/lucky.py:1: must be wrong, is accepted; ")


def test_a_check_that_catches_nobody_is_told_even_if_it_catches_the_starter():
    starter = "def f(x):\n    return [x, 0]\n"
    (problem,) = find_problems(*GOOD[:2], starter=starter)
    assert problem == (
        "checks.py:1: second catches none of the known submissions; "
        "add a file to submissions/wrong whose first line names it: `# caught by: second`"
    )


@pytest.mark.parametrize(
    ("observe", "words"),
    [
        (lambda f, seed: f(seed)[0] == seed, "the observation is a lone bool or None"),
        (lambda _f, _seed: "always", "the observation is the same for every seed"),
        (lambda f, seed: f(seed)[0] // 5, "one observation passes under 4 of 6 seeds"),
    ],
)
def test_an_observation_that_could_be_guessed_is_told(observe, words):
    scenarios = {"first": observe}
    problems = find_problems(GOOD[1], scenarios=scenarios, seeds=6)
    assert problems[0].startswith(f"checks.py:1: first: {words}")
    structural = CheckSpec(name="first", sentence="first", structural=True)
    problems = find_problems(GOOD[1], scenarios=scenarios, checks=[structural], seeds=6)
    assert not any("first: the observation" in problem for problem in problems)
    assert not any("seeds" in problem for problem in problems)


def test_a_bound_that_one_observation_meets_under_every_seed_is_told_as_such():
    spec = CheckSpec(
        name="first", sentence="first", judge=JudgeSpec(name="at_most", arguments={"factor": 1.0})
    )
    scenarios = {"first": lambda f, seed: f(seed)[0]}
    problems = find_problems(GOOD[1], scenarios=scenarios, checks=[spec], seeds=6)
    assert problems[0].startswith("checks.py:1: first: one observation passes under 6 of 6 seeds")
    assert "judge what it is made of" in problems[0]
    scenarios = {"first": lambda _f, _seed: 3}
    problems = find_problems(GOOD[1], scenarios=scenarios, checks=[spec], seeds=2)
    assert problems[0].startswith("checks.py:1: first: the observation is the same for every seed")


def test_points_for_solving_nothing_are_told_with_a_remedy():
    scenarios = {**SCENARIOS, "harmless": lambda f, seed: (seed, type(f(seed)).__name__ != "set")}
    sample = make_sample("set", "def f(x):\n    return {x}\n", Verdict.RUNTIME_ERROR, scenarios)
    (problem,) = find_problems(*GOOD, sample, scenarios=scenarios)
    ways = "checks.py:1: harmless: passed by a submission that returns None or returns 0 or "
    assert problem.startswith(ways)
    assert problem.endswith("observe the result as well")


def test_points_that_are_structural_may_be_had_for_nothing_but_are_told():
    scenarios = {**SCENARIOS, "kind": lambda f, seed: type(f(seed)).__name__}
    kind = CheckSpec(name="kind", sentence="kind", structural=True, points=2)
    sample = make_sample("set", "def f(x):\n    return {x}\n", Verdict.RUNTIME_ERROR, scenarios)
    outcome = prove(*GOOD, sample, scenarios=scenarios, checks=[*SCENARIOS, kind])
    assert outcome.problems == ()
    assert outcome.information[:2] == (
        "2 of 4 points (50%) are for observations that are the same for every seed",
        "a submission that solves nothing earns up to 50%",
    )


def test_a_misconception_that_nobody_stands_for_is_told():
    (problem,) = find_problems(misconceptions={"unheard-of": "You did not hear."})
    assert problem.startswith("exercise.md: no submission stands for the misconception unheard-of")


def test_the_checks_that_name_a_misconception_are_told_and_so_is_what_is_ambiguous():
    zero = "def f(x):\n    return [-1, x * 2]\n"
    outcome = prove(
        make_sample("a", STARTER, caught_by=["first"], misconception="zero"),
        make_sample("b", zero, caught_by=["first"], misconception="one"),
        make_sample("c", "def f(x):\n    return [x]\n", Verdict.RUNTIME_ERROR, ["second"], "short"),
        misconceptions={"zero": "0", "one": "1", "short": "."},
    )
    assert outcome.problems == ()
    assert render_fingerprints(outcome) == "short: second (runtime_error)"
    told = "one and zero fail alike (wrong: first), so that no misconception is named"
    assert told in outcome.information


def test_how_often_a_check_is_the_only_one_to_catch_a_mistake_is_told():
    assert prove().information == (
        "the only one to catch so many mistakes: first (2)",
        "never the only one to do so: second",
    )
    second = make_sample("three", "def f(x):\n    return [x, 0]\n", caught_by=["second"])
    assert prove(*GOOD, second).information == (
        "the only one to catch so many mistakes: first (2), second (1)",
    )


def test_the_matrix_marks_what_each_check_caught():
    lines = render_matrix(prove()).splitlines()
    assert lines[0].endswith(" 1. first")
    assert lines[1].endswith("│ 2. second")
    assert [line.split()[1:] for line in lines[2:]] == [
        ["X·", "wrong"],
        ["··", "accepted"],
        ["X·", "wrong"],
        ["XX", "wrong"],
    ]
    assert lines[4].split()[0] == "submissions/wrong/one.py"


@pytest.mark.parametrize("mutants", [True, False])
def test_a_step_is_told_for_everything_that_is_graded(mutants):
    exercise = make_exercise(*GOOD, reference=REFERENCE, starter=STARTER, checks=tuple(SCENARIOS))
    steps = []
    outcome = verify(
        exercise, PlainGrader(SCENARIOS), seeds=2, mutants=mutants, on_step=steps.append
    )
    assert (outcome.survey is not None) == mutants
    assert len(steps) == count_steps(exercise, mutants=mutants)
    assert steps[:3] == ["reference.py", "starter.py", "submissions/accepted/right.py"]


def test_one_cause_is_told_once_and_nothing_else_is_tried():
    scenarios = {name: lambda f, seed: f(seed)[0] for name in ("one", "two", "three", "four")}
    outcome = prove(reference="def f(x):\n    return []\n", scenarios=scenarios)
    assert outcome.problems == (
        (
            "reference.py:1: the reference fails in one, two, three and 1 more: "
            "list index out of range"
        ),
    )
    assert outcome.rows == ()
    assert outcome.information == ("the reference must pass first: the rest was not tried",)


def test_a_judge_that_refuses_the_reference_is_the_cause():
    judge = JudgeSpec(name="fits", is_own=True)
    checks = [CheckSpec(name="first", sentence="first", judge=judge), "second"]
    grader = PlainGrader(SCENARIOS)
    fault = "checks.py:45: first: its judge fails: ZeroDivisionError: division by zero"
    grader.judges_faults = {("first", "cpu", 3): fault}  # under one seed only
    assert prove(checks=checks, grader=grader).problems == (fault,)


def test_a_limit_that_the_reference_reaches_is_told_with_the_place_where_it_is_set(tmp_path):
    class Hurried(PlainGrader):
        def observe_reference(self, *_, **__):
            return Expectation(fault="reference.py: Stopped after 0.001 s.", is_limit=True)

    (tmp_path / "exercise.md").write_text("---\nid: b\nlimits: {wall_s: 0.001}\n---\n")
    (problem,) = find_problems(grader=Hurried(SCENARIOS), folder=tmp_path, submissions=())
    assert problem == (
        "reference.py: the reference fails in first, second: Stopped after 0.001 s.; "
        "raise limits at exercise.md:3, or make it faster"
    )


def test_a_check_that_is_made_elsewhere_is_not_proven_and_nothing_else_minds():
    far = CheckSpec(name="second", sentence="second", devices=("cuda",), line=8)
    alone = make_sample("far", "def f(x):\n    return [x, 0]\n", caught_by=["second"])
    outcome = prove(*GOOD, alone, checks=["first", far])
    assert outcome.problems == ()
    assert outcome.elsewhere == ("second",)
    assert outcome.information[:2] == (
        (
            "checks.py:8: second is made on cuda only: not proven on cpu; "
            "run `graders verify --device cuda` as well"
        ),
        "caught by such checks only, and not proven here: far.py",
    )
    lines = render_matrix(outcome).splitlines()
    assert lines[1].endswith("2. second (not on cpu)")
    assert [line.split()[1] for line in lines[2:]] == ["X/", "·/", "X/", "X/", "·/"]
    exercise = make_exercise(
        *GOOD, alone, reference=REFERENCE, starter=STARTER, checks=["first", far], devices=("cuda",)
    )
    there = verify(exercise, PlainGrader(SCENARIOS), device="cuda", seeds=5, jobs=1)
    assert (there.problems, there.elsewhere) == ((), ())


def test_what_a_wrong_file_raises_is_told_in_brackets():
    sample = make_sample("odd", "def f(x):\n    raise KeyError(7)\n", caught_by=["first", "second"])
    (problem,) = find_problems(*GOOD, sample)
    assert "must be wrong, is runtime_error (first: KeyError: 7); mend" in problem


def test_files_and_judges_that_belong_to_nothing_are_told(tmp_path):
    for name in ("lost.py", "wrong/notes.txt", "wrong/__pycache__/x.pyc", ".DS_Store"):
        path = tmp_path / "submissions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "checks.py").write_text("def fits(expected, got):\n    return None\n")
    exercise = make_exercise(
        reference=REFERENCE, starter=STARTER, checks=tuple(SCENARIOS), folder=tmp_path
    )
    told = [problem.partition(";")[0] for problem in find_stray_files(exercise)]
    assert told == [
        "submissions/lost.py: this file is not tried",
        "submissions/wrong/notes.txt: this file is not tried",
    ]
    (remark,) = tell_idle_judges(exercise)
    assert remark.startswith("checks.py:1: fits judges no check; say judge=fits")
    (tmp_path / "checks.py").write_text("def fits(expected, got):\n    return fits\n")
    assert list(tell_idle_judges(exercise)) == []


def test_the_form_of_mutants_yaml_is_looked_at_even_where_none_are_made(tmp_path):
    (tmp_path / "mutants.yaml").write_text("line: a\n")
    problems = find_problems(folder=tmp_path, submissions=())
    assert any(problem.startswith("mutants.yaml:1: must be a list") for problem in problems)
