"""What a learner is told when the sandbox cannot be used."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

from graders.errors import SandboxError
from graders.exercise import load_exercise
from graders.model import Verdict
from graders.runner.grading import grade

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
