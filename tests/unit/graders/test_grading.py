"""What a learner is told when the sandbox cannot be used."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from graders.errors import GraderError, SandboxError
from graders.exercise import CheckSpec, load_exercise
from graders.facade import _choose_checks, _tell_elsewhere
from graders.model import CheckResult, Verdict
from graders.runner.grading import _find_misconception, _Grading, grade
from tests.unit.graders.proving import make_exercise, make_sample

ROOT = Path(__file__).resolve().parents[3]


class NoSandbox:
    """A pool that has no worker to give."""

    torch_version, level = "2.13.0", "A"

    def take(self, _limits: object) -> object:
        raise SandboxError("bwrap: cannot open /somewhere/on/this/machine")


def test_a_sandbox_that_fails_is_our_fault_and_names_no_place(caplog):
    exercise = load_exercise(ROOT / "exercises/regularization/sum-of-params")
    references = SimpleNamespace(start=lambda *_, **__: SimpleNamespace(cancel=lambda: None))
    report = grade(
        NoSandbox(),
        references,
        exercise,
        b"def l2_penalty(model): ...",
        device="cpu",
        seed=1,
        checks=exercise.checks,
        on_check=lambda _result: None,
    )
    assert report.verdict is Verdict.PLATFORM_ERROR
    assert "our fault" in report.message
    assert "/somewhere" not in str(report.to_dict())
    assert "/somewhere" in caplog.text


@pytest.mark.parametrize(
    ("verdict", "hidden", "told"),
    [
        (Verdict.WRONG, True, "You doubled."),
        (Verdict.RUNTIME_ERROR, False, "You doubled."),
        (Verdict.RUNTIME_ERROR, True, ""),
    ],
)
def test_a_hidden_check_that_merely_raised_names_no_misconception(verdict, hidden, told):
    sample = make_sample("a", "", verdict, ["value"], "doubled")
    spec = CheckSpec(name="value", sentence=".", hidden=hidden)
    exercise = make_exercise(
        sample, reference="", starter="", checks=[spec], misconceptions={"doubled": "You doubled."}
    )
    grading = _Grading(
        exercise=exercise, checks=(spec,), seed=1, device="cpu", on_check=print, clock=None
    )
    grading.results = [
        CheckResult(name="value", sentence=".", points=1, verdict=verdict, hidden=hidden)
    ]
    assert _find_misconception(grading, verdict) == told


def test_a_check_that_is_made_elsewhere_is_named_and_cannot_be_asked_for():
    far = CheckSpec(name="far", sentence=".", devices=("cuda",))
    exercise = make_exercise(reference="", starter="", checks=["near", far])
    (remark,) = _tell_elsewhere(exercise, "cpu")
    assert remark == "The check far is made on cuda only: its points are left out here."
    assert _tell_elsewhere(exercise, "cuda") == ()
    with pytest.raises(GraderError, match="the check far of a/b is made on cuda only"):
        _choose_checks(exercise, "cpu", "far")
    assert [spec.name for spec in _choose_checks(exercise, "cpu", None)] == ["near"]
