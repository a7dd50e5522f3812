"""Queries about attempts, what was drawn for them and what was sent."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Row, bindparam, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from quizzer.domain.attempts import Attempt, Chosen, Presentation, Response
from quizzer.domain.modes import SILENT_MODES, Mode, apply_rules, find_mode, list_rules
from quizzer.domain.revisions import ItemRevision
from quizzer.errors import NotFoundError
from quizzer.store.db import read
from quizzer.store.inserting import insert_into
from quizzer.store.item_tables import ItemRevisionRow
from quizzer.store.tables import (
    AttemptRow,
    Base,
    PresentationRow,
    ResponseRow,
)

Stored = TypeVar("Stored")
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _list_columns(
    table: type[Base], *, leave_out: Collection[str]
) -> tuple[ColumnElement[Any], ...]:
    """Return columns to select: plain rows take half the time of entities, on every page."""
    return tuple(column for column in table.__table__.columns if column.name not in leave_out)


# Pages ask these each time, and putting a statement together takes longer than asking it.
_ATTEMPT = select(AttemptRow).where(
    AttemptRow.id == bindparam("attempt_id"), AttemptRow.user_id == bindparam("user_id")
)
_LATEST_ATTEMPT = (
    select(AttemptRow)
    .where(
        AttemptRow.user_id == bindparam("user_id"),
        AttemptRow.mode == bindparam("mode"),
        AttemptRow.lesson == bindparam("lesson"),
    )
    .order_by(AttemptRow.closed_at.is_not(None), AttemptRow.id.desc())
    .limit(1)
)
_OPEN = (
    select(AttemptRow)
    .where(AttemptRow.user_id == bindparam("user_id"), AttemptRow.closed_at.is_(None))
    .order_by(AttemptRow.id)
)
_OWN, _RUNNING, _ASKED = aliased(AttemptRow), aliased(AttemptRow), aliased(PresentationRow)
# A test whose time is over is closed whenever somebody looks; it keeps nothing back any more.
_IS_RUNNING = (
    _RUNNING.closed_at.is_(None)
    & _RUNNING.mode.in_(SILENT_MODES)
    & or_(_RUNNING.ends_at.is_(None), _RUNNING.ends_at > bindparam("now"))
)
_OWNERS = select(AttemptRow.user_id).where(
    AttemptRow.id.in_(bindparam("attempt_ids", expanding=True))
)
# From the few running tests of these users: from the items one would come to everybody's rows.
_ASKED_NOW = (
    select(_RUNNING.user_id, _ASKED.item_key)
    .join(_ASKED, _ASKED.attempt_id == _RUNNING.id)
    .where(_RUNNING.user_id.in_(_OWNERS), _IS_RUNNING)
)
_IS_WITHHELD = _OWN.mode.not_in(SILENT_MODES) & tuple_(_OWN.user_id, PresentationRow.item_key).in_(
    _ASKED_NOW
)
_WITHHELD_KEYS = (
    select(_ASKED.item_key)
    .join(_RUNNING, _RUNNING.id == _ASKED.attempt_id)
    .where(_RUNNING.user_id == bindparam("user_id"), _IS_RUNNING)
)
_PRESENTATIONS = (
    select(
        *_list_columns(PresentationRow, leave_out=("id",)),
        _IS_WITHHELD.label("is_withheld"),
    )
    .join(_OWN, _OWN.id == PresentationRow.attempt_id)
    .where(PresentationRow.attempt_id.in_(bindparam("attempt_ids", expanding=True)))
    .order_by(PresentationRow.attempt_id, PresentationRow.position)
)
_RESPONSES = (
    select(*_list_columns(ResponseRow, leave_out=("id",)))
    .where(ResponseRow.attempt_id.in_(bindparam("attempt_ids", expanding=True)))
    .order_by(ResponseRow.attempt_id, ResponseRow.position, ResponseRow.try_no)
)


def get_attempt(session: Session, *, attempt_id: int, user_id: int) -> Attempt:
    """Return one of the user's attempts.

    Raises:
        NotFoundError: if there is none, or it is somebody else's.
    """
    row = read(session, _ATTEMPT, {"attempt_id": attempt_id, "user_id": user_id}).first()
    if row is None:
        raise NotFoundError("There is no such attempt of yours.")
    return _to_attempt(row)


def find_latest_attempt(
    session: Session, *, user_id: int, mode: str, lesson: str
) -> Attempt | None:
    """Return the user's open attempt of that mode and lesson, else the newest, else None.

    The open one may be the older one, where a guest's attempts were brought into an account.
    """
    named = {"user_id": user_id, "mode": mode, "lesson": lesson}
    row = read(session, _LATEST_ATTEMPT, named).first()
    return _to_attempt(row) if row else None


def list_open_attempts(session: Session, *, user_id: int) -> tuple[Attempt, ...]:
    """Return the user's open attempts, the oldest first; of a mode and lesson there is one."""
    return tuple(_to_attempt(row) for row in read(session, _OPEN, {"user_id": user_id}))


def list_attempts(session: Session, *, attempt_ids: Collection[int]) -> tuple[Attempt, ...]:
    """Return these attempts, whosever they are, the oldest first."""
    query = select(AttemptRow).where(AttemptRow.id.in_(attempt_ids)).order_by(AttemptRow.id)
    return tuple(_to_attempt(row) for row in session.scalars(query))


def list_open_questions(
    session: Session, *, user_id: int, item_keys: Collection[str]
) -> tuple[tuple[int, int], ...]:
    """Return attempt and position of these items in what the user has open, the latest first."""
    query = (
        select(PresentationRow.attempt_id, PresentationRow.position)
        .join(AttemptRow, AttemptRow.id == PresentationRow.attempt_id)
        .where(
            AttemptRow.user_id == user_id,
            AttemptRow.closed_at.is_(None),
            PresentationRow.item_key.in_(item_keys),
        )
        .order_by(AttemptRow.id.desc(), PresentationRow.position)
    )
    return tuple((row[0], row[1]) for row in session.execute(query))


def record_attempt(
    session: Session,
    *,
    user_id: int,
    mode: Mode,
    lesson: str,
    seed: int,
    now: datetime,
    ends_at: datetime | None,
) -> Attempt:
    """Insert an open attempt that keeps the mode's rules as they are now."""
    row = AttemptRow(
        user_id=user_id,
        mode=mode.name,
        lesson=lesson,
        seed=seed,
        started_at=now,
        ends_at=ends_at,
        closed_at=None,
        score=None,
        policy=list_rules(mode),
    )
    session.add(row)
    session.flush()
    return _to_attempt(row)


def close_attempt(session: Session, attempt: Attempt, *, at: datetime, score: float) -> Attempt:
    """Close an attempt with its score; return it as it is now."""
    session.execute(
        update(AttemptRow)
        .where(AttemptRow.id == attempt.id, AttemptRow.closed_at.is_(None))
        .values(closed_at=at, score=score)
    )
    return replace(attempt, closed_at=at, score=score)


def list_presentations(
    session: Session, *, attempt_ids: Collection[int], now: datetime | None = None
) -> dict[int, tuple[Presentation, ...]]:
    """Return what was drawn for each of these attempts, in order, by the attempt.

    Without the moment, a test that is open is taken to be running.
    """
    asked = {"attempt_ids": attempt_ids, "now": now or _LONG_AGO}
    found = read(session, _PRESENTATIONS, asked).all()
    return _group(attempt_ids, found, _to_presentation)


def list_withheld_keys(session: Session, *, user_id: int, now: datetime) -> frozenset[str]:
    """Return the keys of the items that the user's running tests ask."""
    found = read(session, _WITHHELD_KEYS, {"user_id": user_id, "now": now})
    return frozenset(found.scalars())


def record_presentations(
    session: Session, *, attempt_id: int, presentations: Iterable[Presentation]
) -> None:
    """Insert what was drawn for an attempt."""
    session.add_all(
        PresentationRow(attempt_id=attempt_id, **_from_presentation(presentation))
        for presentation in presentations
    )
    session.flush()


def set_presentation(session: Session, *, attempt_id: int, presentation: Presentation) -> None:
    """Store a presentation over the one at its position: hints, revealing, a new drawing."""
    session.execute(
        update(PresentationRow)
        .where(
            PresentationRow.attempt_id == attempt_id,
            PresentationRow.position == presentation.position,
        )
        .values(**_from_presentation(presentation))
    )


def list_responses(
    session: Session, *, attempt_ids: Collection[int]
) -> dict[int, tuple[Response, ...]]:
    """Return what was sent in each of these attempts, by position and try, by the attempt."""
    found = read(session, _RESPONSES, {"attempt_ids": attempt_ids}).all()
    return _group(attempt_ids, found, _to_response)


def record_response(session: Session, *, attempt_id: int, response: Response) -> None:
    """Insert one try.

    Raises:
        sqlalchemy.exc.IntegrityError: if that try at that question is there already.
    """
    session.add(
        ResponseRow(
            attempt_id=attempt_id,
            position=response.position,
            try_no=response.try_no,
            chosen=from_chosen(response.chosen),
            confidence=response.confidence,
            hint_count=response.hint_count,
            score=response.score,
            earned=response.earned,
            elapsed_ms=response.elapsed_ms,
            at=response.at,
        )
    )
    session.flush()


def record_item_revisions(
    session: Session, revisions: Iterable[ItemRevision], *, now: datetime
) -> None:
    """Keep the revisions that are new here, whoever sees them first, and when that was."""
    # In this order, so that two never wait crosswise.
    ordered = sorted(revisions, key=lambda one: (one.item_key, one.revision))
    rows = [
        {
            "item_key": one.item_key,
            "revision": one.revision,
            "kind": one.kind.value,
            "text": one.text,
            "stem": one.stem,
            "options": [list(option) for option in one.options],
            "first_seen_at": now,
        }
        for one in ordered
    ]
    if rows:
        insert = insert_into(session, ItemRevisionRow)
        session.execute(insert.values(rows).on_conflict_do_nothing())


def _to_attempt(row: AttemptRow | Row[Any]) -> Attempt:
    mode = find_mode(row.mode)
    return Attempt(
        id=row.id,
        user_id=row.user_id,
        mode=row.mode,
        lesson=row.lesson,
        seed=row.seed,
        started_at=row.started_at,
        ends_at=row.ends_at,
        closed_at=row.closed_at,
        policy=apply_rules(mode, row.policy) if mode else None,
        score=row.score,
    )


def _group(
    attempt_ids: Collection[int], rows: Iterable[Row[Any]], read: Callable[[Row[Any]], Stored]
) -> dict[int, tuple[Stored, ...]]:
    """Return what the rows hold, by their attempt; one without any has an empty tuple."""
    found: dict[int, list[Stored]] = {attempt_id: [] for attempt_id in attempt_ids}
    for row in rows:
        found[row.attempt_id].append(read(row))
    return {attempt_id: tuple(values) for attempt_id, values in found.items()}


def _to_presentation(row: Row[Any]) -> Presentation:
    return Presentation(
        position=row.position,
        item_key=row.item_key,
        item_revision=row.item_revision,
        key_revision=row.key_revision,
        rescored_at=row.rescored_at,
        option_order=tuple(row.option_order),
        values=tuple((name, text) for name, text in row.drawn_values),
        hint_count=row.hint_count,
        is_revealed=row.is_revealed,
        shown_at=row.shown_at,
        is_flagged=row.is_flagged,
        confidence=row.confidence,
        is_withheld=bool(row.is_withheld),
    )


def _from_presentation(presentation: Presentation) -> dict[str, Any]:
    return {
        "position": presentation.position,
        "item_key": presentation.item_key,
        "item_revision": presentation.item_revision,
        "key_revision": presentation.key_revision,
        "rescored_at": presentation.rescored_at,
        "option_order": list(presentation.option_order),
        "drawn_values": [list(pair) for pair in presentation.values],
        "hint_count": presentation.hint_count,
        "is_revealed": presentation.is_revealed,
        "shown_at": presentation.shown_at,
        "is_flagged": presentation.is_flagged,
        "confidence": presentation.confidence,
    }


def _to_response(row: Row[Any]) -> Response:
    return Response(
        position=row.position,
        try_no=row.try_no,
        chosen=_to_chosen(row.chosen),
        score=row.score,
        earned=row.earned,
        hint_count=row.hint_count,
        at=row.at,
        confidence=row.confidence,
        elapsed_ms=row.elapsed_ms,
    )


def from_chosen(chosen: Chosen) -> dict[str, Any]:
    """Return what a learner sent as it is stored."""
    return {
        "keys": list(chosen.keys),
        "text": chosen.text,
        "blanks": [list(pair) for pair in chosen.blanks],
    }


def _to_chosen(data: dict[str, Any]) -> Chosen:
    return Chosen(
        keys=tuple(data["keys"]),
        text=data["text"],
        blanks=tuple((name, value) for name, value in data["blanks"]),
    )
