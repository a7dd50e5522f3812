"""The tables: plain typed columns, no behaviour, no relationships.

Names are singular, moments are UTC, ids are integers, every foreign key is indexed (a test looks).
Only the query modules beside this one touch these classes; everybody else gets domain values.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from quizzer.store.columns import ITEM_KEY_CHARACTERS, NAMING, NEVER_REUSE_IDS, UtcDateTime


class Base(DeclarativeBase):
    """The base of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(),
        list[list[Any]]: JSON(),
        bytes: LargeBinary(),
        str: Text(),
    }


class UserRow(Base):
    """A person: a guest known by a cookie alone, or an account with a password."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint("role IN ('learner', 'instructor')", name="role"),
        # Guests may share a name; accounts may not, in any spelling of upper and lower case.
        Index(
            "uq_user_account_name",
            "folded_name",
            unique=True,
            sqlite_where=text("password_hash IS NOT NULL"),
            postgresql_where=text("password_hash IS NOT NULL"),
        ),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    folded_name: Mapped[str] = mapped_column(String(120))
    password_hash: Mapped[str | None]
    role: Mapped[str] = mapped_column(String(16))
    # Raised to end every session that carries an older one.
    session_version: Mapped[int]
    created_at: Mapped[datetime]
    # Hash of the key of the form that made the account; the same form sent again makes no other.
    form_key_hash: Mapped[str | None] = mapped_column(String(64))


class LoginFailureRow(Base):
    """One failed attempt to log in; old ones are cleared by the next success or by age."""

    __tablename__ = "login_failure"
    __table_args__ = (
        Index(None, "folded_name", "address", "at"),
        Index(None, "address", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    folded_name: Mapped[str] = mapped_column(String(120))
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class EndedSessionRow(Base):
    """A session that was logged out, kept for as long as a copy of its cookie could be shown."""

    __tablename__ = "ended_session"
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(32))
    until: Mapped[datetime]


class NewcomerRow(Base):
    """From where a guest was made, and when; old ones are cleared when the next one is made."""

    __tablename__ = "newcomer"
    __table_args__ = (Index(None, "address", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]


class ResetLinkRow(Base):
    """A link by which somebody sets a new password, once; a newer one replaces it."""

    __tablename__ = "reset_link"
    __table_args__ = (UniqueConstraint("user_id"), UniqueConstraint("token_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    # What the link carries is told once and kept nowhere.
    token_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class AuditRow(Base):
    """Who changed what about an account: numbers alone, so that it may outlive the account."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "subject_id"), NEVER_REUSE_IDS)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(32))
    # The user it was done to. No foreign key: the row stays when the user is gone.
    subject_id: Mapped[int]
    # "user 7", or "operator 1000": the number of whoever ran the command line.
    actor: Mapped[str] = mapped_column(String(32))


class AttemptRow(Base):
    """One sitting in one mode; at most one of a mode and lesson is open per learner."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index(None, "user_id", "lesson", "mode"),
        Index(
            "uq_attempt_open",
            "user_id",
            "mode",
            "lesson",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    mode: Mapped[str] = mapped_column(String(32))
    lesson: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int] = mapped_column(BigInteger())
    started_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    # Share of the points earned, set when it is closed.
    score: Mapped[float | None]
    # The mode's rules when the attempt began: a later change of the table must not move them.
    policy: Mapped[dict[str, Any]]


class PresentationRow(Base):
    """One item as drawn for one attempt."""

    __tablename__ = "presentation"
    __table_args__ = (UniqueConstraint("attempt_id", "position"), Index(None, "item_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    position: Mapped[int]
    item_key: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    item_revision: Mapped[str] = mapped_column(String(64))
    # The revision by whose key its responses were scored anew, and when learners were told so.
    key_revision: Mapped[str | None] = mapped_column(String(64))
    rescored_at: Mapped[datetime | None]
    option_order: Mapped[list[str]]
    # Name and text of each variable of the item.
    drawn_values: Mapped[list[list[Any]]]
    hint_count: Mapped[int]
    is_revealed: Mapped[bool]
    # When its own clock was started; only where each item has one.
    shown_at: Mapped[datetime | None]
    is_flagged: Mapped[bool]
    # How sure the learner was, in percent, before they turned the card.
    confidence: Mapped[int | None]


class ResponseRow(Base):
    """One try at one question. The unique constraint is what stores a double click once."""

    __tablename__ = "response"
    __table_args__ = (
        UniqueConstraint("attempt_id", "position", "try_no"),
        CheckConstraint("score BETWEEN 0 AND 1", name="score"),
        CheckConstraint("earned BETWEEN 0 AND 1", name="earned"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id", ondelete="CASCADE"))
    position: Mapped[int]
    try_no: Mapped[int]
    chosen: Mapped[dict[str, Any]]
    # How sure the learner was, in percent.
    confidence: Mapped[int | None]
    hint_count: Mapped[int]
    score: Mapped[float]
    earned: Mapped[float]
    elapsed_ms: Mapped[int]
    at: Mapped[datetime]


class SkillEstimateRow(Base):
    """What is believed about one learner's skill (see `quizzer.domain.mastery`)."""

    __tablename__ = "skill_estimate"
    __table_args__ = (UniqueConstraint("user_id", "skill"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    skill: Mapped[str] = mapped_column(String(64))
    rating: Mapped[float]
    variance: Mapped[float]
    n: Mapped[int]
    # When it was moved last: what lies unused becomes less certain with time.
    moved_at: Mapped[datetime]


class ReviewCardRow(Base):
    """What is believed of one learner's memory of one thing (see `quizzer.domain.spacing`)."""

    __tablename__ = "review_card"
    __table_args__ = (
        UniqueConstraint("user_id", "kind", "key"),
        CheckConstraint("kind IN ('item', 'exercise')", name="kind"),
        Index(None, "user_id", "due"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    # When it was rated for the first time: only so many new ones a day.
    met_at: Mapped[datetime]
    due: Mapped[datetime]
    reviewed_at: Mapped[datetime]
    # Days until the chance of recall has fallen to 90 %.
    stability: Mapped[float]
    difficulty: Mapped[float]
    state: Mapped[int]
    step: Mapped[int | None]
    lapses: Mapped[int]
    is_confident_error: Mapped[bool]


class WeeklyGoalRow(Base):
    """On how many days of a week a learner wants to answer something; without a row, the usual."""

    __tablename__ = "weekly_goal"
    __table_args__ = (
        UniqueConstraint("user_id"),
        CheckConstraint("days BETWEEN 1 AND 7", name="days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    days: Mapped[int]


class ProblemReportRow(Base):
    """What a learner says is wrong with an item, of the revision that they saw."""

    __tablename__ = "problem_report"
    __table_args__ = (
        Index(None, "user_id", "at"),
        Index(
            "ix_problem_report_open",
            "at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    item_key: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    item_revision: Mapped[str] = mapped_column(String(64))
    words: Mapped[str]
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class SubmissionRow(Base):
    """Code that a learner sent, kept as the bytes that came, before anything runs."""

    __tablename__ = "submission"
    __table_args__ = (
        UniqueConstraint("user_id", "idempotency_key"),
        Index(None, "user_id", "exercise", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    exercise: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    source: Mapped[bytes]
    idempotency_key: Mapped[str] = mapped_column(String(64))
    # Number of the run that counts; a regrade is a new run, never an overwrite.
    current_run: Mapped[int]
    at: Mapped[datetime]


class GradeRunRow(Base):
    """One grading of one submission: the ledger's line.

    queued -> running (token, lease) -> graded; a lease that ran out goes back to queued, and too
    many of those to parked.
    """

    __tablename__ = "grade_run"
    __table_args__ = (
        UniqueConstraint("submission_id", "run_no"),
        CheckConstraint("state IN ('queued', 'running', 'graded', 'parked')", name="state"),
        Index(
            "ix_grade_run_open",
            "state",
            "queued_at",
            sqlite_where=text("state IN ('queued', 'running')"),
            postgresql_where=text("state IN ('queued', 'running')"),
        ),
        NEVER_REUSE_IDS,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    run_no: Mapped[int]
    exercise_hash: Mapped[str] = mapped_column(String(64))
    device: Mapped[str] = mapped_column(String(16))
    # Higher goes first: somebody waiting at a page before a regrade.
    priority: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    # Set anew by every claim; a report under another token is dropped.
    token: Mapped[str | None] = mapped_column(String(64))
    tries: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(128))
    lease_until: Mapped[datetime | None]
    # Name of the regrade that this run belongs to.
    batch: Mapped[str | None] = mapped_column(String(64))
    queued_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    verdict: Mapped[str | None] = mapped_column(String(32))
    score: Mapped[float | None]
    report: Mapped[dict[str, Any] | None]


class CheckResultRow(Base):
    """One check of one run, written as it comes in, so that a page can follow."""

    __tablename__ = "check_result"
    __table_args__ = (UniqueConstraint("run_id", "no"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("grade_run.id", ondelete="CASCADE"))
    no: Mapped[int]
    name: Mapped[str] = mapped_column(String(128))
    verdict: Mapped[str] = mapped_column(String(32))
    points: Mapped[float]
    result: Mapped[dict[str, Any]]


class ProofRow(Base):
    """What came of running the claims of one version of a content file."""

    __tablename__ = "proof"
    __table_args__ = (
        UniqueConstraint("revision", "prover"),
        CheckConstraint("state IN ('waiting', 'passed', 'failed')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    # Hash of the file.
    revision: Mapped[str] = mapped_column(String(64))
    # Version of torch and of the proving code, on which the outcome depends as well.
    prover: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16))
    # Line, code and message of each, as `quizzer check` prints them.
    contradictions: Mapped[list[list[Any]]]
    # What the proofs found that no author wrote, by the id of the item.
    found: Mapped[dict[str, Any]]
    at: Mapped[datetime]
