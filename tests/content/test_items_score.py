"""Every item that is shipped: its key earns everything, its distractors do not, nothing leaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from quizzer.banks.library import load_library
from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.domain.modes import MODES, Selection
from quizzer.domain.ranges import parse_range
from quizzer.domain.scoring import score_response
from quizzer.domain.selection import Learner, list_lesson_keys, select_items
from quizzer.domain.showing import Question, show_question
from quizzer.domain.wellformed import require_well_formed
from tests.factories import make_presentation

LIBRARY = load_library(Path(__file__).resolve().parents[2] / "questions")
NEW = Learner(history={}, beliefs={})


def choose(item, option):
    """A response that picks or types this option."""
    if item.kind.is_choice:
        return Chosen(keys=(option.key,))
    if item.kind is Kind.NUMERIC:
        return Chosen(text=str(parse_range(option.value).low))
    return Chosen(text=option.value)


def choose_right(item):
    right = [option for option in item.options if option.correct]
    if item.kind.is_choice:
        return Chosen(keys=tuple(option.key for option in right))
    if item.kind is Kind.OUTPUT:
        return Chosen(text=item.output)
    if item.kind is Kind.NUMERIC:
        return choose(item, right[0])
    return Chosen(
        blanks=tuple(
            (blank.name, next(option.value for option in blank.options if option.correct))
            for blank in item.blanks
        )
    )


def score(item, chosen):
    return score_response(item, require_well_formed(item, chosen)).score


@pytest.mark.parametrize("item", LIBRARY.items.values(), ids=lambda item: item.key)
def test_the_key_earns_everything_and_a_distractor_alone_does_not(item):
    assert score(item, choose_right(item)) == 1.0
    for option in item.options:
        if not option.correct:
            assert score(item, choose(item, option)) < 1.0


@pytest.mark.parametrize("item", LIBRARY.items.values(), ids=lambda item: item.key)
def test_an_unanswered_item_shows_nothing_but_its_question(item):
    question = Question(
        item=item,
        presentation=make_presentation(item),
        responses=(),
        misconceptions=LIBRARY.banks[item.bank].misconceptions,
        mode=MODES[-1],
        is_open=True,
    )
    shown = show_question(question, LIBRARY.html)
    told = repr(shown)
    said = [option.feedback for option in item.options] + [item.solution, item.mistakes]
    assert not [text.source for text in said if text and LIBRARY.html(text) in told]
    assert all(option.correct is None for option in shown.item.options)
    assert item.kind.is_choice or shown.item.options == ()


@pytest.mark.parametrize("lesson", LIBRARY.lessons.values(), ids=lambda lesson: lesson.id)
@pytest.mark.parametrize("mode", [mode for mode in MODES if mode.size], ids=lambda mode: mode.name)
def test_a_lesson_fills_every_mode(lesson, mode):
    items = LIBRARY.list_items(lesson.id, mode.name)
    drawn = select_items(mode, items, NEW, seed=1)
    assert len(drawn) == mode.size
    if mode.selection is Selection.STRATIFIED:
        spans = [
            sum(low <= item.difficulty <= high for item in drawn) for low, high, _ in mode.strata
        ]
        assert spans == [count for *_, count in mode.strata]


@pytest.mark.parametrize("lesson", LIBRARY.lessons.values(), ids=lambda lesson: lesson.id)
def test_a_lesson_has_its_predictions_and_myths(lesson):
    keys = list_lesson_keys(lesson)
    assert keys
    assert set(keys) <= set(LIBRARY.items)
