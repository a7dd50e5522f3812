"""Proving content files as they change, beside the grading, and recording what came of it.

The pages ask for the record before they take a version into service (see `services.gate`).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from quizzer.banks.files import FileWatch
from quizzer.domain.items import Bank, Lesson
from quizzer.domain.proofs import Proof, ProofState
from quizzer.services.proving.cache import ProofCache
from quizzer.services.proving.patience import PatientGrader, StoppedError
from quizzer.services.proving.prover import PROVER, Running, prove_and_find
from quizzer.store.db import Database
from quizzer.store.patience import AWAY, keep_trying, name_reason
from quizzer.store.proofs import confirm_passed, mark_waiting, record_proof

ROUND_S = 1.0
PAUSE_AFTER_FAILURE_S = 10.0
SIGN_OF_LIFE_S = 5.0

Version = Bank | Lesson

_log = logging.getLogger(__name__)


class ProvingRounds:
    """Proves the versions that have no record yet, one proof at a time.

    Args:
        root: the folder of lessons.
        is_busy: whether submissions wait that no worker has taken.
        clock: the time, in UTC.
        stop: ends everything soon after it is set.
    """

    def __init__(
        self,
        root: Path,
        *,
        database: Database,
        grader: Running,
        cache: ProofCache,
        is_busy: Callable[[], bool],
        clock: Callable[[], datetime],
        stop: threading.Event,
    ) -> None:
        self._watch = FileWatch(root)
        self._database = database
        self._patient = PatientGrader(grader, is_busy=is_busy, after_each=self._go_well, stop=stop)
        self._cache = cache
        self._clock = clock
        self._stop = stop
        self._prover = name_prover()
        self._settled: set[str] = set()
        self._pending: dict[str, Version] = {}
        self._is_well = True
        self._last_sign = float("-inf")

    def keep_going(self) -> None:
        """Go round until `stop` is set; whatever fails is logged and tried again."""
        pause_s = 0.0
        while not self._stop.wait(pause_s):
            try:
                pause_s = 0.0 if self.go_round() else ROUND_S
            except StoppedError:
                return
            except AWAY as error:
                _log.warning("Proofs wait, the database is away: %s", name_reason(error))
                pause_s = PAUSE_AFTER_FAILURE_S
            except Exception:  # noqa: BLE001 - whatever it is, the next round must come
                if self._stop.is_set():  # the jail was closed under a proof
                    return
                _log.exception("Proofs failed to run; they are tried again.")
                pause_s = PAUSE_AFTER_FAILURE_S
                self._is_well = False

    def go_round(self) -> bool:
        """Prove one version that has no record yet, the latest first; return whether more wait.

        Raises:
            StoppedError: if `stop` was set meanwhile.
            GraderError: if the jail fails.
        """
        self._look()
        if not self._pending:
            return False
        self._give_sign_of_life()
        revision, newest = next(iter(self._pending.items()))
        self._record(revision, self._prove(newest))
        self._settle(revision)
        return bool(self._pending)

    def _look(self) -> None:
        """Bring what is pending up to date."""
        versions = self._watch.look().list_versions()
        known = self._settled | self._pending.keys()
        fresh = [revision for revision in versions if revision not in known]
        in_order = (*fresh, *self._pending)
        self._pending = {name: versions[name] for name in in_order if name in versions}
        if fresh:
            with self._database.transaction() as session:
                now = self._clock()
                confirmed = confirm_passed(session, fresh, prover=self._prover, now=now)
            self._settle(*confirmed)
            self._last_sign = float("-inf")  # of the fresh ones there was none yet

    def _settle(self, *revisions: str) -> None:
        for revision in revisions:
            self._pending.pop(revision, None)
            self._settled.add(revision)

    def _prove(self, one: Version) -> Proof:
        proved = prove_and_find(
            [one] if isinstance(one, Bank) else [],
            [one] if isinstance(one, Lesson) else [],
            lambda: nullcontext(self._patient),
            cache=self._cache,
            workers=1,
        )
        return Proof(
            state=ProofState.FAILED if proved.problems else ProofState.PASSED,
            contradictions=tuple((one.line, one.code, one.message) for one in proved.problems),
            found={key.rpartition("/")[2]: found for key, found in proved.found.items()},
        )

    def _record(self, revision: str, proof: Proof) -> None:
        def record() -> None:
            with self._database.transaction() as session:
                record_proof(
                    session,
                    revision=revision,
                    prover=self._prover,
                    proof=proof,
                    now=self._clock(),
                )

        keep_trying(record)

    def _go_well(self) -> None:
        """Hear that a proof has been run."""
        self._is_well = True
        self._give_sign_of_life()

    def _give_sign_of_life(self) -> None:
        """Say, now and then, that what is pending will be proved; a jail that fails proves none."""
        if not self._is_well or time.monotonic() - self._last_sign < SIGN_OF_LIFE_S:
            return
        with self._database.transaction() as session:
            mark_waiting(session, self._pending, prover=self._prover, now=self._clock())
        self._last_sign = time.monotonic()


def name_prover() -> str:
    """Return what an outcome depends on besides the file: torch and the proving code."""
    return f"torch {version('torch')}, program {PROVER[:16]}"
