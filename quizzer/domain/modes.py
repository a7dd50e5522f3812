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
    BY_DIFFICULTY = "by-difficulty"  # what is not mastered, the easiest first
    SEEDED = "seeded"  # so many, drawn by the attempt's seed
    CLOSING = "closing"  # the first of the bank, in its order: they close what was looked at
    DUE = "due"  # what the schedule of reviews says, from all lessons
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
    BADGE = "badge"  # a badge if all is right, and no marks
    SCHEDULE = "schedule"  # says when to ask again, and never counts as marks
    SCORE = "score"  # one try, a score with an interval per skill


_ROUNDS = frozenset(
    {
        Selection.UNMASTERED_FIRST,
        Selection.BY_DIFFICULTY,
        Selection.SEEDED,
        Selection.CLOSING,
        Selection.DUE,
    }
)
_WITH_POINTS = frozenset({Scoring.POINTS, Scoring.SCORE})
_EVIDENCE = _WITH_POINTS | {Scoring.BADGE}


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
        item_time_s: seconds for one item from when it is first shown, all its tries together, kept
            by the server; an item's own `time_s` goes before it. None: no limit.
        asks_confidence: whether the learner says how sure they are before the verdict.
        can_reveal: whether the learner may give up an item and see the worked answer.
        offers_values: whether blanks come with values to fill them from, as options of a choice;
            it bears on no score, so attempts do not keep it.
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
    item_time_s: int | None = None
    asks_confidence: bool = False
    can_reveal: bool = False
    offers_values: bool = False

    @property
    def is_round(self) -> bool:
        """Whether its attempts are over once all their questions are done."""
        return self.selection in _ROUNDS

    @property
    def gives_points(self) -> bool:
        """Whether the learner is told of points."""
        return self.scoring in _WITH_POINTS

    @property
    def is_evidence(self) -> bool:
        """Whether a first try in it moves what is believed of the learner's skills."""
        return self.scoring in _EVIDENCE

    @property
    def offers_hints(self) -> bool:
        """Whether hints may be asked for."""
        return self.scoring is Scoring.POINTS


_HALVED = (1.0, 0.5, 0.25, 0.0)

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
        asks_confidence=True,
    ),
    Mode(
        name="visualize",
        title="Visualize",
        blurb="Turn the knobs of runs that were really made, see what becomes of them, and close"
        " with three questions.",
        selection=Selection.CLOSING,
        size=3,
        tries=None,
        scoring=Scoring.POINTS,
        points_by_try=_HALVED,
        hint_cost=0.25,
        can_reveal=True,
    ),
    Mode(
        name="practice",
        title="Practice",
        blurb="One question at a time, with hints, until it is right.",
        selection=Selection.UNMASTERED_FIRST,
        size=10,
        tries=None,
        scoring=Scoring.POINTS,
        points_by_try=_HALVED,
        hint_cost=0.25,
        can_reveal=True,
    ),
    Mode(
        name="try",
        title="Try",
        blurb="Put lines in order and fill in what is missing, the easy ones first.",
        selection=Selection.BY_DIFFICULTY,
        size=6,
        tries=3,
        scoring=Scoring.POINTS,
        points_by_try=_HALVED,
        hint_cost=0.25,
        can_reveal=True,
        offers_values=True,
    ),
    Mode(
        name="challenge",
        title="Challenge",
        blurb="Five questions against the clock, two tries each; a badge if all are right.",
        selection=Selection.SEEDED,
        size=5,
        tries=2,
        scoring=Scoring.BADGE,
        item_time_s=60,
    ),
    Mode(
        name="project",
        title="Project",
        blurb="Write and mend code in an editor, and have it graded.",
        selection=Selection.NONE,
        scoring=Scoring.POINTS,
    ),
    Mode(
        name="review",
        title="Review",
        blurb="From memory, when it is due: recall it or answer it, and say how sure you are.",
        selection=Selection.DUE,
        size=10,
        scoring=Scoring.SCHEDULE,
        asks_confidence=True,
        can_reveal=True,
    ),
    Mode(
        name="metrics",
        title="Metrics",
        blurb="Read the curve, the table or the counts of a real run, and decide.",
        selection=Selection.UNMASTERED_FIRST,
        size=6,
        tries=None,
        scoring=Scoring.POINTS,
        points_by_try=_HALVED,
        hint_cost=0.25,
        can_reveal=True,
    ),
    Mode(
        name="test",
        title="Test",
        blurb="Ten questions, one try each, in 20 minutes that begin at once; you may leave"
        " and come back.",
        selection=Selection.STRATIFIED,
        size=10,
        strata=((1, 2, 3), (3, 3, 4), (4, 5, 3)),
        feedback=Feedback.AT_END,
        scoring=Scoring.SCORE,
        duration_s=20 * 60,
    ),
)

SILENT_MODES = tuple(mode.name for mode in MODES if mode.feedback is Feedback.AT_END)
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
        "item_time_s": mode.item_time_s,
        "asks_confidence": mode.asks_confidence,
        "can_reveal": mode.can_reveal,
    }


def apply_rules(mode: Mode, rules: Mapping[str, Any]) -> Mode:
    """Return the mode with the rules that an attempt kept, whatever the table says by now."""
    if rules == list_rules(mode):  # as almost always
        return mode
    return replace(
        mode,
        tries=rules["tries"],
        feedback=Feedback(rules["feedback"]),
        scoring=Scoring(rules["scoring"]),
        points_by_try=tuple(rules["points_by_try"]),
        hint_cost=rules["hint_cost"],
        duration_s=rules["duration_s"],
        item_time_s=rules["item_time_s"],
        asks_confidence=rules["asks_confidence"],
        can_reveal=rules["can_reveal"],
    )
