"""The worker: a process of its own that grades what waits, and proves content that has changed.

It needs no web process and shares no memory with one: the ledger says what is to be done, rings
make it quick, and a round every few seconds finds what no ring announced.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

from quizzer.banks.library import LibraryShelf
from quizzer.config import Settings
from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.gate import ProofGate
from quizzer.services.grading import (
    LEASE_S,
    Clock,
    Grading,
    grade_run,
    release_worker,
    requeue_lost,
)
from quizzer.services.levels import choose_level
from quizzer.services.proving import ProofCache, ProvingRounds
from quizzer.services.ringing import Listener, Ringer
from quizzer.services.submitting import Grader
from quizzer.store.db import Database, open_database
from quizzer.store.patience import AWAY, name_reason

ROUND_S = 2.0
# How long a worker that is asked to stop goes on with the runs it has before it gives them back.
STOP_PATIENCE_S = 5.0
_STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT)

_log = logging.getLogger(__name__)


def get_now() -> datetime:
    """The time of day, in UTC."""
    return datetime.now(UTC)


class Worker:
    """What one worker process does with its grader.

    Args:
        name: tells this process from all others, on all machines.
        lease_s: seconds that a run stays ours without a sign of life.
    """

    def __init__(
        self,
        *,
        name: str,
        database: Database,
        shelf: ExerciseShelf,
        ringer: Ringer,
        grader: Grading,
        clock: Clock = get_now,
        lease_s: float = LEASE_S,
    ) -> None:
        self._name = name
        self._database = database
        self._shelf = shelf
        self._ringer = ringer
        self._grader = grader
        self._clock = clock
        self._lease_s = lease_s

    def run(self, stop: threading.Event, *, workers: int, is_orphan: Callable[[], bool]) -> None:
        """Grade until `stop` is set or the process that started this one is gone.

        Call it in the main thread. Runs that are not finished soon after are given back.
        """
        listener = self._ringer.listen(self.grade, workers=workers)
        try:
            self.go_round()  # what the last worker left waits already
            while not (stop.wait(ROUND_S) or is_orphan()):
                listener.revive()
                self.go_round()
        finally:
            self._finish(listener)

    def grade(self, run_id: int) -> bool:
        """Answer one ring; return whether a report was recorded."""
        return grade_run(
            self._database,
            self._shelf.seen(),
            self._grader,
            run_id=run_id,
            worker=self._name,
            clock=self._clock,
            lease_s=self._lease_s,
            look=self._shelf.current,
        )

    def go_round(self) -> None:
        """Queue what was lost again, and ring for what waits unheard."""
        try:
            with self._database.transaction() as session:
                waiting = requeue_lost(session, now=self._clock())
        except AWAY as error:
            _log.warning("The round is skipped, the database is away: %s", name_reason(error))
            return
        # While rings are pending everybody is busy, and more of them would only pile up.
        if waiting and not self._ringer.count_unheard():
            for run in waiting:
                self._ringer.ring(run.id, priority=run.priority)

    def _finish(self, listener: Listener) -> None:
        if listener.stop(patience_s=STOP_PATIENCE_S):
            return
        with self._database.transaction() as session:
            given_back = release_worker(session, worker=self._name, is_at_fault=False)
        _log.warning("Stopped in the middle of runs %s; they are queued again.", given_back)


def run_worker(
    settings: Settings, *, name: str, parent: int | None = None, lease_s: float = LEASE_S
) -> None:
    """Grade and prove until SIGTERM or SIGINT, or until process `parent` is gone.

    Raises:
        GradingUnavailableError: if this machine cannot contain submissions well enough.
        GraderError: if the jail does not start.
    """
    # Until the jail is ready, which takes seconds, there is nothing to finish.
    for number in _STOP_SIGNALS:
        signal.signal(number, signal.SIG_DFL)
    level = choose_level(settings.allow_level)
    database = open_database(settings)
    ringer = Ringer(settings.queue_url)
    with Grader(level=level, idle=settings.workers + 1) as grader:
        stop = threading.Event()
        stop_on_signals(stop)
        worker = Worker(
            name=name,
            database=database,
            shelf=_open_shelf(settings, database),
            ringer=ringer,
            grader=grader,
            lease_s=lease_s,
        )
        proving = start_proving(
            settings, database=database, ringer=ringer, grader=grader, stop=stop
        )
        try:
            worker.run(
                stop,
                workers=settings.workers,
                is_orphan=lambda: parent is not None and os.getppid() != parent,
            )
        finally:
            stop.set()
    proving.join()
    ringer.close()
    database.close()


def _open_shelf(settings: Settings, database: Database) -> ExerciseShelf:
    """The exercises as the pages have them: of the banks the versions whose proofs have passed."""
    library = LibraryShelf(settings.questions, gate=ProofGate(database, clock=get_now))
    shelf = ExerciseShelf(settings.exercises, banks=lambda: library.current().banks)
    shelf.current()  # read now: no learner should have to wait for it
    return shelf


def start_proving(
    settings: Settings, *, database: Database, ringer: Ringer, grader: Grader, stop: threading.Event
) -> threading.Thread:
    """Prove content beside the grading, in a thread that ends soon after `stop` is set.

    A proof that runs by then ends with the grader.
    """
    rounds = ProvingRounds(
        settings.questions,
        database=database,
        grader=grader,
        cache=ProofCache(settings.home / "cache" / "proofs.json"),
        is_busy=lambda: ringer.count_unheard() > 0,
        clock=get_now,
        stop=stop,
    )
    thread = threading.Thread(target=rounds.keep_going, name="proving", daemon=True)
    thread.start()
    return thread


def stop_on_signals(stop: threading.Event) -> None:
    """Let SIGTERM and SIGINT set `stop`, so that what is going on can be finished."""

    def set_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in _STOP_SIGNALS:
        signal.signal(number, set_stop)
