"""What every answer and every grading says of a learner's memory.

Each moves a card once, whoever tells of it again: an answer by its moment, for a card never moves
back in time, and a submission because the card of an exercise is made anew from all submissions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from quizzer.domain.attempts import Response
from quizzer.domain.items import Item, Kind
from quizzer.domain.modes import Mode, Scoring, Selection, find_mode
from quizzer.domain.reviews import CardKind, ReviewCard
from quizzer.domain.selection import can_ask
from quizzer.domain.spacing import Memory, Rating, is_confident_error, rate, review
from quizzer.services.days import find_day, find_start
from quizzer.services.hinting import count_open
from quizzer.store import opened_hints, review_cards
from quizzer.store.opened_hints import OpenedHint
from quizzer.store.review_cards import GradedSubmission

_REVIEW = "review"
_ONE_DAY = timedelta(days=1)


def remember_try(
    session: Session, *, user_id: int, mode: Mode, item: Item | None, response: Response
) -> None:
    """Let a first try at an item move its card; one is made where there is none.

    Call it where the learner may be told how it went, with the learner's row held. A later try
    moves nothing, and neither does a prediction, unless it was wrong though the learner was sure:
    then it is to be asked at once, for what surprises is mended best.
    """
    if response.try_no != 1 or item is None:
        return
    is_surprise = _is_surprise(mode, item, response)
    if not (is_surprise or _is_scheduled(mode, item)):
        return
    rating = rate(response.score, hint_count=response.hint_count)
    _move(session, user_id, item.key, rating, response.at, response.confidence, is_due=is_surprise)


def remember_giving_up(
    session: Session, *, user_id: int, mode: Mode, item: Item | None, at: datetime
) -> None:
    """Let it move an item's card that its answer was asked for before any try."""
    if item is not None and _is_scheduled(mode, item):
        _move(session, user_id, item.key, Rating.AGAIN, at, None)


def remember_submission(session: Session, *, run_id: int) -> None:
    """Make the card of the exercise anew whose submission this run graded."""
    found = review_cards.find_exercise_of_run(session, run_id=run_id)
    if found is not None:
        user_id, exercise = found
        remember_exercise(session, user_id=user_id, exercise=exercise)


def remember_exercise(session: Session, *, user_id: int, exercise: str) -> None:
    """Make the card of an exercise anew from all that the learner handed in and that counts.

    Of each day their first submission decides, as the first try at an item does: good if it passed
    every check without an open hint. So a regrade and a report told twice change nothing but what
    they correct. Call it with the learner's row held.
    """
    graded = review_cards.list_graded(session, user_id=user_id, exercise=exercise)
    opened = opened_hints.list_opened_hints(session, user_id=user_id, exercise=exercise)
    memory = _replay(graded, opened)
    if memory is None:  # the author or the platform was at fault, or the solution was open
        review_cards.drop_card(session, user_id=user_id, kind=CardKind.EXERCISE, key=exercise)
        return
    card = ReviewCard(kind=CardKind.EXERCISE, key=exercise, met_at=graded[0].at, memory=memory)
    review_cards.set_card(session, user_id=user_id, card=card)


def _is_scheduled(mode: Mode, item: Item) -> bool:
    """Return whether an answer in the mode moves the item's card.

    What closes a picture is asked beside it alone. Code is remembered by its exercise.
    """
    counts = mode.is_evidence or mode.scoring is Scoring.SCHEDULE
    return counts and mode.selection is not Selection.CLOSING and item.kind is not Kind.CODE


def _is_surprise(mode: Mode, item: Item, response: Response) -> bool:
    """Return whether a prediction was wrong though the learner was sure, and can be reviewed."""
    review_mode = find_mode(_REVIEW)
    if mode.selection is not Selection.LESSON_ORDER or review_mode is None:
        return False
    rating = rate(response.score, hint_count=response.hint_count)
    return is_confident_error(rating, response.confidence) and can_ask(review_mode, item)


def _move(
    session: Session,
    user_id: int,
    key: str,
    rating: Rating,
    at: datetime,
    confidence: int | None,
    *,
    is_due: bool = False,
) -> None:
    card = review_cards.find_card(session, user_id=user_id, kind=CardKind.ITEM, key=key)
    if card is not None and at <= card.memory.reviewed_at:
        return
    before = card.memory if card else None
    memory = review(
        before, rating, at=at, confidence=confidence, is_its_day=_is_its_day(before, at)
    )
    if is_due:
        memory = replace(memory, due=at)
    met_at = card.met_at if card else at
    moved = ReviewCard(kind=CardKind.ITEM, key=key, met_at=met_at, memory=memory)
    review_cards.set_card(session, user_id=user_id, card=moved)


def _is_its_day(memory: Memory | None, at: datetime) -> bool:
    return memory is not None and find_day(memory.due) <= find_day(at)


def _replay(graded: Sequence[GradedSubmission], opened: Sequence[OpenedHint]) -> Memory | None:
    """Return the memory after one rating per day; code comes back on another day only."""
    memory: Memory | None = None
    for day, of_day in groupby(graded, key=lambda one: find_day(one.at)):
        first, *later = of_day
        hint_count = count_open(opened, graded, at=first.at)
        rating = _rate_day(first, later, hint_count=hint_count)
        memory = review(memory, rating, at=first.at, is_its_day=_is_its_day(memory, first.at))
        memory = replace(memory, due=max(memory.due, find_start(day + _ONE_DAY)))
    return memory


def _rate_day(
    first: GradedSubmission, later: Iterable[GradedSubmission], *, hint_count: int
) -> Rating:
    """Return the rating of a day's work; what was found after a wrong try was hard."""
    if first.is_accepted:
        return rate(1.0, hint_count=hint_count)
    return Rating.HARD if any(one.is_accepted for one in later) else Rating.AGAIN
