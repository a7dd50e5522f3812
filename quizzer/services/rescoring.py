"""Scoring the responses to an item by a key that was mended since: looked at first, then applied.

What is believed of skills, and the schedule of reviews, stay as they are: each first try moved them
in its turn, and the tries that follow move them on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.attempts import Attempt, Presentation, Response
from quizzer.domain.items import Item
from quizzer.domain.modes import Mode
from quizzer.domain.questions import Question
from quizzer.domain.rescoring import TwinFinder, has_key, score_anew
from quizzer.domain.revisions import describe_item
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services.sitting import Library, read_sittings
from quizzer.store import attempts, rescoring, revisions
from quizzer.store.rescoring import Rescoring

__all__ = ["Preview", "Rescoring", "RevisionCount", "ScoreChange", "apply", "list_past", "look"]

_BATCH = 500  # attempts that are read at once
_CHANGED = (
    "The question, or what was answered to it, has changed since you looked. Nothing was applied:"
    " this is what its key would change now."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """What a closed attempt comes to; its score is in [0, 1]."""

    score: float
    has_badge: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreChange:
    """One attempt in which the score for the item would change.

    Attributes:
        user_name: of its learner.
        before, after: the question as it is stored, and as it would be.
        total_before, total_after: of the whole attempt; None while it is open.
    """

    attempt: Attempt
    user_name: str
    before: Question
    after: Question
    total_before: Total | None = None
    total_after: Total | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionCount:
    """How many attempts hold responses to one revision of an item.

    Attributes:
        alike: those whose question was the same but for the key.
        unlike: those whose question was another, in its words, its options or its values.
    """

    revision: str
    first_seen_at: datetime
    alike: int
    unlike: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the present key of an item would change.

    Attributes:
        changes: the oldest attempt first.
        same: attempts that would be counted by the present key, and come to the same.
        waiting: attempts that are left alone while a running test of their learner asks the item:
            they would tell its key.
        revisions: of the item, the newest first.
        digest: the same as long as applying it would do the same.
    """

    item: Item
    changes: tuple[ScoreChange, ...]
    same: int
    waiting: int
    revisions: tuple[RevisionCount, ...]
    digest: str

    @property
    def is_empty(self) -> bool:
        """Whether every response that can be is scored by the present key already."""
        return not (self.changes or self.same)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """The item in one attempt that answered it; without `after` it was another question.

    Attributes:
        waits: whether scoring it anew would tell what a running test of its learner asks.
    """

    attempt: Attempt
    user_name: str
    revision: str
    before: Question
    after: Question | None
    waits: bool = False

    @property
    def is_changed(self) -> bool:
        return self.after is not None and _list_worth(self.after) != _list_worth(self.before)


def look(session: Session, library: Library, *, item_key: str, now: datetime) -> Preview:
    """Return what the present key of an item would change of the responses stored.

    Raises:
        NotFoundError: if it is not in service, or has no key.
    """
    item = _get_item(library, item_key)
    return _preview(session, library, item, _list_cases(session, item, now))


def apply(
    session: Session,
    library: Library,
    *,
    item_key: str,
    revision: str,
    digest: str,
    actor: str,
    now: datetime,
) -> Preview:
    """Do what a preview showed, all of it; return it. Where nothing is left to do, do nothing.

    Args:
        session: of the open transaction.
        library: in service.
        item_key: of the item.
        revision: of the item, as it was looked at.
        digest: of the preview that was looked at.
        actor: as `name_user` names them.
        now: when learners are told that it was done.

    Raises:
        NotFoundError: as `look`.
        ConflictError: if it would do anything else by now.
    """
    item = _get_item(library, item_key)
    if item.revision != revision:
        raise ConflictError(_CHANGED)
    rescoring.lock_learners(session, item_key=item_key)
    cases = _list_cases(session, item, now)
    preview = _preview(session, library, item, cases)
    if preview.is_empty:
        return preview
    if preview.digest != digest:
        raise ConflictError(_CHANGED)
    for case in _list_pending(item, cases):
        _store(session, case, now)
    _store_totals(session, preview)
    attempts.record_item_revisions(session, [describe_item(item)], now=now)
    _write_down(session, preview, actor, now)
    return preview


def list_past(session: Session, *, item_key: str) -> tuple[Rescoring, ...]:
    """Return when the responses to an item were scored anew, the newest first."""
    return rescoring.list_rescorings(session, item_key=item_key)


def _get_item(library: Library, item_key: str) -> Item:
    item = library.items.get(item_key)
    if item is None:
        raise NotFoundError("There is no such question in service.")
    if not has_key(item):
        raise NotFoundError("What is right here is not said by a key: there is none to mend.")
    return item


def _list_cases(session: Session, item: Item, now: datetime) -> tuple[_Case, ...]:
    stored = revisions.list_revisions_of_item(session, item_key=item.key)
    finder = TwinFinder(item, {one.revision.revision: one.revision for one in stored})
    answered = rescoring.list_answered(session, item_key=item.key)
    examined = rescoring.list_examined(session, item_key=item.key, now=now)
    cases = (
        _make_case(attempt, name, attempt.policy, presentation, responses, finder)
        for attempt, name, presentation, responses in _read(session, item.key, answered)
        if attempt.policy is not None  # its mode is no longer offered: nobody sees it
    )
    # A running test itself tells nothing before its end.
    return tuple(
        replace(case, waits=case.attempt.user_id in examined and case.before.shows_verdict)
        for case in cases
    )


def _read(
    session: Session, item_key: str, answered: Sequence[tuple[int, str]]
) -> Iterator[tuple[Attempt, str, Presentation, tuple[Response, ...]]]:
    """Yield the item as it was drawn and answered in each of these attempts."""
    names = dict(answered)
    for ids in _cut(list(names)):
        drawn = attempts.list_presentations(session, attempt_ids=ids)
        sent = attempts.list_responses(session, attempt_ids=ids)
        for attempt in attempts.list_attempts(session, attempt_ids=ids):
            for presentation in drawn[attempt.id]:
                own = (one for one in sent[attempt.id] if one.position == presentation.position)
                responses = tuple(own)
                if presentation.item_key == item_key and responses:
                    yield attempt, names[attempt.id], presentation, responses


def _make_case(
    attempt: Attempt,
    user_name: str,
    mode: Mode,
    presentation: Presentation,
    responses: tuple[Response, ...],
    finder: TwinFinder,
) -> _Case:
    revision = presentation.key_revision or presentation.item_revision
    twin = finder.find(revision, presentation.values)
    before = Question(
        item=finder.item if twin is None else twin.item,
        presentation=presentation,
        responses=responses,
        misconceptions={},
        mode=mode,
        is_open=attempt.closed_at is None,
    )
    return _Case(
        attempt=attempt,
        user_name=user_name,
        revision=revision,
        before=before,
        after=None if twin is None else score_anew(before, twin),
    )


def _list_worth(question: Question) -> list[tuple[float, float]]:
    return [(response.score, response.earned) for response in question.responses]


def _list_pending(item: Item, cases: Sequence[_Case]) -> list[_Case]:
    """Return what the present key has to be counted for: other keys', and what it finds wrong.

    Its own responses may have been scored before a proof found further right orders.
    """
    return [case for case in cases if not case.waits and _is_due(item, case)]


def _is_due(item: Item, case: _Case) -> bool:
    return case.after is not None and (case.revision != item.revision or case.is_changed)


def _preview(session: Session, library: Library, item: Item, cases: Sequence[_Case]) -> Preview:
    pending = _list_pending(item, cases)
    changed = [case for case in pending if case.is_changed]
    totals = _list_totals(session, library, changed)
    changes = tuple(_make_change(case, totals) for case in changed)
    return Preview(
        item=item,
        changes=changes,
        same=len(pending) - len(changed),
        waiting=sum(case.waits and _is_due(item, case) for case in cases),
        revisions=_count_revisions(session, item, cases),
        digest=_digest(item, pending, changes),
    )


def _list_totals(
    session: Session, library: Library, changed: Sequence[_Case]
) -> dict[int, tuple[Total, Total]]:
    """Return what closed attempts come to, before and after, by attempt."""
    closed = {case.attempt.id: case for case in changed if case.attempt.closed_at is not None}
    found: dict[int, tuple[Total, Total]] = {}
    for ids in _cut(list(closed)):
        several = [closed[attempt_id].attempt for attempt_id in ids]
        for sitting in read_sittings(session, library, several, None):
            after = closed[sitting.attempt.id].after
            kept = sitting.attempt.score
            if after is None or kept is None:
                continue
            mended = sitting.put(after)
            score = _shift(kept, sitting.score, mended.score)
            found[sitting.attempt.id] = (
                Total(score=kept, has_badge=sitting.has_badge),
                Total(score=score, has_badge=mended.has_badge),
            )
    return found


def _shift(kept: float, before: float, after: float) -> float:
    """Return the kept score by as much higher or lower as the item makes it.

    Other items of the attempt may have been withdrawn since: that moves no score that is kept.
    """
    return after if kept == before else min(1.0, max(0.0, kept + after - before))


def _make_change(case: _Case, totals: Mapping[int, tuple[Total, Total]]) -> ScoreChange:
    before, after = totals.get(case.attempt.id, (None, None))
    return ScoreChange(
        attempt=case.attempt,
        user_name=case.user_name,
        before=case.before,
        after=case.after or case.before,
        total_before=before,
        total_after=after,
    )


def _count_revisions(
    session: Session, item: Item, cases: Sequence[_Case]
) -> tuple[RevisionCount, ...]:
    counts = Counter((case.revision, case.after is not None) for case in cases)
    return tuple(
        RevisionCount(
            revision=one.revision.revision,
            first_seen_at=one.first_seen_at,
            alike=counts[one.revision.revision, True],
            unlike=counts[one.revision.revision, False],
        )
        for one in revisions.list_revisions_of_item(session, item_key=item.key)
    )


def _digest(item: Item, pending: Sequence[_Case], changes: Sequence[ScoreChange]) -> str:
    worth = [
        (case.attempt.id, case.revision, case.after and _list_worth(case.after)) for case in pending
    ]
    totals = [(one.attempt.id, one.total_after) for one in changes]
    return hashlib.sha256(repr((item.revision, worth, totals)).encode()).hexdigest()


def _store(session: Session, case: _Case, now: datetime) -> None:
    if case.after is None:
        return
    # Nobody has been told the score that an open test has so far: there is nothing to explain.
    told_at = now if case.before.shows_verdict else None
    presentation = replace(case.after.presentation, rescored_at=told_at)
    attempts.set_presentation(session, attempt_id=case.attempt.id, presentation=presentation)
    rescoring.set_responses(
        session, attempt_id=case.attempt.id, responses=tuple(case.after.responses)
    )


def _store_totals(session: Session, preview: Preview) -> None:
    scores = {
        change.attempt.id: change.total_after.score
        for change in preview.changes
        if change.total_after is not None
    }
    rescoring.set_attempt_scores(session, scores)


def _write_down(session: Session, preview: Preview, actor: str, now: datetime) -> None:
    done = Rescoring(
        at=now,
        actor=actor,
        item_key=preview.item.key,
        key_revision=preview.item.revision,
        changed=len(preview.changes),
        same=preview.same,
    )
    rescoring.record_rescoring(session, done)


def _cut(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), _BATCH):
        yield ids[start : start + _BATCH]
