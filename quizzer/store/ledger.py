"""The ledger: who has a run until when, and what came of it.

Whatever brings a worker to a run may come twice or never. Claiming sets a fresh token in one
statement, and everything that a worker writes afterwards is fenced by that token: a run is run at
least once and recorded exactly once.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    SQLColumnExpression,
    and_,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session, aliased

from quizzer.domain.submissions import PLATFORM_ERROR, Claim, RunState, WaitingRun
from quizzer.store.tables import CheckResultRow, GradeRunRow, SubmissionRow


def claim_run(
    session: Session, *, run_id: int, worker: str, now: datetime, lease_s: float, max_tries: int
) -> Claim | None:
    """Take a run, if it waits or its worker was lost; None if it is not to be had.

    A learner's next run of the same exercise waits until the one before it has ended, so that one
    learner holds one worker at most.
    """
    token = secrets.token_hex(16)
    claimed = session.scalar(
        update(GradeRunRow)
        .where(
            GradeRunRow.id == run_id,
            GradeRunRow.tries < max_tries,
            or_(GradeRunRow.state == RunState.QUEUED, _is_lost(now)),
            ~_has_running_sibling(now),
        )
        .values(
            state=RunState.RUNNING,
            token=token,
            worker=worker,
            lease_until=now + timedelta(seconds=lease_s),
            tries=GradeRunRow.tries + 1,
            started_at=now,
        )
        .returning(GradeRunRow.id)
        .execution_options(synchronize_session=False)
    )
    if claimed is None:
        return None
    _forget_checks(session, run_id)
    return _load_claim(session, run_id, token)


def _is_lost(now: datetime) -> ColumnElement[bool]:
    return and_(GradeRunRow.state == RunState.RUNNING, GradeRunRow.lease_until < now)


def _has_running_sibling(now: datetime) -> ColumnElement[bool]:
    own, other, sibling = aliased(SubmissionRow), aliased(SubmissionRow), aliased(GradeRunRow)
    return exists(
        select(sibling.id)
        .select_from(own)
        .join(other, and_(other.user_id == own.user_id, other.exercise == own.exercise))
        .join(sibling, sibling.submission_id == other.id)
        .where(
            own.id == GradeRunRow.submission_id,
            sibling.id != GradeRunRow.id,
            sibling.state == RunState.RUNNING,
            sibling.lease_until >= now,
        )
    ).correlate(GradeRunRow)


def _forget_checks(session: Session, run_id: int) -> None:
    session.execute(
        delete(CheckResultRow)
        .where(CheckResultRow.run_id == run_id)
        .execution_options(synchronize_session=False)
    )


def _load_claim(session: Session, run_id: int, token: str) -> Claim:
    row = session.execute(
        select(GradeRunRow, SubmissionRow)
        .join(SubmissionRow, SubmissionRow.id == GradeRunRow.submission_id)
        .where(GradeRunRow.id == run_id)
        .execution_options(populate_existing=True)
    ).one()
    run, submission = row
    return Claim(
        run_id=run_id,
        token=token,
        exercise=submission.exercise,
        exercise_hash=run.exercise_hash,
        device=run.device,
        source=submission.source,
        tries=run.tries,
    )


def renew_lease(session: Session, claim: Claim, *, lease_until: datetime) -> bool:
    """Keep a run for longer; False if somebody else has it."""
    renewed = session.scalar(
        update(GradeRunRow)
        .where(_is_held_by(claim))
        .values(lease_until=lease_until)
        .returning(GradeRunRow.id)
        .execution_options(synchronize_session=False)
    )
    return renewed is not None


def record_check(session: Session, claim: Claim, *, no: int, result: dict[str, Any]) -> bool:
    """Show a check's result while the run goes on; False if somebody else has the run."""
    held = select(GradeRunRow.id).where(_is_held_by(claim)).with_for_update()
    if session.scalar(held) is None:
        return False
    _insert_checks(session, claim.run_id, [(no, result)])
    return True


def record_report(session: Session, claim: Claim, *, report: dict[str, Any], now: datetime) -> bool:
    """Record a run's report, once; False if somebody else has the run or it has a report."""
    recorded = session.scalar(
        update(GradeRunRow)
        .where(_is_held_by(claim))
        .values(
            state=RunState.GRADED,
            token=None,
            lease_until=None,
            finished_at=now,
            exercise_hash=report["exercise_hash"],
            verdict=report["verdict"],
            score=report["score"],
            report=report,
        )
        .returning(GradeRunRow.id)
        .execution_options(synchronize_session=False)
    )
    if recorded is None:
        return False
    _forget_checks(session, claim.run_id)
    _insert_checks(session, claim.run_id, list(enumerate(report["checks"], start=1)))
    return True


def _is_held_by(claim: Claim) -> ColumnElement[bool]:
    return and_(
        GradeRunRow.id == claim.run_id,
        GradeRunRow.token == claim.token,
        GradeRunRow.state == RunState.RUNNING,
    )


def _insert_checks(
    session: Session, run_id: int, results: list[tuple[int, dict[str, Any]]]
) -> None:
    rows = [
        {
            "run_id": run_id,
            "no": no,
            "name": result["name"],
            "verdict": result["verdict"],
            "points": result["points"],
            "result": result,
        }
        for no, result in results
    ]
    if rows:
        session.execute(insert(CheckResultRow), rows)


def give_back(session: Session, claim: Claim) -> bool:
    """Queue a run again whose grading failed; False if somebody else has it."""
    return bool(_requeue(session, _is_held_by(claim), tries=GradeRunRow.tries))


def release_runs(session: Session, *, worker: str, is_at_fault: bool) -> tuple[int, ...]:
    """Give back what a worker holds, at once; return the runs.

    Where the worker is not at fault, because it was asked to stop, the try does not count.
    """
    return _requeue(
        session,
        and_(GradeRunRow.state == RunState.RUNNING, GradeRunRow.worker == worker),
        tries=GradeRunRow.tries - (0 if is_at_fault else 1),
    )


def requeue_lost(session: Session, *, now: datetime, max_tries: int) -> tuple[int, ...]:
    """Queue the runs whose worker was lost again, park those that had too many; return the former.

    A run that has lost `max_tries` workers is what loses them, and goes no further.
    """
    is_to_be_had = or_(GradeRunRow.state == RunState.QUEUED, _is_lost(now))
    _park(session, and_(GradeRunRow.tries >= max_tries, is_to_be_had), now)
    return _requeue(session, _is_lost(now), tries=GradeRunRow.tries)


def _park(session: Session, which: ColumnElement[bool], now: datetime) -> None:
    session.execute(
        update(GradeRunRow)
        .where(which)
        .values(
            state=RunState.PARKED,
            token=None,
            lease_until=None,
            finished_at=now,
            verdict=PLATFORM_ERROR,
        )
        .execution_options(synchronize_session=False)
    )


def _requeue(
    session: Session, which: ColumnElement[bool], *, tries: SQLColumnExpression[int]
) -> tuple[int, ...]:
    found = session.scalars(
        update(GradeRunRow)
        .where(which)
        .values(state=RunState.QUEUED, token=None, worker=None, lease_until=None, tries=tries)
        .returning(GradeRunRow.id)
        .execution_options(synchronize_session=False)
    )
    return tuple(sorted(found))


def park_run(session: Session, *, run_id: int, now: datetime) -> None:
    """Take a waiting run off the queue for good; it is shown as our fault."""
    _park(session, and_(GradeRunRow.id == run_id, GradeRunRow.state == RunState.QUEUED), now)


def list_waiting(
    session: Session, *, queued_before: datetime, limit: int
) -> tuple[WaitingRun, ...]:
    """Return the runs that have waited since before a moment, in the order of their turn."""
    waiting = (
        select(GradeRunRow.id, GradeRunRow.priority)
        .where(GradeRunRow.state == RunState.QUEUED, GradeRunRow.queued_at < queued_before)
        .order_by(GradeRunRow.priority.desc(), GradeRunRow.queued_at, GradeRunRow.id)
        .limit(limit)
    )
    return tuple(WaitingRun(id=row[0], priority=row[1]) for row in session.execute(waiting))
