"""An attempt in memory: loaded, brought up to date, shown and closed.

`answering` is what pages call; this module is what its use cases share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Protocol

from sqlalchemy.orm import Session

from quizzer.domain.attempts import (
    Attempt,
    AttemptResult,
    Presentation,
    Response,
    ShownAttempt,
    ShownQuestion,
)
from quizzer.domain.items import Bank, Item, Lesson, Text
from quizzer.domain.mastery import index_beliefs, learn_from_item, list_skills
from quizzer.domain.modes import MODES, Feedback, Mode, Scoring
from quizzer.domain.questions import Question
from quizzer.domain.results import list_skill_results, make_interval
from quizzer.domain.revisions import describe_item
from quizzer.domain.showing import show_question
from quizzer.domain.shuffling import draw_option_order, draw_values
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import remembering
from quizzer.services.questions import make_question
from quizzer.store import attempts, skills, users

MARKED_MODES = tuple(mode.name for mode in MODES if mode.is_evidence)


class Library(Protocol):
    """What attempts need of the content in service."""

    @property
    def banks(self) -> Mapping[str, Bank]:
        """The banks by id."""

    @property
    def lessons(self) -> Mapping[str, Lesson]:
        """The lessons by id, in their order."""

    @property
    def items(self) -> Mapping[str, Item]:
        """All items by key."""

    def html(self, text: Text) -> str:
        """Return a fragment as sanitised HTML."""

    def list_items(self, lesson_id: str, mode_name: str) -> tuple[Item, ...]:
        """Return the items of a lesson that serve a mode."""

    def list_keys(self, lesson_id: str, mode_name: str) -> frozenset[str]:
        """Return their keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """One attempt with its questions as they are in the library now.

    Attributes:
        redrawn: positions that had to be drawn anew just now because their item had changed.
    """

    attempt: Attempt
    mode: Mode
    questions: tuple[Question, ...]
    redrawn: frozenset[int] = frozenset()

    @property
    def is_open(self) -> bool:
        """Whether responses are taken."""
        return self.attempt.closed_at is None

    @property
    def earned(self) -> float:
        """Points earned so far."""
        return sum(question.earned * _points(question) for question in self.questions)

    @property
    def possible(self) -> float:
        """Points of all questions that count."""
        return sum(_points(question) for question in self.questions if question.counts)

    @property
    def score(self) -> float:
        """Share of the points earned, in [0, 1]."""
        return min(1.0, self.earned / self.possible) if self.possible else 0.0

    @property
    def has_badge(self) -> bool:
        """Whether all its questions were right, in a mode that gives a badge for that."""
        counted = [question for question in self.questions if question.counts]
        is_offered = self.mode.scoring is Scoring.BADGE
        return is_offered and bool(counted) and not any(each.is_missed for each in counted)

    def get_question(self, position: int) -> Question:
        """Return the question at a position.

        Raises:
            NotFoundError: if there is none.
        """
        for question in self.questions:
            if question.presentation.position == position:
                return question
        raise NotFoundError("This attempt has no such question.")

    def require_open(self) -> None:
        """Raise ConflictError unless responses are taken."""
        if not self.is_open:
            raise ConflictError("This attempt is closed; nothing was stored.")

    def is_due(self, now: datetime) -> bool:
        """Whether its time is over and it is still open."""
        ends_at = self.attempt.ends_at
        return self.is_open and ends_at is not None and now >= ends_at

    def list_stale(self) -> tuple[Question, ...]:
        """Return the questions that have changed before anything was sent to them.

        One whose new variables nobody has drawn yet has to wait.
        """
        return tuple(
            question
            for question in self.questions
            if self.is_open
            and question.item is not None
            and not question.item.waits_for_draws
            and not question.is_current
            and not question.responses
        )

    def put(self, question: Question) -> Sitting:
        """Return the sitting with one question replaced."""
        position = question.presentation.position
        questions = tuple(
            question if old.presentation.position == position else old for old in self.questions
        )
        return replace(self, questions=questions)


def load_sitting(
    session: Session, library: Library, *, attempt_id: int, user_id: int, now: datetime
) -> Sitting:
    """Load one of the user's attempts; close it if its time is over, redraw what has changed.

    Raises:
        NotFoundError: if there is none, or it is somebody else's.
    """
    # Whatever one learner sends is taken one after the other; a double click waits here.
    users.lock_user(session, user_id=user_id)
    attempt = attempts.get_attempt(session, attempt_id=attempt_id, user_id=user_id)
    sitting = _assemble(session, library, attempt, now)
    if sitting.is_due(now):
        return close(session, sitting, at=attempt.ends_at or now)
    return _redraw(session, library, sitting, now)


def read_sitting(
    session: Session, library: Library, attempt: Attempt, now: datetime | None = None
) -> Sitting:
    """Return an attempt as it is stored: nothing is locked, closed or drawn anew.

    Without the moment, the clocks of single items are not read.

    Raises:
        NotFoundError: if its mode is no longer offered.
    """
    return _assemble(session, library, attempt, now)


def read_sittings(
    session: Session, library: Library, several: Sequence[Attempt], now: datetime | None
) -> tuple[Sitting, ...]:
    """Return attempts as they are stored, like `read_sitting`, by no more queries than one takes.

    Raises:
        NotFoundError: if a mode is no longer offered.
    """
    if not several:
        return ()
    ids = [attempt.id for attempt in several]
    drawn = attempts.list_presentations(session, attempt_ids=ids, now=now)
    sent = attempts.list_responses(session, attempt_ids=ids)
    return tuple(
        _assemble_one(session, library, attempt, drawn[attempt.id], sent[attempt.id], now)
        for attempt in several
    )


def find_sitting(
    session: Session, library: Library, *, user_id: int, mode: str, lesson: str, now: datetime
) -> Sitting | None:
    """Load the user's newest attempt of a mode and lesson, or return None."""
    found = attempts.find_latest_attempt(session, user_id=user_id, mode=mode, lesson=lesson)
    if found is None:
        return None
    return load_sitting(session, library, attempt_id=found.id, user_id=user_id, now=now)


def draw(
    item: Item, *, position: int, seed: int, order_before: tuple[str, ...] = ()
) -> Presentation:
    """Draw one item for an attempt, its options in another order than the learner saw last."""
    return Presentation(
        position=position,
        item_key=item.key,
        item_revision=item.revision,
        option_order=draw_option_order(item, seed=seed, before=order_before),
        values=draw_values(item, seed=seed),
    )


def record_drawn(
    session: Session,
    attempt: Attempt,
    items: Sequence[Item],
    *,
    first_position: int,
    now: datetime,
    orders_before: Mapping[str, tuple[str, ...]] | None = None,
) -> None:
    """Draw items for an attempt, from a position on, and keep what they read like.

    `orders_before` has the order of options that the learner saw last, by item key.
    """
    before = orders_before or {}
    drawn = [
        draw(item, position=position, seed=attempt.seed, order_before=before.get(item.key, ()))
        for position, item in enumerate(items, start=first_position)
    ]
    attempts.record_presentations(session, attempt_id=attempt.id, presentations=drawn)
    attempts.record_item_revisions(session, map(describe_item, items), now=now)


def close(session: Session, sitting: Sitting, *, at: datetime) -> Sitting:
    """Close an open attempt: its score is kept, and what it tells of skills is learnt."""
    attempt = attempts.close_attempt(session, sitting.attempt, at=at, score=sitting.score)
    if sitting.mode.feedback is Feedback.AT_END:
        for question in sitting.questions:
            if question.responses:
                first = question.responses[0]
                learn(session, sitting, question, score=first.earned, at=first.at)
                remember(session, sitting, question, first)
    questions = tuple(replace(question, is_open=False) for question in sitting.questions)
    return replace(sitting, attempt=attempt, questions=questions)


def learn(
    session: Session, sitting: Sitting, question: Question, *, score: float, at: datetime
) -> None:
    """Let a first try of that score and moment move what is believed of the learner's skills."""
    if question.item is None or not sitting.mode.is_evidence:
        return
    user_id = sitting.attempt.user_id
    beliefs = index_beliefs(skills.list_beliefs(session, user_id=user_id))
    moved = learn_from_item(beliefs, question.item, score=score, at=at)
    skills.set_beliefs(session, user_id=user_id, beliefs=moved)


def remember(session: Session, sitting: Sitting, question: Question, response: Response) -> None:
    """Let a first try move the card of its item, where the learner may be told how it went."""
    remembering.remember_try(
        session,
        user_id=sitting.attempt.user_id,
        mode=sitting.mode,
        item=question.item,
        response=response,
    )


def show(sitting: Sitting, library: Library, now: datetime) -> ShownAttempt:
    """Return the attempt as a page may show it now."""
    questions = tuple(show_question(question, library.html) for question in sitting.questions)
    tells = all(question.shows_verdict for question in sitting.questions)
    return ShownAttempt(
        attempt=sitting.attempt,
        questions=questions,
        is_open=sitting.is_open,
        seconds_left=count_seconds_left(sitting, now),
        answered=sum(1 for question in sitting.questions if question.responses),
        earned=sitting.earned if tells and sitting.mode.gives_points else None,
        possible=sitting.possible,
    )


def show_at(sitting: Sitting, library: Library, position: int) -> ShownQuestion:
    """Return one question as a page may show it now."""
    return show_question(sitting.get_question(position), library.html)


def show_result(sitting: Sitting, library: Library, now: datetime) -> AttemptResult:
    """Return a closed attempt with its verdicts.

    Raises:
        ConflictError: while it is open.
    """
    if sitting.is_open:
        raise ConflictError("This attempt is still open. Finish it to see its result.")
    counted = [question for question in sitting.questions if question.counts]
    stored = sitting.attempt.score
    score = sitting.score if stored is None else stored
    low, high = make_interval(score, len(counted))
    scored = (
        (list_skills(question.item), question.earned)
        for question in counted
        if question.item is not None
    )
    return AttemptResult(
        shown=show(sitting, library, now),
        score=score,
        low=low,
        high=high,
        skills=list_skill_results(scored),
        has_badge=sitting.has_badge,
    )


def _assemble(
    session: Session, library: Library, attempt: Attempt, now: datetime | None
) -> Sitting:
    (sitting,) = read_sittings(session, library, [attempt], now)
    return sitting


def _assemble_one(
    session: Session,
    library: Library,
    attempt: Attempt,
    drawn: Sequence[Presentation],
    sent: Sequence[Response],
    now: datetime | None,
) -> Sitting:
    if attempt.policy is None:
        raise NotFoundError(f"The mode {attempt.mode!r} of this attempt is no longer offered.")
    questions = []
    for presentation in drawn:
        item = library.items.get(presentation.item_key)
        question = make_question(
            session,
            attempt,
            attempt.policy,
            presentation,
            [response for response in sent if response.position == presentation.position],
            item=item,
            bank=library.banks.get(item.bank) if item else None,
            now=now,
        )
        questions.append(question)
    return Sitting(attempt=attempt, mode=attempt.policy, questions=tuple(questions))


def _redraw(session: Session, library: Library, sitting: Sitting, now: datetime) -> Sitting:
    """Draw anew what changed before anything was sent to it; what was answered stays as it was."""
    stale = [(question, question.item) for question in sitting.list_stale() if question.item]
    if not stale:
        return sitting
    for question, item in stale:
        _redraw_one(session, sitting.attempt, question, item)
    attempts.record_item_revisions(session, [describe_item(item) for _, item in stale], now=now)
    positions = frozenset(question.presentation.position for question, _ in stale)
    return replace(_assemble(session, library, sitting.attempt, now), redrawn=positions)


def _redraw_one(session: Session, attempt: Attempt, question: Question, item: Item) -> None:
    old = question.presentation
    fresh = replace(
        draw(item, position=old.position, seed=attempt.seed),
        is_revealed=question.is_given_up,  # a card that has changed lies on its back again
        is_flagged=old.is_flagged,
    )
    attempts.set_presentation(session, attempt_id=attempt.id, presentation=fresh)


def _points(question: Question) -> float:
    return question.item.points if question.item is not None else 1.0


def count_seconds_left(sitting: Sitting, now: datetime) -> int | None:
    """Return the whole seconds until the attempt's time is up; None where there is no limit."""
    ends_at = sitting.attempt.ends_at
    if ends_at is None:
        return None
    return max(0, ceil((ends_at - now).total_seconds())) if sitting.is_open else 0
