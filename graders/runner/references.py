"""What the author's reference shows, from a jail of its own.

One worker per version of an exercise, loaded once and reused: it only ever runs the author's
code. While a submission is being observed, another thread asks the reference for the same.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from graders.errors import GraderError, SandboxError
from graders.exercise import CheckSpec, Exercise
from graders.judge import (
    find_misfit,
    find_opaque,
    frame_own,
    read_own_verdict,
    say_unjudged,
)
from graders.model import Difference, Limits, Verdict
from graders.pool import Pool, Worker
from graders.runner.calls import Failure, Frame, Value, call, clean
from graders.runner.messages import (
    Message,
    checks_message,
    judge_message,
    load_message,
    observe_message,
)

_log = logging.getLogger(__name__)

KEPT = 8
"""How many exercises keep a loaded worker."""

_ENDS = {
    Verdict.TIME_LIMIT: "took too long",
    Verdict.MEMORY_LIMIT: "needed too much memory",
    Verdict.OUTPUT_LIMIT: "printed too much",
}
_CPU_S = 3600  # it is reused, so its processor time adds up


class JudgeError(GraderError):
    """An author's own judge gave no verdict: the author's fault, whatever it was asked about."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the reference showed in one check.

    Attributes:
        value: the observation.
        fault: why there is none, in words for the author; empty where there is one. It may quote
            the reference, so it is never shown to learners.
        is_limit: whether it was stopped by one of the limits.
    """

    value: Any = None
    fault: str = ""
    is_limit: bool = False


class Expectations:
    """The reference's observations of one grading, computed in order by another thread."""

    def __init__(self, checks: Sequence[CheckSpec]) -> None:
        self._futures: dict[str, Future[Expectation]] = {spec.name: Future() for spec in checks}
        self._cancelled = threading.Event()

    def get(self, name: str) -> Expectation:
        """Wait for the observation of one check.

        Raises:
            SandboxError: if no worker could be had.
        """
        return self._futures[name].result()

    def cancel(self) -> None:
        """Let the thread stop after the check that it is at."""
        self._cancelled.set()

    def fill(self, references: References, exercise: Exercise, seed: int, device: str) -> None:
        """Compute all observations; what goes wrong reaches whoever asks for the first."""
        for name, future in self._futures.items():
            if self._cancelled.is_set():
                future.cancel()
                continue
            try:
                spec = exercise.get_check(name)
                future.set_result(references.observe(exercise, spec, seed=seed, device=device))
            except Exception as error:  # noqa: BLE001 - it is raised again where it is asked for
                future.set_exception(error)


class _Seat:
    """The worker that holds one exercise's reference, if there is one now."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.worker: Worker | None = None

    def empty(self) -> None:
        if self.worker is not None:
            self.worker.close()
        self.worker = None


class References:
    """Loaded reference workers, shared by all threads of a grader.

    Args:
        pool: where workers come from; not closed by this.
        is_proving: whether an author's proof asks: observations are kept, since the same seeds
            come again and again, and what fails is told by the proof and not logged.
    """

    def __init__(self, pool: Pool, *, is_proving: bool = False) -> None:
        self._pool = pool
        self._is_proving = is_proving
        self._kept: dict[tuple[str, str, int, str], Expectation] = {}
        self._seats: OrderedDict[str, _Seat] = OrderedDict()
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(thread_name_prefix="reference")

    def close(self) -> None:
        """End all reference workers."""
        self._threads.shutdown()
        for seat in self._seats.values():
            seat.empty()

    def start(
        self,
        exercise: Exercise,
        checks: Sequence[CheckSpec],
        *,
        seed: int,
        device: str,
    ) -> Expectations:
        """Begin to observe the reference in these checks, in another thread."""
        expectations = Expectations(checks)
        self._threads.submit(expectations.fill, self, exercise, seed, device)
        return expectations

    def observe(
        self, exercise: Exercise, spec: CheckSpec, *, seed: int, device: str
    ) -> Expectation:
        """Return what the reference shows in one check.

        Raises:
            SandboxError: if no worker could be had.
        """
        key = (exercise.hash, spec.name, seed, device)
        if (kept := self._kept.get(key)) is not None:
            return kept
        message = observe_message(spec, seed=seed, device=device)
        expectation = _expect(spec, self._ask(exercise, spec, message))
        if self._is_proving:
            if not expectation.fault:  # a busy machine may have been the reason
                self._keep(key, expectation)
        elif expectation.fault:
            # Not the fault itself: it may quote the reference, and logs have many readers.
            _log.warning(
                "%s, check %s: the reference fails; its proof tells its author why",
                exercise.key,
                spec.name,
            )
        return expectation

    def find_judges_fault(self, exercise: Exercise, spec: CheckSpec, expected: object) -> str:
        """Return why a check's own judge does not accept the reference, for the author, or empty.

        Raises:
            SandboxError: if no worker could be had.
        """
        if spec.judge is None or not spec.judge.is_own:
            return ""
        result = self._ask_judge(exercise, spec, expected, expected)
        if isinstance(result, Failure):
            place, _, reason = _say_fault(result).partition(": ")
            return f"{place}: {spec.name}: its judge fails: {reason}"
        place = f"checks.py:{spec.judge.line}: {spec.name}"
        try:
            difference = _read_verdict(result)
        except JudgeError as error:
            return f"{place}: its judge {error}"
        if difference is None:
            return ""
        return f"{place}: its judge rejects the reference itself: {difference.note}"

    def _keep(self, key: tuple[str, str, int, str], expectation: Expectation) -> None:
        """Keep an observation, as long as no other exercise is asked for."""
        with self._lock:
            if self._kept and next(iter(self._kept))[0] != key[0]:
                self._kept.clear()
            self._kept[key] = expectation

    def judge(
        self, exercise: Exercise, spec: CheckSpec, expected: object, got: object
    ) -> Difference | None:
        """Ask a check's own judge, in the reference's worker; None where `got` passes.

        Where the judge fails, it is asked about the reference's own observation as well. If it
        can judge that, the fault is in `got`, which can be made to trip a judge: a try, and no
        more. Only a judge that fails there too is at fault itself.

        Args:
            exercise: the exercise.
            spec: a check with a judge of the author's own.
            expected: what the reference showed.
            got: what the submission showed: any plain data.

        Raises:
            JudgeError: if the judge does not accept the reference itself.
            SandboxError: if no worker could be had.
        """
        difference = frame_own(expected, got)
        if difference is not None:
            return difference
        result = self._ask_judge(exercise, spec, expected, got)
        try:
            return _read_verdict(result)
        except JudgeError as error:
            if not self._is_proving:
                _log.warning("%s, check %s: its judge %s", exercise.key, spec.name, error)
        if _read_verdict(self._ask_judge(exercise, spec, expected, expected)) is not None:
            raise JudgeError("rejects the reference itself")
        return say_unjudged(_say_end(result))

    def _ask_judge(
        self, exercise: Exercise, spec: CheckSpec, expected: object, got: object
    ) -> Value | Failure:
        if spec.judge is None:
            raise JudgeError(f"{spec.name} has no judge")
        return self._ask(exercise, spec, judge_message(spec.judge, expected, got))

    def _ask(self, exercise: Exercise, spec: CheckSpec, message: Message) -> Value | Failure:
        """Ask the exercise's worker; limits are those of the check."""
        limits = replace(spec.limits(exercise.limits), cpu_s=_CPU_S)
        seat = self._find_seat(exercise.hash)
        with seat.lock:
            result = self._ask_fresh_or_aged(seat, exercise, message, limits)
            if self._seats.get(exercise.hash) is not seat:
                seat.empty()  # it was evicted while this thread waited for it
        return result

    def _ask_fresh_or_aged(
        self, seat: _Seat, exercise: Exercise, message: Message, limits: Limits
    ) -> Value | Failure:
        """Ask the seat's worker; one that has aged and fails gets a successor."""
        is_aged = seat.worker is not None
        try:
            result = self._ask_seat(seat, exercise, message, limits)
        except SandboxError:
            if not is_aged:
                raise
        else:
            if not (is_aged and isinstance(result, Failure) and result.is_final):
                return result
        return self._ask_seat(seat, exercise, message, limits)

    def _ask_seat(
        self, seat: _Seat, exercise: Exercise, message: Message, limits: Limits
    ) -> Value | Failure:
        result: Value | Failure | None = None
        try:
            if seat.worker is None:
                seat.worker = self._pool.take(limits)
                result = _load(seat.worker, exercise, limits)
            if not isinstance(result, Failure):
                result = call(seat.worker, message, limits)
            return result
        finally:
            if not isinstance(result, Value):
                seat.empty()

    def _find_seat(self, key: str) -> _Seat:
        with self._lock:
            seat = self._seats.setdefault(key, _Seat())
            self._seats.move_to_end(key)
            oldest = self._seats.popitem(last=False)[1] if len(self._seats) > KEPT else None
        if oldest is not None:
            with oldest.lock:
                oldest.empty()
        return seat


def _expect(spec: CheckSpec, result: Value | Failure) -> Expectation:
    if isinstance(result, Failure):
        is_limit = result.verdict is not Verdict.RUNTIME_ERROR
        return Expectation(fault=_say_fault(result), is_limit=is_limit)
    opaque = find_opaque(result.value)
    if opaque is not None:
        reason = f"{clean(opaque)}, which cannot be compared"
        return Expectation(fault=f"checks.py:{spec.line}: {reason}")
    misfit = find_misfit(spec.judge, result.value) if spec.judge else ""
    if misfit:
        return Expectation(fault=f"checks.py:{spec.line}: {misfit}")
    return Expectation(value=result.value)


def _read_verdict(result: Value | Failure) -> Difference | None:
    """Read what a judge answered.

    Raises:
        JudgeError: in words that quote neither observation: they go to the log.
    """
    if isinstance(result, Failure):
        frame = result.frames[-1] if result.frames else Frame("checks.py", 0, "", "")
        raise JudgeError(f"fails on line {frame.line} ({result.error_type or result.verdict})")
    try:
        return read_own_verdict(result.value)
    except ValueError as error:
        raise JudgeError(str(error)) from error


def _say_end(result: Value | Failure) -> str:
    """Say how a judge ended on what a submission returned, in none of anybody's words."""
    if isinstance(result, Value):
        return "gave no answer"
    return _ENDS.get(result.verdict, "failed")


def _load(worker: Worker, exercise: Exercise, limits: Limits) -> Value | Failure:
    result = call(worker, load_message(exercise.reference, "reference.py"), limits)
    if isinstance(result, Value):
        result = call(worker, checks_message(exercise), limits)
    return result


def _say_fault(failure: Failure) -> str:
    frame = failure.frames[-1] if failure.frames else Frame("reference.py", 0, "", "")
    place = f"{frame.filename}:{frame.line}" if frame.line else frame.filename
    return f"{place}: {failure.message.partition(chr(10))[0]}"
