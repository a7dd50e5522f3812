"""What is told of calls that an exercise forbids and that its source did not show.

A remark informs and scores nothing. It is a hostile worker's word, so it can only be one of a few
sentences: a forbidden name and a line that the file has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graders.exercise import Exercise
from graders.pool import Worker
from graders.runner.calls import Failure, call
from graders.runner.messages import remarks_message
from graders.source_checks import say_disguised

_WALL_S = 1.0
_PARTS = 2  # of an entry: line and name


def ask_remarks(
    worker: Worker, exercise: Exercise, *, lines: int, told: Sequence[str]
) -> tuple[str, ...]:
    """Return a remark for each forbidden name that the submission was seen to call so far.

    Ask before the first hidden check: a line number could tell something of what is hidden.

    Args:
        worker: of the submission, which has been watched since it was loaded.
        exercise: what forbids them.
        lines: how many the submission's source has.
        told: remarks that were made before; a name that is in one of them is not told again.
    """
    limits = replace(exercise.limits, wall_s=min(_WALL_S, exercise.limits.wall_s))
    reply = call(worker, remarks_message(), limits)
    if isinstance(reply, Failure) or not isinstance(reply.value, list):
        return ()
    found: dict[str, int] = {}
    for entry in reply.value[: len(exercise.forbid)]:
        line, name = entry if isinstance(entry, list) and len(entry) == _PARTS else (0, "")
        if type(line) is int and 0 < line <= lines and isinstance(name, str):
            found.setdefault(name, line)
    new = [name for name in exercise.forbid if not any(f" {name} " in remark for remark in told)]
    return tuple(say_disguised(name, found[name]) for name in new if name in found)
