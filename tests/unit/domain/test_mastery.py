from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.mastery import (
    START_VARIANCE,
    Belief,
    estimate,
    fade,
    join_beliefs,
    learn_from,
    learn_from_item,
    list_skills,
    predict,
)
from tests.factories import NOON, make_item

NEW = Belief(skill="skill")
BELIEFS = st.builds(
    Belief,
    skill=st.just("skill"),
    rating=st.floats(-6, 6),
    variance=st.floats(0.05, START_VARIANCE),
    n=st.integers(0, 1000),
)


@given(BELIEFS, st.integers(1, 5))
def test_a_right_answer_raises_and_a_wrong_one_lowers(belief, difficulty):
    assert learn_from(belief, score=1.0, difficulty=difficulty).rating > belief.rating
    assert learn_from(belief, score=0.0, difficulty=difficulty).rating < belief.rating


@given(BELIEFS)
def test_a_hard_item_right_says_more_than_an_easy_one(belief):
    easy, hard = (learn_from(belief, score=1.0, difficulty=d).rating for d in (1, 5))
    assert hard > easy


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(1, 5)), max_size=60))
def test_uncertainty_stays_positive_and_bounded(tries):
    belief = NEW
    for score, difficulty in tries:
        belief = learn_from(belief, score=score, difficulty=difficulty)
        assert 0 < belief.variance <= START_VARIANCE + 0.005 * len(tries)
    assert belief.n == len(tries)


def test_the_step_decays_and_never_to_nothing():
    belief, steps = NEW, []
    for number in range(200):
        after = learn_from(belief, score=float(number % 2), difficulty=3)
        steps.append(abs(after.rating - belief.rating))
        belief = after
    assert steps[0] > 2 * steps[10] > 0
    assert steps[-1] > 0.05


@pytest.mark.parametrize("ability", [-1.5, 0.0, 1.5])
def test_the_estimate_finds_the_ability_behind_the_answers(ability):
    source = random.Random(1)  # noqa: S311 - a simulation
    belief = NEW
    for _ in range(400):
        difficulty = source.randint(1, 5)
        chance = predict(
            make_item(difficulty=difficulty), {"skill": Belief(skill="skill", rating=ability)}
        )
        belief = learn_from(belief, score=float(source.random() < chance), difficulty=difficulty)
    shown = estimate(belief)
    assert abs(shown.rating - ability) < 2.5 * shown.uncertainty
    assert shown.uncertainty < 0.5


def test_what_is_shown_of_nobody_known_is_wide():
    shown = estimate(NEW)
    assert shown.expected == pytest.approx(0.5)
    assert shown.low < 0.06
    assert shown.high > 0.94


def test_every_skill_of_an_item_learns():
    item = make_item(tags=("l1", "l2"))
    moved = learn_from_item({}, item, score=1.0)
    assert [(belief.skill, belief.n) for belief in moved] == [("l1", 1), ("l2", 1)]


def test_an_item_without_tags_belongs_to_its_bank():
    assert list_skills(make_item("bank/item", tags=())) == ("bank",)


# -- what time does to a belief

DAY = timedelta(days=1)
KNOWN = Belief(skill="skill", rating=2.0, variance=0.2, n=30, moved_at=NOON)


def test_what_is_not_used_sinks_and_grows_uncertain_towards_what_is_believed_of_anybody():
    shown = [estimate(KNOWN, NOON + days * DAY) for days in (0, 30, 180, 5000)]
    assert [one.rating for one in shown] == sorted((one.rating for one in shown), reverse=True)
    assert [one.uncertainty for one in shown] == sorted(one.uncertainty for one in shown)
    assert shown[0] == estimate(KNOWN)
    assert shown[2].rating == pytest.approx(2.0 / 2.718281828)
    assert shown[3].rating == pytest.approx(0.0, abs=1e-6)
    assert shown[3].uncertainty == pytest.approx(START_VARIANCE**0.5)
    assert {one.moved_at for one in shown} == {NOON}


def test_nobody_gets_better_by_waiting():
    weak = Belief(skill="skill", rating=-2.0, variance=0.2, n=30, moved_at=NOON)
    assert fade(weak, NOON + 365 * DAY).rating == weak.rating
    assert fade(weak, NOON + 365 * DAY).variance > weak.variance


@given(st.floats(0, 400), st.floats(0, 400))
def test_fading_twice_is_fading_once(first, second):
    middle, end = NOON + first * DAY, NOON + (first + second) * DAY
    once, twice = fade(KNOWN, end), fade(fade(KNOWN, middle), end)
    assert twice.rating == pytest.approx(once.rating)
    assert twice.variance == pytest.approx(once.variance)


def test_a_clock_that_was_set_back_brings_nothing_back():
    assert fade(KNOWN, NOON - DAY) == KNOWN
    assert fade(NEW, NOON) == NEW


def test_an_answer_after_a_long_time_moves_more():
    soon, late = (
        learn_from(KNOWN, score=0.0, difficulty=3, at=NOON + days * DAY) for days in (0, 300)
    )
    faded = fade(KNOWN, NOON + 300 * DAY)
    assert faded.rating - late.rating > KNOWN.rating - soon.rating
    assert (late.moved_at, late.n) == (NOON + 300 * DAY, 31)


def test_beliefs_of_different_days_are_joined_as_they_are_on_the_later_one():
    old = Belief(skill="skill", rating=2.0, variance=0.2, n=30, moved_at=NOON - 90 * DAY)
    joined = join_beliefs(old, KNOWN)
    assert joined == join_beliefs(fade(old, NOON), KNOWN)
    assert joined.moved_at == NOON
