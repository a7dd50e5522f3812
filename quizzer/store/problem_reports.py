"""Queries about what learners say is wrong with items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from quizzer.store.tables import AttemptRow, PresentationRow, ProblemReportRow, ResponseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemReport:
    """What a learner says is wrong with an item; who it was is for nobody to see.

    Attributes:
        item_revision: of the item as they saw it.
        settled_at: when an instructor had done with it, or None.
    """

    id: int
    item_key: str
    item_revision: str
    words: str
    at: datetime
    settled_at: datetime | None


def find_seen_revision(session: Session, *, user_id: int, item_key: str) -> str | None:
    """Return the revision of an item that the user last answered or gave up, or None.

    In an attempt that is over, it is enough that the item was part of it.
    """
    has_response = (
        select(ResponseRow.id)
        .where(
            ResponseRow.attempt_id == PresentationRow.attempt_id,
            ResponseRow.position == PresentationRow.position,
        )
        .exists()
    )
    query = (
        select(PresentationRow.item_revision)
        .join(AttemptRow, AttemptRow.id == PresentationRow.attempt_id)
        .where(
            AttemptRow.user_id == user_id,
            PresentationRow.item_key == item_key,
            or_(has_response, PresentationRow.is_revealed, AttemptRow.closed_at.is_not(None)),
        )
        .order_by(AttemptRow.id.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def list_recent_moments(session: Session, *, user_id: int, since: datetime) -> tuple[datetime, ...]:
    """Return when the user reported something since a moment, oldest first."""
    query = (
        select(ProblemReportRow.at)
        .where(ProblemReportRow.user_id == user_id, ProblemReportRow.at > since)
        .order_by(ProblemReportRow.at)
    )
    return tuple(session.scalars(query))


def has_open_report(
    session: Session, *, user_id: int, item_key: str, item_revision: str, words: str
) -> bool:
    """Return whether the user's very same report waits already."""
    query = select(func.count()).where(
        ProblemReportRow.user_id == user_id,
        ProblemReportRow.item_key == item_key,
        ProblemReportRow.item_revision == item_revision,
        ProblemReportRow.words == words,
        ProblemReportRow.settled_at.is_(None),
    )
    return bool(session.scalar(query))


def record_report(
    session: Session,
    *,
    user_id: int,
    item_key: str,
    item_revision: str,
    words: str,
    now: datetime,
) -> None:
    """Insert a report."""
    session.add(
        ProblemReportRow(
            user_id=user_id,
            item_key=item_key,
            item_revision=item_revision,
            words=words,
            at=now,
            settled_at=None,
        )
    )
    session.flush()


def list_open_reports(session: Session, *, limit: int) -> tuple[ProblemReport, ...]:
    """Return the reports that nobody has settled, the oldest first, so many at most."""
    query = (
        select(ProblemReportRow)
        .where(ProblemReportRow.settled_at.is_(None))
        .order_by(ProblemReportRow.at, ProblemReportRow.id)
        .limit(limit)
    )
    return tuple(_to_report(row) for row in session.scalars(query))


def count_open_reports(session: Session) -> int:
    """Return how many reports nobody has settled."""
    query = select(func.count()).where(ProblemReportRow.settled_at.is_(None))
    return session.scalar(query) or 0


def settle_report(session: Session, *, report_id: int, now: datetime) -> bool:
    """Settle a report; return whether there is one. One that is settled stays as it was."""
    session.execute(
        update(ProblemReportRow)
        .where(ProblemReportRow.id == report_id, ProblemReportRow.settled_at.is_(None))
        .values(settled_at=now)
    )
    return session.get(ProblemReportRow, report_id) is not None


def _to_report(row: ProblemReportRow) -> ProblemReport:
    return ProblemReport(
        id=row.id,
        item_key=row.item_key,
        item_revision=row.item_revision,
        words=row.words,
        at=row.at,
        settled_at=row.settled_at,
    )
