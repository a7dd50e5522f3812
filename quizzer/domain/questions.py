"""A question of an attempt: what was drawn, what was sent, and what the mode's rules make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from quizzer.domain.attempts import Graded, Presentation, Response
from quizzer.domain.items import Item, Kind
from quizzer.domain.modes import Feedback, Mode

GRACE = timedelta(seconds=2)
"""How late a response may come to be in time: what is sent at the last moment is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of an attempt with all that bears on it.

    Attributes:
        item: as it is in the library now, its variables drawn; None if it was withdrawn.
        responses: in order of their tries.
        misconceptions: of the item's bank, tag to sentence.
        is_open: whether the attempt is.
        now: the moment that counts, at most the attempt's end; None where clocks are not read.
        exercise: key of the exercise that grades it, for kind code; else empty.
        best: the learner's best submission for that exercise, or None.
        seed: the attempt's, for what is drawn whenever it is shown.
    """

    item: Item | None
    presentation: Presentation
    responses: Sequence[Response]
    misconceptions: Mapping[str, str]
    mode: Mode
    is_open: bool
    now: datetime | None = None
    exercise: str = ""
    best: Graded | None = None
    seed: int = 0

    @property
    def latest(self) -> Response | None:
        """The try that stands: the last one, or the first that is right.

        After a right one comes no other, but where a mended key made an earlier one right.
        """
        right = (response for response in self.responses if response.score >= 1.0)
        return next(right, self.responses[-1] if self.responses else None)

    @property
    def earned(self) -> float:
        """Share of the points earned so far."""
        latest = self.latest
        return latest.earned if latest else 0.0

    @property
    def is_current(self) -> bool:
        """Whether the item is what it was when it was drawn, but for a key that was mended since.

        Such a key counts once the responses have been scored by it.
        """
        scored_by = self.presentation.key_revision or self.presentation.item_revision
        return self.item is not None and self.item.revision == scored_by

    @property
    def is_card(self) -> bool:
        """Whether it is recalled rather than answered."""
        return self.item is not None and self.item.kind is Kind.RECALL

    @property
    def is_turned(self) -> bool:
        """Whether it is a card whose back has been looked at."""
        return self.is_card and self.presentation.is_revealed

    @property
    def is_given_up(self) -> bool:
        """Whether the learner asked for the worked answer instead of trying on."""
        return self.presentation.is_revealed and not self.is_card

    @property
    def is_missed(self) -> bool:
        """Whether the latest try was not right, or nobody tried."""
        return self.is_given_up or self.latest is None or self.latest.score < 1.0

    @property
    def time_s(self) -> int | None:
        """Seconds for all its tries together; None where no clock runs for single items."""
        if self.mode.item_time_s is None:
            return None
        return (self.item.time_s if self.item else None) or self.mode.item_time_s

    @property
    def ends_at(self) -> datetime | None:
        """When its clock runs out; None while it does not run."""
        shown_at = self.presentation.shown_at
        if self.time_s is None or shown_at is None:
            return None
        return shown_at + timedelta(seconds=self.time_s)

    @property
    def is_time_up(self) -> bool:
        """Whether its clock ran out, and what comes now comes too late."""
        return self.now is not None and self.is_late(self.now)

    @property
    def ran_out(self) -> bool:
        """Whether its clock ran out before it was right or all tries were made."""
        latest = self.latest
        is_late = latest is not None and self.is_late(latest.at)
        return self.is_time_up and (is_late or not self.is_used_up)

    @property
    def seconds_left(self) -> int | None:
        """Whole seconds until its clock runs out; None while it does not run, or no longer."""
        if self.now is None or self.ends_at is None or self.is_settled or not self.is_open:
            return None
        return max(0, ceil((self.ends_at - self.now).total_seconds()))

    @property
    def is_settled(self) -> bool:
        """Whether no further try at it counts."""
        return self.is_used_up or self.is_time_up

    @property
    def is_used_up(self) -> bool:
        """Whether the mode allows no further try at it, however much time is left."""
        if self.is_given_up or not (self.is_current or self.responses):
            return True
        if self.mode.tries is not None and len(self.responses) >= self.mode.tries:
            return True
        latest = self.latest
        # In a mode that tells at the end, being done early would tell that it was right.
        return latest is not None and (
            not self.is_current or (self.mode.feedback is Feedback.AT_ONCE and latest.score >= 1.0)
        )

    @property
    def is_withheld(self) -> bool:
        """Whether it has more to tell, and a running test of the learner asks the same.

        What they were shown before that test stays.
        """
        return self.presentation.is_withheld and not self.is_used_up

    @property
    def shows_verdict(self) -> bool:
        """Whether it may be said how it went."""
        return self.mode.feedback is Feedback.AT_ONCE or not self.is_open

    @property
    def shows_key(self) -> bool:
        """Whether the key may be seen."""
        if self.mode.feedback is Feedback.AT_END:
            return not self.is_open
        return self.is_settled and not self.is_withheld

    def is_late(self, moment: datetime) -> bool:
        """Whether what comes at a moment comes after its own clock has run out."""
        return self.ends_at is not None and moment > self.ends_at + GRACE

    @property
    def counts(self) -> bool:
        """Whether it belongs to the points possible: a withdrawn one only if it was answered."""
        return self.item is not None or bool(self.responses)
