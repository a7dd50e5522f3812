"""The practice modes: each is one row of a table, and no mode has code of its own but its page.

Source: docs/practice-modes.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Selection(StrEnum):
    """How a mode chooses its items."""

    NONE = "none"  # the mode shows a part of the lesson and asks nothing
    LESSON_ORDER = "lesson-order"  # the predictions and myths, as the lesson has them
    UNMASTERED_FIRST = "unmastered-first"  # least mastered skills first, topics mixed
    STRATIFIED = "stratified"  # so many of each difficulty, drawn by the attempt's seed


class Feedback(StrEnum):
    """When the learner is told how it went."""

    AT_ONCE = "at-once"
    AT_END = "at-end"


class Scoring(StrEnum):
    """What a response is worth."""

    READ = "read"  # nothing to score
    RECORDED = "recorded"  # kept, and never counted as marks
    POINTS = "points"  # earned by try, hints cost
    SCORE = "score"  # one try, a score with an interval per skill


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One row of the table.

    Attributes:
        name: the word in addresses, banks (`modes:`) and the database.
        title: what the learner reads.
        blurb: one sentence for the lesson's page.
        size: how many items one attempt has; None: as many as the selection gives.
        strata: for STRATIFIED, (lowest difficulty, highest difficulty, how many) per stratum.
        tries: tries per item; None: until right.
        points_by_try: fraction of the points that a right answer earns at try 1, 2, ...; the last
            one holds from there on.
        hint_cost: fraction of the points that each used hint costs.
        duration_s: seconds for the whole attempt, kept by the server; None: no limit.
        can_reveal: whether the learner may give up an item and see the worked answer.
    """

    name: str
    title: str
    blurb: str
    selection: Selection
    size: int | None = None
    strata: tuple[tuple[int, int, int], ...] = ()
    tries: int | None = 1
    feedback: Feedback = Feedback.AT_ONCE
    scoring: Scoring = Scoring.RECORDED
    points_by_try: tuple[float, ...] = (1.0,)
    hint_cost: float = 0.0
    duration_s: int | None = None
    can_reveal: bool = False

    @property
    def is_round(self) -> bool:
        """Whether its attempts are over once all their questions are done."""
        return self.selection is Selection.UNMASTERED_FIRST


MODES: tuple[Mode, ...] = (
    Mode(
        name="why",
        title="Why",
        blurb="The problem, the remedy, and the code before and after.",
        selection=Selection.NONE,
        scoring=Scoring.READ,
    ),
    Mode(
        name="learn",
        title="Learn",
        blurb="Build it up step by step; say what you expect before each step opens.",
        selection=Selection.LESSON_ORDER,
    ),
    Mode(
        name="practice",
        title="Practice",
        blurb="One question at a time, with hints, until it is right.",
        selection=Selection.UNMASTERED_FIRST,
        size=10,
        tries=None,
        scoring=Scoring.POINTS,
        points_by_try=(1.0, 0.5, 0.25, 0.0),
        hint_cost=0.25,
        can_reveal=True,
    ),
    Mode(
        name="review",
        title="Review",
        blurb="From memory: recall it, look at the answer, and say how well you knew it.",
        selection=Selection.UNMASTERED_FIRST,
        size=10,
        can_reveal=True,
    ),
    Mode(
        name="test",
        title="Test",
        blurb="Ten questions, one try each, against the clock; the result at the end.",
        selection=Selection.STRATIFIED,
        size=10,
        strata=((1, 2, 3), (3, 3, 4), (4, 5, 3)),
        feedback=Feedback.AT_END,
        scoring=Scoring.SCORE,
        duration_s=20 * 60,
    ),
)

_BY_NAME = {mode.name: mode for mode in MODES}


def find_mode(name: str) -> Mode | None:
    """Return the mode of that name, or None."""
    return _BY_NAME.get(name)


def list_rules(mode: Mode) -> dict[str, Any]:
    """Return what an attempt keeps of its mode, as JSON-ready values."""
    return {
        "tries": mode.tries,
        "feedback": mode.feedback.value,
        "scoring": mode.scoring.value,
        "points_by_try": list(mode.points_by_try),
        "hint_cost": mode.hint_cost,
        "duration_s": mode.duration_s,
        "can_reveal": mode.can_reveal,
    }


def apply_rules(mode: Mode, rules: Mapping[str, Any]) -> Mode:
    """Return the mode with the rules that an attempt kept, whatever the table says by now."""
    return replace(
        mode,
        tries=rules["tries"],
        feedback=Feedback(rules["feedback"]),
        scoring=Scoring(rules["scoring"]),
        points_by_try=tuple(rules["points_by_try"]),
        hint_cost=rules["hint_cost"],
        duration_s=rules["duration_s"],
        can_reveal=rules["can_reveal"],
    )
