"""The whole program, served as a learner gets it, and a real browser in front of it.

Any message on the browser's console and any request to another host fails the test: that is how a
fault against the Content-Security-Policy shows.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from quizzer.banks.library import Library, LibraryShelf, load_library
from quizzer.domain.proofs import Found
from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.proving import ProofCache
from quizzer.services.proving.prover import list_proofs
from tests.browser.reader import LESSON, Reader

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium")
PATIENCE_MS = 15_000  # a first grading may have to wait for torch to be imported
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    if CHROMIUM is None:
        pytest.skip("this machine has no chromium (Debian's package of that name)")
    quiet = (
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    )
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": list(quiet)}


@pytest.fixture(scope="session")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content, but for items that somebody who only reads the file cannot answer.

    Those with variables have their values from the server's proofs, and code takes an editor: both
    are met in the content of `test_kinds`.
    """
    folder = tmp_path_factory.mktemp("content") / "questions"
    shutil.copytree(ROOT / "questions", folder)
    for path in folder.glob("*/*.md"):
        first, *items = re.split(r"(?m)^(?=## [a-z0-9-]+: )", path.read_text())
        kept = [item for item in items if not _NEEDS_MORE.search(item)]
        if kept or not items:
            path.write_text("".join((first, *kept)))
        else:
            path.unlink()
    return folder


_NEEDS_MORE = re.compile(r"(?m)^`{3,}python variants$|`kind: code`")


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory, questions: Path) -> Iterator[str]:
    """`quizzer serve` on a free port, with its worker, on a home of its own."""
    home = tmp_path_factory.mktemp("served")
    take_as_proven(questions, home)
    with serve(home, questions, ROOT / "exercises") as address:
        yield address


def take_as_proven(questions: Path, home: Path) -> None:
    """Let the server know of all proofs that they hold: tests/sandbox and tests/content run them.

    Else its worker would be busy with them for a minute, beside the pages that are looked at.
    """
    library = load_library(questions)
    cache = ProofCache(home / "cache" / "proofs.json")
    for proof in list_proofs(library.banks.values(), library.lessons.values()):
        cache.add(proof.hash, Found())
    cache.save()


@contextmanager
def serve(home: Path, questions: Path, exercises: Path) -> Iterator[str]:
    """Serve this content; give the address."""
    command = [sys.executable, "-m", "quizzer", "serve", "--port", "0"]
    folders = {"QUIZZER_QUESTIONS": str(questions), "QUIZZER_EXERCISES": str(exercises)}
    environ = {**os.environ, "QUIZZER_HOME": str(home), **folders}
    with (
        (home / "log.txt").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            yield _read_address(process, home / "log.txt")
        finally:
            process.terminate()


def _read_address(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    raise AssertionError(f"the server did not start: {log.read_text()}")


@pytest.fixture
def browser_context_args(browser_context_args: dict, base_url: str) -> dict:
    """The address of the file's own server: the plugin would keep that of the first file."""
    return {**browser_context_args, "base_url": base_url}


@pytest.fixture(autouse=True)
def _nothing_unexpected(context: BrowserContext) -> Iterator[None]:
    faults: list[str] = []
    context.set_default_timeout(PATIENCE_MS)
    context.on("console", lambda message: _note_message(message.type, message.text, faults))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    context.on("request", lambda request: _note_host(request.url, faults))
    yield
    assert faults == []


def _note_message(kind: str, text: str, faults: list[str]) -> None:
    # What a test brings about on purpose is reported as well: a refusal, a lost connection.
    is_meant = re.search(r"status of 4\d\d|ERR_CONNECTION_(REFUSED|RESET)", text)
    if kind in ("error", "warning") and not is_meant:
        faults.append(f"{kind}: {text}")


def _note_host(url: str, faults: list[str]) -> None:
    if urlsplit(url).hostname != "127.0.0.1":
        faults.append(f"asked {url}")


@pytest.fixture(scope="session")
def library(questions: Path) -> Library:
    return LibraryShelf(questions).current()


@pytest.fixture(scope="session")
def reference() -> str:
    """A right solution of the first exercise."""
    return ExerciseShelf(ROOT / "exercises").current()[f"{LESSON}/sum-of-params"].reference


@pytest.fixture
def reader(page: Page, library: Library) -> Reader:
    return Reader(page, library)
