"""A site on a small content folder, and a learner who walks it by its forms, as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from quizzer.app import create_app
from quizzer.banks.library import LibraryShelf
from quizzer.config import Settings
from quizzer.services import accounts
from quizzer.services.catalogue import ExerciseShelf
from quizzer.store.db import open_database
from quizzer.store.migrations import upgrade
from quizzer.web.site import EXTENSION, Site
from tests.databases import find_empty

CONTENT = Path(__file__).parent / "content"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Bell:
    """Hears what would be graded; grades nothing."""

    rung: list[int] = field(default_factory=list)

    def ring(self, run_id: int, *, priority: int = 0) -> None:  # noqa: ARG002 - a real bell's
        self.rung.append(run_id)


@dataclass
class Form:
    action: str
    fields: dict[str, str]


class Learner:
    """A client that sends the forms of the page it is on."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()
        self.page = ""
        self.path = "/"
        self.seen: list[TestResponse] = []

    def open(self, path: str, *, status: int = 200, **headers: str) -> str:
        return self._keep(self.client.get(path, headers=headers, follow_redirects=True), status)

    def send(
        self, action: str, *, status: int = 200, without: tuple[str, ...] = (), **fields: object
    ) -> str:
        """Fill in the page's form with this action (or one that begins so) and send it."""
        form = self.form(action)
        data = {k: v for k, v in {**form.fields, **fields}.items() if k not in without}
        return self._keep(self.client.post(form.action, data=data, follow_redirects=True), status)

    def post(self, path: str, *, status: int = 200, **fields: object) -> str:
        """Send fields of one's own making, with a good token, to any address."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page or self.open("/"))
        assert token is not None
        data = {"csrf_token": token[1], **fields}
        return self._keep(self.client.post(path, data=data, follow_redirects=True), status)

    def form(self, action: str) -> Form:
        for match in re.finditer(
            r'<form[^>]*action="([^"]*)"[^>]*>(.*?)</form>', self.page, re.DOTALL
        ):
            if unescape(match[1]).startswith(action):
                return Form(unescape(match[1]), _read_hidden(match[2]))
        raise AssertionError(f"no form for {action} on {self.path}")

    def _keep(self, response: TestResponse, status: int) -> str:
        self.seen.append(response)
        for before in response.history:
            self.seen.append(before)
        assert response.status_code == status, (response.status, response.request.path)
        self.page, self.path = response.get_data(as_text=True), response.request.path
        assert "&lt;code&gt;" not in self.page  # marks of our own, escaped
        return self.page


def _read_hidden(html: str) -> dict[str, str]:
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in hidden}


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables, to be copied: making them anew for each test takes long."""
    path = tmp_path_factory.mktemp("database") / "quizzer.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def settings(tmp_path: Path, empty_database: Path) -> Settings:
    home = tmp_path / "site"
    home.mkdir()
    return Settings(
        home=home,
        database_url=find_empty(empty_database, home / "quizzer.db"),
        queue_url=f"sqlite:///{home}/queue.db",
        questions=CONTENT / "questions",
        exercises=CONTENT / "exercises",
        secret_key="a key of the tests",
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bell() -> Bell:
    return Bell()


@pytest.fixture
def app(settings: Settings, clock: Clock, bell: Bell):
    library = LibraryShelf(settings.questions)
    site = Site(
        database=open_database(settings),
        library=library,
        exercises=ExerciseShelf(settings.exercises, banks=lambda: library.current().banks),
        bell=bell,
        now=clock,
    )
    app = create_app(settings, site=site)
    app.testing = True
    yield app
    site.database.close()


@pytest.fixture
def site(app: Flask) -> Site:
    return app.extensions[EXTENSION]


@pytest.fixture
def learner(app: Flask) -> Learner:
    return Learner(app)


@pytest.fixture
def another(app: Flask) -> Learner:
    return Learner(app)


@pytest.fixture
def author(another: Learner, site: Site) -> Learner:
    """Somebody with an account who may see what authors see."""
    another.open("/account/register")
    another.send("/account/register", name="Author", password="a long password")
    with site.database.transaction() as session:
        accounts.promote(session, name="Author")
    return another
