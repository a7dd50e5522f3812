"""Every item that is shipped has all that a learner is promised, and the typical ones are there."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from quizzer.banks.library import load_library
from quizzer.domain.items import Kind, PartKind
from quizzer.domain.selection import list_lesson_keys

LIBRARY = load_library(Path(__file__).resolve().parents[2] / "questions")
NUMBERED = re.compile(r"(?ms)\A1\. .*^2\. ")
ITEMS = list(LIBRARY.items.values())
MOST_LONGEST = 1 / 3  # share of a lesson's choice items whose key is the longest option
MOST_LONGEST_OF_A_BANK = 1 / 2
MOST_AT_A_PLACE = 0.45  # share of single choices whose key stands first, second ... in the file

# What lessons on these two topics typically ask, and where it is asked here.
TYPICAL = {
    "why a penalty on weights helps against overfitting": ("regularization-core/why-l2",),
    "which line of an optimizer applies L2": ("regularization-core/optimizer-line",),
    "what weight_decay does in a loop with Adam": ("regularization-core/adam-decay",),
    "what is wrong with a sum over the parameters": (
        "regularization-core/sum-of-generator",
        "regularization-core/sum-of-values",
    ),
    "why the model with the worse training score is the better one": (
        "regularization-core/two-classifiers",
    ),
    "what weight decay is for": ("weight-decay-core/purpose",),
    "how SGD is told to decay": ("weight-decay-core/right-keyword",),
    "what one measured step amounts to": ("weight-decay-core/measured-change",),
    "whether decayed biases explain overfitting": (
        "weight-decay-parameters/myth-biases",
        "weight-decay-parameters/by-default",
    ),
    "how to decay weights and spare biases": ("weight-decay-parameters/name-groups",),
}
PREDICTIONS = ("removes-or-reduces", "many-small-or-zero", "training-error", "smoother-or-curved")
MYTHS = ("always-raises-training", "loss-term-is-enough", "replaces-data", "always-improves-test")


def list_all_options(item):
    return [*item.options, *(option for blank in item.blanks for option in blank.options)]


def list_missing(item):
    """The names of what an item lacks."""
    has = {
        "difficulty": re.search(rf"`difficulty: {item.difficulty}`", read_labels(item)),
        "tags": item.tags,
        "modes": item.modes,
    }
    if item.kind is Kind.RECALL:
        has |= {
            "back": item.answer,
            "proof, or a note that says why not": item.verify or item.notes,
        }
    elif not item.exercise:
        has |= find_help(item)
    return [name for name, found in has.items() if not found]


def find_help(item):
    """What an item offers that is answered here: help before, feedback, and a worked answer."""
    distractors = [option for option in list_all_options(item) if not option.correct]
    proof = item.verify or item.output or item.code
    return {
        "hint": item.hints,
        "numbered solution": item.solution and NUMBERED.search(item.solution.source),
        "mistakes": item.mistakes,
        "distractors": distractors,
        "feedback": all(option.feedback for option in distractors),
        "proof, or a note that says why not": proof or item.notes,
    }


def read_labels(item):
    """The line of labels below an item's heading; a difficulty by default is nobody's judgement."""
    lines = Path(LIBRARY.banks[item.bank].path).read_text(encoding="utf-8").splitlines()
    return next(line for line in lines[item.line :] if line)


def is_key_longest(item):
    right = [len(option.text.source) for option in item.options if option.correct]
    wrong = [len(option.text.source) for option in item.options if not option.correct]
    return max(right) > max(wrong)


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_an_item_is_complete(item):
    assert list_missing(item) == []


def list_of(lesson, *kinds):
    """The lesson's items, or those of some kinds."""
    own = [item for item in ITEMS if LIBRARY.banks[item.bank].lesson == lesson]
    return [item for item in own if not kinds or item.kind in kinds]


def test_there_are_enough_items():
    assert not [problem for problem in LIBRARY.problems if problem.is_error]
    assert len(ITEMS) >= 150
    assert all(len(list_of(lesson)) >= 60 for lesson in LIBRARY.lessons)


@pytest.mark.parametrize("lesson", LIBRARY.lessons)
def test_a_lesson_uses_every_kind_and_every_difficulty(lesson):
    items = list_of(lesson)
    levels = Counter(item.difficulty for item in items)
    assert {item.kind for item in items} == set(Kind)
    assert all(levels[level] >= len(items) / 20 for level in range(1, 6)), levels
    assert max(levels.values()) <= 0.35 * len(items), levels


@pytest.mark.parametrize("lesson", LIBRARY.lessons)
def test_nearly_all_that_can_be_proven_is(lesson):
    answered = [item for item in list_of(lesson) if item.kind is not Kind.RECALL]
    bare = [i.key for i in answered if not (i.verify or i.output or i.code or i.exercise)]
    assert len(bare) <= 0.05 * len(answered), bare


UNPROVEN = [item for item in ITEMS if item.kind is Kind.RECALL and item.verify is None]


@pytest.mark.parametrize("card", UNPROVEN, ids=lambda item: item.key)
def test_a_card_without_a_proof_names_what_runs_its_claim_or_says_why_nothing_does(card):
    assert card.notes
    named = re.findall(r"`([a-z-]+/[a-z0-9-]+)`", card.notes.source)
    assert all(LIBRARY.items[key].verify or LIBRARY.items[key].output for key in named)
    assert named or re.search(r"\b(?:no|not|nothing)\b", card.notes.source)


@pytest.mark.parametrize("bank", LIBRARY.banks.values(), ids=lambda bank: bank.id)
def test_every_misconception_of_a_bank_is_met_in_an_option(bank):
    met = {option.misconception for item in bank.items for option in list_all_options(item)}
    assert met - {None} == set(bank.misconceptions)


@pytest.mark.parametrize("lesson", LIBRARY.lessons)
def test_a_key_is_told_neither_by_its_length_nor_by_its_place(lesson):
    choices = list_of(lesson, Kind.SINGLE, Kind.MULTI)
    longest = [item.key for item in choices if is_key_longest(item)]
    singles = list_of(lesson, Kind.SINGLE)
    places = Counter([option.correct for option in item.options].index(True) for item in singles)
    assert choices
    assert len(longest) <= MOST_LONGEST * len(choices), longest
    assert max(places.values()) <= MOST_AT_A_PLACE * len(singles), places


@pytest.mark.parametrize("bank", LIBRARY.banks.values(), ids=lambda bank: bank.id)
def test_in_no_bank_the_longest_option_wins(bank):
    choices = [item for item in bank.items if item.kind in (Kind.SINGLE, Kind.MULTI)]
    longest = [item.key for item in choices if is_key_longest(item)]
    assert len(longest) <= max(1, MOST_LONGEST_OF_A_BANK * len(choices)), longest


def test_a_question_against_the_clock_says_how_long_it_may_take():
    timed = [item for item in ITEMS if "challenge" in item.modes]
    assert len(timed) >= 10
    assert all(item.time_s and 30 <= item.time_s <= 300 for item in timed)
    assert all(item.kind.is_choice or item.kind is Kind.OUTPUT for item in timed)


def test_what_is_read_off_a_run_is_tagged():
    read = {item.key for item in ITEMS if "metrics" in item.modes}
    assert len(read) >= 10
    assert read <= {item.key for item in ITEMS if "metrics" in item.tags}


@pytest.mark.parametrize("topic", TYPICAL)
def test_a_typical_question_is_asked(topic):
    assert [key for key in TYPICAL[topic] if key not in LIBRARY.items] == []


def test_there_are_ten_typical_questions_each_of_its_own():
    keys = [key for keys in TYPICAL.values() for key in keys]
    assert len(TYPICAL) == 10
    assert len(set(keys)) == len(keys)


def test_the_predictions_and_myths_of_regularization_are_asked_while_learning():
    lesson = LIBRARY.lessons["regularization"]
    predicted = [part.predict for part in lesson.parts if part.predict]
    believed = [key for part in lesson.parts if part.kind is PartKind.MYTHS for key in part.items]
    assert predicted == [f"regularization-beliefs/{name}" for name in PREDICTIONS]
    assert believed == [f"regularization-beliefs/{name}" for name in MYTHS]
    assert list(list_lesson_keys(lesson)) == [*predicted, *believed]
    served = {item.key for item in LIBRARY.list_items("regularization", "learn")}
    assert {*predicted, *believed} <= served
