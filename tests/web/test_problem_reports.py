"""Saying that something is wrong with a question, and what instructors see of it and of items."""

from __future__ import annotations

import re

import pytest

from quizzer.services.problem_reports import LONGEST_CHARACTERS, MOST_AN_HOUR
from tests.web.canary import begin, right_answer, wrong_answer
from tests.web.conftest import Learner
from tests.web.test_pages import text_of

FORM = "/problem-reports"


@pytest.fixture
def settled(learner):
    """A guest who has answered the first question of a round rightly."""
    attempt = begin(learner, "practice")
    assert FORM not in learner.page  # it is open: nothing to report yet
    learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
    return learner


def test_a_guest_reports_and_is_thanked_in_place(settled):
    settled.send(FORM, words="The stem is *unclear*.")
    assert settled.seen[-1].location.endswith("?q=1&reported=1#q1-report")
    inside = settled.page.split('id="q1-report" open>')[1].split("</details>")[0]
    assert re.search(r'data-say="first"[^>]*>Thank you', inside)
    assert "<textarea id" not in settled.page


def test_an_instructor_reads_it_and_settles_it(settled, author):
    settled.send(FORM, words="<b>Two</b> answers\nare right.")
    page = author.open("/author")
    assert "&lt;b&gt;Two&lt;/b&gt; answers\nare right." in page
    assert re.search(r">canary/items\.md:\d+<", page)
    assert "Guest" not in text_of(page)  # who it was is for nobody to see
    author.send("/author/problem-reports/")
    assert "Settled." in author.page
    assert "Nothing waits." in author.page


def test_only_instructors_settle(settled):
    settled.send(FORM, words="Something.")
    settled.post("/author/problem-reports/1/settle", status=403)


def test_it_is_refused_without_the_forms_token(settled):
    form = settled.form(FORM)
    fields = {k: v for k, v in form.fields.items() if k != "csrf_token"}
    response = settled.client.post(FORM, data={**fields, "words": "Something."})
    assert response.status_code == 400


@pytest.mark.parametrize("words", ["", "   ", "x" * (LONGEST_CHARACTERS + 1)])
def test_too_little_and_too_much_is_refused(settled, words):
    settled.send(FORM, words=words, status=422)


def test_too_many_are_told_to_wait(settled):
    for number in range(MOST_AN_HOUR):
        settled.open("/attempts/1?q=1")
        settled.send(FORM, words=f"Number {number}")
    settled.open("/attempts/1?q=1")
    settled.send(FORM, words="One more", status=429)
    assert "Retry-After" in settled.seen[-1].headers


def test_what_was_never_met_cannot_be_reported(settled, app):
    settled.post(FORM, item="canary-items/nothing", position="1", words="Hm.", status=404)
    visitor = Learner(app)
    visitor.post(FORM, item="canary-items/single-1", position="1", words="Hm.", status=404)


def test_it_leads_back_to_pages_of_this_site_alone(settled):
    settled.send(FORM, words="Something.", next="//elsewhere.example/")
    assert settled.seen[-1].location == "/?reported=1#q1-report"


def test_a_running_test_asks_for_no_report_and_its_result_does(learner):
    attempt = begin(learner, "test")
    learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
    assert FORM not in learner.open(f"/attempts/{attempt}?q=1")
    learner.open(f"/attempts/{attempt}?q=end")
    assert learner.send(f"/attempts/{attempt}/finish").count(f'action="{FORM}"') == 10


def test_a_prediction_can_be_reported(learner):
    learner.open("/lessons/canary/learn/step-2")
    learner.send("/lessons/canary/learn/attempts")
    learner.send("/lessons/canary/learn/1", **wrong_answer(learner.page))
    learner.send(FORM, words="Something.")
    assert learner.path == "/lessons/canary/learn/step-2"
    assert "Thank you" in learner.page


def test_how_learners_do_is_told_from_five_on(app, author):
    for number in range(5):
        if number == 4:
            page = text_of(author.open("/author/banks/canary-items"))
            assert "told from 5 learners on" in page
            assert not re.search(r"\(\d+\W\d+\)", page)
        learner = Learner(app)
        learner.open("/lessons/canary")
        learner.send("/lessons/canary/practice/attempts")
        answer = right_answer if number < 3 else wrong_answer
        for position in range(1, 11):
            learner.open(f"/attempts/{learner.path.split('/')[2]}?q={position}")
            attempt = learner.path
            learner.send(f"{attempt}/questions/{position}/response", **answer(learner.page))
    page = text_of(author.open("/author/banks/canary-items"))
    assert re.search(r"\d+ % +\(\d+\W\d+\)", page)


def test_learners_see_no_figures_of_items(learner):
    begin(learner, "practice")
    learner.open("/author/banks/canary-items", status=403)
