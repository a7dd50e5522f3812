"""The progress page: the week, the year as a picture with a table, skills that fade."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from quizzer.services.activity import WEEKS_SHOWN, Activity
from quizzer.web.heatmap import draw_year, list_weeks
from tests.web.canary import begin, right_answer
from tests.web.test_pages import text_of

DAY_S = 24 * 3600
TODAY = date(2026, 3, 1)  # a Sunday


def make_activity(counts, *, today=TODAY, goal=3):
    return Activity(today=today, counts=counts, goal=goal)


def list_cells(activity) -> dict[int, int]:
    """Return how many days of each strength the pictures have."""
    svg = "".join(draw_year(activity))
    paths = re.findall(r'class="heat-(\d)" d="([^"]+)"', svg)
    found: dict[int, int] = {}
    for level, path in paths:
        found[int(level)] = found.get(int(level), 0) + path.count("M")
    return found


def answer_one(learner) -> None:
    attempt = begin(learner, "practice")
    learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")


class TestYear:
    def test_every_day_of_the_year_is_there_and_none_to_come(self):
        assert list_cells(make_activity({})) == {0: WEEKS_SHOWN * 7}
        assert list_cells(make_activity({}, today=TODAY - timedelta(days=6))) == {
            0: WEEKS_SHOWN * 7 - 6
        }

    @pytest.mark.parametrize(
        ("count", "level"), [(1, 1), (4, 1), (5, 2), (9, 2), (10, 3), (19, 3), (20, 4), (900, 4)]
    )
    def test_the_more_was_answered_the_stronger(self, count, level):
        assert list_cells(make_activity({TODAY: count}))[level] == 1

    def test_a_day_stands_in_its_week_and_row(self):
        monday = make_activity({TODAY - timedelta(days=6): 1})
        sunday = make_activity({TODAY: 1})
        places = [
            re.search(r'class="heat-1" d="M(\d+) (\d+)', draw_year(each)[1])
            for each in (monday, sunday)
        ]
        assert places[0][1] == places[1][1]
        assert int(places[1][2]) - int(places[0][2]) == 6 * 15

    def test_the_table_has_the_same_the_newest_week_first(self):
        activity = make_activity({TODAY: 3, TODAY - timedelta(days=8): 2}, today=TODAY)
        rows = list_weeks(activity)
        assert [(row.monday, row.total) for row in rows] == [
            (date(2026, 2, 23), 3),
            (date(2026, 2, 16), 2),
        ]
        assert rows[1].counts == (0, 0, 0, 0, 0, 2, 0)
        early = list_weeks(make_activity({date(2026, 2, 23): 1}, today=date(2026, 2, 24)))
        assert early[0].counts == (1, 0, None, None, None, None, None)

    def test_words_say_what_the_picture_shows(self):
        first, second = draw_year(make_activity({TODAY: 3, TODAY - timedelta(days=300): 1}))
        assert "Something was answered on 1 day; 1 in all." in first
        assert "Something was answered on 1 day; 3 in all." in second
        assert "to 1 Mar 2026</title>" in second


class TestPage:
    def test_a_day_with_an_answer_is_marked_in_the_week_and_the_year(self, learner):
        answer_one(learner)
        page = learner.open("/progress")
        assert "1 of 3 days so far" in text_of(page)
        assert re.search(r'<li class="done" aria-current="date">Sun', page)
        assert re.search(r'<th scope="row">23 Feb 2026</th>', page)

    def test_the_goal_is_the_learners_and_reaching_it_is_said(self, learner, clock):
        answer_one(learner)
        learner.open("/progress")
        learner.send("/progress/goal", days="1")
        assert learner.path == "/progress"
        assert "Your goal: 1 day a week." in learner.page
        assert "your goal of 1 is reached" in text_of(learner.page)
        assert "Your goal is reached" in text_of(learner.open("/"))
        clock.pass_(DAY_S)  # Monday: another week, and nobody is told of a loss
        assert "0 of 1 day so far" in text_of(learner.open("/"))

    @pytest.mark.parametrize("days", ["0", "8", "x", "", "-1"])
    def test_a_goal_that_is_none_is_refused(self, learner, days):
        learner.open("/progress")
        learner.post("/progress/goal", days=days, status=422)

    def test_a_visitor_who_chooses_a_goal_is_kept_in_mind(self, learner):
        learner.post("/progress/goal", days="5")
        assert '<option value="5" selected>' in learner.open("/progress")

    def test_a_skill_fades_and_says_when_it_was_tried(self, learner, clock):
        answer_one(learner)
        fresh = learner.open("/progress")
        row = r"<td>too few to say</td><td[^>]*>(\d+) %</td><td[^>]*>(\d+)\W(\d+) %</td>"
        before = [int(number) for number in re.search(row, fresh).groups()]
        assert ">today</td>" in fresh
        clock.pass_(120 * DAY_S)
        later = learner.open("/progress")
        after = [int(number) for number in re.search(row, later).groups()]
        assert before[0] > after[0] >= 50
        assert after[1] < before[1]
        assert ">120 days ago</td>" in later

    def test_nothing_is_said_of_losing(self, learner, clock):
        answer_one(learner)
        clock.pass_(30 * DAY_S)
        for path in ("/", "/progress", "/lessons/canary"):
            words = text_of(learner.open(path)).lower()
            assert not re.search(r"\b(streak|lost|lose|fail|failed|missed|behind)\b", words)
