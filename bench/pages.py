"""How long pages take: alone, and with 16 clients at once; and how many bytes one brings.

A real site on a home of its own, with the project's content and a learner who has come every day
for weeks. Beside it, in the same processes and through the same server, stands a bare page of Flask
and Jinja: each figure is told with its ratio to that one, in the same run.

The site has as many processes as `quizzer serve` would start; so has the bare page.

Alone, a page's time is measured in the server, from the request to the response, in turns with the
bare one. With 16 clients it is what `wrk` sees; they ask again at once, as no reader does. Nothing
is graded meanwhile.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from bench.site import BARE, TIMING

CLIENTS = 16
GOAL_ALONE_MS = 5.0  # at the median
GOAL_CROWD_MS = 50.0  # at the 99th percentile, with all clients
GOAL_WIRE_KB = 60.0
FONT = ".woff2"
WARM_UP = 10
LINKS = re.compile(r'(?:src|href)="(/static/[^"]+)"')
LINKS_OF_FILE = re.compile(r"""(?:url\(["']?|from\s*["']|import\s*["'])(\.{0,2}/?[\w./-]+)["')]""")
LUA = """done = function(summary, latency)
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("told %d %d %d %d %d\\n", latency:percentile(50), latency:percentile(99),
    summary.requests, summary.duration, failed))
end"""
say = sys.stdout.write


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The site, as its child process tells of it; `pages` has the path of each page."""

    address: str
    cookie: str
    pages: Mapping[str, str]
    history: str
    processes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    """What `wrk` saw of one page."""

    p50_ms: float
    p99_ms: float
    a_second: float


@contextmanager
def start_site(days: int) -> Iterator[Served]:
    """Serve in a process of its own, ready and warm."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        command = [sys.executable, "-m", "bench.site", "--days", str(days)]
        environ = {"QUIZZER_ALLOW_LEVEL": "C", **os.environ, "QUIZZER_HOME": home}
        with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                if not line:
                    sys.exit("The site did not start; what it said stands above.")
                served = Served(**json.loads(line))
                warm_up(served)
                yield served
            finally:
                process.send_signal(signal.SIGTERM)


def warm_up(served: Served) -> None:
    """Ask for each page a few times; end the program where one does not answer as it should."""
    for name, path in served.pages.items():
        for _ in range(WARM_UP * served.processes):
            status, _, _ = ask(served, path)
            if status != 200:  # noqa: PLR2004 - OK
                sys.exit(f"The page {name} ({path}) answered {status}, not 200.")


def ask(
    served: Served, path: str, connection: HTTPConnection | None = None
) -> tuple[int, Any, bytes]:
    """Ask for a page as the learner; return status, headers and body as they came."""
    used = connection or HTTPConnection(served.address, timeout=30)
    used.request("GET", path, headers={"Cookie": served.cookie, "Accept-Encoding": "gzip"})
    answer = used.getresponse()
    body = answer.read()
    if connection is None:
        used.close()
    return answer.status, answer.headers, body


def measure_alone(served: Served, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return what the server took for each page, one request at a time: wall and CPU, in ms."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in served.pages}
    connection = HTTPConnection(served.address, timeout=30)
    for _ in range(rounds):
        for name, path in served.pages.items():
            _, headers, _ = ask(served, path, connection)
            wall_ms, cpu_ms = re.findall(r"dur=([\d.]+)", headers[TIMING])
            times[name].append((float(wall_ms), float(cpu_ms)))
    connection.close()
    return times


def measure_crowd(served: Served, path: str, seconds: int, script: Path) -> Crowd:
    """Return what all clients see that ask for one page again and again.

    Raises:
        RuntimeError: where any of them was refused.
    """
    url = f"http://{served.address}{path}"
    command = ["wrk", "-t1", "--timeout", "30s", f"-c{CLIENTS}", f"-d{seconds}s", "-s", str(script)]
    told = subprocess.run(
        [*command, "-H", f"Cookie: {served.cookie}", url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"^told (\d+) (\d+) (\d+) (\d+) (\d+)$", told, re.MULTILINE)
    if found is None or int(found[5]):
        raise RuntimeError(f"wrk was not answered as it should be for {path}:\n{told}")
    p50_us, p99_us, requests, took_us = (int(found[number]) for number in range(1, 5))
    return Crowd(p50_ms=p50_us / 1e3, p99_ms=p99_us / 1e3, a_second=requests / took_us * 1e6)


def list_files(served: Served, path: str) -> dict[str, tuple[int, int]]:
    """Return the bytes of a page and of each file that it brings, as sent and compressed.

    Imported scripts and fonts are among the files: what an empty cache would fetch at once. The
    font of formulas comes only where there is one.
    """
    waiting: list[str] = [path]
    found: dict[str, tuple[int, int]] = {}
    has_formulas = False
    while waiting:
        here = waiting.pop()
        if here in found:
            continue
        status, headers, body = ask(served, here)
        if status != 200:  # noqa: PLR2004 - OK
            raise RuntimeError(f"{here} answered {status}")
        is_packed = headers.get("Content-Encoding") == "gzip"
        text = gzip.decompress(body) if is_packed else body
        around = len(str(headers))
        packed = len(body) if is_packed else min(len(body), len(gzip.compress(body, 6)))
        found[here] = (len(body) + around, packed + around)
        has_formulas = has_formulas or (here == path and b"<math" in text)
        links = _list_links(here, headers.get("Content-Type", ""), text)
        waiting += [link for link in links if has_formulas or not link.endswith(FONT)]
    return found


def _list_links(here: str, media_type: str, text: bytes) -> list[str]:
    if media_type.startswith("text/html"):
        return LINKS.findall(text.decode())
    if media_type.startswith(("text/css", "text/javascript")):
        targets = LINKS_OF_FILE.findall(text.decode())
        return [urlsplit(urljoin(here, target)).path for target in targets]
    return []


def find_percentile(values: Sequence[float], percent: int) -> float:
    """Return a percentile, from 1 to 99."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def tell_alone(times: Mapping[str, Sequence[tuple[float, float]]]) -> bool:
    """Print the pages' times alone; return whether each median reaches the goal.

    On a machine with other work the wall's time is theirs as well; that of the processor less so.
    """
    walls = {name: [wall_ms for wall_ms, _ in values] for name, values in times.items()}
    works = {
        name: statistics.median(cpu_ms for _, cpu_ms in values) for name, values in times.items()
    }
    say(f"\nOne client: milliseconds in the server (goal at the median: {GOAL_ALONE_MS:g})\n")
    say(f"{'page':<16}{'p50':>8}{'p99':>8}{'/ bare':>8}{'CPU':>8}{'/ bare':>8}\n")
    for name, values in walls.items():
        p50_ms, p99_ms = statistics.median(values), find_percentile(values, 99)
        say(f"{name:<16}{p50_ms:8.2f}{p99_ms:8.2f}{p50_ms / statistics.median(walls[BARE]):8.1f}")
        say(f"{works[name]:8.2f}{works[name] / works[BARE]:8.1f}\n")
    return all(statistics.median(values) <= GOAL_ALONE_MS for values in walls.values())


def tell_crowd(served: Served, seconds: int) -> bool:
    """Measure and print what 16 clients see; return whether each p99 reaches the goal."""
    if shutil.which("wrk") is None:
        say(f"\nNot measured with {CLIENTS} clients: there is no wrk here (apt-get install wrk).\n")
        return True
    say(f"\n{CLIENTS} clients: milliseconds as they see it (goal at p99: {GOAL_CROWD_MS:g})\n")
    say(f"{'page':<16}{'p50':>8}{'p99':>8}{'a second':>10}{'bare / s':>10}\n")
    seen: dict[str, Crowd] = {}
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "told.lua")
        script.write_text(LUA, encoding="utf-8")
        for name, path in served.pages.items():
            seen[name] = one = measure_crowd(served, path, seconds, script)
            say(f"{name:<16}{one.p50_ms:8.1f}{one.p99_ms:8.1f}{one.a_second:10.0f}")
            say(f"{seen[BARE].a_second / one.a_second:10.1f}\n")
    return all(one.p99_ms <= GOAL_CROWD_MS for one in seen.values())


def tell_wire(served: Served, name: str) -> bool:
    """Print what one page brings; return whether that reaches the goal."""
    files = list_files(served, served.pages[name])
    say(f"\nOn the wire with an empty cache, headers among it, in kB: {name}\n")
    for path, (sent, packed) in files.items():
        say(f"{Path(path).name:<28}{sent / 1e3:8.1f} sent{packed / 1e3:8.1f} compressed\n")
    sent_kb, packed_kb = (sum(pair[index] for pair in files.values()) / 1e3 for index in (0, 1))
    say(f"{'all':<28}{sent_kb:8.1f} sent{packed_kb:8.1f} compressed (goal {GOAL_WIRE_KB:g})\n")
    return packed_kb <= GOAL_WIRE_KB


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where any of them misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--days", type=int, default=30, help="of history")
    parser.add_argument("--rounds", type=int, default=100, help="with one client")
    parser.add_argument("--seconds", type=int, default=5, help="a page with all clients")
    chosen = parser.parse_args(arguments)
    with start_site(chosen.days) as served:
        say(f"{served.history}; served by {served.processes} processes\n")
        reached = [
            tell_alone(measure_alone(served, chosen.rounds)),
            tell_crowd(served, chosen.seconds),
            tell_wire(served, "practice round"),
        ]
    return int(not all(reached))


if __name__ == "__main__":
    sys.exit(main())
