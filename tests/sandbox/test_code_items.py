"""The proof of small exercises in banks: what is right passes, each kind of fault at its line."""

from __future__ import annotations

import pytest

from graders.facade import Grader, Verdict
from quizzer.services.inline import make_inline_exercise
from quizzer.services.proving.code_items import hash_code_item, prove_code_item
from tests.code_bank import BANK, find_line, parse_text


@pytest.fixture(scope="module")
def grader():
    with Grader(is_proving=True) as grader:
        yield grader


def change(old: str, new: str, text: str = BANK) -> str:
    assert old in text
    return text.replace(old, new, 1)


def find(grader, text: str = BANK):
    """Prove the first item; return (line, code, message) of each finding."""
    bank = parse_text(text)
    proof = prove_code_item(bank, bank.items[0], grader)
    return [(finding.line, finding.code, finding.message) for finding in proof.findings]


def test_a_right_item_holds(grader):
    assert find(grader) == []


def test_an_item_that_names_an_exercise_has_nothing_to_prove_here(grader):
    bank = parse_text()
    assert prove_code_item(bank, bank.items[1], grader).findings == ()


STARTER_SOLVES = change(
    "    return loss\n```\n\n- [ ]",
    "    return loss + strength * (weights**2).sum()\n```\n\n- [ ]",
)
RIGHT_UNTICKED = change("- [x] With a product", "- [ ] With a product")
WRONG_TICKED = change("- [ ] The strength left out", "- [x] The strength left out")
IDLE = change(
    "loss + strength * weights.square().sum()).detach()", "loss + weights.square().sum())"
)
BROKEN_SOLUTION = change("weights.pow(2).sum()\n```", "weights.power(2).sum()\n```")
BROKEN_TESTS = change("0.3))", "0.3, 4))")
STRICT_JUDGE = change("if not abs(got - expected)", "if True or not abs(got - expected)")
GUESSABLE = change("return observe.gradient(", "return None is observe.gradient(")
UNSTEADY = change(
    "    return loss + strength * weights.pow(2).sum()\n```",
    "    import time\n    return loss + strength * weights.pow(2).sum() + time.monotonic() % 1\n```",
)
NAMED_WRONGLY = change("# SECRET-WRONG", "# caught by: wide")
NAMED_RIGHTLY = change("# SECRET-WRONG", "# caught by: value, wide; misconception: no-strength")
NO_SUCH_CHECK = change("# SECRET-WRONG", "# caught by: nobody")
UNKNOWN_NAME = change("solution.penalize(0.0, weights", "solution.penalise(0.0, weights")


@pytest.mark.parametrize(
    ("text", "place", "code", "words"),
    [
        (STARTER_SOLVES, ("```python starter", ""), "P302", "the starter passes all checks"),
        (RIGHT_UNTICKED, ("```python", "With a product"), "P302", "option c is not ticked"),
        (WRONG_TICKED, ("```python", "The strength left out"), "P302", "a is ticked, but it is"),
        (IDLE, ("def gradient", ""), "P302", "the check gradient catches neither"),
        (BROKEN_SOLUTION, ("weights.power", ""), "P301", "no attribute 'power'"),
        (BROKEN_TESTS, ("0.3, 4))", ""), "P301", "get through value"),
        (STRICT_JUDGE, ("def near", ""), "P301", "rejects the reference itself"),
        (GUESSABLE, ("def gradient", ""), "P306", "lone bool"),
        (UNSTEADY, ("```python solution", ""), "P303", "does not agree with itself"),
        (NAMED_WRONGLY, ("```python", "The strength left out"), "P302", "but value, wide does"),
        (NO_SUCH_CHECK, ("# caught by", ""), "E191", "no check nobody"),
        (UNKNOWN_NAME, ("solution.penalise", ""), "E191", "no function or class penalise"),
    ],
)
def test_a_fault_is_told_at_its_line_of_the_bank(grader, text, place, code, words):
    words_there, after = place
    (found,) = find(grader, text)
    assert found[:2] == (find_line(text, words_there, after), code), found
    assert words in found[2]


def test_a_submission_may_say_what_catches_it(grader):
    assert find(grader, NAMED_RIGHTLY) == []


def test_what_is_caught_by_luck_is_not_caught(grader):
    lucky = change(
        "return loss + weights.square().sum()",
        "bonus = float(weights.flatten()[0] < -0.5)\n"
        "      return loss + strength * weights.square().sum() + bonus",
    )
    ((line, code, message),) = find(grader, lucky)
    assert (line, code) == (find_line(lucky, "```python", "The strength left out"), "P302")
    assert "passes all checks with some inputs" in message


def test_the_hash_follows_what_the_proof_depends_on_and_not_the_place():
    def make(text: str) -> str:
        bank = parse_text(text)
        return hash_code_item(bank, bank.items[0], "torch 2")

    before = make(BANK)
    assert make(change("## shrink", "Some more words.\n\n## shrink")) == before
    for text in (STARTER_SOLVES, RIGHT_UNTICKED, IDLE, BROKEN_SOLUTION, BROKEN_TESTS):
        assert make(text) != before


SNOOP = """
import gc
import re

MARK = "SECRET" + "-"


def penalize(loss, weights, strength):
    seen, found, todo = set(), set(), gc.get_objects()
    while todo:
        thing = todo.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            todo += gc.get_referents(thing)
            if type(thing) is str and "get_objects" not in thing:
                found.update(re.findall(MARK + "[A-Z-]+", thing))
    print(len(seen) > 10_000, sorted(found))
    return loss + strength * weights.square().sum()
"""


@pytest.mark.parametrize("shown", ["", "SECRET-OF-A-VISIBLE-CHECK"])
def test_a_submission_that_searches_its_process_finds_only_visible_checks(grader, shown):
    bank = parse_text(change("0.3))", f"0.3 + 0 * len({shown!r})))"))
    exercise = make_inline_exercise(bank, bank.items[0])
    report = grader.grade(exercise, SNOOP.encode(), seed=1, check="value")
    assert report.verdict is Verdict.ACCEPTED
    assert report.checks[0].output.strip().endswith(f"True {[shown] if shown else []}")


def test_a_learner_who_fails_the_same_checks_is_told_the_belief_behind_it(grader):
    bank = parse_text(change("# SECRET-WRONG", "# caught by: value, wide"))
    exercise = make_inline_exercise(bank, bank.items[0])
    forgetful = b"def penalize(loss, weights, strength):\n    return loss + (weights**2).sum()\n"
    report = grader.grade(exercise, forgetful, seed=1)
    assert report.misconception == "The strength scales the penalty."
