"""Patience with a database that is busy, restarts or is away for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

Outcome = TypeVar("Outcome")

AWAY = (OperationalError, InterfaceError)
"""What SQLAlchemy raises where the database is locked, restarting or not to be reached."""

_log = logging.getLogger(__name__)


def name_reason(error: DBAPIError) -> str:
    """Return why the database failed, in the driver's first line: no statement and no values."""
    lines = str(error.orig).splitlines()
    return lines[0] if lines else type(error.orig).__name__


def keep_trying(
    work: Callable[[], Outcome], *, for_s: float = 60.0, pause_s: float = 0.25
) -> Outcome:
    """Do a whole transaction, again and again while the database is away.

    `work` must be safe to repeat: a commit that was reported lost may have happened.

    Raises:
        OperationalError, InterfaceError: if the database was away for `for_s` seconds.
    """
    give_up_at = time.monotonic() + for_s
    while True:
        try:
            return work()
        except AWAY as error:
            if time.monotonic() + pause_s > give_up_at:
                raise
            _log.warning("The database is away, trying again: %s", name_reason(error))
            time.sleep(pause_s)
