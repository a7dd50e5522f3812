"""How long one submission may take in all.

Each message to its worker has a limit of its own. But code that sleeps uses no processor time, and
one check after the other could sleep until just before its limit: so there is a total as well.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from graders.exercise import CheckSpec
from graders.model import Limits, Verdict
from graders.pool import Worker
from graders.runner.calls import Failure, Value, call

_WALLS = 4
_CPUS = 2


def find_total_s(limits: Limits, checks: Sequence[CheckSpec]) -> float:
    """Return the seconds on the clock for all messages to a submission's worker together.

    Four times the longest limit of one of them, and at least twice the processor seconds: who
    uses all of these, and had to wait for the processor for as long again, is not cut.
    """
    longest_s = max([limits.wall_s, *(spec.limits(limits).wall_s for spec in checks)])
    return max(_WALLS * longest_s, _CPUS * float(limits.cpu_s))


class Clock:
    """The seconds for which a submission's worker was waited for.

    Args:
        total_s: how many there may be.
        now: a clock that is never set back, in seconds.

    Attributes:
        used_s: how many there were so far.
    """

    def __init__(self, total_s: float, now: Callable[[], float] = time.monotonic) -> None:
        self.used_s = 0.0
        self._total_s = total_s
        self._now = now

    def call(self, worker: Worker, message: dict[str, object], limits: Limits) -> Value | Failure:
        """Send one message and wait for its reply: within its own limit, and within the total."""
        left_s = self._total_s - self.used_s
        begin = self._now()
        result = call(worker, message, replace(limits, wall_s=min(limits.wall_s, left_s)))
        took_s = self._now() - begin
        self.used_s += took_s
        is_total = left_s < limits.wall_s and took_s >= left_s
        if is_total and isinstance(result, Failure) and result.verdict is Verdict.TIME_LIMIT:
            return replace(result, message=self._say_total())
        return result

    def _say_total(self) -> str:
        return (
            f"Stopped here: loading the file and all checks together may take {self._total_s:g} s. "
            "Make each call faster; a call that waits or sleeps uses up this time as well."
        )
