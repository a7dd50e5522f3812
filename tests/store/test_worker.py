"""The worker's rounds and its end, with a grader that only pretends."""

from __future__ import annotations

import os
import signal
import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy.exc import OperationalError

from quizzer import worker as worker_module
from quizzer.services import submitting
from quizzer.services.ringing import Ringer
from quizzer.services.submitting import Report, SubmissionState, Verdict
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from quizzer.store.tables import UserRow
from quizzer.worker import Worker, get_now, stop_on_signals

KEY = "lesson/exercise"
EXERCISES = {KEY: SimpleNamespace(key=KEY, hash="v1", devices=("cpu",))}


class FakeGrader:
    def __init__(self, act=None):
        self.graded = []
        self._act = act

    def grade(self, _exercise, source, **_options):
        self.graded.append(source)
        if self._act:
            self._act()
        return Report(exercise=KEY, exercise_hash="v1", verdict=Verdict.ACCEPTED, score=1.0)


class SilentBell:
    def ring(self, run_id, **_options):
        """Every ring is lost."""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A database, a queue, and how to make workers for them."""
    url = f"sqlite:///{tmp_path}/quizzer.db"
    upgrade(url)
    database = Database(url)
    with database.transaction() as session:
        session.add(
            UserRow(
                name="Ada",
                folded_name="ada",
                role="learner",
                session_version=1,
                created_at=get_now(),
            )
        )
    monkeypatch.setattr(worker_module, "ROUND_S", 0.05)
    ringer = Ringer(f"sqlite:///{tmp_path}/queue.db")

    def make_worker(grader, name="w1", clock=get_now):
        return Worker(
            name=name,
            database=database,
            shelf=SimpleNamespace(seen=lambda: EXERCISES, current=lambda: EXERCISES),
            ringer=ringer,
            grader=grader,
            clock=clock,
        )

    yield SimpleNamespace(database=database, ringer=ringer, make_worker=make_worker)
    ringer.close()
    database.close()


def send(site, bell, source=b"code"):
    return submitting.hand_in(
        site.database,
        EXERCISES,
        bell,
        user_id=1,
        exercise_key=KEY,
        source=source,
        idempotency_key="form",
        now=get_now(),
    )


def look(site, view):
    with site.database.snapshot() as session:
        return submitting.get_submission(session, EXERCISES, submission_id=view.id, user_id=1)


def run_until(worker, is_done, *, for_s=10.0):
    """Run a worker in this thread until a condition holds."""
    stop = threading.Event()
    give_up_at = time.monotonic() + for_s

    def watch():
        while not is_done() and time.monotonic() < give_up_at:
            time.sleep(0.01)
        stop.set()

    watcher = threading.Thread(target=watch)
    watcher.start()
    worker.run(stop, workers=1, is_orphan=lambda: False)
    watcher.join()
    assert is_done()


def is_graded(site, view):
    return look(site, view).state is SubmissionState.GRADED


def test_a_ring_brings_the_worker(site):
    grader = FakeGrader()
    view = send(site, site.ringer)
    run_until(site.make_worker(grader), lambda: is_graded(site, view))
    assert grader.graded == [b"code"]


def test_a_lost_ring_only_takes_longer(site):
    grader = FakeGrader()
    view = send(site, SilentBell())
    run_until(site.make_worker(grader), lambda: is_graded(site, view))
    assert grader.graded == [b"code"]


def test_a_worker_that_is_stopped_gives_back_what_it_cannot_finish(site, monkeypatch):
    monkeypatch.setattr(worker_module, "STOP_PATIENCE_S", 0.1)
    go_on, has_begun = threading.Event(), threading.Event()

    def hang():
        has_begun.set()
        go_on.wait(20)

    view = send(site, site.ringer)
    run_until(site.make_worker(FakeGrader(hang)), has_begun.is_set)
    assert look(site, view).state is SubmissionState.QUEUED
    other = FakeGrader()
    run_until(site.make_worker(other, name="w2"), lambda: is_graded(site, view))
    go_on.set()
    assert other.graded == [b"code"]


def test_a_worker_that_is_stopped_finishes_what_is_nearly_done(site):
    has_begun = threading.Event()

    def take_a_while():
        has_begun.set()
        time.sleep(0.4)

    view = send(site, site.ringer)
    run_until(site.make_worker(FakeGrader(take_a_while)), has_begun.is_set)
    assert is_graded(site, view)


def test_an_orphan_stops_by_itself(site):
    calls = []
    site.make_worker(FakeGrader()).run(
        threading.Event(), workers=1, is_orphan=lambda: calls.append(1) or len(calls) > 2
    )
    assert len(calls) == 3


def test_a_round_outlives_a_database_that_is_away(site, monkeypatch, caplog):
    def fail(*_arguments, **_values):
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr(worker_module, "requeue_lost", fail)
    site.make_worker(FakeGrader()).go_round()
    assert "The round is skipped" in caplog.text


def test_rounds_do_not_pile_up_rings_while_everybody_is_busy(site):
    send(site, SilentBell())
    worker = site.make_worker(FakeGrader(), clock=lambda: get_now() + timedelta(seconds=10))
    for _ in range(5):
        worker.go_round()
    assert site.ringer.count_unheard() == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_only_ask_to_stop(number):
    before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}
    stop = threading.Event()
    stop_on_signals(stop)
    try:
        os.kill(os.getpid(), number)
        assert stop.wait(5)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
