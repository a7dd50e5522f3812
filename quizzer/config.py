"""Settings: read once from the environment, then passed on as a frozen value."""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_LARGEST_PORT = 65_535
# Containment at which submissions may be graded, the strongest first.
LEVELS = ("A", "A-", "B", "B0", "C")
# A name, a name with everything that ends in it, an address, or anything.
_HOST = re.compile(r"\*|\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:]*:[0-9a-f:.]*\]?")
MOST_PROCESSES = 4  # by default; more gain little, for they share one database
WEAKEST_LEVEL = "B"  # for strangers' submissions, unless the operator says otherwise


class SettingsError(ValueError):
    """A setting that cannot be used; its text names the variable and what it takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this installation runs.

    Attributes:
        home: folder of the database, the queue, the secret key and the cache.
        database_url, queue_url: as SQLAlchemy writes them.
        questions, exercises: folders of content.
        host, port: where the web server listens.
        secret_key: signs session cookies; never shown.
        allow_level: the weakest containment, of `LEVELS`, that the operator accepts for grading.
        workers: how many submissions are graded at once.
        processes: how many processes serve pages.
        https: whether one proxy that speaks TLS stands in front.
        hosts: the names that the site goes by, without ports; `.school.org` means all that end so,
            `*` any name. Empty: see `quizzer.web.security.make_host_rule`.
    """

    home: Path
    database_url: str
    queue_url: str
    questions: Path
    exercises: Path
    host: str = "127.0.0.1"
    port: int = 8000
    secret_key: str = field(repr=False)
    allow_level: str = WEAKEST_LEVEL
    workers: int = 1
    processes: int = 1
    https: bool = False
    hosts: tuple[str, ...] = ()


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `QUIZZER_...` variables; everything has a default.

    The first call on a home makes the folder and its secret key, readable by the owner alone.

    Raises:
        SettingsError: for a value that cannot be used.
    """
    home = _read_path(environ, "QUIZZER_HOME", _default_home(environ))
    return Settings(
        home=home,
        database_url=environ.get("QUIZZER_DATABASE_URL") or f"sqlite:///{home}/quizzer.db",
        queue_url=environ.get("QUIZZER_QUEUE_URL") or f"sqlite:///{home}/queue.db",
        questions=_read_path(environ, "QUIZZER_QUESTIONS", _default_content("questions")),
        exercises=_read_path(environ, "QUIZZER_EXERCISES", _default_content("exercises")),
        host=environ.get("QUIZZER_HOST") or "127.0.0.1",
        port=_read_number(environ, "QUIZZER_PORT", default=8000, low=0, high=_LARGEST_PORT),
        secret_key=environ.get("QUIZZER_SECRET_KEY") or _load_secret_key(home / "secret_key"),
        allow_level=_read_level(environ),
        workers=_read_number(environ, "QUIZZER_WORKERS", default=1, low=1, high=256),
        processes=_read_number(
            environ, "QUIZZER_PROCESSES", default=_count_processes(), low=1, high=64
        ),
        https=bool(_read_number(environ, "QUIZZER_HTTPS", default=0, low=0, high=1)),
        hosts=_read_hosts(environ),
    )


def _read_path(environ: Mapping[str, str], name: str, default: Path) -> Path:
    given = environ.get(name)
    return Path(given).expanduser().resolve() if given else default


def _read_number(
    environ: Mapping[str, str], name: str, *, default: int, low: int, high: int
) -> int:
    given = environ.get(name) or str(default)
    if not (given.isascii() and given.isdigit() and low <= int(given) <= high):
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {given!r}")
    return int(given)


def _count_processes() -> int:
    """Return one for each processor that we may use, up to some; one where not on Linux."""
    if sys.platform != "linux":
        return 1
    return min(MOST_PROCESSES, len(os.sched_getaffinity(0)))


def _read_level(environ: Mapping[str, str]) -> str:
    given = environ.get("QUIZZER_ALLOW_LEVEL") or WEAKEST_LEVEL
    if given not in LEVELS:
        raise SettingsError(
            f"QUIZZER_ALLOW_LEVEL must be one of {', '.join(LEVELS)}, not {given!r}"
        )
    return given


def _read_hosts(environ: Mapping[str, str]) -> tuple[str, ...]:
    given = environ.get("QUIZZER_HOSTS") or ""
    hosts = tuple(name.strip().lower() for name in given.split(",") if name.strip())
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise SettingsError(
                "QUIZZER_HOSTS must be names or addresses with commas between them, without "
                f"http:// and without ports, such as quiz.school.org,10.0.0.5, not {host!r}"
            )
    return hosts


def _default_home(environ: Mapping[str, str]) -> Path:
    """Return the checkout's `var`, or for an installed package the user's data folder."""
    if _is_checkout():
        return _PACKAGE.parent / "var"
    data = environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "quizzer"


def _default_content(name: str) -> Path:
    """Return the checkout's folder, or in an installed package the one that came with it."""
    return (_PACKAGE.parent if _is_checkout() else _PACKAGE / "content") / name


def _is_checkout() -> bool:
    return (_PACKAGE.parent / "pyproject.toml").is_file()


def _load_secret_key(path: Path) -> str:
    if not path.exists():
        _make_secret_key(path)
    return path.read_text(encoding="ascii").strip()


def _make_secret_key(path: Path) -> None:
    """Write a new key; two processes that start together end up with the same one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(48))
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
