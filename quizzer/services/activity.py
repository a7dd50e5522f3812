"""On which days a learner answered, and how that fits the week they wish for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from quizzer.errors import InvalidResponseError
from quizzer.services.days import find_day, find_start
from quizzer.store import activity, users

USUAL_GOAL = 3
DAYS_OF_WEEK = 7
WEEKS_SHOWN = 53
_WEEK = timedelta(days=DAYS_OF_WEEK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """What a learner sent, day by day, and their goal.

    Attributes:
        today: the learner's day.
        counts: answers and programs sent, by day; days without any are left out.
        goal: on how many days of a week they mean to answer, from 1 to 7.
    """

    today: date
    counts: Mapping[date, int]
    goal: int

    @property
    def week(self) -> tuple[date, ...]:
        """The days of this week, from Monday on."""
        return _list_days(find_monday(self.today))

    @property
    def days_this_week(self) -> int:
        """On how many of them something was answered."""
        return self.count_days(self.week[0])

    @property
    def is_goal_reached(self) -> bool:
        """Whether this week has as many such days as were meant."""
        return self.days_this_week >= self.goal

    @property
    def weeks_reached(self) -> int:
        """In how many weeks of the year shown the present goal was reached."""
        mondays = {find_monday(day) for day in self.counts}
        return sum(1 for monday in mondays if self.count_days(monday) >= self.goal)

    def count_days(self, monday: date) -> int:
        """Return on how many days of a week something was answered."""
        return sum(1 for day in _list_days(monday) if self.counts.get(day))


def get_year(session: Session, *, user_id: int, now: datetime) -> Activity:
    """Return what a learner sent in this week and the weeks of a year before it."""
    return _get_activity(session, user_id, now, weeks=WEEKS_SHOWN)


def get_week(session: Session, *, user_id: int, now: datetime) -> Activity:
    """Return what a learner sent in this week."""
    return _get_activity(session, user_id, now, weeks=1)


def choose_goal(session: Session, *, user_id: int, days: int) -> None:
    """Store on how many days of a week a learner means to answer.

    Raises:
        InvalidResponseError: unless it is from 1 to 7.
        NotFoundError: if there is no such user.
    """
    if not 1 <= days <= DAYS_OF_WEEK:
        raise InvalidResponseError("A week has from 1 to 7 days. Choose one of these.")
    users.lock_user(session, user_id=user_id)  # a double click stores it once
    activity.set_goal(session, user_id=user_id, days=days)


def find_monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _get_activity(session: Session, user_id: int, now: datetime, *, weeks: int) -> Activity:
    today = find_day(now)
    first = find_monday(today) - (weeks - 1) * _WEEK
    counts: Counter[date] = Counter()
    sent = activity.count_sent(session, user_id=user_id, since=find_start(first))
    for moment, count in sent.items():
        counts[find_day(moment)] += count
    goal = activity.find_goal(session, user_id=user_id)
    return Activity(today=today, counts=counts, goal=goal or USUAL_GOAL)


def _list_days(monday: date) -> tuple[date, ...]:
    return tuple(monday + timedelta(days=number) for number in range(DAYS_OF_WEEK))
