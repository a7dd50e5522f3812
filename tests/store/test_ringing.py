"""The doorbell: rings arrive, carry a number and nothing else, and a broken bell breaks nothing."""

from __future__ import annotations

import signal
import sqlite3
import threading
import time

import pytest

from quizzer.config import SettingsError
from quizzer.errors import QuizzerError
from quizzer.services.ringing import Ringer


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/data/queue.db"


@pytest.fixture
def listening(url):
    """Listen with a handler; everything is stopped in the end."""
    started = []

    def listen(handle, *, workers=1):
        ringer = Ringer(url)
        started.append((ringer, ringer.listen(handle, workers=workers)))
        return started[-1][1]

    yield listen
    for ringer, listener in started:
        listener.stop(patience_s=5)
        ringer.close()


def wait_for(condition, *, for_s=5.0):
    give_up_at = time.monotonic() + for_s
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.01)


@pytest.mark.parametrize("url", ["redis://127.0.0.1", "nonsense", ""])
def test_an_address_of_no_queue_is_named(url):
    with pytest.raises(SettingsError, match="QUIZZER_QUEUE_URL"):
        Ringer(url)


def test_a_queue_out_of_reach_is_told_in_one_line():
    pytest.importorskip("psycopg", reason="what talks to PostgreSQL is not installed")
    with pytest.raises(QuizzerError, match="cannot be reached") as refusal:
        Ringer("postgresql://ada@127.0.0.1:1/quizzer")
    assert "\n" not in str(refusal.value)


def test_a_ring_reaches_who_listens(url, listening):
    heard = []
    bell = Ringer(url)
    bell.ring(7)
    assert bell.count_unheard() == 1
    listening(heard.append)
    bell.ring(8)
    wait_for(lambda: heard == [7, 8])
    assert bell.count_unheard() == 0
    bell.close()


def test_higher_priority_goes_first(url, listening):
    heard = []
    bell = Ringer(url)
    bell.ring(1)
    bell.ring(2, priority=10)
    listening(heard.append)
    wait_for(lambda: len(heard) == 2)
    assert heard == [2, 1]
    bell.close()


def test_a_ring_is_answered_soon(url, listening):
    heard = threading.Event()
    listening(lambda _run_id: heard.set())
    time.sleep(0.3)
    bell = Ringer(url)
    started_at = time.monotonic()
    bell.ring(1)
    assert heard.wait(5)
    assert time.monotonic() - started_at < 1.0
    bell.close()


def test_what_a_handler_raises_does_not_stop_the_next_ring(url, listening, caplog):
    heard = []

    def fail_first(run_id):
        heard.append(run_id)
        if run_id == 1:
            raise OSError("no zygote")

    bell = Ringer(url)
    listening(fail_first)
    bell.ring(1)
    bell.ring(2)
    wait_for(lambda: heard == [1, 2])
    assert "no zygote" in caplog.text
    bell.close()


def test_several_rings_are_answered_at_once(url, listening):
    both = threading.Barrier(2)
    met = []
    bell = Ringer(url)
    listening(lambda _run_id: met.append(both.wait(5)), workers=2)
    bell.ring(1)
    bell.ring(2)
    wait_for(lambda: sorted(met) == [0, 1])
    bell.close()


def test_listening_leaves_the_signals_alone(listening):
    before = signal.getsignal(signal.SIGTERM)
    listening(print)
    assert signal.getsignal(signal.SIGTERM) is before


def test_stopping_says_whether_all_have_ended(url, listening):
    go_on, has_begun = threading.Event(), threading.Event()

    def handle(_run_id):
        has_begun.set()
        go_on.wait(10)

    bell = Ringer(url)
    listener = listening(handle)
    bell.ring(1)
    assert has_begun.wait(5)
    assert not listener.stop(patience_s=0.1)
    go_on.set()
    assert listener.stop(patience_s=5)
    bell.close()


def test_a_queue_holds_ids_as_text_and_runs_nothing(url, tmp_path):
    bell = Ringer(url)
    bell.ring(41)
    with sqlite3.connect(tmp_path / "data" / "queue.db") as queue:
        ((data,),) = queue.execute("SELECT data FROM task").fetchall()
    queue.close()
    assert bytes(data).startswith(b"[")
    assert b"41" in bytes(data)
    bell.close()


def test_a_bell_that_cannot_ring_fails_nobody(url, tmp_path, caplog):
    bell = Ringer(url)
    with sqlite3.connect(tmp_path / "data" / "queue.db") as queue:
        queue.execute("DROP TABLE task")
    queue.close()
    bell.ring(3)
    assert "run 3 did not ring" in caplog.text
    bell.close()


def test_a_damaged_queue_starts_anew(url, tmp_path, listening, caplog):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "queue.db").write_bytes(b"no database " * 500)
    heard = []
    bell = Ringer(url)
    assert "is damaged" in caplog.text
    listening(heard.append)
    bell.ring(5)
    wait_for(lambda: heard == [5])
    bell.close()


@pytest.mark.parametrize("url", ["mysql://x", "queue.db"])
def test_an_unknown_address_is_refused(url):
    with pytest.raises(ValueError, match="sqlite:///"):
        Ringer(url)
