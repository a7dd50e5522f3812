"""What every test shares: the content of the checkout, and nothing of this machine."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test sees its own home, whatever the shell that started it has set."""
    for name in (
        "DATABASE_URL",
        "QUEUE_URL",
        "HOST",
        "PORT",
        "SECRET_KEY",
        "ALLOW_LEVEL",
        "HTTPS",
        "HOSTS",
    ):
        monkeypatch.delenv(f"QUIZZER_{name}", raising=False)
    monkeypatch.setenv("QUIZZER_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return ROOT


# What takes longest begins first, so that two processes end together (`--no-loadscope-reorder`).
LONGEST = ("sandbox", "browser", "content/test_exercises", "content/test_broken_copies")


def name_group(place: str) -> str:
    """Name the tests that one process runs: a file, or a folder whose files share what is dear.

    Attacks are looked at from outside, so all of them are in one process, beside tests that attack
    nothing; all tests of pages in a browser share a browser and a server.

    Args:
        place: of a test file, or of a test in it, relative to the top folder of the checkout.
    """
    folder, _, file = place.partition("::")[0].removeprefix("tests/").partition("/")
    is_shared = folder in ("sandbox", "browser", "unit")
    return folder if is_shared else f"{folder}/{file.removesuffix('.py')}"


class GroupScheduling(LoadScopeScheduling):
    """Deals out groups, not tests.

    xdist's own scheduler hands groups on in the names of tests, which pytest 9.2 does not let it
    change: every test would be a group of its own, and each process would start everything.
    """

    def _split_scope(self, nodeid: str) -> str:
        return name_group(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> GroupScheduling | None:
    """Let processes share the suite by groups (`pytest -n 2 --dist loadgroup`)."""
    return GroupScheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest groups first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(name_group(item.nodeid), len(places)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where nothing may be missing, a test that this machine cannot run is a failure.

    But for those that need a GPU: nobody can install one.
    """
    report = yield
    required = os.environ.get("QUIZZER_REQUIRE") and "gpu" not in report.keywords
    if report.skipped and required and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2]
        if "this machine" in reason:
            report.outcome = "failed"
            report.longrepr = f"QUIZZER_REQUIRE is set, but: {reason}"
    return report
