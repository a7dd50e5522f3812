"""The one door into this package: everything that the site and the command line need of it."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from types import TracebackType
from typing import Self

from graders.doctor import Diagnosis, diagnose
from graders.doctor import render as render_diagnosis
from graders.errors import ExerciseError, GraderError, ProtocolError, SandboxError
from graders.exercise import (
    CHECKS,
    REFERENCE,
    CheckSpec,
    Exercise,
    ExerciseTexts,
    KnownSubmission,
    Sample,
    list_exercises,
    load_exercise,
    make_exercise,
)
from graders.jail import Level, cuda
from graders.judge import say_guessable
from graders.model import CheckResult, Difference, Excerpt, Limits, Report, Verdict
from graders.policy import Device
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
    "CHECKS",
    "REFERENCE",
    "CheckResult",
    "CheckSpec",
    "Diagnosis",
    "Difference",
    "Excerpt",
    "Exercise",
    "ExerciseError",
    "ExerciseTexts",
    "Expectation",
    "Grader",
    "GraderError",
    "KnownSubmission",
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
    "make_exercise",
    "render_diagnosis",
    "say_guessable",
]

_log = logging.getLogger(__name__)

_IDLE_ON_CUDA = 1  # each holds some hundred megabytes of the device
_SEED_BITS = 48  # JSON readers keep whole numbers exact up to 53 bits


class Grader:
    """A running sandbox that grades; safe to call from several threads.

    A context manager: leaving it ends every jailed process.

    Args:
        level: containment to use; None for the best that this machine offers.
        idle: how many workers wait ready.
        is_proving: whether it is an author's proof that grades: what the reference shows is kept
            for the seeds that come again, and a reference that fails is not logged.

    Raises:
        SandboxError: if this machine cannot contain anything, or not at this level.
    """

    def __init__(
        self, *, level: str | None = None, idle: int = 2, is_proving: bool = False
    ) -> None:
        self._pool = Pool(level=None if level is None else Level(level), idle=idle)
        self._is_proving = is_proving
        self._references = References(self._pool, is_proving=is_proving)
        self._opening = threading.Lock()
        self._cuda: tuple[Pool, References] | None = None  # started when first asked for

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
        for pool, references in filter(None, [self._cuda, (self._pool, self._references)]):
            references.close()
            pool.close()

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
        obstacle = cuda.find_obstacle() if device == Device.CUDA else ""
        if obstacle:
            return self._not_checked(exercise, device, chosen, obstacle)
        try:
            pool, references = self._find_workers(device)
        except SandboxError as error:
            return self._not_graded(exercise, device, chosen, error)
        report = grade(
            pool,
            references,
            exercise,
            source,
            device=device,
            seed=chosen,
            checks=checks,
            on_check=on_check or _ignore,
        )
        elsewhere = () if check else _tell_elsewhere(exercise, device)
        return replace(report, information=(*report.information, *elsewhere))

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
        _, references = self._find_workers(device)
        return references.observe(exercise, check, seed=seed, device=device)

    def find_judges_fault(
        self, exercise: Exercise, check: CheckSpec, expected: object, *, device: str = "cpu"
    ) -> str:
        """Return why a check's own judge does not accept this observation of the reference.

        Empty where it does: for authors, never for learners.

        Raises:
            SandboxError: if no worker could be had.
        """
        _, references = self._find_workers(device)
        return references.find_judges_fault(exercise, check, expected)

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

    def _find_workers(self, device: str) -> tuple[Pool, References]:
        """Return the workers of a device and the references on it.

        Raises:
            SandboxError: if they cannot be started.
        """
        if device == Device.CPU:
            return self._pool, self._references
        obstacle = cuda.find_obstacle()
        if obstacle:
            raise SandboxError(f"no worker of this machine has a {device} device ({obstacle})")
        with self._opening:
            if self._cuda is None:
                pool = Pool(level=self._pool.level, idle=_IDLE_ON_CUDA, device=Device.CUDA)
                self._cuda = pool, References(pool, is_proving=self._is_proving)
            return self._cuda

    def _not_checked(self, exercise: Exercise, device: str, seed: int, reason: str) -> Report:
        message = f"Not checked: no worker of this machine has a {device} device ({reason})."
        return self._report(exercise, device, seed, Verdict.SKIPPED, message)

    def _not_graded(
        self, exercise: Exercise, device: str, seed: int, error: SandboxError
    ) -> Report:
        _log.error("no worker on %s: %s", device, error)  # it names places of this machine
        message = f"No worker could be started on {device}. This is our fault, not yours."
        return self._report(exercise, device, seed, Verdict.PLATFORM_ERROR, message)

    def _report(
        self, exercise: Exercise, device: str, seed: int, verdict: Verdict, message: str
    ) -> Report:
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=verdict,
            score=0.0,
            message=message,
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
    elsewhere = [spec for spec in exercise.checks if spec.name == name and spec not in checks]
    if elsewhere:
        there = " and ".join(elsewhere[0].devices)
        raise GraderError(f"the check {name} of {exercise.key} is made on {there} only")
    if not chosen:
        known = ", ".join(spec.name for spec in checks)
        raise GraderError(f"{exercise.key} has no check {name}; there are {known}")
    return chosen


def _tell_elsewhere(exercise: Exercise, device: str) -> tuple[str, ...]:
    """Say which checks are not made on this device: their points are neither had nor missed."""
    return tuple(
        f"The check {spec.name} is made on {' and '.join(spec.devices)} only: "
        f"its points are left out here."
        for spec in exercise.checks
        if not spec.runs_on(device)
    )


def _ignore(_result: CheckResult) -> None:
    """Nobody asked to be told."""
