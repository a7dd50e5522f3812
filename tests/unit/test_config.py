"""Settings come from the environment, and say what is wrong with a value."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from quizzer import config
from quizzer.config import SettingsError, load_settings


def test_in_a_checkout_data_and_content_lie_in_it(monkeypatch, root):
    monkeypatch.setattr(config, "_load_secret_key", lambda _path: "secret")
    settings = load_settings({})
    assert settings.home == root / "var"
    assert settings.questions == root / "questions"
    assert settings.database_url == f"sqlite:///{root}/var/quizzer.db"


def test_an_installed_package_keeps_data_with_the_user(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "_PACKAGE", tmp_path / "site-packages" / "quizzer")
    settings = load_settings({"XDG_DATA_HOME": str(tmp_path / "data")})
    assert settings.home == tmp_path / "data" / "quizzer"
    assert settings.exercises == tmp_path / "site-packages" / "quizzer" / "content" / "exercises"


def test_the_secret_key_is_made_once_and_is_the_owners_alone(tmp_path):
    first = load_settings({"QUIZZER_HOME": str(tmp_path)})
    assert load_settings({"QUIZZER_HOME": str(tmp_path)}).secret_key == first.secret_key
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
    assert first.secret_key not in repr(first)


@pytest.mark.parametrize("port", ["http", "-1", "70000", "80.5", "٣"])
def test_a_port_that_is_none_is_refused_by_name(port: str, tmp_path: Path):
    with pytest.raises(SettingsError, match="QUIZZER_PORT must be a whole number"):
        load_settings({"QUIZZER_HOME": str(tmp_path), "QUIZZER_PORT": port})


def test_by_default_pages_are_served_by_a_process_a_processor_but_not_by_many(
    tmp_path: Path, monkeypatch
):
    home = {"QUIZZER_HOME": str(tmp_path)}
    monkeypatch.setattr(config.sys, "platform", "linux")
    for processors, expected in ((1, 1), (2, 2), (64, 4)):
        mine = set(range(processors))
        monkeypatch.setattr(config.os, "sched_getaffinity", lambda _pid, mine=mine: mine)
        assert load_settings(home).processes == expected
    assert load_settings({**home, "QUIZZER_PROCESSES": "7"}).processes == 7
    monkeypatch.setattr(config.sys, "platform", "darwin")
    assert load_settings(home).processes == 1


@pytest.mark.parametrize("given", ["0", "many", "-1"])
def test_a_number_of_processes_that_is_none_is_refused_by_name(given: str, tmp_path: Path):
    with pytest.raises(SettingsError, match=r"QUIZZER_PROCESSES.*1 to 64"):
        load_settings({"QUIZZER_HOME": str(tmp_path), "QUIZZER_PROCESSES": given})


def test_names_of_the_site_are_read_in_lower_case_and_none_is_the_default(tmp_path: Path):
    home = {"QUIZZER_HOME": str(tmp_path)}
    assert load_settings(home).hosts == ()
    given = " Quiz.School.org , .lan,10.0.0.5,[fd00::7],::1,* ,"
    names = ("quiz.school.org", ".lan", "10.0.0.5", "[fd00::7]", "::1", "*")
    assert load_settings(home | {"QUIZZER_HOSTS": given}).hosts == names


@pytest.mark.parametrize(
    "hosts",
    ["https://quiz.org", "quiz.org:8000", "quiz.org/", "a b", "*.org", "ä.org", "quiz.org,."],
)
def test_what_is_no_name_of_a_site_is_refused_by_name(hosts: str, tmp_path: Path):
    with pytest.raises(SettingsError, match="QUIZZER_HOSTS must be names"):
        load_settings({"QUIZZER_HOME": str(tmp_path), "QUIZZER_HOSTS": hosts})
