"""A worker process killed in mid-grading: nothing is lost, nothing is recorded twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from quizzer.config import load_settings
from quizzer.services import submitting
from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.ringing import Ringer
from quizzer.services.submitting import SubmissionState, Verdict
from quizzer.store.db import open_database
from quizzer.store.migrations import upgrade
from quizzer.store.tables import CheckResultRow, GradeRunRow, UserRow
from quizzer.worker import get_now

KEY = "regularization/sum-of-params"
LEASE_S = 2.0
RIGHT = """
def l2_penalty(model):
    return sum(parameter.square().sum() for parameter in model.parameters())
"""
SLOW = f"import time\ntime.sleep(1.5)\n{RIGHT}"
START = (
    "import os, sys; from quizzer.config import load_settings;"
    "from quizzer.worker import run_worker;"
    f"run_worker(load_settings(os.environ), name=sys.argv[1], lease_s={LEASE_S})"
)


class Site:
    """A home of its own, with a learner and as many worker processes as a test starts."""

    def __init__(self, home: Path) -> None:
        self.environ = {**os.environ, "QUIZZER_HOME": str(home)}
        self.settings = load_settings(self.environ)
        upgrade(self.settings)
        self.database = open_database(self.settings)
        self.exercises = ExerciseShelf(self.settings.exercises).current()
        self.bell = Ringer(self.settings.queue_url)
        self.workers: list[subprocess.Popen[bytes]] = []
        with self.database.transaction() as session:
            session.add(
                UserRow(
                    name="Ada",
                    folded_name="ada",
                    role="learner",
                    session_version=1,
                    created_at=get_now(),
                )
            )

    def start_worker(self) -> subprocess.Popen[bytes]:
        name = f"worker-{len(self.workers)}"
        command = [sys.executable, "-c", START, name]
        self.workers.append(subprocess.Popen(command, env=self.environ))
        return self.workers[-1]

    def send(self, source: str, form: str = "form"):
        return submitting.hand_in(
            self.database,
            self.exercises,
            self.bell,
            user_id=1,
            exercise_key=KEY,
            source=source.encode(),
            idempotency_key=form,
            now=get_now(),
        )

    def look(self, view):
        with self.database.snapshot() as session:
            return submitting.get_submission(
                session, self.exercises, submission_id=view.id, user_id=1
            )

    def get_run(self, view) -> GradeRunRow:
        with self.database.snapshot() as session:
            return session.get(GradeRunRow, view.run_id)

    def count_checks(self) -> int:
        with self.database.snapshot() as session:
            return session.scalar(select(func.count()).select_from(CheckResultRow))

    def wait_for(self, view, state: SubmissionState, *, for_s: float = 60.0):
        give_up_at = time.monotonic() + for_s
        while self.look(view).state is not state:
            assert time.monotonic() < give_up_at, f"it is {self.look(view).state}, not {state}"
            time.sleep(0.05)
        return self.look(view)

    def close(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait()
        self.bell.close()
        self.database.close()


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path / "home")
    yield site
    site.close()


def list_descendants(pid: int) -> set[int]:
    found: set[int] = set()
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, tasks.read_text().split()):
            found |= {child, *list_descendants(child)}
    return found


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie that somebody else has to bury."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_killing_the_worker_in_mid_grading_loses_and_repeats_nothing(site):
    first = site.start_worker()
    view = site.send(SLOW)
    site.wait_for(view, SubmissionState.RUNNING)
    jailed = list_descendants(first.pid)
    assert jailed
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert site.look(view).state is SubmissionState.RUNNING

    site.start_worker()
    after = site.wait_for(view, SubmissionState.GRADED)
    run = site.get_run(view)
    assert (after.report.verdict, after.report.score) == (Verdict.ACCEPTED, 1.0)
    assert (run.tries, run.run_no, run.worker) == (2, 1, "worker-1")
    assert site.count_checks() == len(after.report.checks)
    assert not [pid for pid in jailed if is_running(pid)]


def test_a_worker_that_is_asked_to_stop_ends_with_all_of_its_processes(site):
    worker = site.start_worker()
    view = site.send(RIGHT)
    site.wait_for(view, SubmissionState.GRADED)
    jailed = list_descendants(worker.pid)
    worker.terminate()
    assert worker.wait(15) == 0
    give_up_at = time.monotonic() + 5
    while [pid for pid in jailed if is_running(pid)]:
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def test_two_workers_share_the_work_and_no_run(site):
    for _ in range(2):
        site.start_worker()
    view = site.send(RIGHT)
    for _ in range(20):
        site.bell.ring(view.run_id)
    site.wait_for(view, SubmissionState.GRADED)
    assert site.get_run(view).tries == 1


def test_no_worker_process_ever_loads_torch(site):
    worker = site.start_worker()
    site.wait_for(site.send(RIGHT), SubmissionState.GRADED)
    assert "libtorch" not in Path(f"/proc/{worker.pid}/maps").read_text()
