"""What a worker's end or reply becomes in a report."""

from __future__ import annotations

import numpy as np
import pytest

from graders.errors import ProtocolError
from graders.model import Limits, Verdict
from graders.pool import MemoryDied, TimeLimit, WorkerDied
from graders.runner.calls import Failure, Value, call, clean, say_traceback
from graders.wire import NO_ANSWER, TensorValue

LIMITS = Limits(wall_s=2.5, cpu_s=3, memory_mb=128, output_kb=8)
FRAMES = [
    ["checks.py", 7, "value", "return solution.f(2)"],
    ["submission.py", 9, "f", "return g(x)"],
    ["submission.py", 3, "g", "return x / 0"],
]


class FakeWorker:
    """Answers every message with the same reply, or raises it."""

    def __init__(self, reply, *, output_overflow=False):
        self.reply = reply
        self.output_overflow = output_overflow
        self.wall_s = None

    def call(self, message, *, wall_s):
        assert message == {"do": "it"}
        self.wall_s = wall_s
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply


def make_error(**changes):
    error = {"type": "ValueError", "message": "bad", "frames": FRAMES, "kind": "exception"}
    return {"error": {**error, **changes}}


def ask(reply, **settings):
    return call(FakeWorker(reply, **settings), {"do": "it"}, LIMITS)


def test_a_value_is_a_value():
    worker = FakeWorker({"ok": [1, 2]})
    assert call(worker, {"do": "it"}, LIMITS) == Value([1, 2])
    assert worker.wall_s == 2.5


@pytest.mark.parametrize(
    ("end", "verdict", "words"),
    [
        (TimeLimit(), Verdict.TIME_LIMIT, "2.5 s"),
        (WorkerDied("cpu", -9), Verdict.TIME_LIMIT, "3 s of processor time"),
        (WorkerDied("output", 1), Verdict.OUTPUT_LIMIT, "8 kB"),
        (MemoryDied("memory", -9), Verdict.MEMORY_LIMIT, "128 MB"),
        (WorkerDied("exit", 0), Verdict.RUNTIME_ERROR, "exit status 0"),
        (WorkerDied("signal", -11), Verdict.RUNTIME_ERROR, "SIGSEGV"),
        (WorkerDied("signal", -99), Verdict.RUNTIME_ERROR, "99"),
        (ProtocolError("junk"), Verdict.RUNTIME_ERROR, "no valid reply"),
    ],
)
def test_an_end_has_its_verdict_in_its_own_words(end, verdict, words):
    failure = ask(end)
    assert failure.verdict is verdict
    assert words in failure.message
    assert failure.is_final


def test_too_much_output_ends_the_run_whatever_was_answered():
    assert ask({"ok": 1}, output_overflow=True).verdict is Verdict.OUTPUT_LIMIT
    assert ask(WorkerDied("exit", 1), output_overflow=True).verdict is Verdict.OUTPUT_LIMIT


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({}, Verdict.RUNTIME_ERROR, "ValueError: bad"),
        ({"message": ""}, Verdict.RUNTIME_ERROR, "ValueError"),
        ({"kind": "exit", "type": "SystemExit"}, Verdict.RUNTIME_ERROR, "asked Python to exit"),
    ],
)
def test_an_exception_leaves_the_worker_usable(changes, verdict, words):
    failure = ask(make_error(**changes))
    assert failure.verdict is verdict
    assert words in failure.message
    assert not failure.is_final


def test_who_lacks_memory_once_is_not_asked_again():
    failure = ask(make_error(kind="memory", type="MemoryError"))
    assert failure.verdict is Verdict.MEMORY_LIMIT
    assert "not enough memory" in failure.message
    assert failure.is_final


def test_a_worker_that_cannot_answer_is_explained_and_no_status_of_ours_is_told():
    failure = ask(WorkerDied("exit", NO_ANSWER))
    assert "close, a file descriptor that it did not open" in failure.message
    assert str(NO_ANSWER) not in failure.message


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (
            {"type": "EOFError", "message": "EOF when reading a line"},
            "There is no keyboard here: do not call input().",
        ),
        (
            {"type": "ModuleNotFoundError", "message": "No module named 'tensorflow'"},
            "What can be imported is torch, numpy and what belongs to Python itself.",
        ),
        (
            {"type": "AttributeError", "message": "'NoneType' object has no", "frames": FRAMES[:1]},
            "A function without `return` returns None: is one missing?",
        ),
    ],
)
def test_what_the_sandbox_or_the_check_brings_about_is_explained_below_the_error(error, hint):
    said = ask(make_error(**error)).message
    assert said == f"{error['type']}: {error['message']}\n{hint}"


@pytest.mark.parametrize(
    "error",
    [
        {"type": "EOFError", "message": "of another kind"},
        {"type": "AttributeError", "message": "'NoneType' object has no attribute 'sum'"},
        {"type": "ImportError", "message": "cannot import name 'x' from 'torch'"},
    ],
)
def test_other_errors_of_the_submission_s_own_lines_speak_for_themselves(error):
    assert "\n" not in ask(make_error(**error)).message


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"ok": 1, "error": {}},
        {"yes": 1},
        {"error": "text"},
        make_error(frames=[["submission.py", "3", "f", "x"]]),
        make_error(frames=["submission.py"]),
        make_error(frames=[None]),
    ],
)
def test_a_reply_that_no_honest_worker_sends_is_none(reply):
    assert "no valid reply" in ask(reply).message


def test_the_line_that_raised_comes_first_and_only_own_lines_are_told():
    assert say_traceback(ask(make_error())) == (
        "line 3, in g\n    return x / 0\ncalled from line 9, in f\n    return g(x)"
    )


def test_where_no_own_line_raised_the_check_s_line_is_told():
    assert say_traceback(ask(make_error(frames=FRAMES[:1]))) == "in the check: return solution.f(2)"
    assert say_traceback(ask(make_error(frames=[]))) == ""


def test_hostile_text_is_cut_and_cannot_steer_a_terminal():
    failure = ask(make_error(message="\x1b[2J" + "x" * 10_000, type="T" * 10_000))
    assert isinstance(failure, Failure)
    assert "\x1b" not in failure.message
    assert len(failure.message) < 1200
    assert clean("a\tb\nc\x00\u202e") == "a\tb\nc\ufffd\ufffd"


ARRAY = np.zeros(1000, dtype="f4")
TENSOR = TensorValue("float32", (1000,), "cpu", requires_grad=False, array=ARRAY)


@pytest.mark.parametrize("field", ["type", "message"])
@pytest.mark.parametrize("value", [[TENSOR] * 1000, TENSOR, {"a": 1}, 7, None])
def test_only_text_is_written_out(field, value):
    failure = ask(make_error(**{field: value}))
    assert failure.message.startswith("What came back was no valid reply")


def test_a_traceback_has_an_end():
    failure = ask(make_error(frames=FRAMES * 1000))
    assert failure.message.startswith("What came back was no valid reply")
