"""How often somebody may fail to log in, and how many may come from one address.

All is counted in the database, for all processes together. The limits of an address are wide enough
for a class behind one of them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from quizzer.errors import TooManyRequestsError
from quizzer.store import newcomers, users

FAILURES_ALLOWED = 5  # per name and address
FAILURES_ALLOWED_OF_NAME = 50  # from all addresses together
FAILURES_ALLOWED_OF_ADDRESS = 100  # with whatever names
FAILURE_WINDOW = timedelta(minutes=15)
NEWCOMERS_ALLOWED = 500  # per address
NEWCOMER_WINDOW = timedelta(hours=1)
LONGEST_ADDRESS = 64
_MINUTE_S = 60
_NETWORK_BITS = 64  # of an address of version 6: whoever has one has all that begin so


def shorten_address(address: str) -> str:
    """Return an address as it is counted: of version 6 the network that one customer is given."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:LONGEST_ADDRESS]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    bare = str(known).partition("%")[0]
    return str(ipaddress.ip_network(f"{bare}/{_NETWORK_BITS}", strict=False))


def require_patience(session: Session, *, folded_name: str, address: str, now: datetime) -> None:
    """Raise TooManyRequestsError while nobody may log in as that name from that address.

    Args:
        session: of the open transaction.
        folded_name: as names are compared.
        address: as `shorten_address` returns it.
        now: the moment.
    """
    since = now - FAILURE_WINDOW
    failures = users.list_login_failures(
        session, folded_name=folded_name, address=address, since=since
    )
    of_pair = failures[-FAILURES_ALLOWED] if len(failures) >= FAILURES_ALLOWED else None
    of_name = users.find_login_failure_of_name(
        session, folded_name=folded_name, since=since, nth=FAILURES_ALLOWED_OF_NAME
    )
    of_address = users.find_login_failure_of_address(
        session, address=address, since=since, nth=FAILURES_ALLOWED_OF_ADDRESS
    )
    _refuse(
        (of_pair, of_name, of_address),
        "Too many failed attempts to log in. Please try again in {wait}.",
        FAILURE_WINDOW,
        now,
    )


def admit_newcomer(session: Session, *, address: str, now: datetime) -> None:
    """Count one more guest of an address.

    Raises:
        TooManyRequestsError: where so many were made that it can hardly be people.
    """
    address = shorten_address(address)
    since = now - NEWCOMER_WINDOW
    last = newcomers.find_newcomer(session, address=address, since=since, nth=NEWCOMERS_ALLOWED)
    _refuse(
        (last,),
        "Very many people have begun here from your network. Please try again in {wait}, or log in "
        "if you have an account. Nothing that anybody did is lost.",
        NEWCOMER_WINDOW,
        now,
    )
    newcomers.record_newcomer(session, address=address, now=now, before=since)


def _refuse(
    in_the_way: Iterable[datetime | None], sentence: str, window: timedelta, now: datetime
) -> None:
    """Raise, with the time to wait, if any moment is in the way."""
    moments = [at for at in in_the_way if at is not None]
    if not moments:
        return
    wait_s = max(1, ceil((max(moments) + window - now).total_seconds()))
    raise TooManyRequestsError(sentence.format(wait=_say_wait(wait_s)), retry_after_s=wait_s)


def _say_wait(wait_s: int) -> str:
    number, word = (
        (wait_s, "second") if wait_s < _MINUTE_S else (ceil(wait_s / _MINUTE_S), "minute")
    )
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
