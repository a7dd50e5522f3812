"""`quizzer promote`, `reset`, `logout` and `audit`: looking after people's accounts."""

from __future__ import annotations

import os
from contextlib import closing
from datetime import UTC, datetime

import click

from quizzer.cli.telling import say, warn
from quizzer.config import Settings, load_settings
from quizzer.domain.people import Action, name_operator
from quizzer.services import accounts, resetting
from quizzer.store import audit
from quizzer.store.db import open_database

_HTTP_PORT = 80
_ANY_HOST = ("0.0.0.0", "::")  # noqa: S104 - recognised here, not chosen


@click.command("promote")
@click.argument("name")
def promote_command(name: str) -> None:
    """Make the account NAME an instructor."""
    settings = load_settings(os.environ)
    with closing(open_database(settings)) as database, database.transaction() as session:
        user = accounts.promote(session, name=name)
        audit.record_action(
            session,
            action=Action.PROMOTED,
            subject_id=user.id,
            actor=_name_actor(),
            now=datetime.now(UTC),
        )
    say(f"{user.name} is an instructor now.")


@click.command("reset")
@click.argument("name")
@click.option(
    "--site", help="Address of the site as its learners write it: https://quiz.school.org"
)
def reset_command(name: str, site: str | None) -> None:
    """Print a link by which the account NAME sets a new password.

    It works once, for 24 hours; an older one ends. Hand it over so that nobody else sees it.
    """
    settings = load_settings(os.environ)
    now = datetime.now(UTC)
    with closing(open_database(settings)) as database, database.transaction() as session:
        user, token = resetting.make_reset_token(session, name=name, actor=_name_actor(), now=now)
    say(f"{_find_address(settings, site)}/account/reset/{token}")
    warn(f"For {user.name}; it works once, until {now + resetting.LINK_LASTS:%d %b %H:%M} UTC.")


@click.command("logout")
@click.argument("name")
def logout_command(name: str) -> None:
    """Log the account NAME out in every browser.

    For a device that was lost: whoever has it is nobody here from now on. Their password stays; for
    another one see `quizzer reset`.
    """
    settings = load_settings(os.environ)
    with closing(open_database(settings)) as database, database.transaction() as session:
        user = accounts.get_account(session, name=name)
        accounts.log_out_everywhere(
            session, user_id=user.id, now=datetime.now(UTC), actor=_name_actor()
        )
    say(f"{user.name} is logged out everywhere.")


@click.command("audit")
@click.option("--last", type=click.IntRange(1), default=50, help="How many entries; by default 50.")
def audit_command(last: int) -> None:
    """Print who changed what about accounts, the newest last.

    Time in UTC, what was done, to which user, and by whom: a user, or the operator of that number
    on this machine.
    """
    settings = load_settings(os.environ)
    with closing(open_database(settings)) as database, database.snapshot() as session:
        entries = audit.list_entries(session, limit=last)
    for entry in reversed(entries):
        say(
            f"{entry.at:%Y-%m-%d %H:%M:%S}  {entry.action:<16}  user {entry.subject_id}  "
            f"by {entry.actor}"
        )
    if not entries:
        warn("Nothing has been written down yet.")


def _name_actor() -> str:
    return name_operator(os.getuid())


def _find_address(settings: Settings, given: str | None) -> str:
    """Return the address of the site without a slash at its end."""
    if given:
        return given.rstrip("/")
    names = [host for host in settings.hosts if not host.startswith(("*", "."))]
    if settings.https and names:
        return f"https://{names[0]}"
    host = names[0] if names else settings.host
    if host in _ANY_HOST:
        host = "127.0.0.1"
    if not names:
        warn("If learners know the site by another address, name it with --site.")
    bracketed = f"[{host}]" if ":" in host and not host.startswith("[") else host
    port = "" if settings.port == _HTTP_PORT else f":{settings.port}"
    return f"http://{bracketed}{port}"
