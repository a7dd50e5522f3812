"""Which broken copies slip through weak proofs, and that none slips through good ones."""

from __future__ import annotations

import textwrap

import pytest

from quizzer.banks.bank import parse_bank
from tests.code_bank import BANK
from tests.content.breaking import Breaker
from tests.content.code_edits import list_code_edits
from tests.sandbox.items_to_prove import (
    FRONT,
    NUMERIC,
    SHORT,
    STEP,
    WORDS,
    blanks,
    choice,
    drawn,
    lines,
    options,
    output,
)

OTHER = """
## other: Another item

`kind: truefalse`

So?

- [x] True
- [ ] False
  > No.
"""


def open_breaker(grader, item):
    text = f"{FRONT}\n{textwrap.dedent(item).strip()}\n{OTHER}"
    bank = parse_bank(text, "bank.md").value
    assert bank is not None
    return Breaker(text, bank, grader), bank.items[0]


@pytest.fixture
def find(grader):
    def find(item):
        breaker, broken = open_breaker(grader, item)
        return breaker.find_uncaught(broken)

    return find


@pytest.mark.parametrize(
    "item",
    [
        choice("answer = x.shape"),
        choice('truth = {"a": x.shape == (2, 4), "b": x.shape == (2, 1, 4)}'),
        NUMERIC.format(right="0.1 ± 1%", wrong="0.3"),
        NUMERIC.format(right="[0.09, 0.11]", wrong="0.3"),
        output("print(1 + 1)", "2"),
        blanks(),
        options(),
        lines(*STEP, "loss.step()  #! distractor: No."),
        WORDS.format(value=-2),
        SHORT.format(case="", right="backward", proof='answer = "back" + "ward"'),
        drawn(),
    ],
    ids=lambda item: item.split("`kind: ")[1].partition("`")[0],
)
def test_nothing_slips_through_a_good_proof(find, item):
    assert find(item) == ()


def test_a_proof_that_looks_at_keys_only_does_not_see_the_value(find):
    proof = 'truth = {"a": hasattr(torch.ones(1), "backward"), "b": False}'
    assert find(SHORT.format(case="", right="backward", proof=proof)) == (
        "a: changed to backwardx",
    )


def test_a_truth_of_a_number_does_not_see_the_number(find):
    item = NUMERIC.format(right="0.1", wrong="0.3")
    weak = item.replace("answer = w.grad.item()", 'truth = {"a": w.grad > 0, "b": False}')
    found = find(weak)
    assert [name.startswith("a: changed to 0.") for name in found] == [True, True]


def test_a_proof_that_does_not_look_at_the_shown_code(find):
    found = find(choice("answer = torch.Size([len('ab'), 4])"))
    assert len(found) == 1
    assert found[0].startswith("the shown code, edited in ")


def test_copies_in_an_order_that_is_right_as_well_are_not_broken(grader):
    breaker, item = open_breaker(grader, lines(*STEP))
    names = [copy.name for copy in breaker.break_item(item, item.orders).copies]
    assert "a, b: the lines swapped" in names
    found = [*item.orders, ("b", "a", "c", "d")]
    assert len(breaker.break_item(item, found).copies) == len(names) - 1


def test_what_does_not_hold_cannot_be_broken(find):
    with pytest.raises(ValueError, match="made-up/mean-shape does not hold: option a"):
        find(choice("answer = x.shape", a=" ", b="x"))


def test_each_copy_is_broken_in_one_thing_and_holds_its_item_only(grader):
    breaker, item = open_breaker(grader, choice("answer = x.shape"))
    broken = breaker.break_item(item)
    texts = {copy.name: copy.text.split("\n") for copy in (*broken.copies, *broken.edits)}
    assert "- [ ] `torch.Size([2, 4])`" in texts["a: the tick flipped"]
    swapped = texts["a, b: the ticks swapped"]
    assert "- [x] `torch.Size([2, 1, 4])`" in swapped
    assert "- [ ] `torch.Size([2, 4])`" in swapped
    assert any("mean(dim=2)" in line for line in texts["the shown code: 1 changed in line 1"])
    assert not any("Another item" in line for text in texts.values() for line in text)


def test_ticks_of_exercises_and_a_starter_that_solves_are_caught(grader):
    bank = parse_bank(BANK, "bank.md").value
    breaker = Breaker(BANK, bank, grader)
    assert breaker.find_uncaught(bank.items[0]) == ()
    names = [copy.name for copy in breaker.break_item(bank.items[0]).copies]
    assert names[-1] == "the starter: is the solution"
    assert len(names) == len(bank.items[0].options) + 1


def test_edits_of_code_leave_variables_alone():
    edits = list(list_code_edits("x = [{{a}}.0, 2] * {{b}}\nassert x\n"))
    assert [edit.code for edit in edits] == [
        "x = [{{a}}.0, 2] + {{b}}\nassert x",
        "x = [{{a}}.0, 3] * {{b}}\nassert x",
        "pass\nassert x",
        "x = [{{a}}.0, 2] * {{b}}\npass",
    ]
