"""Proving what has changed and recording it, with a jail that only pretends."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from graders.facade import GraderError, RunError, RunResult, Verdict
from quizzer.banks.files import read_files
from quizzer.domain.proofs import ProofState
from quizzer.services import gate as gate_module
from quizzer.services.gate import SILENT_FOR_S, ProofGate
from quizzer.services.proving import ProofCache, ProvingRounds
from quizzer.services.proving import patience as patience_module
from quizzer.services.proving import rounds as rounds_module
from quizzer.services.proving.patience import StoppedError
from quizzer.store.proofs import find_proofs
from tests.factories import NOON

BANK = """---
bank: {name}
title: Bank
format: 1
---
## one: One

`kind: numeric`

How many?

- [x] `{value}`

### Check

```python verify
answer = int("1")
```
"""
DRAWN = BANK.replace("How many?", "How many of {{{{n}}}}?").replace(
    "```python verify", "```python variants\nn = rng.randint(0, 99)\n```\n\n```python verify"
)
DEATH = RunError(verdict=Verdict.RUNTIME_ERROR, type="", message="It died.", line=None, text="")
ONE = {
    "error": None,
    "printed": [],
    "values": {},
    "names": ["answer"],
    "answer": {"text": "1", "code": "1", "number": 1.0},
    "passes": "",
    "told": [],
    "wall_ms": 0.5,
}


class Jail:
    """Finds that every answer is 1; `act` is called first, and what it returns is the error."""

    def __init__(self, act=None):
        self.runs = 0
        self.act = act

    def run(self, _source, *, arguments, limits):
        assert limits is not None
        self.runs += 1
        error = self.act() if self.act else None
        runs = [self.show(draw) for draw, _, _ in arguments["runs"]]
        value = {"runs": runs, "orders": [], "order_count": 0}
        return RunResult(value=None if error else value, output="", error=error, wall_s=0.0)

    def show(self, draw):
        values = {} if draw is None else {"n": ["int", str(draw)]}
        return {**ONE, "values": values}


class Site:
    def __init__(self, root, database):
        self.root = root
        self.database = database
        self.now = NOON
        self.stop = threading.Event()
        self.is_busy = False

    def write(self, name, value="1", text=BANK):
        folder = self.root / "lesson"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.md").write_text(text.format(name=name, value=value))

    def open_rounds(self, jail, cache=None):
        """What a worker that has just started does."""
        return ProvingRounds(
            self.root,
            database=self.database,
            grader=jail,
            cache=cache or ProofCache(None),
            is_busy=lambda: self.is_busy,
            clock=lambda: self.now,
            stop=self.stop,
        )

    def find(self):
        """Return what is known of the files as they are, by the bank's id."""
        versions = read_files(self.root).list_versions()
        with self.database.snapshot() as session:
            since = self.now - timedelta(seconds=SILENT_FOR_S)
            found = find_proofs(session, versions, waiting_since=since)
        return {versions[revision].id: proof for revision, proof in found.items()}

    def list_states(self):
        return {name: str(proof.state) for name, proof in self.find().items()}


@pytest.fixture
def site(tmp_path, database, monkeypatch):
    monkeypatch.setattr(rounds_module, "PAUSE_AFTER_FAILURE_S", 0.05)
    monkeypatch.setattr(rounds_module, "ROUND_S", 0.05)
    (tmp_path / "questions").mkdir()
    return Site(tmp_path / "questions", database)


@pytest.fixture
def start(site):
    """Keep going in a thread; returns how to end it."""

    def start(rounds):
        thread = threading.Thread(target=rounds.keep_going)
        thread.start()

        def finish():
            site.stop.set()
            thread.join(5)
            assert not thread.is_alive()

        return finish

    yield start
    site.stop.set()


def go_on(rounds):
    while rounds.go_round():
        pass


def test_what_holds_passes_and_what_is_contradicted_fails_with_its_lines(site):
    site.write("right")
    site.write("wrong", value="2")
    go_on(site.open_rounds(Jail()))
    found = site.find()
    assert found["right"].state is ProofState.PASSED
    assert found["wrong"].state is ProofState.FAILED
    ((line, code, message),) = found["wrong"].contradictions
    assert (line, code) == (12, "P302")
    assert "the proof gives" in message


def test_what_was_drawn_for_an_item_is_recorded_for_the_pages(site):
    site.write("drawn", text=DRAWN)
    go_on(site.open_rounds(Jail()))
    drawn = site.find()["drawn"]
    assert drawn.state is ProofState.PASSED
    assert drawn.found["one"].draws == tuple({"n": str(draw)} for draw in range(20))


def test_an_outcome_that_the_cache_knows_brings_what_was_found(site):
    site.write("drawn", text=DRAWN)
    cache = ProofCache(site.root.parent / "cache.json")
    go_on(site.open_rounds(Jail(), cache))
    before = site.find()["drawn"].found
    path = site.root / "lesson" / "drawn.md"
    path.write_text(path.read_text().replace("## one", "<!-- moved -->\n\n## one"))
    jail = Jail()
    go_on(site.open_rounds(jail, ProofCache(site.root.parent / "cache.json")))
    assert (jail.runs, site.find()["drawn"].found) == (0, before)


def test_a_version_is_proved_once(site):
    site.write("right")
    site.write("wrong", value="2")
    jail = Jail()
    rounds = site.open_rounds(jail)
    go_on(rounds)
    go_on(rounds)
    assert jail.runs == 2
    site.write("wrong", value="1.0")
    go_on(rounds)
    assert jail.runs == 3
    assert site.list_states() == {"right": "passed", "wrong": "passed"}


def test_the_next_worker_takes_what_passed_and_tries_what_failed_again(site):
    site.write("right")
    site.write("wrong", value="2")
    go_on(site.open_rounds(Jail()))
    jail = Jail()
    go_on(site.open_rounds(jail))
    assert jail.runs == 1
    assert site.list_states() == {"right": "passed", "wrong": "failed"}


def test_a_file_with_errors_is_not_proved(site):
    site.write("broken", value="0,5")
    jail = Jail()
    assert site.open_rounds(jail).go_round() is False
    assert (jail.runs, site.find()) == (0, {})


def test_what_is_pending_is_marked_and_what_changes_meanwhile_goes_first(site):
    for name in ("a", "b", "c"):
        site.write(name)
    rounds = site.open_rounds(Jail())
    assert rounds.go_round() is True
    assert sorted(site.list_states().values()) == ["passed", "waiting", "waiting"]
    site.write("z")
    rounds.go_round()
    assert site.list_states()["z"] == "passed"
    go_on(rounds)
    assert set(site.list_states().values()) == {"passed"}


def test_a_version_that_is_gone_is_not_proved(site):
    site.write("a")
    site.write("b")
    jail = Jail(act=lambda: (site.root / "lesson" / "b.md").unlink(missing_ok=True))
    go_on(site.open_rounds(jail))
    assert jail.runs == 1


def test_a_waiting_submission_goes_first_but_not_for_ever(site, monkeypatch):
    monkeypatch.setattr(patience_module, "GIVE_WAY_S", 0.5)
    site.write("right")
    site.is_busy = True
    started_at = time.monotonic()
    go_on(site.open_rounds(Jail()))
    assert 0.5 <= time.monotonic() - started_at < 5
    assert site.list_states() == {"right": "passed"}


def test_a_proof_under_which_the_jail_is_closed_says_nothing(site):
    site.write("right")

    def stop_and_die():
        site.stop.set()
        return DEATH

    with pytest.raises(StoppedError):
        site.open_rounds(Jail(act=stop_and_die)).go_round()
    assert site.list_states() == {"right": "waiting"}


def test_a_process_that_dies_once_is_given_a_second_chance(site):
    site.write("right")
    fates = [DEATH, None]
    go_on(site.open_rounds(Jail(act=lambda: fates.pop(0))))
    assert site.list_states() == {"right": "passed"}


def test_a_process_that_dies_twice_is_the_proof_s_fault(site):
    site.write("right")
    go_on(site.open_rounds(Jail(act=lambda: DEATH)))
    assert site.find()["right"].contradictions[0][1] == "P301"


def test_a_jail_that_fails_is_tried_again_and_gives_no_sign_of_life(site, start, caplog):
    site.write("right")

    def fail():
        raise GraderError("no worker became ready in time")

    jail = Jail(act=fail)
    finish = start(site.open_rounds(jail))
    wait_for(lambda: jail.runs >= 3)
    site.now += timedelta(seconds=SILENT_FOR_S + 1)
    runs = jail.runs
    wait_for(lambda: jail.runs >= runs + 2)
    assert site.find() == {}
    jail.act = None
    wait_for(lambda: site.list_states() == {"right": "passed"})
    finish()
    assert "Proofs failed to run" in caplog.text


def test_changes_are_noticed_while_it_goes_on(site, start):
    site.write("first")
    finish = start(site.open_rounds(Jail()))
    wait_for(lambda: site.list_states() == {"first": "passed"})
    site.write("second", value="2")
    wait_for(lambda: site.list_states() == {"first": "passed", "second": "failed"})
    finish()


def wait_for(condition, *, for_s=10.0):
    give_up_at = time.monotonic() + for_s
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.01)


def test_the_gate_gives_its_last_answer_while_the_database_is_away(site, monkeypatch, caplog):
    site.write("right")
    go_on(site.open_rounds(Jail()))
    gate = ProofGate(site.database, clock=lambda: site.now)
    revisions = read_files(site.root).list_versions().keys()
    answer = gate(revisions)
    assert [str(proof.state) for proof in answer.values()] == ["passed"]

    def fail(*_arguments, **_values):
        raise OperationalError("SELECT", {}, Exception("database is locked"))

    monkeypatch.setattr(gate_module, "find_proofs", fail)
    with caplog.at_level(logging.WARNING):
        assert gate(revisions) == answer
    assert "cannot be looked up: database is locked" in caplog.text


def test_the_gate_does_not_count_on_a_worker_that_fell_silent(site):
    site.write("a")
    site.write("b")
    site.open_rounds(Jail()).go_round()
    gate = ProofGate(site.database, clock=lambda: site.now)
    revisions = read_files(site.root).list_versions().keys()
    assert sorted(str(proof.state) for proof in gate(revisions).values()) == ["passed", "waiting"]
    site.now += timedelta(seconds=SILENT_FOR_S + 1)
    assert [str(proof.state) for proof in gate(revisions).values()] == ["passed"]
