from __future__ import annotations

from datetime import timedelta

import pytest

from quizzer.domain.proofs import Found, Proof, ProofState
from quizzer.store.proofs import confirm_passed, find_proofs, mark_waiting, record_proof
from tests.factories import NOON

PASSED = Proof(state=ProofState.PASSED)
WAITING = Proof(state=ProofState.WAITING)
FAILED = Proof(
    state=ProofState.FAILED,
    contradictions=((12, "P302", "this is ticked, but wrong."), (30, "P304", "it prints 2.")),
)


@pytest.fixture
def record(database):
    def record(revision, proof, *, prover="torch 1", after=0.0):
        now = NOON + timedelta(seconds=after)
        with database.transaction() as session:
            record_proof(session, revision=revision, prover=prover, proof=proof, now=now)

    return record


@pytest.fixture
def mark(database):
    def mark(*revisions, after=0.0):
        now = NOON + timedelta(seconds=after)
        with database.transaction() as session:
            mark_waiting(session, revisions, prover="torch 1", now=now)

    return mark


@pytest.fixture
def find(database):
    def find(*revisions):
        with database.snapshot() as session:
            return find_proofs(session, revisions, waiting_since=NOON)

    return find


def test_an_outcome_comes_back_as_it_was_recorded(record, find):
    record("a", PASSED)
    record("b", FAILED)
    assert find("a", "b", "c") == {"a": PASSED, "b": FAILED}


def test_what_proofs_found_comes_back_as_well(record, find):
    found = {
        "steps": Found(orders=(("b", "a", "c"), ("c", "a", "b"))),
        "drawn": Found(draws=({"n": "3", "x": "0.5"}, {"n": "4", "x": "1.0"})),
    }
    proof = Proof(state=ProofState.PASSED, found=found)
    record("a", proof)
    assert find("a") == {"a": proof}
    record("a", PASSED)
    assert find("a")["a"].found == {}


def test_nothing_asked_is_nothing_found(record, find):
    record("a", PASSED)
    assert find() == {}


def test_a_version_waits_while_its_worker_gives_signs_of_life(mark, find):
    mark("a", "b", after=-5)
    assert find("a", "b") == {}
    mark("a", after=5)
    assert find("a", "b") == {"a": WAITING}


def test_what_is_settled_does_not_wait_again(record, mark, find):
    record("a", FAILED)
    mark("a", after=5)
    assert find("a") == {"a": FAILED}


def test_an_outcome_takes_the_place_of_the_wait_and_of_an_older_outcome(record, mark, find):
    mark("a")
    record("a", FAILED, after=1)
    assert find("a") == {"a": FAILED}
    record("a", PASSED, after=2)
    assert find("a") == {"a": PASSED}


def test_of_several_provers_the_last_word_counts(record, find):
    record("a", PASSED, prover="torch 1", after=1)
    record("a", FAILED, prover="torch 2", after=2)
    assert find("a") == {"a": FAILED}


def test_an_older_outcome_counts_until_the_new_prover_is_done(record, mark, find):
    record("a", PASSED, prover="torch 0", after=-100)
    mark("a")
    assert find("a") == {"a": PASSED}


def test_a_prover_that_comes_back_confirms_what_it_passed_before(database, record, find):
    record("a", PASSED, prover="torch 1", after=1)
    record("b", FAILED, prover="torch 1", after=1)
    record("a", FAILED, prover="torch 2", after=2)
    with database.transaction() as session:
        now = NOON + timedelta(seconds=3)
        confirmed = confirm_passed(session, ["a", "b", "c"], prover="torch 1", now=now)
    assert confirmed == {"a"}
    assert find("a", "b") == {"a": PASSED, "b": FAILED}
