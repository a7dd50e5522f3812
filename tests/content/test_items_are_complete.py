"""Every item that is shipped has all that a learner is promised, and the typical ones are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quizzer.banks.library import load_library
from quizzer.domain.items import Kind, PartKind
from quizzer.domain.selection import list_lesson_keys

LIBRARY = load_library(Path(__file__).resolve().parents[2] / "questions")
NUMBERED = re.compile(r"(?ms)\A1\. .*^2\. ")
MOST_LONGEST = 0.4  # share of choice items whose key is the longest option

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
    distractors = [option for option in list_all_options(item) if not option.correct]
    has = {
        "difficulty": re.search(rf"`difficulty: {item.difficulty}`", read_labels(item)),
        "tags": item.tags,
        "modes": item.modes,
        "hint": item.hints,
        "numbered solution": item.solution and NUMBERED.search(item.solution.source),
        "mistakes": item.mistakes,
        "distractors": distractors,
        "feedback": all(option.feedback for option in distractors),
        "proof": item.verify or item.output,
    }
    return [name for name, found in has.items() if not found]


def read_labels(item):
    """The line of labels below an item's heading; a difficulty by default is nobody's judgement."""
    lines = Path(LIBRARY.banks[item.bank].path).read_text(encoding="utf-8").splitlines()
    return next(line for line in lines[item.line :] if line)


def is_key_longest(item):
    right = [len(option.text.source) for option in item.options if option.correct]
    wrong = [len(option.text.source) for option in item.options if not option.correct]
    return max(right) > max(wrong)


@pytest.mark.parametrize("item", LIBRARY.items.values(), ids=lambda item: item.key)
def test_an_item_is_complete(item):
    assert list_missing(item) == []


def test_there_are_enough_items():
    assert not [problem for problem in LIBRARY.problems if problem.is_error]
    assert len(LIBRARY.items) >= 40
    for lesson in LIBRARY.lessons:
        assert (
            sum(LIBRARY.banks[item.bank].lesson == lesson for item in LIBRARY.items.values()) > 20
        )


@pytest.mark.parametrize("lesson", LIBRARY.lessons)
def test_the_longest_option_is_no_advice(lesson):
    choices = [
        item
        for item in LIBRARY.items.values()
        if LIBRARY.banks[item.bank].lesson == lesson and item.kind in (Kind.SINGLE, Kind.MULTI)
    ]
    longest = [item.key for item in choices if is_key_longest(item)]
    assert choices
    assert len(longest) <= MOST_LONGEST * len(choices), longest


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
