"""How two observations are judged where equality with the reference is not the question.

A judge is named in the decorator: `@check(judge=judges.at_least(0.9))`. The process that compares
reads that call from the syntax tree and has implementations of its own (`graders.judge`). What
stands here runs in the jail only, decides nothing, and says what each judge takes.

Every judge first requires that what was seen has the form of what the reference shows: lists,
dicts and tensors of the same structure, shape and dtype, unless it says otherwise. NaN and
infinity never pass for a number, and nothing is broadcast.
"""

from __future__ import annotations
