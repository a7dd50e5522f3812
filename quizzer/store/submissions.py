"""Submissions and the runs that wait: what learners hand in and get to see.

Who grades a run, and what comes of it, is in `ledger`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from quizzer.domain.submissions import (
    NO_TRY,
    PastSubmission,
    Run,
    RunProgress,
    RunState,
    Submission,
)
from quizzer.store.db import read
from quizzer.store.help_tables import GivingUpRow
from quizzer.store.tables import (
    CheckResultRow,
    GradeRunRow,
    SubmissionRow,
    UserRow,
)

NO_RUN = 0  # `current_run` of a submission that is kept and not to be graded


def find_submission_id(session: Session, *, user_id: int, idempotency_key: str) -> int | None:
    """Return the submission that this form has already made, or None."""
    return session.scalar(
        select(SubmissionRow.id).where(
            SubmissionRow.user_id == user_id, SubmissionRow.idempotency_key == idempotency_key
        )
    )


def record_submission(
    session: Session,
    *,
    user_id: int,
    exercise: str,
    source: bytes,
    idempotency_key: str,
    now: datetime,
) -> int:
    """Keep the source; the same form sent twice makes one row, whichever came first."""
    row = SubmissionRow(
        user_id=user_id,
        exercise=exercise,
        source=source,
        idempotency_key=idempotency_key,
        current_run=NO_RUN,
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        found = find_submission_id(session, user_id=user_id, idempotency_key=idempotency_key)
        if found is None:
            raise
        return found
    return row.id


def record_run(
    session: Session,
    *,
    submission_id: int,
    exercise_hash: str,
    device: str,
    priority: int,
    now: datetime,
) -> int:
    """Queue a new run of a submission, which is the one that counts from now on."""
    last = session.scalar(
        select(func.max(GradeRunRow.run_no)).where(GradeRunRow.submission_id == submission_id)
    )
    row = GradeRunRow(
        submission_id=submission_id,
        run_no=(last or NO_RUN) + 1,
        exercise_hash=exercise_hash,
        device=device,
        priority=priority,
        state=RunState.QUEUED,
        tries=0,
        queued_at=now,
    )
    session.add(row)
    session.flush()
    _point_to_run(session, SubmissionRow.id == submission_id, row.run_no)
    return row.id


def withdraw_waiting(session: Session, *, user_id: int, exercise: str) -> None:
    """Take a learner's waiting runs of an exercise off the queue; their sources stay."""
    submissions = select(SubmissionRow.id).where(
        SubmissionRow.user_id == user_id, SubmissionRow.exercise == exercise
    )
    withdrawn = session.scalars(
        delete(GradeRunRow)
        .where(
            GradeRunRow.submission_id.in_(submissions),
            GradeRunRow.state == RunState.QUEUED,
        )
        .returning(GradeRunRow.submission_id)
        .execution_options(synchronize_session=False)
    ).all()
    if withdrawn:
        _point_to_run(session, SubmissionRow.id.in_(withdrawn), NO_RUN)


def _point_to_run(session: Session, which: ColumnElement[bool], run_no: int) -> None:
    session.execute(
        update(SubmissionRow)
        .where(which)
        .values(current_run=run_no)
        .execution_options(synchronize_session=False)
    )


def count_waiting(session: Session, *, device: str) -> int:
    """Return how many runs wait for a worker of a device."""
    waiting = select(func.count()).where(
        GradeRunRow.state == RunState.QUEUED, GradeRunRow.device == device
    )
    return session.scalar(waiting) or 0


def find_progress(session: Session, *, user_id: int, submission_id: int) -> RunProgress | None:
    """Return how far the run of a learner's submission is; None where there is no such run."""
    names = {"user_id": user_id, "submission_id": submission_id}
    row = next(iter(read(session, _PROGRESS, names)), None)
    if row is None:
        return None
    state = RunState(row.state)
    return RunProgress(
        state=state,
        place=row.ahead + 1 if state is RunState.QUEUED else None,
        judged=row.judged if state is RunState.RUNNING else 0,
    )


def find_submission(session: Session, *, submission_id: int) -> Submission | None:
    """Return a submission with the run that counts, or None."""
    found = session.execute(
        select(SubmissionRow, GradeRunRow)
        .outerjoin(GradeRunRow, _is_current_run())
        .where(SubmissionRow.id == submission_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        return None
    row: SubmissionRow = found[0]
    run: GradeRunRow | None = found[1]
    return Submission(
        id=row.id,
        user_id=row.user_id,
        exercise=row.exercise,
        source=row.source,
        at=row.at,
        run=None if run is None else _to_run(run, _list_checks(session, run.id)),
    )


def list_submissions(
    session: Session, *, user_id: int, exercise: str
) -> tuple[PastSubmission, ...]:
    """Return a learner's submissions of an exercise, the newest first."""
    found = read(session, _SUBMISSIONS, {"user_id": user_id, "exercise": exercise})
    return tuple(
        PastSubmission(
            id=row.id,
            at=row.at,
            exercise_hash=row.exercise_hash,
            state=None if row.state is None else RunState(row.state),
            verdict=row.verdict,
            score=row.score,
            counts=row.counts,
        )
        for row in found
    )


def list_exercises(session: Session, *, user_id: int) -> tuple[str, ...]:
    """Return the exercises for which a learner has handed anything in, by key."""
    query = select(SubmissionRow.exercise).where(SubmissionRow.user_id == user_id)
    return tuple(session.scalars(query.distinct().order_by(SubmissionRow.exercise)))


def does_count() -> ColumnElement[bool]:
    """Whether a row of submissions came when the solution was not open to its learner."""
    return ~exists(
        select(GivingUpRow.id).where(
            GivingUpRow.user_id == SubmissionRow.user_id,
            GivingUpRow.exercise == SubmissionRow.exercise,
            GivingUpRow.at < SubmissionRow.at,
            GivingUpRow.until > SubmissionRow.at,
        )
    ).correlate(SubmissionRow)


def is_graded_try() -> ColumnElement[bool]:
    """Whether a row of runs is what counts of a row of submissions: graded, by no fault of ours."""
    return and_(
        _is_current_run(),
        GradeRunRow.state == RunState.GRADED,
        GradeRunRow.verdict.not_in(NO_TRY),
    )


def record_giving_up(
    session: Session, *, user_id: int, exercise: str, now: datetime, until: datetime
) -> None:
    """Note that the solution of an exercise is shown to a learner, and until when that counts."""
    session.add(GivingUpRow(user_id=user_id, exercise=exercise, at=now, until=until))


def find_giving_up(
    session: Session, *, user_id: int, exercise: str, now: datetime
) -> datetime | None:
    """Return until when what a learner hands in does not count; None where it does."""
    return session.scalar(
        select(func.max(GivingUpRow.until)).where(
            GivingUpRow.user_id == user_id,
            GivingUpRow.exercise == exercise,
            GivingUpRow.at <= now,
            GivingUpRow.until > now,
        )
    )


def _is_current_run() -> ColumnElement[bool]:
    return and_(
        GradeRunRow.submission_id == SubmissionRow.id,
        GradeRunRow.run_no == SubmissionRow.current_run,
    )


def is_newest(session: Session, *, submission_id: int) -> bool:
    """Return whether the learner has handed in nothing later for the same exercise."""
    this, later = aliased(SubmissionRow), aliased(SubmissionRow)
    found = session.scalar(
        select(later.id)
        .join(this, and_(later.user_id == this.user_id, later.exercise == this.exercise))
        .where(this.id == submission_id, later.id > this.id)
        .limit(1)
    )
    return found is None


def _list_checks(session: Session, run_id: int) -> tuple[dict[str, Any], ...]:
    query = select(CheckResultRow.result).where(CheckResultRow.run_id == run_id)
    return tuple(session.scalars(query.order_by(CheckResultRow.no)))


def _to_run(row: GradeRunRow, checks: tuple[dict[str, Any], ...]) -> Run:
    return Run(
        id=row.id,
        run_no=row.run_no,
        exercise_hash=row.exercise_hash,
        device=row.device,
        priority=row.priority,
        state=RunState(row.state),
        tries=row.tries,
        queued_at=row.queued_at,
        report=row.report,
        checks=checks,
    )


def lock_owner(session: Session, *, run_id: int) -> int | None:
    """Hold the row of the learner whose submission a run is of; return who it is, or None.

    A guest may be brought into an account just then: they are gone, the submission is not.
    """
    owner = (
        select(SubmissionRow.user_id)
        .join(GradeRunRow, GradeRunRow.submission_id == SubmissionRow.id)
        .where(GradeRunRow.id == run_id)
    )
    while (user_id := session.scalar(owner)) is not None:
        held = select(UserRow.id).where(UserRow.id == user_id).with_for_update()
        if session.scalar(held) is not None:
            return user_id
    return None


def find_run(session: Session, *, run_id: int) -> tuple[str, str, datetime] | None:
    """Return a run's exercise, the exercise's hash, and since when it waits; or None."""
    row = session.execute(
        select(SubmissionRow.exercise, GradeRunRow.exercise_hash, GradeRunRow.queued_at)
        .join(SubmissionRow, SubmissionRow.id == GradeRunRow.submission_id)
        .where(GradeRunRow.id == run_id)
    ).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


# Pages ask it each time, and putting a statement together takes longer than asking it.
_SUBMISSIONS = (
    select(
        SubmissionRow.id,
        SubmissionRow.at,
        GradeRunRow.exercise_hash,
        GradeRunRow.state,
        GradeRunRow.verdict,
        GradeRunRow.score,
        does_count().label("counts"),
    )
    .outerjoin(GradeRunRow, _is_current_run())
    .where(
        SubmissionRow.user_id == bindparam("user_id"),
        SubmissionRow.exercise == bindparam("exercise"),
    )
    .order_by(SubmissionRow.at.desc(), SubmissionRow.id.desc())
)


def _count_ahead() -> ScalarSelect[int]:
    """How many waiting runs will be taken before a row of runs."""
    other = aliased(GradeRunRow)
    is_earlier = or_(
        other.queued_at < GradeRunRow.queued_at,
        and_(other.queued_at == GradeRunRow.queued_at, other.id < GradeRunRow.id),
    )
    return (
        select(func.count())
        .select_from(other)
        .where(
            GradeRunRow.state == RunState.QUEUED,
            other.state == RunState.QUEUED,
            other.device == GradeRunRow.device,
            or_(
                other.priority > GradeRunRow.priority,
                and_(other.priority == GradeRunRow.priority, is_earlier),
            ),
        )
        .correlate(GradeRunRow)
        .scalar_subquery()
    )


def _count_judged() -> ScalarSelect[int]:
    """How many checks of a row of runs have a result."""
    of_run = select(func.count()).select_from(CheckResultRow)
    return (
        of_run.where(CheckResultRow.run_id == GradeRunRow.id)
        .correlate(GradeRunRow)
        .scalar_subquery()
    )


# A page that waits asks it again and again.
_PROGRESS = (
    select(GradeRunRow.state, _count_ahead().label("ahead"), _count_judged().label("judged"))
    .join(SubmissionRow, _is_current_run())
    .where(
        SubmissionRow.id == bindparam("submission_id"),
        SubmissionRow.user_id == bindparam("user_id"),
    )
)
