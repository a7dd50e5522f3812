"""Items that bring an exercise: what is made of them, and what `quizzer check` says of them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from quizzer.services.checking import load_content
from quizzer.services.inline import (
    InlineFault,
    find_exercise_key,
    list_code_problems,
    list_inline_items,
    make_inline_exercise,
)
from tests.code_bank import BANK, KEY, SECRETS, find_line, parse_text


def make(text: str = BANK):
    bank = parse_text(text)
    return make_inline_exercise(bank, bank.items[0])


def test_an_item_becomes_an_exercise_named_after_its_lesson_bank_and_id():
    bank = parse_text()
    assert [item.id for item in list_inline_items(bank)] == ["shrink"]
    exercise = make()
    assert exercise.key == KEY == find_exercise_key(bank.items[0], "lesson")
    assert (exercise.title, exercise.difficulty, exercise.tags) == ("Add the penalty", 3, ("l2",))


def test_a_bank_that_names_no_lesson_is_of_the_folder_it_lies_in():
    assert make(BANK.replace("lesson: lesson\n", "")).key == KEY


def test_an_item_that_names_an_exercise_leads_there():
    assert find_exercise_key(parse_text().items[1], "lesson") == "lesson/l2-sum"


@pytest.mark.parametrize("starter_first", [True, False])
def test_the_task_leaves_the_starter_to_the_editor(starter_first):
    starter = "```python starter\ndef penalize(loss, weights, strength):\n    return loss\n```\n"
    text = (
        BANK
        if starter_first
        else BANK.replace(starter, "").replace("### Check\n", "### Check\n\n" + starter)
    )
    exercise = make(text)
    assert exercise.starter == "def penalize(loss, weights, strength):\n    return loss\n"
    assert exercise.statement.endswith("times the sum of squares.")


def test_hints_and_notes_are_left_to_the_question_whose_mode_has_rules_for_them():
    exercise = make()
    assert (exercise.hints, exercise.solution, exercise.mistakes) == ((), "", "")


def test_what_is_told_of_the_task_holds_no_secret():
    exercise = make()
    told = f"{exercise!r} {exercise.statement} {exercise.starter} {exercise.checks_source}"
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize(
    ("old", "new", "place", "words"),
    [
        ("@check(points=2", "@check(pints=2", "pints=2", "no setting pints"),
        ("after=value", "after=values", "after=values", "no check above"),
        ('"""Gradients flow back to the weights."""', "pass", "def gradient", "needs a docstring"),
        ("judge=near", "judge=far", "judge=far", "no such function"),
        (
            "solution.penalize(0.0, weights",
            "solution.other(0.0, weights",
            "solution.other",
            "other",
        ),
        ("# SECRET-WRONG", "# caught by: nobody", "# caught by", "no check nobody"),
    ],
)
def test_a_fault_is_told_at_its_line_of_the_bank(old, new, place, words):
    assert old in BANK
    text = BANK.replace(old, new, 1)
    fault = make(text)
    assert isinstance(fault, InlineFault)
    assert fault.line == find_line(text, place)
    assert words in fault.message
    (problem,) = (one for one in list_code_problems([parse_text(text)], {"lesson/l2-sum": None}))
    assert (problem.path, problem.line, problem.code) == (
        "questions/lesson/penalties.md",
        fault.line,
        "E191",
    )


def test_an_exercise_that_is_not_in_the_catalogue_is_told_at_the_item():
    bank = parse_text()
    (problem,) = list_code_problems([bank], {})
    assert (problem.line, problem.code) == (find_line(BANK, "## all-parameters"), "E196")
    assert "`lesson/l2-sum`" in problem.message
    assert list(list_code_problems([bank], {"lesson/l2-sum": SimpleNamespace()})) == []


def test_a_check_of_files_tells_both_without_running_anything(tmp_path, root):
    text = BANK.replace("@check(points=2", "@check(pints=2")
    path = tmp_path / "penalties.md"
    path.write_text(text)
    content = load_content([path], questions=tmp_path / "no", exercises=root / "exercises")
    assert [(one.line, one.code) for one in content.list_problems()] == [
        (find_line(text, "pints=2"), "E191"),
        (find_line(text, "## all-parameters"), "E196"),
    ]
    path.write_text(BANK.replace("lesson/l2-sum", "regularization/sum-of-params"))
    content = load_content([path], questions=tmp_path / "no", exercises=root / "exercises")
    assert content.list_problems() == ()
