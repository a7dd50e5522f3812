from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.items import Kind
from quizzer.domain.mastery import Belief
from quizzer.domain.modes import MODES, find_mode
from quizzer.domain.selection import (
    ItemHistory,
    Learner,
    can_ask,
    draw_strata,
    draw_unmastered,
    list_lesson_keys,
    select_items,
)
from tests.factories import NOON, make_card, make_item, make_lesson, make_variants

NEW = Learner(history={}, beliefs={})
TEST = find_mode("test")
STRATA = TEST.strata


def make_items(*difficulties, tag="skill"):
    return [
        make_item(f"bank/{tag}-{number}", difficulty=difficulty, tags=(tag,))
        for number, difficulty in enumerate(difficulties)
    ]


def make_history(**earned):
    return {
        f"bank/skill-{name[1:]}": ItemHistory(
            item_key=f"bank/skill-{name[1:]}",
            earned=share,
            at=NOON + timedelta(minutes=number),
        )
        for number, (name, share) in enumerate(earned.items())
    }


def count(items):
    return Counter(item.difficulty for item in items)


def test_a_test_has_three_easy_four_medium_and_three_hard_ones():
    drawn = draw_strata(make_items(*[1, 2, 3, 4, 5] * 4), STRATA, seed=1)
    by_span = [sum(count(drawn)[d] for d in span) for span in ((1, 2), (3,), (4, 5))]
    assert by_span == [3, 4, 3]
    assert [item.difficulty for item in drawn] == sorted(item.difficulty for item in drawn)


def test_a_short_stratum_takes_the_nearest_in_difficulty():
    drawn = draw_strata(make_items(*[1] * 10, *[2] * 10, *[3] * 4), STRATA, seed=1)
    assert len(drawn) == 10
    assert count(drawn)[3] == 4
    # All three hard places went to what is nearest to hard of those left over.
    assert count(drawn)[2] >= 3


def test_with_too_few_items_all_of_them_are_asked_once():
    items = make_items(1, 1, 5)
    assert sorted(draw_strata(items, STRATA, seed=1), key=lambda item: item.key) == items


@given(st.lists(st.integers(1, 5), max_size=25), st.integers(0, 2**32))
def test_a_test_is_as_long_as_it_can_be_and_asks_nothing_twice(difficulties, seed):
    items = make_items(*difficulties)
    drawn = draw_strata(items, STRATA, seed=seed)
    assert len({item.key for item in drawn}) == len(drawn) == min(10, len(items))
    assert drawn == draw_strata(items, STRATA, seed=seed)


def test_another_seed_draws_another_test():
    items = make_items(*[1, 2, 3, 4, 5] * 8)
    drawn = {frozenset(item.key for item in draw_strata(items, STRATA, seed=s)) for s in range(5)}
    assert len(drawn) > 1


def test_practice_asks_what_is_not_mastered_first():
    items = make_items(2, 2, 2, 2)
    learner = Learner(history=make_history(_0=1.0, _1=0.5, _3=1.0), beliefs={})
    drawn = [item.id for item in draw_unmastered(items, learner, size=None, seed=3)]
    assert set(drawn[:2]) == {"skill-1", "skill-2"}
    assert drawn[2:] == ["skill-0", "skill-3"]  # the longest unseen first


def test_practice_starts_where_it_teaches_most():
    items = make_items(5, 1, 3)
    expert = Learner(history={}, beliefs={"skill": Belief(skill="skill", rating=2.8)})
    assert draw_unmastered(items, NEW, size=1, seed=1)[0].difficulty == 1
    assert draw_unmastered(items, expert, size=1, seed=1)[0].difficulty == 5


def test_a_topic_that_is_too_hard_waits_for_its_time():
    items = [*make_items(1, 1, 2, tag="l1"), *make_items(5, 5, tag="l2")]
    assert {item.tags for item in draw_unmastered(items, NEW, size=3, seed=1)} == {("l1",)}


@given(st.integers(0, 2**32))
def test_practice_mixes_topics(seed):
    items = [*make_items(2, 2, 2, tag="l1"), *make_items(2, 2, 2, tag="l2")]
    drawn = draw_unmastered(items, NEW, size=6, seed=seed)
    topics = [item.tags[0] for item in drawn]
    assert all(first != second for first, second in zip(topics[::2], topics[1::2], strict=True))


def test_practice_has_the_size_of_its_mode():
    mode = find_mode("practice")
    assert len(select_items(mode, make_items(*[2] * 30), NEW, seed=1)) == mode.size


def test_learn_keeps_the_order_of_the_lesson():
    lesson = make_lesson(predict=("bank/p2", "bank/p1"), myths=("bank/m1", "bank/p2"))
    assert list_lesson_keys(lesson) == ("bank/p2", "bank/p1", "bank/m1")
    items = make_items(5, 1, 3)
    assert select_items(find_mode("learn"), items, NEW, seed=1) == tuple(items)


def test_what_waits_for_its_variables_and_cards_with_marks_are_not_asked():
    drawn, card = make_variants(), make_card()
    asked = {mode.name for mode in MODES if can_ask(mode, card)}
    assert asked == {"review"}
    assert all(can_ask(mode, drawn) for mode in MODES)
    assert not any(can_ask(mode, replace(drawn, draws=())) for mode in MODES)


@pytest.mark.parametrize("mode", ["practice", "test", "learn"])
def test_no_items_make_no_attempt(mode):
    assert select_items(find_mode(mode), [], NEW, seed=1) == ()


def test_try_asks_the_easiest_that_are_not_mastered_first():
    items = make_items(3, 1, 2, 1)
    learner = Learner(history=make_history(_1=1.0), beliefs={})
    drawn = select_items(find_mode("try"), items, learner, seed=4)
    assert [item.id for item in drawn] == ["skill-3", "skill-2", "skill-0", "skill-1"]


@given(st.integers(0, 2**32))
def test_a_challenge_is_drawn_by_its_seed(seed):
    mode, items = find_mode("challenge"), make_items(*[1, 2, 3, 4, 5] * 3)
    drawn = select_items(mode, items, NEW, seed=seed)
    assert len({item.key for item in drawn}) == mode.size
    assert drawn == select_items(mode, items, NEW, seed=seed)


def test_another_seed_draws_another_challenge():
    mode, items = find_mode("challenge"), make_items(*[2] * 15)
    assert len({select_items(mode, items, NEW, seed=seed) for seed in range(5)}) > 1


def test_what_closes_a_picture_comes_in_the_order_of_its_bank():
    items = make_items(5, 1, 3, 2)
    assert select_items(find_mode("visualize"), items, NEW, seed=9) == tuple(items[:3])


def test_code_is_asked_only_where_its_verdict_may_be_known_at_once():
    program = make_item(kind=Kind.CODE)
    asked = [mode.name for mode in MODES if can_ask(mode, program)]
    assert asked == ["why", "learn", "visualize", "practice", "try", "project", "metrics"]
