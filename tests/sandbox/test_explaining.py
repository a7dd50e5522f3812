"""What authors are told that each option of an item did."""

from __future__ import annotations

import textwrap

import pytest

from quizzer.banks.bank import parse_bank
from quizzer.services.proving import explain_item
from tests.code_bank import parse_text
from tests.sandbox.items_to_prove import (
    FRONT,
    NUMERIC,
    OUTPUT,
    STEP,
    WORDS,
    blanks,
    choice,
    drawn,
    lines,
    options,
)


@pytest.fixture
def explain(grader):
    def explain(item):
        parsed = parse_bank(f"{FRONT}\n{textwrap.dedent(item).strip()}\n", "bank.md")
        assert parsed.value is not None, parsed.problems
        return explain_item(parsed.value, parsed.value.items[0], grader)

    return explain


def show_options(run):
    return [(one.key, one.is_ticked, one.is_right) for one in run.options]


def test_an_answer_is_told_with_what_it_makes_of_each_option(explain):
    told = explain(choice("answer = x.shape", a=" ", b="x"))
    assert told.is_proved
    assert [problem.code for problem in told.problems] == ["P302", "P302"]
    assert [run.seed for run in told.runs] == [0, 1]  # nothing is random: no third run
    assert told.runs[0].answer == "torch.Size([2, 4])"
    assert show_options(told.runs[0]) == [("a", False, True), ("b", True, False)]
    assert told.runs[0].options[0].shown == "torch.Size([2, 4])"
    assert 0 < told.runs[0].wall_ms < told.wall_ms


def test_a_truth_that_says_nothing_of_an_option(explain):
    told = explain(choice('truth = {"a": x.dim() == 2}'))
    assert show_options(told.runs[0]) == [("a", True, True), ("b", False, None)]


@pytest.mark.parametrize(
    ("proof", "seeds"),
    [
        ("torch.manual_seed(1)\nanswer = (torch.rand(2, 4) + 0).shape", [0, 1]),
        ("torch.rand(1)\nanswer = x.shape", [0, 1, 2]),
        ("torch.rand(1)\ntorch.manual_seed(1)\nanswer = x.shape", [0, 1, 2]),
        ("import random\nrandom.random()\nanswer = x.shape", [0, 1, 2]),
        ("import numpy\nnumpy.random.rand()\nanswer = x.shape", [0, 1, 2]),
    ],
)
def test_where_anything_is_drawn_by_luck_there_is_a_third_run(explain, proof, seeds):
    assert [run.seed for run in explain(choice(proof)).runs] == seeds


def test_every_filling_is_told(explain):
    told = explain(blanks().replace("exec(code, names)", 'exec(code, names)\n        print("ran")'))
    run = told.runs[0]
    assert (told.problems, run.options, len(run.trials)) == ((), (), 8)
    by_name = {trial.name: trial for trial in run.trials}
    right = by_name["`eval`, `no_grad`"]
    assert (right.is_claimed, right.passes, right.why, right.printed) == (True, True, "", "ran\n")
    assert "with torch.no_grad():" in right.code
    raising = by_name["`eval`, `no_such_thing`"]
    assert (raising.is_claimed, raising.passes) == (False, False)
    assert raising.why.startswith("AttributeError: ")
    assert right.wall_ms > 0


def test_an_order_and_its_distractors_are_told(explain):
    told = explain(lines(*STEP, "loss.step()  #! distractor: No."))
    assert (told.order_count, told.found.orders) == (23, (("b", "a", "c", "d"),))
    run = told.runs[0]
    assert [trial.passes for trial in run.trials] == [True, False, False, False, False, False]
    assert run.trials[0].name == "the order as it is written"
    assert run.trials[0].code == "\n".join(STEP)


def test_what_each_option_that_is_code_did_is_told(explain):
    told = explain(options(b=" "))
    run = told.runs[0]
    assert show_options(run) == [
        ("a", True, True),
        ("b", False, True),
        ("c", False, False),
        ("d", False, False),
    ]
    assert run.trials[3].why.startswith("AttributeError")
    assert run.trials[1].code == "with torch.no_grad():\n    y = x * 2"


def test_steps_in_words_are_told_by_their_keys(explain):
    assert explain(WORDS.format(value=-2)).runs[0].trials[0].code == "a\nb\nc"


def test_each_drawing_is_told_with_its_values(explain):
    told = explain(drawn())
    assert len(told.found.draws) == 20
    values = [run.values for run in told.runs]
    assert len(values) == 22
    assert {tuple(one.items()) for one in values} == {
        tuple(one.items()) for one in told.found.draws
    }
    first = told.runs[0]
    assert first.options[0].shown == f"{first.values['mean']} ± 0.001"
    assert show_options(first) == [("a", True, True), ("b", False, False)]


def test_what_is_printed_is_told(explain):
    item = OUTPUT.format(code="print(1 + 1)", wrong="3", output="2")
    run = explain(item).runs[0]
    assert run.printed == "2"
    assert show_options(run) == [("a", False, False)]


def test_what_raises_is_told(explain):
    told = explain(NUMERIC.format(right="0.1", wrong="0.3").replace("w.grad.item()", "1 / 0"))
    assert told.runs[0].error == "ZeroDivisionError: division by zero"
    assert [problem.code for problem in told.problems] == ["P301"]
    assert show_options(told.runs[0]) == [("a", True, None), ("b", False, None)]


def test_an_item_without_a_proof_has_nothing_to_tell(explain):
    item = choice("answer = 1")
    told = explain(item[: item.index("### Check")])
    assert (told.is_proved, told.runs) == (False, ())


def test_an_exercise_is_told_by_how_its_submissions_were_graded(grader):
    bank = parse_text()
    told = explain_item(bank, bank.items[0], grader)
    assert told.problems == ()
    starter, *options = told.submissions
    assert (starter.name, starter.is_claimed, starter.passes) == ("the starter", False, False)
    assert starter.why
    assert [(one.name, one.is_claimed, one.passes, bool(one.why)) for one in options] == [
        (f"option {option.key}", option.correct, option.correct, not option.correct)
        for option in bank.items[0].options
    ]
    assert "return" in options[0].code
