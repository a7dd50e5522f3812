"""The one door into this package: everything that the site and the command line need of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from types import TracebackType
from typing import Self

from graders.doctor import Diagnosis, diagnose
from graders.doctor import render as render_diagnosis
from graders.errors import ExerciseError, GraderError, ProtocolError, SandboxError
from graders.exercise import CheckSpec, Exercise, Sample, list_exercises, load_exercise
from graders.jail import Level
from graders.model import CheckResult, Difference, Limits, Report, Verdict
from graders.pool import Pool
from graders.runner import (
    Expectation,
    References,
    RunError,
    RunResult,
    grade,
    run_program,
)
from graders.wire import Opaque, TensorValue

__all__ = [
    "CheckResult",
    "CheckSpec",
    "Diagnosis",
    "Difference",
    "Exercise",
    "ExerciseError",
    "Expectation",
    "Grader",
    "GraderError",
    "Level",
    "Limits",
    "Opaque",
    "ProtocolError",
    "Report",
    "RunError",
    "RunResult",
    "Sample",
    "SandboxError",
    "TensorValue",
    "Verdict",
    "diagnose",
    "list_exercises",
    "load_exercise",
    "render_diagnosis",
]

_SEED_BITS = 48  # JSON readers keep whole numbers exact up to 53 bits


class Grader:
    """A running sandbox that grades; safe to call from several threads.

    A context manager: leaving it ends every jailed process.

    Args:
        level: containment to use; None for the best that this machine offers.
        idle: how many workers wait ready.

    Raises:
        SandboxError: if this machine cannot contain anything, or not at this level.
    """

    def __init__(self, *, level: str | None = None, idle: int = 2) -> None:
        self._pool = Pool(level=None if level is None else Level(level), idle=idle)
        self._references = References(self._pool)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every jailed process."""
        self._references.close()
        self._pool.close()

    @property
    def level(self) -> str:
        """The containment level in use, such as `A`."""
        return str(self._pool.level)

    @property
    def torch_version(self) -> str:
        """The version of the torch that the jail imported."""
        return self._pool.torch_version

    def grade(
        self,
        exercise: Exercise,
        source: bytes,
        *,
        device: str = "cpu",
        seed: int | None = None,
        check: str | None = None,
        on_check: Callable[[CheckResult], None] | None = None,
    ) -> Report:
        """Grade one submission; whatever it does ends up in the report.

        Args:
            exercise: what is to be solved.
            source: the file as it was handed in.
            device: cpu or cuda, one of the exercise's devices.
            seed: of the inputs, to repeat a grading; None for a new one.
            check: make this check only.
            on_check: told of each result as soon as there is one.

        Raises:
            GraderError: for a device or a check that the exercise does not have.
        """
        checks = _choose_checks(exercise, device, check)
        chosen = secrets.randbits(_SEED_BITS) if seed is None else seed
        if device != "cpu":
            return self._not_checked(exercise, device, chosen)
        return grade(
            self._pool,
            self._references,
            exercise,
            source,
            device=device,
            seed=chosen,
            checks=checks,
            on_check=on_check or _ignore,
        )

    def observe_reference(
        self,
        exercise: Exercise,
        check: CheckSpec,
        *,
        seed: int,
        device: str = "cpu",
    ) -> Expectation:
        """Return what the reference shows in one check: for authors, never for learners.

        Raises:
            SandboxError: if no worker could be had.
        """
        return self._references.observe(exercise, check, seed=seed, device=device)

    def run(
        self,
        source: str,
        *,
        arguments: object = None,
        seed: int = 0,
        filename: str = "proof.py",
        limits: Limits | None = None,
    ) -> RunResult:
        """Run `main(arguments)` of author's code in a fresh one-shot worker.

        Args:
            source: defines `main`, which takes one argument and returns plain data.
            arguments: plain data.
            seed: of torch's, numpy's and Python's global generators.
            filename: what tracebacks call the source.
            limits: what it may use; None for the defaults.

        Raises:
            SandboxError: if no worker could be had.
        """
        return run_program(
            self._pool,
            source,
            arguments=arguments,
            seed=seed,
            filename=filename,
            limits=limits,
        )

    def _not_checked(self, exercise: Exercise, device: str, seed: int) -> Report:
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=Verdict.SKIPPED,
            score=0.0,
            message=f"Not checked: no worker of this machine has a {device} device.",
            seed=seed,
            device=device,
            torch_version=self.torch_version,
            level=self.level,
        )


def _choose_checks(exercise: Exercise, device: str, name: str | None) -> tuple[CheckSpec, ...]:
    if device not in exercise.devices:
        known = ", ".join(exercise.devices)
        raise GraderError(f"{exercise.key} is not graded on {device}, only on {known}")
    checks = tuple(spec for spec in exercise.checks if spec.runs_on(device))
    if not checks:
        raise GraderError(f"{exercise.key} has no check that is made on {device}")
    if name is None:
        return checks
    chosen = tuple(spec for spec in checks if spec.name == name)
    if not chosen:
        known = ", ".join(spec.name for spec in checks)
        raise GraderError(f"{exercise.key} has no check {name}; there are {known}")
    return chosen


def _ignore(_result: CheckResult) -> None:
    """Nobody asked to be told."""
