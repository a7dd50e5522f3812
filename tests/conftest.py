"""What every test shares: the content of the checkout, and nothing of this machine."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let two processes share the suite (`pytest -n 2 --dist loadgroup`).

    Attacks are looked at from outside: they stay in one process, beside tests that attack nothing.
    """
    for item in items:
        group = "sandbox" if "sandbox" in item.path.parts else "others"
        item.add_marker(pytest.mark.xdist_group(group))


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
