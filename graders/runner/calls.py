"""What came of one message to a worker: a value, or a failure put into words.

Everything that a submission's worker says is hostile text: it is cut, and what could steer a
terminal is replaced, before it goes into a report.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from typing import Any

from graders.errors import ProtocolError
from graders.model import CHECKS_LINE, Limits, Verdict
from graders.pool import TimeLimit, Worker, WorkerDied
from graders.runner.hints import say_hint
from graders.text import printable
from graders.wire import NO_ANSWER

SUBMISSION = "submission.py"
MESSAGE_CHARS = 1000
TRACEBACK_CHARS = 2000
_DESCRIPTORS = "Does your code write to, or close, a file descriptor that it did not open?"
_SHOWN_FRAMES = 8
_MOST_FRAMES = 100


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback; `text` is the source line."""

    filename: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why there is no value.

    Attributes:
        verdict: one of the limits, or RUNTIME_ERROR.
        message: in words for the learner.
        error_type: the exception's class, or empty where none was told.
        frames: of the files that were sent, innermost last.
        is_final: whether the worker cannot be used any more, or not as before: after a want of
            memory each further check would end the same, and take its time.
    """

    verdict: Verdict
    message: str
    error_type: str = ""
    frames: tuple[Frame, ...] = ()
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Value:
    """What the worker answered."""

    value: Any


def call(worker: Worker, message: dict[str, object], limits: Limits) -> Value | Failure:
    """Send one message and wait for its reply, at most `limits.wall_s` seconds."""
    try:
        reply = worker.call(message, wall_s=limits.wall_s)
        result = _read(reply)
    except TimeLimit:
        return _final(Verdict.TIME_LIMIT, f"Stopped after {limits.wall_s:g} s.")
    except WorkerDied as death:
        return _too_much_output(limits) if worker.output_overflow else _explain_death(death, limits)
    except ProtocolError:
        return _final(Verdict.RUNTIME_ERROR, f"What came back was no valid reply. {_DESCRIPTORS}")
    return _too_much_output(limits) if worker.output_overflow else result


def say_traceback(failure: Failure) -> str:
    """Return the submission's own frames, the line that raised first.

    Where none of its lines raised, the check's line that used its result is shown instead.
    """
    own = [frame for frame in failure.frames if frame.filename == SUBMISSION]
    if own:
        places = [_say_place(frame) for frame in reversed(own[-_SHOWN_FRAMES:])]
        return "\ncalled from ".join(places)[:TRACEBACK_CHARS]
    if failure.frames:
        return f"{CHECKS_LINE}{failure.frames[-1].text}"[:TRACEBACK_CHARS]
    return ""


def clean(text: str, most: int = MESSAGE_CHARS) -> str:
    """Return text without control characters, cut to `most` characters."""
    cleaned = printable(text[: most + 1], keep="\n\t")
    return cleaned if len(cleaned) <= most else cleaned[: most - 1] + "…"


def _say_place(frame: Frame) -> str:
    inside = f", in {frame.function}" if frame.function not in ("", "<module>") else ""
    return f"line {frame.line}{inside}\n    {frame.text}"


def _read(reply: object) -> Value | Failure:
    """Check a reply's form.

    Raises:
        ProtocolError: if it is none that an honest worker sends.
    """
    if isinstance(reply, dict) and len(reply) == 1:
        if "ok" in reply:
            return Value(reply["ok"])
        if isinstance(reply.get("error"), dict):
            return _read_error(reply["error"])
    raise ProtocolError("neither ok nor error")


def _read_error(error: dict[object, object]) -> Failure:
    kind, error_type = error.get("kind"), clean(_require_text(error.get("type")), 80)
    message = clean(_require_text(error.get("message")))
    frames = _read_frames(error.get("frames"))
    said = f"{error_type}: {message}" if message else error_type
    is_own = any(frame.filename == SUBMISSION for frame in frames)
    said += say_hint(error_type, message, is_own=is_own)
    if kind == "memory":
        said = f"There was not enough memory. ({said})"
    if kind == "exit":
        said = f"Your code asked Python to exit ({error_type}); it must return instead."
    return Failure(
        verdict=Verdict.MEMORY_LIMIT if kind == "memory" else Verdict.RUNTIME_ERROR,
        message=said,
        error_type=error_type,
        frames=frames,
        is_final=kind == "memory",
    )


def _require_text(value: object) -> str:
    """Take nothing but a string: to write out a tensor, or a million of them, can take minutes."""
    if type(value) is not str:
        raise ProtocolError("no text where there must be one")
    return value


def _read_frames(frames: object) -> tuple[Frame, ...]:
    if type(frames) is not list or len(frames) > _MOST_FRAMES:
        raise ProtocolError("a malformed traceback")
    return tuple(_read_frame(frame) for frame in frames)


def _read_frame(frame: object) -> Frame:
    parts = frame if isinstance(frame, list | tuple) else ()
    if [type(part) for part in parts] != [str, int, str, str]:
        raise ProtocolError("a malformed frame of a traceback")
    filename, line, function, text = parts
    return Frame(clean(filename, 80), line, clean(function, 80), clean(text, 200))


def _explain_death(death: WorkerDied, limits: Limits) -> Failure:
    if death.reason == "cpu":
        return _final(Verdict.TIME_LIMIT, f"Stopped after {limits.cpu_s} s of processor time.")
    if death.reason == "output":
        return _too_much_output(limits)
    if death.reason == "memory":
        return _final(Verdict.MEMORY_LIMIT, f"More than {limits.memory_mb} MB were asked for.")
    if death.status == NO_ANSWER:
        how = f"lost the connection through which it answers. {_DESCRIPTORS}"
        return _final(Verdict.RUNTIME_ERROR, f"The process {how}")
    if death.status < 0:
        how = f"was ended by {_signal_name(-death.status)}"
    else:
        how = f"ended itself with exit status {death.status}"
    return _final(Verdict.RUNTIME_ERROR, f"The process {how} before it answered.")


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def _too_much_output(limits: Limits) -> Failure:
    return _final(Verdict.OUTPUT_LIMIT, f"More than {limits.output_kb} kB were printed.")


def _final(verdict: Verdict, message: str) -> Failure:
    return Failure(verdict=verdict, message=message, is_final=True)
