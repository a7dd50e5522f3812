"""How long a learner waits: from the click on *Grade* to the verdict on the page.

`quizzer serve` with its worker, a real chromium, a small exercise. Each round puts other source
into the editor, clicks, and has the page itself note when the final verdict stands in it. Where the
time goes is told from the browser's own entries for each request, and from the ledger: how long the
run waited for a worker, and how long that worker had it.

A new site proves its content first, which takes the worker and a core for a minute; a learner meets
a site that has, and so the rounds begin after that.

The same page, asked for once more in each round, says what a bare round trip costs here.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

GOAL_MS = 150
EXERCISE = "regularization/sum-of-params"
PATIENCE_MS = 60_000  # the first grading waits until torch has been imported
PROVING_S = 600.0
say = sys.stdout.write

# The click is noted on its way down, before anything else hears of it. What counts is a verdict
# that can be seen: the frame that the report was put into has been drawn.
WATCH = """() => new Promise((resolve) => {
  performance.clearResourceTimings()
  let start
  const onClick = () => { start = performance.now() }
  addEventListener('click', onClick, { capture: true, once: true })
  const before = document.querySelector('#run')?.dataset.submission
  const finish = (id) => {
    const end = performance.now()
    const entries = performance.getEntriesByType('resource')
    const asked = entries.filter((each) => each.startTime >= start)
    const told = asked.map((each) => [each.name, each.responseEnd - start])
    resolve({ wall_ms: end - start, asked: told, id })
  }
  const watcher = new MutationObserver(() => {
    const run = document.querySelector('#run')
    const { submission, poll } = run.dataset
    if (submission === before || poll || !run.querySelector('[data-say]')) return
    watcher.disconnect()
    requestAnimationFrame(() => setTimeout(() => finish(Number(submission))))
  })
  const everything = { childList: true, subtree: true, attributes: true }
  watcher.observe(document.querySelector('main'), everything)
  document.querySelector('[data-grade]').click()
})"""

ROUND_TRIP = """async () => {
  const start = performance.now()
  await (await fetch(location.href, { credentials: 'same-origin' })).text()
  return performance.now() - start
}"""

LEDGER = """SELECT g.queued_at, g.started_at, g.finished_at FROM grade_run g
JOIN submission s ON s.id = g.submission_id WHERE s.id = ? AND g.run_no = s.current_run"""

UNPROVED = "SELECT count(*), sum(state = 'waiting') FROM proof"


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One click; all in milliseconds.

    Attributes:
        wall_ms: from the click to the verdict.
        sent_ms: from the click to the page that says it was taken.
        queued_ms, graded_ms: how long the run waited for the worker, and how long that had it.
        trip_ms: a bare round trip for the same page.
        polls: how often the page asked.
    """

    wall_ms: float
    sent_ms: float
    queued_ms: float
    graded_ms: float
    trip_ms: float
    polls: int


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """Serve the project's own content; give the address."""
    command = [sys.executable, "-m", "quizzer", "serve", "--port", "0"]
    environ = {**os.environ, "QUIZZER_HOME": str(home), "QUIZZER_ALLOW_LEVEL": "C"}
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _read_address(process)
        finally:
            process.terminate()


def _read_address(process: subprocess.Popen[str]) -> str:
    for line in process.stdout or ():
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        if found:
            return found[0]
    raise RuntimeError("the server did not start")


@contextmanager
def open_page(address: str) -> Iterator[Page]:
    """Open the exercise in a real browser, ready to type."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("This needs chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{address}/exercises/{EXERCISE}")
        expect(page.locator("html[data-ready]")).to_be_attached()
        yield page
        browser.close()


def measure(page: Page, source: str, ledger: Path) -> Round:
    """Put this source into the editor, have it graded, and tell where the time went."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
    trip_ms = page.evaluate(ROUND_TRIP)
    told = page.evaluate(WATCH)
    sent = [end for name, end in told["asked"] if "/exercises/" in name]
    queued_ms, graded_ms = _read_ledger(ledger, told["id"])
    return Round(
        wall_ms=told["wall_ms"],
        sent_ms=max(sent),
        queued_ms=queued_ms,
        graded_ms=graded_ms,
        trip_ms=trip_ms,
        polls=len(told["asked"]) - len(sent),
    )


def _read_ledger(path: Path, submission_id: int) -> tuple[float, float]:
    with closing(sqlite3.connect(path)) as connection:
        moments = connection.execute(LEDGER, (submission_id,)).fetchone()
    queued, started, ended = map(datetime.fromisoformat, moments)
    return (started - queued).total_seconds() * 1e3, (ended - started).total_seconds() * 1e3


def await_proofs(path: Path) -> None:
    """Wait until the site has proved its content.

    Raises:
        RuntimeError: if that takes longer than PROVING_S.
    """
    give_up_at = time.monotonic() + PROVING_S
    while time.monotonic() < give_up_at:
        with closing(sqlite3.connect(path)) as connection:
            known, waiting = connection.execute(UNPROVED).fetchone()
        if known and not waiting:
            return
        time.sleep(1)
    raise RuntimeError(f"the content was not proved within {PROVING_S:g} s")


def run(rounds: int, pause_s: float) -> list[Round]:
    """Serve, warm up with one grading, let the content be proved, and measure."""
    reference = Path("exercises", EXERCISE, "reference.py").read_text(encoding="utf-8")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        serve(Path(folder)) as address,
        open_page(address) as page,
    ):
        page.get_by_role("button", name="Grade").click()
        expect(page.locator("#run [data-say]")).to_be_visible(timeout=PATIENCE_MS)
        ledger = Path(folder) / "quizzer.db"
        await_proofs(ledger)
        found = []
        for number in range(rounds):
            time.sleep(pause_s)  # as one who reads before sending again: a worker waits by then
            found.append(measure(page, f"{reference}# round {number}\n", ledger))
            say(f"round {number + 1}: {found[-1].wall_ms:.0f} ms, {found[-1].polls} polls\n")
        return found


def tell(rounds: Sequence[Round]) -> float:
    """Print medians; return that of the whole wait, in milliseconds."""
    for name, words in (
        ("wall_ms", "click to verdict"),
        ("sent_ms", "  until the page says it was taken"),
        ("queued_ms", "  in the queue"),
        ("graded_ms", "  with the worker"),
        ("trip_ms", "a bare round trip for the same page"),
    ):
        values = sorted(getattr(one, name) for one in rounds)
        say(f"{words}: median {statistics.median(values):.0f} ms, ")
        say(f"{values[0]:.0f} to {values[-1]:.0f}\n")
    middle_ms = statistics.median(one.wall_ms for one in rounds)
    ratio = middle_ms / statistics.median(one.trip_ms for one in rounds)
    say(f"{ratio:.1f} bare round trips; goal {GOAL_MS} ms\n")
    return middle_ms


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the wait; 1 where its median misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two")
    chosen = parser.parse_args(arguments)
    return int(tell(run(chosen.rounds, chosen.pause)) > GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
