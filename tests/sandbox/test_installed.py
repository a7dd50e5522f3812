"""Installed from a wheel, outside the checkout: it serves, it grades, and its content stays closed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel and, by a path file, what it requires."""

    folder: Path
    home: Path

    @property
    def content(self) -> Path:
        (found,) = self.folder.glob("lib/python*/site-packages/quizzer/content")
        return found

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "QUIZZER_HOME": str(self.home), "LANG": "C.UTF-8"}

    def command(self, name: str, *words: str) -> list[str]:
        return [str(self.folder / "bin" / name), *words]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    # Under /tmp, not under pytest's own 0700 folder: an ordinary user starts the jail.
    top = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", top, ROOT], check=True
    )
    (wheel,) = top.glob("quizzer-*.whl")
    environment = top / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    subprocess.run(
        [*pip, "--python", environment / "bin" / "python", "install", "-q", "--no-deps", wheel],
        check=True,
    )
    (packages,) = environment.glob("lib/python*/site-packages")
    (packages / "required.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return Installed(environment, top / "home")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _page(address: str, *, within_s: float) -> str:
    deadline = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def test_it_serves_the_default_content(installed: Installed, tmp_path: Path) -> None:
    port = _free_port()
    server = subprocess.Popen(
        installed.command("quizzer", "serve", "--port", str(port)),
        cwd=tmp_path,
        env=installed.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        page = _page(f"http://127.0.0.1:{port}/", within_s=30)
    finally:
        server.send_signal(signal.SIGINT)
        printed, _ = server.communicate(timeout=30)
    assert "regularization" in page
    assert "weight decay" in page.lower()
    assert f"http://127.0.0.1:{port}" in printed
    assert "Traceback" not in printed
    assert server.returncode == 0


def _grade(installed: Installed, source: str, folder: Path) -> tuple[int, dict[str, object]]:
    submission = folder / "mine.py"
    submission.write_text(source)
    exercise = installed.content / "exercises/regularization/sum-of-params"
    done = subprocess.run(
        installed.command("graders", "grade", str(exercise), str(submission), "--format", "json"),
        cwd=folder,
        env=installed.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def test_it_grades(installed: Installed, tmp_path: Path) -> None:
    right = (ROOT / "exercises/regularization/sum-of-params/reference.py").read_text()
    code, report = _grade(installed, right, tmp_path)
    assert code == 0, report


def test_it_makes_a_new_exercise(installed: Installed, tmp_path: Path) -> None:
    done = subprocess.run(
        installed.command("graders", "new", "regularization/my-idea"),
        cwd=tmp_path,
        env=installed.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = tmp_path / "exercises" / "regularization" / "my-idea"
    assert len(list(made.rglob("*.py"))) >= 6


def test_the_jail_cannot_read_the_installed_content(installed: Installed, tmp_path: Path) -> None:
    reference = installed.content / "exercises/regularization/sum-of-params/reference.py"
    assert reference.is_file()
    thief = f"exec(open({str(reference)!r}).read())\n"
    code, report = _grade(installed, thief, tmp_path)
    assert code == 1
    text = json.dumps(report)
    assert "FileNotFoundError" in text or "PermissionError" in text
