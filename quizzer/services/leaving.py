"""Taking one's data along, and leaving for good."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from quizzer.domain.items import Kind
from quizzer.domain.modes import Feedback
from quizzer.domain.people import Action, User, name_user
from quizzer.domain.sequences import name_lines
from quizzer.errors import InvalidResponseError
from quizzer.services import accounts
from quizzer.store import audit, belongings, users
from quizzer.store.db import Database

FORMAT = 1

# Every column of every table that refers to a user is in one of these two, or a test says so.
TOLD: Mapping[str, tuple[str, ...]] = {
    "user": ("id", "name", "role", "session_version", "created_at"),
    "ended_session": ("id", "user_id", "until"),
    "reset_link": ("id", "user_id", "made_at", "ends_at"),
    "attempt": (
        *("id", "user_id", "mode", "lesson", "started_at", "ends_at", "closed_at", "score"),
        "policy",
    ),
    "presentation": (
        *("id", "attempt_id", "position", "item_key", "item_revision", "hint_count"),
        *("is_revealed", "shown_at", "is_flagged", "confidence", "key_revision", "rescored_at"),
    ),
    "response": (
        *("id", "attempt_id", "position", "try_no", "chosen", "confidence", "hint_count"),
        *("score", "earned", "elapsed_ms", "at"),
    ),
    "skill_estimate": ("id", "user_id", "skill", "rating", "variance", "n", "moved_at"),
    "weekly_goal": ("id", "user_id", "days"),
    "problem_report": (
        *("id", "user_id", "item_key", "item_revision", "words", "at", "settled_at"),
    ),
    "review_card": (
        *("id", "user_id", "kind", "key", "met_at", "due", "reviewed_at", "stability"),
        *("difficulty", "state", "step", "lapses", "is_confident_error"),
    ),
    "submission": ("id", "user_id", "exercise", "source", "current_run", "at"),
    "giving_up": ("id", "user_id", "exercise", "at", "until"),
    "opened_hint": ("id", "user_id", "exercise", "hint_no", "at"),
    "grade_run": (
        *("id", "submission_id", "run_no", "exercise_hash", "device", "priority", "state", "tries"),
        *("batch", "queued_at", "started_at", "finished_at", "verdict", "score", "report"),
    ),
    "check_result": ("id", "run_id", "no", "name", "verdict", "points", "result"),
}
_DRAWN = "the server drew it for a question, and it can hold the right answer"
_INNER = "it only keeps the site's own processes apart"
KEPT_BACK: Mapping[str, str] = {
    "user.folded_name": "the name once more, as names are compared",
    "user.password_hash": "it would help whoever finds this file to guess the password",
    "user.form_key_hash": "it keeps a double click from making two accounts",
    "ended_session.key": "it only tells one session from another",
    "reset_link.token_hash": "it belongs to a link that sets a new password",
    "attempt.seed": _DRAWN,
    "presentation.option_order": _DRAWN,
    "presentation.drawn_values": _DRAWN,
    "submission.idempotency_key": "it keeps a double click from handing in twice",
    "grade_run.token": _INNER,
    "grade_run.worker": _INNER,
    "grade_run.lease_until": _INNER,
}
_ABOUT = (
    "Everything that this site stores about you, by table; moments are in UTC. "
    "Rows belong together by their ids: a response to its attempt, a run to its submission. "
    "Lines that you put in order are named by the place at which they were shown, from 1. "
    "A score is null where it may not be said yet. Source that is no text is in base64. "
    "kept_back says which columns are left out, and why."
)


def export(database: Database, *, user_id: int, now: datetime) -> dict[str, Any]:
    """Return everything that is stored about a user, as JSON-ready values.

    What a running test may not tell yet is not in it.

    Raises:
        NotFoundError: if there is no such user.
    """
    with database.snapshot() as session:
        users.get_user(session, user_id=user_id)
        rows = belongings.list_belongings(session, user_id=user_id)
        kinds = belongings.index_kinds(session)
        failures = belongings.list_failure_moments(session, user_id=user_id)
        entries = audit.list_entries_of(session, subject_id=user_id)
    rows["response"] = _tell_responses(rows, kinds)
    return {
        "about": _ABOUT,
        "format": FORMAT,
        "made_at": now.isoformat(),
        "kept_back": dict(KEPT_BACK),
        **{name: _pick(name, found) for name, found in rows.items()},
        "login_failure": [{"at": at.isoformat()} for at in failures],
        "audit": [
            {"at": entry.at.isoformat(), "action": entry.action.value, "actor": entry.actor}
            for entry in entries
        ],
    }


def leave(
    database: Database, *, user: User, typed_name: str, password: str, address: str, now: datetime
) -> None:
    """Delete a user with everything that is theirs, at once and for good.

    What a worker is grading meanwhile is graded for nobody, and dropped.

    Raises:
        InvalidResponseError: unless the name is typed as it is and, for an account, the password
            is right.
        TooManyRequestsError: as `accounts.log_in`.
        ConflictError: if their session was ended meanwhile.
        NotFoundError: if they are gone already.
    """
    if not accounts.is_name_of(user, typed_name):
        raise InvalidResponseError(
            f"Nothing was deleted: type your name, {user.name}, to say that you mean it.",
            field="name",
        )
    if not user.is_guest:
        found = accounts.log_in(
            database, name=user.name, password=password, address=address, now=now
        )
        if found is None:
            raise InvalidResponseError(
                "Nothing was deleted: this is not your password.", field="password"
            )
    with database.transaction() as session:
        accounts.require_session(session, user=user)
        users.delete_user(session, user_id=user.id)
        audit.record_action(
            session,
            action=Action.DELETED,
            subject_id=user.id,
            actor=name_user(user.id),
            now=now,
        )


def _pick(table: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = TOLD.get(table, ())
    return [{name: _make_plain(row[name]) for name in names} for row in rows]


def _make_plain(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(value).decode()}
    return value


def _tell_responses(
    rows: Mapping[str, list[dict[str, Any]]], kinds: Mapping[tuple[str, str], str]
) -> list[dict[str, Any]]:
    """Return the responses as the pages tell of them: nothing that the learner may not know yet."""
    attempts = {row["id"]: row for row in rows["attempt"]}
    drawn = {(row["attempt_id"], row["position"]): row for row in rows["presentation"]}
    return [
        _tell_response(
            row, attempts[row["attempt_id"]], drawn.get((row["attempt_id"], row["position"])), kinds
        )
        for row in rows["response"]
    ]


def _tell_response(
    row: Mapping[str, Any],
    attempt: Mapping[str, Any],
    presentation: Mapping[str, Any] | None,
    kinds: Mapping[tuple[str, str], str],
) -> dict[str, Any]:
    told = dict(row)
    if not _may_tell_score(attempt, row["score"]):
        told |= {"score": None, "earned": None}
    if presentation is None:
        return told
    kind = kinds.get((presentation["item_key"], presentation["item_revision"]))
    if kind is None or Kind(kind).is_sequence:
        told["chosen"] = _disguise(row["chosen"], presentation["option_order"])
    return told


def _may_tell_score(attempt: Mapping[str, Any], score: float) -> bool:
    """Whether a page would: the share of a wrong try would let a key be found part by part."""
    if attempt["closed_at"] is not None:
        return True
    rules = attempt["policy"]
    if rules["feedback"] != Feedback.AT_ONCE.value:
        return False
    return rules["tries"] == 1 or score >= 1.0


def _disguise(chosen: Mapping[str, Any], order: list[str]) -> dict[str, Any]:
    """Name lines by where they were shown: their keys would tell the right order."""
    known = [key for key in chosen["keys"] if key in order]
    return {**chosen, "keys": list(name_lines(order, known))}
