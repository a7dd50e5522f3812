"""What is due, and in what order it is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizzer.domain.reviews import WaitingItem, is_due, select_due
from quizzer.domain.spacing import Rating, review
from tests.factories import NOON, make_item

DAY = timedelta(days=1)


def make_waiting(name: str, tag: str = "skill", **card) -> WaitingItem:
    return WaitingItem(item=make_item(f"bank/{name}", tags=(tag,)), **card)


def list_names(items) -> str:
    return "".join(item.id for item in items)


@pytest.mark.parametrize(
    ("put_off", "due", "expected"),
    [
        (DAY, NOON + timedelta(hours=5), True),  # this evening: its day has come
        (DAY, NOON + timedelta(hours=12), False),  # the next day
        (DAY, NOON - timedelta(days=3), True),
        (timedelta(minutes=10), NOON + timedelta(minutes=1), False),  # minutes are minutes
        (timedelta(minutes=10), NOON, True),
    ],
)
def test_what_waits_days_is_due_all_its_day_and_what_waits_minutes_after_them(
    put_off, due, expected
):
    ends_at = NOON + timedelta(hours=12)
    assert is_due(due, due - put_off, now=NOON, day_ends_at=ends_at) is expected


def test_confident_errors_come_first_then_the_longest_due_and_new_cards_last():
    waiting = [
        make_waiting("n"),
        make_waiting("b", due=NOON),
        make_waiting("a", due=NOON - DAY),
        make_waiting("e", due=NOON, is_confident_error=True),
    ]
    assert list_names(select_due(waiting)) == "eabn"


def test_a_round_takes_the_most_urgent_and_mixes_their_topics():
    waiting = [
        *(make_waiting(name, "x", due=NOON - DAY) for name in "abc"),
        *(make_waiting(name, "y", due=NOON) for name in "pq"),
        make_waiting("z", "y"),
    ]
    assert list_names(select_due(waiting, size=5)) == "apbqc"


def test_topics_are_not_mixed_into_the_confident_errors():
    errors = [make_waiting(name, "x", due=NOON, is_confident_error=True) for name in "de"]
    others = [make_waiting("a", "y", due=NOON - DAY)]
    assert list_names(select_due([*others, *errors])) == "dea"


def test_some_hours_early_on_its_day_counts_as_on_time():
    memory = review(None, Rating.GOOD, at=NOON)
    early = memory.due - timedelta(hours=9)
    on_time = review(memory, Rating.GOOD, at=memory.due)
    counted = review(memory, Rating.GOOD, at=early, is_its_day=True)
    assert counted.stability == pytest.approx(on_time.stability)
    assert counted.reviewed_at == early
    assert counted.due - early == on_time.due - memory.due


def test_late_is_late_whether_or_not_it_is_its_day():
    memory = review(None, Rating.GOOD, at=NOON)
    late = memory.due + 5 * DAY
    assert review(memory, Rating.GOOD, at=late, is_its_day=True) == review(
        memory, Rating.GOOD, at=late
    )
