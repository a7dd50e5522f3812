"""docs/writing-questions.md: its examples are proven, and its last mistake is found by running."""

from __future__ import annotations

import contextlib

from quizzer.banks.bank import parse_bank
from quizzer.services.proving import ProofCache, prove
from tests.unit.banks.test_tutorial import ALL, MISTAKES, make_mistake


def run_proofs(text, grader):
    bank = parse_bank(text, "decay.md").value
    return prove([bank], [], lambda: contextlib.nullcontext(grader), cache=ProofCache(None))


def test_every_example_holds(grader):
    assert run_proofs(ALL, grader) == ()


def test_the_wrong_tick_says_what_the_page_says(grader):
    diff, told = MISTAKES[4]
    printed = "".join(f"{problem}\n" for problem in run_proofs(make_mistake(diff), grader))
    assert printed == told
