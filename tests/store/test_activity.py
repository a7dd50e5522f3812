"""On which days a learner answered, by the day of the server's time zone."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from quizzer.errors import InvalidResponseError
from quizzer.services import activity
from quizzer.services.activity import USUAL_GOAL, WEEKS_SHOWN
from quizzer.store import submissions
from tests.factories import NOON, make_item, make_library
from tests.store.hands import RIGHT, WRONG, Learner

SUNDAY = NOON  # 1 March 2026
DAY = timedelta(days=1)


@pytest.fixture
def ada(database, learner):
    return Learner(database, learner, make_library(make_item()))


@pytest.fixture
def zone(monkeypatch):
    """Set the server's time zone."""

    def set_zone(name):
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield set_zone
    monkeypatch.undo()
    time.tzset()


def answer_at(ada, moment, *answers):
    ada.now = moment
    ada.start()
    for try_no, chosen in enumerate(answers or (RIGHT,), start=1):
        ada.answer(chosen, try_no=try_no)
    ada.finish()


def get_year(ada, now):
    with ada.database.snapshot() as session:
        return activity.get_year(session, user_id=ada.user.id, now=now)


def choose(ada, days):
    with ada.database.transaction() as session:
        activity.choose_goal(session, user_id=ada.user.id, days=days)


def test_a_day_has_as_many_as_were_sent_on_it(ada):
    answer_at(ada, SUNDAY - 2 * DAY, WRONG, WRONG, RIGHT)
    answer_at(ada, SUNDAY)
    found = get_year(ada, SUNDAY)
    assert found.counts == {date(2026, 2, 27): 3, date(2026, 3, 1): 1}
    assert found.today == date(2026, 3, 1)
    assert found.week[0] == date(2026, 2, 23)
    assert found.days_this_week == 2


def test_a_program_handed_in_counts_as_well(ada):
    with ada.database.transaction() as session:
        submissions.record_submission(
            session,
            user_id=ada.user.id,
            exercise="lesson/sum",
            source=b"x = 1",
            idempotency_key="once",
            now=SUNDAY,
        )
    assert get_year(ada, SUNDAY).counts == {date(2026, 3, 1): 1}


def test_nobody_elses_count(ada, stranger):
    answer_at(Learner(ada.database, stranger, ada.library), SUNDAY)
    assert get_year(ada, SUNDAY).counts == {}


@pytest.mark.parametrize(
    ("name", "expected"), [("UTC", 1), ("Asia/Kathmandu", 2), ("America/New_York", 1)]
)
def test_the_day_is_that_of_the_servers_zone(ada, zone, name, expected):
    zone(name)  # Kathmandu is 5:45 h ahead: the day begins in the middle of an hour
    answer_at(ada, datetime(2026, 3, 1, 18, 14, 59, tzinfo=UTC))
    answer_at(ada, datetime(2026, 3, 1, 18, 15, tzinfo=UTC))
    assert len(get_year(ada, SUNDAY + DAY).counts) == expected


def test_the_year_ends_with_this_week_and_holds_no_more(ada):
    monday = SUNDAY - 6 * DAY
    first = monday - (WEEKS_SHOWN - 1) * 7 * DAY - timedelta(hours=12)
    answer_at(ada, first - timedelta(seconds=1))
    answer_at(ada, first)
    assert list(get_year(ada, SUNDAY).counts) == [first.date()]


def test_a_week_looks_no_further_back(ada):
    answer_at(ada, SUNDAY - 7 * DAY)
    answer_at(ada, SUNDAY)
    with ada.database.snapshot() as session:
        week = activity.get_week(session, user_id=ada.user.id, now=SUNDAY)
    assert week.counts == {date(2026, 3, 1): 1}


def test_the_goal_is_what_was_chosen_last(ada):
    assert get_year(ada, SUNDAY).goal == USUAL_GOAL
    choose(ada, 5)
    choose(ada, 2)
    assert get_year(ada, SUNDAY).goal == 2


@pytest.mark.parametrize("days", [0, 8, -1])
def test_a_week_has_seven_days(ada, days):
    with pytest.raises(InvalidResponseError, match="from 1 to 7"):
        choose(ada, days)


def test_weeks_that_reached_the_goal_are_counted_whenever_they_were(ada):
    for back in (0, 1, 21, 22, 40):
        answer_at(ada, SUNDAY - back * DAY)
    choose(ada, 2)
    found = get_year(ada, SUNDAY)
    assert (found.days_this_week, found.is_goal_reached) == (2, True)
    assert found.weeks_reached == 2
    choose(ada, 3)
    assert not get_year(ada, SUNDAY).is_goal_reached
