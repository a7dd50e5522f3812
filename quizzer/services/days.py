"""The day of the learner: that of the server's own time zone.

Moments are kept in UTC. What belongs to one day (what is due today, how many new cards there are)
goes by the local day of the machine that serves, which is near enough for a class, and for one
person the same. Set the environment's `TZ` where the learners live elsewhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta


def find_day(moment: datetime) -> date:
    """Return the local day of a moment."""
    return moment.astimezone().date()


def find_start(day: date) -> datetime:
    """Return the first moment of a local day, in UTC."""
    return datetime.combine(day, time.min).astimezone(UTC)


def find_end(moment: datetime) -> datetime:
    """Return the first moment of the local day after this one, in UTC."""
    return find_start(find_day(moment) + timedelta(days=1))
