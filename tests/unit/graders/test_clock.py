"""The total of what one submission may take, by a clock that only goes when a worker is asked."""

from __future__ import annotations

import pytest

from graders.exercise import CheckSpec
from graders.model import Limits, Verdict
from graders.pool import TimeLimit, WorkerDied
from graders.runner.calls import Value
from graders.runner.clock import Clock, find_total_s

LIMITS = Limits(wall_s=4, cpu_s=3)


class SlowWorker:
    """Needs so many seconds for each answer, of a clock that it puts forward itself."""

    output_overflow = False

    def __init__(self, *takes_s, end=None):
        self.takes_s = list(takes_s)
        self.end = end
        self.time_s = 100.0
        self.allowed_s = []

    def now(self):
        return self.time_s

    def call(self, _message, *, wall_s):
        self.allowed_s.append(wall_s)
        took_s = self.takes_s.pop(0)
        self.time_s += min(took_s, wall_s)
        if took_s > wall_s:
            raise TimeLimit
        if self.end is not None and not self.takes_s:
            raise self.end
        return {"ok": took_s}


def ask(worker, total_s):
    clock = Clock(total_s, worker.now)
    return [clock.call(worker, {}, LIMITS) for _ in worker.takes_s.copy()], clock


@pytest.mark.parametrize(
    ("limits", "own_s", "total_s"),
    [
        (Limits(wall_s=4, cpu_s=3), None, 16),
        (Limits(wall_s=4, cpu_s=10), None, 20),
        (Limits(wall_s=4, cpu_s=3), 9, 36),
        (Limits(wall_s=4, cpu_s=3), 1, 16),
    ],
)
def test_the_total_follows_from_the_limits_and_has_room_for_the_longest_check(
    limits, own_s, total_s
):
    checks = [
        CheckSpec(name="a", sentence="a"),
        CheckSpec(name="b", sentence="b", wall_s=own_s),
    ]
    assert find_total_s(limits, checks) == total_s


def test_who_always_stays_below_the_limit_of_a_message_ends_at_the_total():
    worker = SlowWorker(3.5, 3.5, 3.5)
    (first, second, third), clock = ask(worker, 10)
    assert (first, second) == (Value(3.5), Value(3.5))
    assert worker.allowed_s == [4, 4, 3]
    assert (third.verdict, third.is_final) == (Verdict.TIME_LIMIT, True)
    assert third.message.startswith("Stopped here: loading the file and all checks together may ")
    assert "10 s" in third.message
    assert clock.used_s == 10


def test_the_limit_of_a_message_is_told_as_such_while_there_is_time_left():
    (slow,), clock = ask(SlowWorker(5), 10)
    assert slow.message == "Stopped after 4 s."
    assert clock.used_s == 4


def test_an_end_for_another_reason_near_the_total_is_told_with_that_reason():
    (_, end), _ = ask(SlowWorker(3.5, 1.0, end=WorkerDied("cpu", -9)), 5)
    assert end.message == "Stopped after 3 s of processor time."
