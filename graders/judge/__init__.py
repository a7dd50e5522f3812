"""The judgement of two observations, outside the jail and on numpy alone.

`got` is hostile: it may be anything that the wire lets through, but only plain data, so that
nothing of the submission runs here. Nothing is broadcast and nothing is converted to fit. What
must be there, labels say, is taken from the reference's observation and never from `got`.
"""

from graders.judge.comparing import (
    CUDA_TOLERANCES,
    KINDS,
    TOLERANCES,
    Tolerance,
    compare,
    withhold,
)
from graders.judge.forgeries import find_opaque, is_guessable
from graders.judge.guessing import say_guessable
from graders.judge.judges import UnjudgeableError, find_misfit, judge
from graders.judge.own import frame_own, read_own_verdict, say_unjudged

__all__ = [
    "CUDA_TOLERANCES",
    "KINDS",
    "TOLERANCES",
    "Tolerance",
    "UnjudgeableError",
    "compare",
    "find_misfit",
    "find_opaque",
    "frame_own",
    "is_guessable",
    "judge",
    "read_own_verdict",
    "say_guessable",
    "say_unjudged",
    "withhold",
]
