"""Every item that is shipped: its key earns everything, its distractors do not, nothing leaks."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from quizzer.banks.library import load_library
from quizzer.domain.attempts import RECALL_KEYS, Chosen
from quizzer.domain.items import Kind
from quizzer.domain.modes import MODES, Selection
from quizzer.domain.questions import Question
from quizzer.domain.ranges import parse_range
from quizzer.domain.scoring import score_response
from quizzer.domain.selection import Learner, list_lesson_keys, select_items
from quizzer.domain.showing import show_question
from quizzer.domain.variants import VARIABLE, draw_item
from quizzer.domain.wellformed import require_well_formed
from tests.factories import make_presentation

LIBRARY = load_library(Path(__file__).resolve().parents[2] / "questions")
ITEMS = list(LIBRARY.items.values())
SCORED = [
    item for item in ITEMS if item.kind is not Kind.CODE
]  # a program's score is its grading's
NEW = Learner(history={}, beliefs={})


def list_drawn(item):
    """The item as learners may get it: under three seeds where its values are drawn."""
    if item.variants is None:
        return [item]
    drawn = []
    for seed in range(3):
        values = {"rng": random.Random(seed)}  # noqa: S311 - the proofs draw like this
        exec(item.variants.code, values)  # noqa: S102 - our own content
        drawn.append(draw_item(item, {name: str(value) for name, value in values.items()}))
    return drawn


def choose(item, option):
    """A response that picks or types this option."""
    if item.kind.is_choice:
        return Chosen(keys=(option.key,))
    if item.kind.is_sequence:
        return Chosen(keys=(*item.orders[0], option.key))
    if item.kind is Kind.NUMERIC:
        return Chosen(text=str(parse_range(option.value).low))
    return Chosen(text=option.value)


def choose_right(item):
    right = [option for option in item.options if option.correct]
    if item.kind.is_choice:
        return Chosen(keys=tuple(option.key for option in right))
    if item.kind.is_sequence:
        return Chosen(keys=item.orders[0])
    if item.kind is Kind.RECALL:
        return Chosen(keys=RECALL_KEYS[-1:])
    if item.kind is Kind.OUTPUT:
        return Chosen(text=item.output)
    if item.kind in (Kind.NUMERIC, Kind.SHORT):
        return choose(item, right[0])
    return Chosen(
        blanks=tuple(
            (blank.name, next(option.value for option in blank.options if option.correct))
            for blank in item.blanks
        )
    )


def score(item, chosen):
    return score_response(item, require_well_formed(item, chosen)).score


@pytest.mark.parametrize("item", SCORED, ids=lambda item: item.key)
def test_the_key_earns_everything_and_a_distractor_alone_does_not(item):
    for drawn in list_drawn(item):
        assert score(drawn, choose_right(drawn)) == 1.0
        for option in drawn.options:
            if not option.correct:
                assert score(drawn, choose(drawn, option)) < 1.0


@pytest.mark.parametrize(
    "item", [item for item in ITEMS if item.kind.is_sequence], ids=lambda item: item.key
)
def test_a_sequence_turned_round_or_cut_short_earns_less(item):
    for order in item.orders:
        assert score(item, Chosen(keys=order[::-1])) < 1.0
        assert score(item, Chosen(keys=order[:-1])) < 1.0


@pytest.mark.parametrize(
    "item", [item for item in ITEMS if item.kind is Kind.SHORT], ids=lambda item: item.key
)
def test_every_accepted_answer_is_accepted_however_it_is_typed(item):
    for option in item.options:
        text = option.value if item.is_case_sensitive else option.value.upper()
        assert (score(item, Chosen(text=f"  {text} ")) == 1.0) == option.correct


@pytest.mark.parametrize(
    "item", [item for item in ITEMS if item.variants], ids=lambda item: item.key
)
def test_what_is_drawn_is_filled_in_everywhere(item):
    drawn = list_drawn(item)
    shown = [re.sub(r"variants=.*", "", repr(one)) for one in drawn]
    shown += [fence.code for one in drawn for fence in one.fences]
    assert not [text for text in shown if VARIABLE.search(text)]
    assert len({one.stem.source for one in drawn}) > 1


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: item.key)
def test_an_unanswered_item_shows_nothing_but_its_question(item):
    drawn = list_drawn(item)[0]
    question = Question(
        item=drawn,
        presentation=make_presentation(drawn),
        responses=(),
        misconceptions=LIBRARY.banks[item.bank].misconceptions,
        mode=MODES[-1],
        is_open=True,
    )
    shown = show_question(question, lambda text: f"<p>{text.source}</p>")
    told = repr(shown)
    said = [option.feedback for option in drawn.options]
    said += [drawn.solution, drawn.mistakes, drawn.answer, drawn.notes]
    assert not [text.source for text in said if text and repr(text.source)[1:-1] in told]
    assert all(option.correct is None for option in shown.item.options)
    assert has_only_lines_to_see(item, shown)


def has_only_lines_to_see(item, shown):
    """Whether there are options where there is a choice, and lines named by place in a sequence."""
    keys = [option.key for option in shown.item.options]
    if item.kind.is_sequence:
        return keys == [str(place) for place in range(1, len(item.options) + 1)]
    return item.kind.is_choice or keys == []


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
