"""Attempts, responses and what pages are shown of them.

Three lifetimes: what is drawn (`Presentation`), what is sent (`Response`) and what is awarded
(the score beside it). A presentation is drawn once per attempt and kept, so a stored response
always means what the learner saw.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from quizzer.domain.items import ShownItem
from quizzer.domain.modes import Mode

RECALL_KEYS = ("forgot", "partly", "knew")
"""How well a card was recalled, in the learner's own judgement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a learner sent for one item.

    Exactly the field of the item's kind is used: `keys` for single, multi and truefalse (option
    keys, sorted), for order and parsons (option keys in the learner's order) and for recall (one
    of `RECALL_KEYS`); `text` for numeric, output and short, and for code (number of the submission
    that counts); `blanks` (name, value) for blank.
    """

    keys: tuple[str, ...] = ()
    text: str = ""
    blanks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a response is worth, and which options spoke.

    Attributes:
        score: in [0, 1].
        matched: keys of the options that the response picked or typed; for blank `name.key`.
        misconceptions: tags of the misconceptions those options name.
    """

    score: float
    matched: tuple[str, ...] = ()
    misconceptions: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the response earns everything."""
        return self.score >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Presentation:
    """One item as drawn for one attempt.

    Attributes:
        key_revision: the revision by whose key the responses were scored anew, where that is not
            the one that was shown; else None.
        rescored_at: when that was, once the learner had been told another verdict; else None.
        values: (name, text) of the item's variables, sorted by name.
        shown_at: when its clock was started by showing it first; None before, and where no clock
            runs for single items.
        is_flagged: whether the learner wants to come back to it.
        confidence: how sure the learner was, in percent, before they turned the card, or None.
        is_withheld: whether a running test of the learner asks the item: what is not told there
            must not be told here. Found whenever it is read, and kept nowhere.
    """

    position: int
    item_key: str
    item_revision: str
    option_order: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()
    hint_count: int = 0
    is_revealed: bool = False
    shown_at: datetime | None = None
    is_flagged: bool = False
    confidence: int | None = None
    key_revision: str | None = None
    rescored_at: datetime | None = None
    is_withheld: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """One stored try.

    Attributes:
        score: the judgement's, in [0, 1].
        earned: what the mode's rule makes of it and of the tries before, in [0, 1].
        hint_count: hints that were open when it was sent.
        confidence: how sure the learner was, in percent, or None.
        elapsed_ms: since the attempt's response before it, or since its start.
    """

    position: int
    try_no: int
    chosen: Chosen
    score: float
    earned: float
    hint_count: int
    at: datetime
    confidence: int | None = None
    elapsed_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """The best graded submission of one learner for one exercise; its score is in [0, 1]."""

    submission_id: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One sitting in one mode.

    Attributes:
        policy: the mode with the rules that held when the attempt began.
        score: share of the points earned, in [0, 1], once it is closed.
    """

    id: int
    user_id: int
    mode: str
    lesson: str
    seed: int
    started_at: datetime
    ends_at: datetime | None
    closed_at: datetime | None
    policy: Mode | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownQuestion:
    """One question of an attempt, ready for a page.

    Attributes:
        item: the item with as much of its key as may be seen now.
        next_try: number that the next try must carry, from 1.
        chosen: the latest response's choice, or None; options and lines as the page names them.
        is_right: whether the latest try was right; None where that may not be said yet or nothing
            was sent.
        is_done: no further try is possible.
        is_revealed: it was given up for its worked answer. To turn a card gives nothing up.
        earned: fraction of the points earned so far, in [0, 1]; None where it may not be said.
        feedback_html: what the options that the latest try matched have to say.
        misconceptions: sentences of the misconceptions that the latest try showed.
        tries_left: None where there is no limit.
        right_blanks: names of the blanks that the latest try filled in rightly; None where that
            may not be said yet, or where there are no blanks.
        right_lines: names of the lines that the latest try put where they belong; None until the
            key may be seen, or where there are no lines.
        best: for kind code, what the learner can take over, or None.
        time_s: seconds for all its tries together; None where no clock runs for single items.
        seconds_left: until its clock runs out; None while it does not run, or no longer.
        ran_out: whether its clock ran out before it was right or all tries were made.
        is_opened: False while it has a clock of its own that was never started by showing it.
        is_flagged: whether the learner wants to come back to it.
        is_withheld: whether it waits for the end of a running test, and takes nothing until then.
        rescored_at: when it was scored anew by a mended key, where another verdict had been told.
        notice: a sentence for the learner where the question is not what it was (changed or
            withdrawn since it was drawn) or their answer was not taken, else empty.
    """

    position: int
    item: ShownItem
    next_try: int
    chosen: Chosen | None
    is_right: bool | None
    is_done: bool
    is_revealed: bool
    earned: float | None
    feedback_html: tuple[str, ...] = ()
    misconceptions: tuple[str, ...] = ()
    tries_left: int | None = None
    right_blanks: frozenset[str] | None = None
    right_lines: frozenset[str] | None = None
    best: Graded | None = None
    time_s: int | None = None
    seconds_left: int | None = None
    ran_out: bool = False
    is_opened: bool = True
    is_flagged: bool = False
    is_withheld: bool = False
    rescored_at: datetime | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownAttempt:
    """An attempt, ready for a page.

    Attributes:
        seconds_left: until the server closes it; None where there is no limit.
        answered: how many questions have a response.
        earned, possible: points; None where they may not be said yet.
    """

    attempt: Attempt
    questions: tuple[ShownQuestion, ...]
    is_open: bool
    seconds_left: int | None
    answered: int
    earned: float | None
    possible: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillResult:
    """How one skill went in a test.

    Attributes:
        score: mean score in [0, 1] over `items` items.
        low, high: 95 % Wilson interval of it.
        label: strong, developing or weak, or that it is too few to say.
    """

    skill: str
    items: int
    score: float
    low: float
    high: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """A closed attempt with its verdicts.

    Attributes:
        score: share of the points earned, in [0, 1]; `low` and `high` are its 95 % interval.
        has_badge: whether all was right in a mode that gives a badge for it.
    """

    shown: ShownAttempt
    score: float
    low: float
    high: float
    skills: tuple[SkillResult, ...] = field(default=())
    has_badge: bool = False
