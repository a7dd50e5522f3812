"""A grader for proofs that lets submissions go first."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from graders.facade import CheckSpec, Exercise, Expectation, Limits, Report, RunResult
from quizzer.services.proving.prover import Running

GIVE_WAY_S = 3.0  # how long one proof waits at most, so that none waits for ever
_POLL_S = 0.1

Outcome = TypeVar("Outcome")


class StoppedError(Exception):
    """The worker is to stop: what was being proved says nothing."""


class PatientGrader:
    """Runs proofs in a grader that others use as well.

    Args:
        is_busy: whether somebody else waits for the grader.
        after_each: called after every run.
        stop: once set, nothing is run any more.
    """

    def __init__(
        self,
        grader: Running,
        *,
        is_busy: Callable[[], bool],
        after_each: Callable[[], None],
        stop: threading.Event,
    ) -> None:
        self._grader = grader
        self._is_busy = is_busy
        self._after_each = after_each
        self._stop = stop

    def run(
        self, source: str, *, arguments: object = None, limits: Limits | None = None
    ) -> RunResult:
        """Run `main(arguments)` of the source in a fresh worker.

        Raises:
            StoppedError: if `stop` is set before or meanwhile.
            GraderError: if the jail fails.
        """

        def run() -> RunResult:
            return self._grader.run(source, arguments=arguments, limits=limits)

        result = self._wait_and_call(run)
        if result.error is not None and not result.error.type:
            # The process died or was stopped: once, this machine may be to blame.
            result = self._wait_and_call(run)
        return result

    def grade(self, exercise: Exercise, source: bytes, *, seed: int | None = None) -> Report:
        """Grade one submission.

        Raises:
            StoppedError: if `stop` is set before or meanwhile.
            GraderError: if the jail fails.
        """
        return self._wait_and_call(lambda: self._grader.grade(exercise, source, seed=seed))

    def observe_reference(self, exercise: Exercise, check: CheckSpec, *, seed: int) -> Expectation:
        """Return what the reference shows in one check.

        Raises:
            StoppedError: if `stop` is set before or meanwhile.
            GraderError: if the jail fails.
        """
        return self._wait_and_call(
            lambda: self._grader.observe_reference(exercise, check, seed=seed)
        )

    def find_judges_fault(self, exercise: Exercise, check: CheckSpec, expected: object) -> str:
        """Return why a check's own judge does not accept the reference, or empty.

        Raises:
            StoppedError: if `stop` is set before or meanwhile.
            GraderError: if the jail fails.
        """
        return self._wait_and_call(
            lambda: self._grader.find_judges_fault(exercise, check, expected)
        )

    def _wait_and_call(self, call: Callable[[], Outcome]) -> Outcome:
        self._give_way()
        self._require_going_on()
        outcome = call()
        self._require_going_on()  # else the jail may have been closed under it
        self._after_each()
        return outcome

    def _give_way(self) -> None:
        give_up_at = time.monotonic() + GIVE_WAY_S
        while self._is_busy() and time.monotonic() < give_up_at:
            if self._stop.wait(_POLL_S):
                return

    def _require_going_on(self) -> None:
        if self._stop.is_set():
            raise StoppedError
