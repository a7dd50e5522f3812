"""`quizzer promote`, `reset`, `logout` and `audit`, as an administrator meets them."""

from __future__ import annotations

import os
import re

import pytest
from click.testing import CliRunner

from quizzer.cli import main
from quizzer.config import load_settings
from quizzer.services import accounts, resetting
from quizzer.store.db import open_database
from quizzer.store.migrations import upgrade
from quizzer.worker import get_now

LINK = re.compile(r"(?P<site>\S+)/account/reset/(?P<token>[\w-]{43})\n")


@pytest.fixture
def run():
    return lambda *arguments: CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def database():
    settings = load_settings(os.environ)
    upgrade(settings)
    database = open_database(settings)
    accounts.register(
        database, name="Ada", password="a long enough one", guest_id=None, now=get_now()
    )
    yield database
    database.close()


def test_reset_prints_a_link_that_works_and_for_whom_it_is(run, database):
    result = run("reset", "ada")
    found = LINK.fullmatch(result.stdout)
    assert found["site"] == "http://127.0.0.1:8000"
    assert "For Ada; it works once, until " in result.stderr
    assert "--site" in result.stderr
    assert found["token"] not in result.stderr
    with database.snapshot() as session:
        user = resetting.get_user_of_token(session, token=found["token"], now=get_now())
    assert user.name == "Ada"


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("environ", "site"),
    [
        (
            {"QUIZZER_HOSTS": ".lan,quiz.school.org", "QUIZZER_HTTPS": "1"},
            "https://quiz.school.org",
        ),
        ({"QUIZZER_HOSTS": "quiz.school.org", "QUIZZER_PORT": "80"}, "http://quiz.school.org"),
        ({"QUIZZER_HOSTS": "fd00::7"}, "http://[fd00::7]:8000"),
        ({"QUIZZER_HOST": "0.0.0.0", "QUIZZER_PORT": "9000"}, "http://127.0.0.1:9000"),  # noqa: S104
        ({"QUIZZER_HOST": "10.0.0.5"}, "http://10.0.0.5:8000"),
    ],
)
def test_a_link_names_the_site_as_the_settings_do(run, monkeypatch, environ, site):
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert LINK.fullmatch(run("reset", "ada").stdout)["site"] == site
    told = run("reset", "ada", "--site", "https://elsewhere.org/").stdout
    assert LINK.fullmatch(told)["site"] == "https://elsewhere.org"


@pytest.mark.usefixtures("database")
def test_reset_of_nobody_is_one_line(run):
    result = run("reset", "nobody")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no account named 'nobody'.\n")


@pytest.mark.usefixtures("database")
def test_the_audit_tells_what_was_done_to_whom_by_whom_and_names_nobody(run):
    assert run("audit").stderr == "Nothing has been written down yet.\n"
    run("promote", "Ada")
    run("reset", "Ada")
    lines = run("audit").stdout.splitlines()
    by = f"user 1  by operator {os.getuid()}"
    assert [line.split(maxsplit=2)[2] for line in lines] == [
        f"promoted          {by}",
        f"reset-link-made   {by}",
    ]
    assert "Ada" not in "".join(lines)
    assert run("audit", "--last", 1).stdout.splitlines() == lines[1:]


def test_a_lost_device_is_logged_out_from_here_and_that_is_written_down(run, database):
    def find():
        with database.snapshot() as session:
            return accounts.find_user_by_session(session, user_id=1, session_version=version)

    with database.snapshot() as session:
        version = accounts.get_account(session, name="Ada").session_version
    assert find().name == "Ada"
    assert run("logout", "ada").stdout == "Ada is logged out everywhere.\n"
    assert find() is None
    assert run("audit").stdout.endswith(f"sessions-ended    user 1  by operator {os.getuid()}\n")
    nobody = run("logout", "nobody")
    assert (nobody.exit_code, nobody.stderr) == (1, "Error: There is no account named 'nobody'.\n")


@pytest.mark.usefixtures("database")
def test_a_promotion_that_fails_is_not_written_down(run):
    assert run("promote", "nobody").exit_code == 1
    assert run("audit").stdout == ""
