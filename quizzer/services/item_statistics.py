"""How the learners of this site do at the items of a bank, revision by revision."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from quizzer.domain.item_statistics import FirstTry, ItemStatistics, measure
from quizzer.domain.items import Kind
from quizzer.domain.modes import MODES, SILENT_MODES
from quizzer.store import first_tries, revisions
from quizzer.store.first_tries import StoredTry
from quizzer.store.revisions import StoredRevision

_LONGEST_CHARACTERS = 80
# Where a clock runs for each item, what is late counts as missed: that says nothing of the item.
_MODES = tuple(mode.name for mode in MODES if mode.is_evidence and mode.item_time_s is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionStatistics:
    """One revision of an item and how learners did at it.

    Attributes:
        first_seen_at: when the first of them met it.
        n: learners who answered it.
        measured: what that says; None while they are too few.
    """

    revision: str
    first_seen_at: datetime
    n: int
    measured: ItemStatistics | None


def measure_bank(session: Session, *, bank: str) -> dict[str, tuple[RevisionStatistics, ...]]:
    """Return the revisions of each item of a bank that anybody met, by key, the newest first.

    Of each learner the very first try at a revision counts, in the modes that count as evidence and
    run no clock.
    """
    tries = _sort_by_revision(
        first_tries.list_first_tries(session, bank=bank, modes=_MODES, silent_modes=SILENT_MODES)
    )
    found: dict[str, tuple[RevisionStatistics, ...]] = {}
    for stored in revisions.list_revisions_of_bank(session, bank=bank):
        key = stored.revision.item_key
        row = _measure_revision(stored, tries.get((key, stored.revision.revision), {}))
        found[key] = (*found.get(key, ()), row)
    return found


def _sort_by_revision(
    tries: Iterable[StoredTry],
) -> dict[tuple[str, str], dict[int, StoredTry]]:
    """Return by revision the first try of each learner; the tries come the oldest first."""
    found: dict[tuple[str, str], dict[int, StoredTry]] = {}
    for one in tries:
        found.setdefault((one.item_key, one.revision), {}).setdefault(one.user_id, one)
    return found


def _measure_revision(stored: StoredRevision, tries: Mapping[int, StoredTry]) -> RevisionStatistics:
    met = stored.revision
    wrong = {key: _shorten(text) for key, text, is_right in met.options if not is_right}
    made = [_make_try(one, met.kind, wrong) for one in tries.values()]
    return RevisionStatistics(
        revision=met.revision,
        first_seen_at=stored.first_seen_at,
        n=len(made),
        measured=measure(made),
    )


def _make_try(stored: StoredTry, kind: Kind, wrong: Mapping[str, str]) -> FirstTry:
    is_right = stored.score >= 1.0
    others = stored.count - 1
    return FirstTry(
        is_right=is_right and stored.earned >= 1.0,
        rest=(stored.total - stored.score) / others if others else None,
        elapsed_ms=stored.elapsed_ms,
        wrong=() if is_right else _name_wrong(stored.chosen, kind, wrong),
    )


def _name_wrong(chosen: Mapping[str, Any], kind: Kind, wrong: Mapping[str, str]) -> tuple[str, ...]:
    """Return what of a response that is not right was picked or typed; of an order, nothing."""
    if kind.is_choice:
        return tuple(wrong[key] for key in chosen["keys"] if key in wrong)
    if kind in (Kind.NUMERIC, Kind.OUTPUT, Kind.SHORT):
        return (_shorten(chosen["text"]),) if chosen["text"].strip() else ()
    if kind is Kind.BLANK:
        return ("; ".join(f"{name}: {_shorten(value)}" for name, value in chosen["blanks"]),)
    return ()


def _shorten(text: str) -> str:
    plain = " ".join(text.split())
    is_long = len(plain) > _LONGEST_CHARACTERS
    return f"{plain[:_LONGEST_CHARACTERS].rstrip()}…" if is_long else plain
