"""Make the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from quizzer.store.columns import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "user",
    "login_failure",
    "ended_session",
    "newcomer",
    "reset_link",
    "audit",
    "attempt",
    "item_revision",
    "rescoring",
    "presentation",
    "response",
    "skill_estimate",
    "review_card",
    "weekly_goal",
    "problem_report",
    "submission",
    "giving_up",
    "opened_hint",
    "grade_run",
    "check_result",
    "proof",
)


def upgrade() -> None:
    """Take the step."""
    _make_user()
    _make_login_failure()
    _make_ended_session()
    _make_newcomer()
    _make_reset_link()
    _make_audit()
    _make_attempt()
    _make_item_revision()
    _make_rescoring()
    _make_presentation()
    _make_response()
    _make_skill_estimate()
    _make_review_card()
    _make_weekly_goal()
    _make_problem_report()
    _make_submission()
    _make_giving_up()
    _make_opened_hint()
    _make_grade_run()
    _make_check_result()
    _make_proof()


def downgrade() -> None:
    """Take it back."""
    for table in reversed(TABLES):
        op.drop_table(table)


def _make_user() -> None:
    op.create_table(
        "user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("folded_name", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("form_key_hash", sa.String(length=64), nullable=True),
        sa.CheckConstraint("role IN ('learner', 'instructor')", name=op.f("ck_user_role")),
        sa.PrimaryKeyConstraint("id", name="pk_user"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_user_account_name",
        "user",
        ["folded_name"],
        unique=True,
        sqlite_where=sa.text("password_hash IS NOT NULL"),
        postgresql_where=sa.text("password_hash IS NOT NULL"),
    )


def _make_login_failure() -> None:
    op.create_table(
        "login_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("folded_name", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_login_failure"),
    )
    op.create_index(
        "ix_login_failure_folded_name_address_at", "login_failure", ["folded_name", "address", "at"]
    )
    op.create_index("ix_login_failure_address_at", "login_failure", ["address", "at"])


def _make_ended_session() -> None:
    op.create_table(
        "ended_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_ended_session_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_ended_session"),
        sa.UniqueConstraint("user_id", "key", name="uq_ended_session_user_id_key"),
    )


def _make_newcomer() -> None:
    op.create_table(
        "newcomer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_newcomer"),
    )
    op.create_index("ix_newcomer_address_at", "newcomer", ["address", "at"])


def _make_reset_link() -> None:
    op.create_table(
        "reset_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_reset_link_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_reset_link"),
        sa.UniqueConstraint("token_hash", name="uq_reset_link_token_hash"),
        sa.UniqueConstraint("user_id", name="uq_reset_link_user_id"),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_subject_id", "audit", ["subject_id"])


def _make_attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("mode", sa.String(length=32), nullable=False),
        sa.Column("lesson", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.Column("closed_at", UtcDateTime(), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("policy", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_attempt_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_user_id_lesson_mode", "attempt", ["user_id", "lesson", "mode"])
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["user_id", "mode", "lesson"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )


def _make_item_revision() -> None:
    op.create_table(
        "item_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=130), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stem", sa.Text(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_item_revision"),
        sa.UniqueConstraint("item_key", "revision", name="uq_item_revision_item_key_revision"),
    )


def _make_rescoring() -> None:
    op.create_table(
        "rescoring",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("item_key", sa.String(length=130), nullable=False),
        sa.Column("key_revision", sa.String(length=64), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rescoring"),
    )
    op.create_index("ix_rescoring_item_key", "rescoring", ["item_key"])


def _make_presentation() -> None:
    op.create_table(
        "presentation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=130), nullable=False),
        sa.Column("item_revision", sa.String(length=64), nullable=False),
        sa.Column("key_revision", sa.String(length=64), nullable=True),
        sa.Column("rescored_at", UtcDateTime(), nullable=True),
        sa.Column("option_order", sa.JSON(), nullable=False),
        sa.Column("drawn_values", sa.JSON(), nullable=False),
        sa.Column("hint_count", sa.Integer(), nullable=False),
        sa.Column("is_revealed", sa.Boolean(), nullable=False),
        sa.Column("shown_at", UtcDateTime(), nullable=True),
        sa.Column("is_flagged", sa.Boolean(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempt.id"],
            name="fk_presentation_attempt_id_attempt",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_presentation"),
        sa.UniqueConstraint("attempt_id", "position", name="uq_presentation_attempt_id_position"),
    )
    op.create_index("ix_presentation_item_key", "presentation", ["item_key"])


def _make_response() -> None:
    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("try_no", sa.Integer(), nullable=False),
        sa.Column("chosen", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=True),
        sa.Column("hint_count", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("earned", sa.Double(), nullable=False),
        sa.Column("elapsed_ms", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("earned BETWEEN 0 AND 1", name=op.f("ck_response_earned")),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f("ck_response_score")),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempt.id"],
            name="fk_response_attempt_id_attempt",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_response"),
        sa.UniqueConstraint(
            "attempt_id", "position", "try_no", name="uq_response_attempt_id_position_try_no"
        ),
    )


def _make_skill_estimate() -> None:
    op.create_table(
        "skill_estimate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("rating", sa.Double(), nullable=False),
        sa.Column("variance", sa.Double(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_skill_estimate_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_skill_estimate"),
        sa.UniqueConstraint("user_id", "skill", name="uq_skill_estimate_user_id_skill"),
    )


def _make_review_card() -> None:
    op.create_table(
        "review_card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("key", sa.String(length=130), nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=False),
        sa.Column("due", UtcDateTime(), nullable=False),
        sa.Column("reviewed_at", UtcDateTime(), nullable=False),
        sa.Column("stability", sa.Double(), nullable=False),
        sa.Column("difficulty", sa.Double(), nullable=False),
        sa.Column("state", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=True),
        sa.Column("lapses", sa.Integer(), nullable=False),
        sa.Column("is_confident_error", sa.Boolean(), nullable=False),
        sa.CheckConstraint("kind IN ('item', 'exercise')", name=op.f("ck_review_card_kind")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_review_card_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review_card"),
        sa.UniqueConstraint("user_id", "kind", "key", name="uq_review_card_user_id_kind_key"),
    )
    op.create_index("ix_review_card_user_id_due", "review_card", ["user_id", "due"])


def _make_weekly_goal() -> None:
    op.create_table(
        "weekly_goal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 1 AND 7", name=op.f("ck_weekly_goal_days")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_weekly_goal_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_weekly_goal"),
        sa.UniqueConstraint("user_id", name="uq_weekly_goal_user_id"),
    )


def _make_problem_report() -> None:
    op.create_table(
        "problem_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("item_key", sa.String(length=130), nullable=False),
        sa.Column("item_revision", sa.String(length=64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_problem_report_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_problem_report"),
    )
    op.create_index("ix_problem_report_user_id_at", "problem_report", ["user_id", "at"])
    op.create_index(
        "ix_problem_report_open",
        "problem_report",
        ["at"],
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )


def _make_submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.String(length=130), nullable=False),
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=64), nullable=False),
        sa.Column("current_run", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_submission_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint(
            "user_id", "idempotency_key", name="uq_submission_user_id_idempotency_key"
        ),
    )
    op.create_index(
        "ix_submission_user_id_exercise_at", "submission", ["user_id", "exercise", "at"]
    )


def _make_giving_up() -> None:
    op.create_table(
        "giving_up",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.String(length=130), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_giving_up_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_giving_up"),
        sa.UniqueConstraint("user_id", "exercise", "at", name="uq_giving_up_user_id_exercise_at"),
    )


def _make_opened_hint() -> None:
    op.create_table(
        "opened_hint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("exercise", sa.String(length=130), nullable=False),
        sa.Column("hint_no", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name="fk_opened_hint_user_id_user", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_opened_hint"),
        sa.UniqueConstraint(
            *("user_id", "exercise", "hint_no", "at"),
            name="uq_opened_hint_user_id_exercise_hint_no_at",
        ),
    )


def _make_grade_run() -> None:
    op.create_table(
        "grade_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("run_no", sa.Integer(), nullable=False),
        sa.Column("exercise_hash", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("token", sa.String(length=64), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(length=128), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("batch", sa.String(length=64), nullable=True),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("verdict", sa.String(length=32), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("report", sa.JSON(none_as_null=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'graded', 'parked')", name=op.f("ck_grade_run_state")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name="fk_grade_run_submission_id_submission",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_grade_run"),
        sa.UniqueConstraint("submission_id", "run_no", name="uq_grade_run_submission_id_run_no"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_grade_run_open",
        "grade_run",
        ["state", "queued_at"],
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )


def _make_check_result() -> None:
    op.create_table(
        "check_result",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("verdict", sa.String(length=32), nullable=False),
        sa.Column("points", sa.Double(), nullable=False),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["grade_run.id"],
            name="fk_check_result_run_id_grade_run",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_check_result"),
        sa.UniqueConstraint("run_id", "no", name="uq_check_result_run_id_no"),
    )


def _make_proof() -> None:
    op.create_table(
        "proof",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.String(length=64), nullable=False),
        sa.Column("prover", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("contradictions", sa.JSON(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'passed', 'failed')", name=op.f("ck_proof_state")),
        sa.PrimaryKeyConstraint("id", name="pk_proof"),
        sa.UniqueConstraint("revision", "prover", name="uq_proof_revision_prover"),
    )
