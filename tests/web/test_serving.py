"""One process tree that starts as one, ends as one, and mends itself in between."""

from __future__ import annotations

import errno
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask, request

from quizzer import serving
from quizzer.errors import QuizzerError
from quizzer.serving import WebServer, WorkerKeeper, describe_address, open_port
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade


def wait_for(condition, *, for_s=30.0):
    give_up_at = time.monotonic() + for_s
    while not (value := condition()):
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.05)
    return value


class Served:
    """A small application behind the real server, in a thread."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.has_begun = threading.Event()
        self.listening = open_port("127.0.0.1", 0)
        self.port = self.listening.getsockname()[1]
        self._stop = threading.Event()
        self._web = WebServer(self._make_app(), self.listening)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _make_app(self) -> Flask:
        app = Flask("served")

        @app.get("/slow")
        def slow() -> str:
            self.has_begun.set()
            self.go_on.wait(20)
            return "x" * 3_000_000

        @app.get("/forwarded")
        def forwarded() -> str:
            return request.headers.get("X-Forwarded-For", "")

        @app.get("/quick")
        def quick() -> str:
            return "quick"

        return app

    def _serve(self) -> None:
        self._web.run(self._stop)
        self._web.finish()

    def stop(self) -> None:
        self._stop.set()

    def join(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def served():
    served = Served()
    yield served
    served.go_on.set()
    served.stop()
    served.join()


def get(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as response:
        return response.read()


def test_a_request_in_flight_is_answered_in_full_after_the_stop(served):
    bodies = []
    asking = threading.Thread(target=lambda: bodies.append(get(served.port, "/slow")))
    asking.start()
    assert served.has_begun.wait(10)
    served.stop()
    time.sleep(0.5)
    served.go_on.set()
    asking.join(20)
    assert len(bodies[0]) == 3_000_000


def test_nobody_new_is_let_in_after_the_stop(served):
    asking = threading.Thread(target=lambda: get(served.port, "/slow"))
    asking.start()
    assert served.has_begun.wait(10)
    served.stop()
    time.sleep(0.5)
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", served.port), timeout=5).close()
    served.go_on.set()
    asking.join(20)


def test_what_a_proxy_says_reaches_the_application(served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", "/forwarded", headers={"X-Forwarded-For": "203.0.113.9"})
    assert connection.getresponse().read() == b"203.0.113.9"
    connection.close()


def test_an_idle_connection_does_not_hold_up_the_stop(served):
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=10)
    connection.request("GET", "/quick")
    assert connection.getresponse().read() == b"quick"
    started_at = time.monotonic()
    served.stop()
    served.join()
    assert time.monotonic() - started_at < 5
    connection.close()


def test_a_port_in_use_is_told_in_one_line():
    with open_port("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(QuizzerError, match=rf"port {port}.*--port") as refusal:
            open_port("127.0.0.1", port)
    assert "\n" not in str(refusal.value)


def test_an_address_of_somebody_else_is_told_too():
    with pytest.raises(QuizzerError, match=r"192\.0\.2\.1"):
        open_port("192.0.2.1", 0)


ANY = "0.0.0.0"  # noqa: S104 - for a moment, in a test


@pytest.mark.parametrize("host", ["127.0.0.1", ANY])
def test_the_address_can_be_opened_on_this_machine(host):
    with open_port(host, 0) as listening:
        port = listening.getsockname()[1]
        assert describe_address(host, listening) == f"http://127.0.0.1:{port}"


@pytest.fixture
def database(tmp_path):
    url = f"sqlite:///{tmp_path}/quizzer.db"
    upgrade(url)
    database = Database(url)
    yield database
    database.close()


def start_instead(monkeypatch, code):
    """Have the keeper start a small program; returns the names that it was to have."""
    names = []

    def start(name):
        names.append(name)
        return subprocess.Popen([sys.executable, "-c", code])

    monkeypatch.setattr(serving, "start_worker", start)
    monkeypatch.setattr(serving, "FIRST_PAUSE_S", 0.05)
    return names


def test_a_dead_worker_is_started_again_under_a_new_name_with_growing_pauses(database, monkeypatch):
    names, told = start_instead(monkeypatch, "raise SystemExit(3)"), []
    with WorkerKeeper(database, warn=told.append) as keeper:
        keeper.start()
        wait_for(lambda: len(names) >= 4)
    assert len(set(names)) == len(names)
    assert told[0] == "The worker ended (3); the next one starts in 0.05 s."
    assert told[2].endswith("in 0.2 s.")


def test_a_worker_that_cannot_be_started_is_tried_again(database, monkeypatch):
    names, told = start_instead(monkeypatch, "import time; time.sleep(60)"), []
    start = serving.start_worker

    def fail_twice(name):
        if len(told) < 2:
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        return start(name)

    monkeypatch.setattr(serving, "start_worker", fail_twice)
    with WorkerKeeper(database, warn=told.append) as keeper:
        keeper.start()
        wait_for(lambda: names)
    assert told[0] == (
        "The worker could not be started (Resource temporarily unavailable); "
        "the next one starts in 0.05 s."
    )


def test_the_runs_of_a_dead_worker_are_given_back_at_once(database, monkeypatch):
    released = []
    monkeypatch.setattr(
        serving, "release_worker", lambda _session, *, worker: released.append(worker)
    )
    names = start_instead(monkeypatch, "raise SystemExit(3)")
    with WorkerKeeper(database, warn=lambda _line: None) as keeper:
        keeper.start()
        wait_for(lambda: len(names) >= 2)
    assert released[0] == names[0]


def test_a_worker_that_does_not_stop_is_killed(database, monkeypatch):
    monkeypatch.setattr(serving, "WORKER_PATIENCE_S", 0.3)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    names = start_instead(monkeypatch, code)
    with WorkerKeeper(database, warn=lambda _line: None) as keeper:
        keeper.start()
        wait_for(lambda: names)
        time.sleep(0.5)
        started_at = time.monotonic()
    assert time.monotonic() - started_at < 5


class Process:
    """`quizzer serve` on a free port, with a home of its own."""

    def __init__(self, home: Path, **environ: str) -> None:
        few = {"QUIZZER_HOME": str(home), "QUIZZER_PROCESSES": "1"}
        self.environ = {**os.environ, **few, **environ}
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "quizzer", "serve", "--port", "0"],
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.line = self.popen.stdout.readline()
        self.port = int(re.fullmatch(r"Quizzer is at http://127\.0\.0\.1:(\d+)\n", self.line)[1])

    def list_tree(self) -> dict[int, str]:
        """Every process below this one, and when each began."""
        found = {pid: read_start(pid) for pid in list_descendants(self.popen.pid)}
        return {pid: start for pid, start in found.items() if start is not None}

    def find_worker(self) -> int | None:
        return self.find_child(b"worker")

    def find_child(self, command: bytes) -> int | None:
        for tasks in Path(f"/proc/{self.popen.pid}/task").glob("*/children"):
            for child in map(int, tasks.read_text().split()):
                if command in Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0"):
                    return child
        return None

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        self.popen.send_signal(number)
        _, errors = self.popen.communicate(timeout=30)
        return self.popen.returncode, errors


@contextmanager
def standing_still(pid: int):
    """Have a process accept nothing for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


class Visitor:
    """A browser that keeps its cookies and opens a connection for each request."""

    def __init__(self, port: int) -> None:
        self._jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        self._site = f"http://127.0.0.1:{port}"

    def open(self, path: str, fields: dict[str, str] | None = None) -> str:
        data = None if fields is None else urllib.parse.urlencode(fields).encode()
        with self._jar.open(self._site + path, data, timeout=80) as response:  # it may just begin
            return response.read().decode()


def list_descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            found |= {child, *list_descendants(child)}
    return found


def read_start(pid: int) -> str | None:
    """When a process began, which together with its id tells it; None if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] == "Z" else fields[19]


def list_survivors(tree: dict[int, str]) -> dict[int, str]:
    """Those of a tree that are still there, by their command lines."""
    return {
        pid: Path(f"/proc/{pid}/cmdline").read_text()
        for pid, start in tree.items()
        if read_start(pid) == start
    }


@pytest.fixture
def start(tmp_path):
    started = []

    def start(**environ):
        started.append(Process(tmp_path / "home", **environ))
        return started[-1]

    yield start
    for process in started:
        if process.popen.poll() is None:
            process.popen.kill()
        process.popen.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_whole_tree_starts_answers_and_ends(start, number):
    process = start()
    assert get(process.port, "/healthz")
    # The worker, and below it the jail that has torch.
    wait_for(lambda: len(process.list_tree()) >= 3)
    tree = process.list_tree()
    maps = {pid: Path(f"/proc/{pid}/maps") for pid in (process.popen.pid, process.find_worker())}
    assert [pid for pid, path in maps.items() if "libtorch" in path.read_text()] == []
    status, errors = process.end(number)
    assert (status, errors) == (0, "")
    wait_for(lambda: not list_survivors(tree), for_s=10)


def test_a_killed_worker_is_replaced(start):
    process = start()
    first = wait_for(process.find_worker)
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: (found := process.find_worker()) != first and found)
    assert second
    status, errors = process.end()
    assert status == 0
    assert errors == "The worker ended (-9); the next one starts in 1 s.\n"


def test_all_web_processes_know_a_session_and_one_that_is_killed_comes_back(start):
    process = start(QUIZZER_PROCESSES="2")
    second = wait_for(lambda: process.find_child(b"web"))
    visitor = Visitor(process.port)
    with standing_still(process.popen.pid):
        token = re.search(r'name="csrf_token" value="([^"]+)"', visitor.open("/progress"))[1]
    with standing_still(second):
        visitor.open("/progress/goal", {"csrf_token": token, "days": "6"})
    with standing_still(process.popen.pid):
        assert "of 6 days so far" in visitor.open("/progress")
    os.kill(second, signal.SIGKILL)
    third = wait_for(lambda: (found := process.find_child(b"web")) != second and found)
    with standing_still(process.popen.pid):
        assert "of 6 days so far" in visitor.open("/progress")
    status, errors = process.end()
    assert status == 0
    assert errors == "The web process ended (-9); the next one starts in 1 s.\n"
    assert read_start(third) is None


def test_a_further_web_process_answers_what_it_was_asked_before_it_ends(start):
    process = start(QUIZZER_PROCESSES="2")
    second = wait_for(lambda: process.find_child(b"web"))
    with standing_still(process.popen.pid):
        Visitor(process.port).open("/healthz")  # it serves
        asking = socket.create_connection(("127.0.0.1", process.port), timeout=20)
        asking.sendall(
            b"POST /theme HTTP/1.1\r\nHost: localhost\r\nContent-Length: 12\r\n\r\ntheme="
        )
        wait_for(lambda: count_sockets(second) > 1)
    process.popen.send_signal(signal.SIGTERM)
    wait_for(lambda: count_sockets(second) == 1)  # of the listening one nothing is left
    asking.sendall(b"darker")
    assert asking.recv(100).startswith(b"HTTP/1.1 400 ")  # no token, but an answer
    asking.close()
    assert process.end() == (0, "")


def count_sockets(pid: int) -> int:
    """How many sockets of the network a process has open, listening ones among them."""
    rows = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    known = {f"socket:[{row.split()[9]}]" for row in rows}
    links = (str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir())
    return sum(1 for link in links if link in known)


def test_web_processes_do_not_outlive_a_killed_server(start):
    process = start(QUIZZER_PROCESSES="2")
    second = wait_for(lambda: process.find_child(b"web"))
    tree = {second: read_start(second)}
    process.popen.kill()
    process.popen.wait()
    wait_for(lambda: not list_survivors(tree), for_s=20)


def test_the_worker_does_not_outlive_a_killed_server(start):
    process = start()
    wait_for(lambda: len(process.list_tree()) >= 3)
    tree = process.list_tree()
    process.popen.kill()
    process.popen.wait()
    wait_for(lambda: not list_survivors(tree), for_s=20)


@pytest.mark.parametrize("allowed", ["B", "A"])
def test_where_submissions_cannot_be_contained_pages_are_served_all_the_same(
    start, tmp_path, allowed
):
    """bubblewrap missing and Landlock alone is level C, below what a server grades at."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "env"):
        (tools / name).symlink_to(shutil.which(name))
    process = start(PATH=str(tools), QUIZZER_ALLOW_LEVEL=allowed)
    assert get(process.port, "/healthz")
    status, errors = process.end()
    assert status == 0
    assert errors.startswith("Submissions are kept, not graded: ")
    assert errors.count("\n") == 1


def test_broken_content_is_told_and_the_rest_is_served(start, tmp_path, root):
    questions = tmp_path / "questions"
    shutil.copytree(root / "questions", questions)
    (questions / "regularization" / "broken.md").write_text("no front matter\n")
    process = start(QUIZZER_QUESTIONS=str(questions))
    assert get(process.port, "/lessons/regularization")
    status, errors = process.end()
    assert status == 0
    assert re.search(r"regularization/broken\.md:1: E110 ", errors)
