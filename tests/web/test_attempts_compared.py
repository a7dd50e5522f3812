"""Attempts side by side, giving up, and the page of a lesson's project: all without script."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import func, select

from quizzer.services import grading
from quizzer.services.submitting import CheckResult, Report, Verdict
from quizzer.store.help_tables import GivingUpRow
from tests.web.conftest import CONTENT

EXERCISE = "/exercises/canary/double"
COMPARE = f"{EXERCISE}/compare"
PROJECT = "/lessons/canary/project"
RIGHT = "def double(number):\n    return 2 * number\n"
WRONG = "def double(number):\n    return 3 * number\n"
STARTER = (CONTENT / "exercises/canary/double/starter.py").read_text()


class Grader:
    """Accepts what is right by its text."""

    def grade(self, exercise, source, **_options):
        is_right = source == RIGHT.encode()
        verdict = Verdict.ACCEPTED if is_right else Verdict.WRONG
        checks = tuple(
            CheckResult(name=one.name, sentence=one.sentence, points=one.points, verdict=verdict)
            for one in exercise.checks
        )
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=verdict,
            score=float(is_right),
            checks=checks,
        )


@pytest.fixture
def hand_in(learner, site, bell, clock):
    def hand_in(source: str) -> str:
        clock.pass_(60)
        learner.open(EXERCISE)
        learner.send(f"{EXERCISE}/submissions", source=source)
        assert grading.grade_run(
            site.database,
            site.exercises.current(),
            Grader(),
            run_id=bell.rung[-1],
            worker="w",
            clock=clock,
        )
        return learner.open(EXERCISE)

    return hand_in


def read_lines(page: str) -> list[tuple[str, str, str]]:
    """Return (change, left, right) of each row."""
    rows = re.findall(r'<tr class="(\w+)">(.*?)</tr>', page, re.DOTALL)
    cells = [
        (name, re.findall(r'<td class="code[^>]*>(.*?)</td>', row, re.DOTALL)) for name, row in rows
    ]
    return [
        (name, *(unescape(re.sub(r"<span.*?</span>|<[^>]+>", "", cell)) for cell in pair))
        for name, pair in cells
        if pair
    ]


class TestComparing:
    def test_the_two_latest_stand_beside_each_other(self, learner, hand_in):
        hand_in(WRONG)
        hand_in(RIGHT)
        page = learner.open(COMPARE)
        assert "Attempt 1 and attempt 2" in page
        assert read_lines(page) == [
            ("equal", "def double(number):", "def double(number):"),
            ("changed", "    return 3 * number", "    return 2 * number"),
        ]
        assert "<mark>3</mark>" in page
        assert "<mark>2</mark>" in page
        assert page.count("gives something else") == page.count("passed") > 0

    def test_others_are_chosen_by_the_form(self, learner, hand_in):
        hand_in(WRONG)
        hand_in(RIGHT)
        page = learner.open(f"{COMPARE}?left=starter&right=1")
        assert "The starter and attempt 1" in page
        assert re.search(r'<option value="starter" selected>', page)
        assert "The two are equal" in learner.open(f"{COMPARE}?left=2&right=2")

    def test_each_is_restored_with_one_click(self, learner, hand_in):
        hand_in(WRONG)
        hand_in(RIGHT)
        page = learner.open(COMPARE)
        links = re.findall(r'<a href="([^"]+)#code-title">Restore', page)
        assert len(links) == 2
        assert "return 3 * number\n</textarea>" in learner.open(links[0])

    def test_the_history_leads_there(self, learner, hand_in):
        page = hand_in(WRONG)
        (link,) = re.findall(r'href="([^"]+)">Compare', page)
        assert "The starter and attempt 1" in learner.open(unescape(link))

    def test_before_any_attempt_there_is_the_starter(self, learner):
        assert "The two are equal" in learner.open(COMPARE)

    @pytest.mark.parametrize("names", ["left=77", "right=77", "left=x", "right=-1"])
    def test_what_is_not_there_is_said(self, learner, hand_in, names):
        hand_in(WRONG)
        learner.open(f"{COMPARE}?{names}", status=404)

    @pytest.mark.usefixtures("learner")
    def test_somebody_elses_attempt_is_not_there(self, another, hand_in):
        hand_in(WRONG)
        another.open(EXERCISE)
        another.send(f"{EXERCISE}/submissions", source="x = 1")
        another.open(f"{COMPARE}?left=1&right=2", status=404)


class TestHints:
    def test_a_failure_leads_to_the_next_one(self, learner, hand_in):
        link = r'<a href="#next-hint">Show hint (\d) of 2</a>'
        assert not re.search(link, learner.open(EXERCISE))
        assert re.search(link, hand_in(WRONG))[1] == "1"
        assert re.search(link, learner.send(f"{EXERCISE}/hints"))[1] == "2"

    def test_a_success_needs_no_more_and_folds_those_that_are_open(self, learner, hand_in):
        hand_in(WRONG)
        learner.send(f"{EXERCISE}/hints")
        page = hand_in(RIGHT)
        assert "next-hint" not in page
        folded = page.split('<details id="opened-hints">')[1].split("</details>")[0]
        assert "<b>Hint 1</b>" in folded
        assert 'id="next-hint"' in learner.open(f"{EXERCISE}?attempt=starter")  # for another try


class TestGivingUp:
    def test_the_starter_as_it_came_is_no_attempt_of_ones_own(self, hand_in):
        assert "Show how it can be done" not in hand_in(STARTER)
        assert "Show how it can be done" in hand_in(WRONG)

    def test_the_solution_is_shown_to_whoever_tried_and_asks(self, learner, hand_in, clock):
        assert "Show how it can be done" not in learner.open(EXERCISE)
        assert "SECRETSOLUTION" not in hand_in(WRONG)
        learner.send(f"{EXERCISE}/solution")
        assert "SECRETSOLUTION" in learner.page
        assert "2 Mar 2026, 00:01 UTC" in learner.page
        clock.pass_(12 * 3600)
        assert "SECRETSOLUTION" not in learner.open(EXERCISE)
        assert "Show how it can be done" in learner.page

    def test_what_is_handed_in_beside_it_does_not_count(self, learner, hand_in, clock):
        hand_in(WRONG)
        learner.send(f"{EXERCISE}/solution")
        page = hand_in(RIGHT)
        assert "All checks passed" in page
        assert "does not count towards your best" in page
        assert "Best so far" not in page
        assert "0 of 1 solved" in learner.open(PROJECT)
        clock.pass_(12 * 3600)
        assert "100 %" in hand_in(RIGHT)
        assert "1 of 1 solved" in learner.open(PROJECT)

    def test_asking_twice_is_asking_once_and_what_was_reached_stays(self, learner, hand_in, site):
        hand_in(WRONG)
        learner.send(f"{EXERCISE}/solution")
        learner.post(f"{EXERCISE}/solution")  # a double click
        assert learner.page.count("How it can be done") == 1
        assert "Attempts</h2>: 1." in learner.page
        with site.database.snapshot() as session:
            assert session.scalar(select(func.count()).select_from(GivingUpRow)) == 1

    def test_it_is_refused_before_an_attempt(self, learner):
        learner.open(EXERCISE)
        learner.open("/lessons/canary")
        learner.send("/lessons/canary/practice/attempts")
        learner.post(f"{EXERCISE}/solution", status=409)
        assert "Hand in one attempt first" in learner.page


class TestProject:
    def test_it_lists_the_exercises_and_says_what_is_next(self, learner, hand_in):
        page = learner.open(PROJECT)
        assert "Not begun" in page
        assert re.search(r'class="button" href="/exercises/canary/double">Begin', page)
        hand_in(WRONG)
        page = learner.open(PROJECT)
        assert ">Begun<" in page
        assert "0 %" not in page
        assert ">Go on<" in page
        hand_in(RIGHT)
        page = learner.open(PROJECT)
        assert "All of them are solved" in page
        assert 'aria-current="step"' not in page

    def test_an_unknown_lesson_has_none(self, learner):
        learner.open("/lessons/none/project", status=404)
