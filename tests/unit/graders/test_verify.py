"""What `verify` complains about, with a grader that plays its part."""

from __future__ import annotations

from pathlib import Path

from graders.exercise import CheckSpec, Exercise, Sample
from graders.model import CheckResult, Limits, Report, Verdict
from graders.runner import Expectation
from graders.verify import render_matrix, verify

CHECKS = ("value", "shape")


def make_exercise(*samples, checks=CHECKS, structural=False):
    specs = [CheckSpec(name=name, sentence=name, structural=structural) for name in checks]
    return Exercise(
        key="a/b",
        id="b",
        title="B",
        lesson="a",
        difficulty=1,
        tags=(),
        entry=("f",),
        limits=Limits(),
        devices=("cpu",),
        forbid=(),
        misconceptions={},
        statement="",
        hints=(),
        solution="",
        mistakes="",
        starter="starter",
        reference="reference",
        checks=tuple(specs),
        checks_source="",
        submissions=samples,
        hash="",
        folder=Path("/ex"),
    )


def make_sample(source, verdict=Verdict.WRONG, caught_by=None):
    return Sample(
        path=Path(f"/ex/submissions/{verdict}/{source}.py"),
        verdict=verdict,
        caught_by=None if caught_by is None else frozenset(caught_by),
        misconception="",
        source=source.encode(),
    )


class FakeGrader:
    """Fails a source in the checks that it is told to; observes the seed, or what it is told."""

    def __init__(self, failing, observe=lambda _name, seed: Expectation(float(seed))):
        self.failing = {"starter": {"value"}, "reference": set(), **failing}
        self.observe = observe

    def grade(self, exercise, source, *, seed=None):
        failing = self.failing[source.decode()]
        failing = failing(seed) if callable(failing) else failing
        results = tuple(self._result(spec.name, failing) for spec in exercise.checks)
        verdict = Verdict.WRONG if failing else Verdict.ACCEPTED
        return Report(
            exercise=exercise.key, exercise_hash="", verdict=verdict, score=0.0, checks=results
        )

    def _result(self, name, failing):
        verdict = Verdict.WRONG if name in failing else Verdict.ACCEPTED
        return CheckResult(name=name, sentence=name, points=1.0, verdict=verdict)

    def observe_reference(self, _exercise, check, *, seed):
        return self.observe(check.name, seed)


GOOD = (
    make_sample("right", Verdict.ACCEPTED),
    make_sample("one", caught_by=["value"]),
    make_sample("two", caught_by=["shape", "value"]),
)
GOOD_FAILING = {"right": set(), "one": {"value"}, "two": {"value", "shape"}}


def find_problems(failing=GOOD_FAILING, samples=GOOD, **settings):
    observe = {"observe": settings.pop("observe")} if "observe" in settings else {}
    grader = FakeGrader({**GOOD_FAILING, **failing}, **observe)
    return verify(make_exercise(*samples, **settings), grader, seeds=5).problems


def test_a_sound_exercise_has_no_problems():
    assert find_problems() == ()


def test_a_starter_that_passes_leaves_nothing_to_do():
    (problem,) = find_problems({"starter": set()})
    assert problem == "starter.py: the starter is accepted: there is nothing left to do"


def test_a_reference_that_fails_under_one_seed_is_found():
    (problem,) = find_problems({"reference": lambda seed: {"shape"} if seed == 4 else set()})
    assert problem == "reference.py: wrong with seed 4 (shape)"


def test_a_reference_that_raises_is_told_with_its_reason():
    def observe(name, seed):
        return Expectation(fault="reference.py:3: oops") if name == "shape" else Expectation(seed)

    (problem,) = find_problems(observe=observe)
    assert problem == "shape: the reference fails: reference.py:3: oops"


def test_a_wrong_verdict_and_wrong_checks_are_told():
    assert find_problems({"one": set()}) == (
        "submissions/wrong/one.py: must be wrong, is accepted",
        "submissions/wrong/one.py: names value, is caught by nothing",
    )
    assert find_problems({"one": {"shape"}}) == (
        "submissions/wrong/one.py: names value, is caught by shape",
    )
    assert find_problems({"right": {"shape"}}) == (
        "submissions/accepted/right.py: must be accepted, is wrong",
    )


def test_a_mistake_that_is_caught_by_luck_only_is_told():
    failing = {"one": lambda seed: {"value"} if seed != 3 else set()}
    assert "submissions/wrong/one.py: must be wrong, is accepted" in find_problems(failing)


def test_a_check_that_catches_nobody_is_told_even_if_it_catches_the_starter():
    (problem,) = find_problems(samples=GOOD[:2], failing={"starter": {"shape"}})
    assert problem == "shape: catches none of the known submissions"


def test_an_observation_that_could_be_guessed_is_told():
    problems = find_problems(observe=lambda _name, _seed: Expectation(value=True))
    assert problems[0].startswith("value: the observation is a lone bool")
    problems = find_problems(observe=lambda _name, _seed: Expectation("always"))
    assert problems[0].startswith("value: the observation is the same for every seed")


def test_unless_it_is_declared_structural():
    assert find_problems(observe=lambda _n, _s: Expectation("always"), structural=True) == ()


def test_the_matrix_marks_what_each_check_caught():
    exercise = make_exercise(*GOOD)
    lines = render_matrix(verify(exercise, FakeGrader(GOOD_FAILING), seeds=2)).splitlines()
    assert lines[0].endswith(" 1. value")
    assert lines[1].endswith("│ 2. shape")
    assert [line.split()[1:] for line in lines[2:]] == [
        ["X·", "wrong"],
        ["··", "accepted"],
        ["X·", "wrong"],
        ["XX", "wrong"],
    ]
    assert lines[4].split()[0] == "submissions/wrong/one.py"
