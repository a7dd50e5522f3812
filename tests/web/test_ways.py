"""Try, challenge and metrics, the flags and the hidden clock of a test, and asking again."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.web.test_pages import text_of

WAYS = Path(__file__).parent / "ways"
GRACE_S = 2
SECRET = re.compile(r"SECRET[A-Z]+")


@pytest.fixture
def settings(settings):
    return replace(settings, questions=WAYS / "questions")


def begin(learner, mode: str) -> str:
    """Start a mode; return the address of the attempt."""
    learner.open("/lessons/ways")
    learner.send(f"/lessons/ways/{mode}/attempts")
    return learner.path


def answer(learner, attempt: str, position: int, choice: str) -> str:
    return learner.send(f"{attempt}/questions/{position}/response", choice=choice)


def list_options(page: str) -> list[str]:
    return re.findall(r'name="choice" value="(\w)"', page)


def trail_of(page: str) -> str:
    """Return the words of the list of questions on a page."""
    trail = page[page.index('id="trail"') :]
    return text_of(trail[: trail.index("</nav>")])


def seconds_left(page: str) -> int | None:
    found = re.search(r'data-seconds="(\d+)"', page)
    return int(found[1]) if found else None


def count_time(page: str) -> int:
    """Return the seconds that the question on the page has in a challenge."""
    return 90 if "The question 1" in page else 60


class TestChallenge:
    def test_no_clock_starts_before_a_question_is_opened(self, learner, clock):
        attempt = begin(learner, "challenge")
        assert "Ready?" in learner.page
        assert "Which one is it" not in learner.page
        clock.pass_(3600)
        learner.open(attempt)
        assert "Open question 1" in text_of(learner.page)
        page = learner.open(f"{attempt}?q=1")
        assert seconds_left(page) == count_time(page)
        assert not SECRET.search(page)

    def test_the_clock_runs_whatever_the_learner_does(self, learner, clock):
        attempt = begin(learner, "challenge")
        whole = count_time(learner.open(f"{attempt}?q=1"))
        clock.pass_(20)
        learner.open(f"{attempt}?q=2")
        clock.pass_(10)
        assert seconds_left(learner.open(f"{attempt}?q=1")) == whole - 30
        answer(learner, attempt, 1, "1")
        assert "Not yet." in learner.page
        assert "1 try" in text_of(learner.page)
        assert seconds_left(learner.page) == whole - 30  # two tries share the time
        assert seconds_left(learner.open(attempt)) == whole - 30  # and coming back finds it running

    def test_home_leads_back_to_a_running_clock_and_to_nothing_else(self, learner, clock):
        attempt = begin(learner, "challenge")
        assert "is running" not in learner.open("/")
        whole = count_time(learner.open(f"{attempt}?q=1"))
        clock.pass_(20)
        home = text_of(learner.open("/"))
        assert "Your challenge is running" in home
        assert seconds_left(learner.page) == whole - 20
        assert "Instead of that" not in learner.page
        clock.pass_(whole)
        assert "is running" not in learner.open("/")

    @pytest.mark.parametrize(("late_s", "is_taken"), [(GRACE_S, True), (GRACE_S + 1, False)])
    def test_what_comes_too_late_is_stored_as_missed_and_says_so(
        self, learner, clock, late_s, is_taken
    ):
        attempt = begin(learner, "challenge")
        whole = count_time(learner.open(f"{attempt}?q=1"))
        clock.pass_(whole + late_s)
        page = text_of(answer(learner, attempt, 1, "2"))
        assert ("✓ Right." in page) == is_taken
        assert ("The time was up before this answer came" in page) != is_taken
        assert "SECRETSOLUTION" in page

    def test_when_the_time_is_up_the_answer_is_shown_and_nothing_more_counts(self, learner, clock):
        attempt = begin(learner, "challenge")
        clock.pass_(3)
        whole = count_time(learner.open(f"{attempt}?q=1"))
        answer(learner, attempt, 1, "1")
        assert "SECRETSOLUTION" not in learner.page
        clock.pass_(whole + GRACE_S + 1)
        page = learner.open(f"{attempt}?q=1")
        assert "The time was up" in page
        assert "SECRETSOLUTION" in page
        assert seconds_left(page) is None
        learner.post(f"{attempt}/questions/1/response", try_no=2, choice="2")
        assert "✓ Right." not in learner.page

    def test_all_right_in_time_earns_the_badge(self, learner, clock):
        attempt = begin(learner, "challenge")
        for position in range(1, 6):
            learner.open(f"{attempt}?q={position}")
            if position == 3:
                answer(learner, attempt, position, "1")  # there are two tries
            clock.pass_(30)
            answer(learner, attempt, position, "2")
        learner.open(f"{attempt}?q=end")
        page = text_of(learner.send(f"{attempt}/finish"))
        assert "Challenge: 5 of 5 right in time" in page
        assert "the badge is yours." in page
        assert "% of the points" not in page

    def test_the_end_tells_of_a_clock_that_is_running(self, learner):
        attempt = begin(learner, "challenge")
        assert "its clock is running" not in learner.open(f"{attempt}?q=end")
        learner.open(f"{attempt}?q=1")
        page = text_of(learner.open(f"{attempt}?q=end"))
        assert "question 1 (its clock is running)" in page
        assert "Go on with question 1" in page

    def test_one_missed_earns_none_and_can_be_practised(self, learner):
        attempt = begin(learner, "challenge")
        for position in range(1, 5):
            learner.open(f"{attempt}?q={position}")
            answer(learner, attempt, position, "2")
        learner.open(f"{attempt}?q=end")
        page = text_of(learner.send(f"{attempt}/finish"))
        assert "Challenge: 4 of 5 right in time" in page
        assert "All right, against the clock" not in page
        learner.send(f"{attempt}/retry")
        assert "Question 1 of 1" in learner.page

    def test_a_question_that_was_never_opened_is_not_shown_for_it_can_come_again(self, learner):
        attempt = begin(learner, "challenge")
        learner.open(f"{attempt}?q=1")
        answer(learner, attempt, 1, "1")
        learner.open(f"{attempt}?q=2")
        learner.open(f"{attempt}?q=end")
        page = text_of(learner.send(f"{attempt}/finish"))
        assert page.count("not reached") == 3
        assert page.count("left open") == 1
        assert learner.page.count('<article class="question') == 1
        assert len(re.findall(r"The question \d", page)) == 3  # twice the one that was answered
        assert "SECRETSOLUTION" not in page  # it had a try left

    def test_a_question_not_opened_yet_is_no_link_in_the_trail(self, learner):
        attempt = begin(learner, "challenge")
        learner.open(f"{attempt}?q=1")
        trail = learner.page[learner.page.index('id="trail"') :]
        trail = trail[: trail.index("</nav>")]
        assert re.findall(r"q=(\w+)", trail) == ["1", "end"]

    def test_looking_again_never_sets_the_clock_back(self, learner, clock):
        attempt = begin(learner, "challenge")
        whole = count_time(learner.open(f"{attempt}?q=1"))
        for _ in range(3):
            clock.pass_(5)
            page = learner.open(f"{attempt}?q=1")
        assert seconds_left(page) == whole - 15


class TestTry:
    def test_the_easiest_come_first_and_three_tries_are_all(self, learner):
        attempt = begin(learner, "try")
        learner.open(f"{attempt}?q=1")
        assert "Difficulty 1 of 5" in learner.page
        assert "3 tries" in text_of(learner.page)
        for choice in "131":
            answer(learner, attempt, 1, choice)
        assert "✗ Not right." in text_of(learner.page)
        assert "SECRETSOLUTION" in learner.page
        learner.open(f"{attempt}?q=6")
        assert "Difficulty 4 of 5" in learner.page

    def test_points_and_hints_are_those_of_practice(self, learner):
        attempt = begin(learner, "try")
        learner.open(f"{attempt}?q=1")
        learner.send(f"{attempt}/questions/1/hint")
        assert "SECRETHINT" in learner.page
        answer(learner, attempt, 1, "2")
        assert "0.75 of 1 point" in text_of(learner.page)

    def test_the_trail_tells_a_miss_that_can_be_mended_from_one_that_cannot(self, learner):
        attempt = begin(learner, "try")
        learner.open(f"{attempt}?q=1")
        answer(learner, attempt, 1, "1")
        assert "not right yet" in trail_of(learner.page)
        for choice in "31":
            answer(learner, attempt, 1, choice)
        assert "not this time" in trail_of(learner.page)
        assert "not right yet" not in trail_of(learner.page)


class TestMetrics:
    def test_it_goes_on_until_right(self, learner):
        attempt = begin(learner, "metrics")
        learner.open(f"{attempt}?q=1")
        for choice in "13132":
            answer(learner, attempt, 1, choice)
        assert "✓ Right." in text_of(learner.page)
        assert "Metrics" in learner.page


class TestFlags:
    def test_a_flag_is_kept_by_the_server_and_listed_before_the_end(self, learner):
        attempt = begin(learner, "test")
        learner.open(f"{attempt}?q=2")
        learner.send(f"{attempt}/questions/2/flag")
        assert "Take the flag away" in learner.page
        learner.open(f"{attempt}?q=1")
        answer(learner, attempt, 1, "1")
        learner.open(f"{attempt}?q=1")
        learner.send(f"{attempt}/questions/1/flag")
        page = text_of(learner.open(f"{attempt}?q=end"))
        assert "5 not answered" in page
        assert "2 flagged" in page
        assert "open, flagged" in page
        assert "sent, flagged" in page

    def test_the_same_flag_twice_is_one_flag(self, learner):
        attempt = begin(learner, "test")
        for _ in range(2):
            learner.post(f"{attempt}/questions/3/flag", flagged=1)
        assert "1 flagged" in text_of(learner.open(f"{attempt}?q=end"))
        learner.post(f"{attempt}/questions/3/flag", flagged=0)
        assert "flagged" not in text_of(learner.open(f"{attempt}?q=end"))

    def test_a_flag_stands_in_the_result_and_can_no_longer_be_moved(self, learner):
        attempt = begin(learner, "test")
        learner.post(f"{attempt}/questions/3/flag", flagged=1)
        learner.open(f"{attempt}?q=end")
        assert "Flagged by you" in learner.send(f"{attempt}/finish")
        learner.post(f"{attempt}/questions/3/flag", status=409, flagged=0)

    def test_only_tests_have_flags(self, learner):
        attempt = begin(learner, "practice")
        assert "Flag it" not in learner.page
        learner.post(f"{attempt}/questions/1/flag", status=409, flagged=1)


class TestHiddenClock:
    def test_the_time_can_be_hidden_and_runs_on(self, learner, clock):
        attempt = begin(learner, "test")
        assert "Time left:" in learner.page
        learner.send("/clock", clock="hidden")
        assert learner.path == attempt
        assert "The time left is hidden." in learner.page
        assert re.search(r'data-seconds="1200" hidden', learner.page)
        assert "20 min" not in text_of(learner.page)
        clock.pass_(20 * 60)
        assert "The time was up" in learner.open(attempt)

    def test_no_other_choice_is_taken(self, learner):
        begin(learner, "test")
        learner.post("/clock", status=422, clock="stopped")


class TestAskingAgain:
    def test_the_options_of_the_missed_ones_come_in_another_order(self, learner):
        attempt = begin(learner, "practice")
        orders = {}
        for position in (1, 2):
            orders[position] = list_options(learner.open(f"{attempt}?q={position}"))
            answer(learner, attempt, position, "1" if position == 1 else "2")
        learner.open(f"{attempt}?q=end")
        learner.send(f"{attempt}/again")
        assert list_options(learner.page) != orders[1]
        assert "checked" not in learner.page
        answer(learner, attempt, 1, "2")
        assert "0.5 of 1 point" in text_of(learner.page)
        assert list_options(learner.open(f"{attempt}?q=2")) == orders[2]

    def test_a_round_of_what_was_missed_has_them_in_another_order_too(self, learner):
        attempt = begin(learner, "practice")
        before = list_options(learner.open(f"{attempt}?q=1"))
        title = re.search(r"The question \d", learner.page)[0]
        answer(learner, attempt, 1, "1")
        learner.open(f"{attempt}?q=end")
        learner.send(f"{attempt}/finish")
        learner.send(f"{attempt}/retry")
        again = learner.path
        pages = [learner.open(f"{again}?q={position}") for position in range(1, 7)]
        page = next(page for page in pages if title in re.search(r"<h2.*?</h2>", page)[0])
        assert list_options(page) != before

    def test_a_closed_one_is_not_asked_again(self, learner):
        attempt = begin(learner, "practice")
        learner.open(f"{attempt}?q=end")
        learner.send(f"{attempt}/finish")
        learner.post(f"{attempt}/again", status=409)
