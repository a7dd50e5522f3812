"""What the shelf of banks asks the database: which versions have passed their proofs."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from quizzer.domain.proofs import Proof
from quizzer.store.db import Database
from quizzer.store.patience import AWAY, name_reason
from quizzer.store.proofs import find_proofs

# A worker that has a version in hand says so every few seconds; after this it counts as gone.
SILENT_FOR_S = 60.0

_log = logging.getLogger(__name__)


class ProofGate:
    """Tells what workers have recorded. Not thread-safe; the shelf asks under its lock.

    Args:
        clock: the time, in UTC.
    """

    def __init__(self, database: Database, *, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._last: Mapping[str, Proof] = {}

    def __call__(self, revisions: Collection[str]) -> Mapping[str, Proof]:
        """Return what is known of those versions; while the database is away, the last answer."""
        waiting_since = self._clock() - timedelta(seconds=SILENT_FOR_S)
        try:
            with self._database.snapshot() as session:
                self._last = find_proofs(session, revisions, waiting_since=waiting_since)
        except AWAY as error:
            _log.warning("The proofs cannot be looked up: %s", name_reason(error))
        return self._last
