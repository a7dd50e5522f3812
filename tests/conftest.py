"""What every test shares: the content of the checkout, and nothing of this machine."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test sees its own home, whatever the shell that started it has set."""
    for name in ("DATABASE_URL", "QUEUE_URL", "HOST", "PORT", "SECRET_KEY", "ALLOW_LEVEL"):
        monkeypatch.delenv(f"QUIZZER_{name}", raising=False)
    monkeypatch.setenv("QUIZZER_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the checkout."""
    return ROOT
