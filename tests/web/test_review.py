"""Spaced review through its pages, over several days of a clock that is set by hand."""

from __future__ import annotations

import re

import pytest

from quizzer.domain.calibration import Calibration, CalibrationPoint
from quizzer.domain.submissions import RunState
from quizzer.services import remembering
from quizzer.store.tables import GradeRunRow
from quizzer.web import calibration
from quizzer.web.calibration import draw_calibration, judge

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 24 * 3600
SECRET = re.compile(r"SECRET\w+")


def count_due(learner) -> int:
    return int(re.search(r"Due today: (\d+)", learner.open("/review"))[1])


def begin_practice(learner) -> str:
    learner.open("/lessons/canary")
    learner.post("/lessons/canary/practice/attempts")
    return learner.path


def list_singles(learner, attempt: str) -> list[str]:
    """Return the addresses of the forms of an attempt's single-choice questions."""
    total = int(re.search(r"Question 1 of (\d+)", learner.open(f"{attempt}?q=1"))[1])
    return [
        f"{attempt}/questions/{position}"
        for position in range(1, total + 1)
        if "The single choice" in learner.open(f"{attempt}?q={position}")
    ]


def answer(learner, here: str, choice: str, **fields) -> str:
    attempt, position = here.split("/questions/")
    learner.open(f"{attempt}?q={position}")
    return learner.send(f"{here}/response", choice=choice, **fields)


@pytest.fixture
def practised(learner):
    """A learner who got one single choice right and one wrong."""
    attempt = begin_practice(learner)
    right, wrong = list_singles(learner, attempt)[:2]
    answer(learner, right, "b")
    assert "Right." in learner.page
    answer(learner, wrong, "a")
    assert "Not yet." in learner.page
    return learner


def begin_round(learner) -> str:
    learner.open("/review")
    learner.send("/review/rounds")
    return learner.path


def test_a_visitor_has_nothing_to_review(learner):
    assert "Nothing is here yet" in learner.open("/review")
    learner.post("/review/rounds")
    assert "Nothing is due for review now." in learner.page
    assert learner.path == "/review"


def test_several_days_of_review(practised, clock, monkeypatch):
    learner = practised
    assert count_due(learner) == 0
    assert "The next one comes in 10 minutes." in learner.page

    # Ten minutes later: what was missed.
    clock.pass_(10 * MINUTE_S)
    assert count_due(learner) == 1
    attempt = begin_round(learner)
    assert "How sure are you?" in learner.page
    assert SECRET.findall(learner.page) == []
    answer(learner, f"{attempt}/questions/1", "a", confidence="95")
    assert "Not right." in learner.page
    assert "Comes back in 10 minutes." in learner.page
    learner.open(f"{attempt}?q=end")
    assert "All 1 are done" in learner.page
    learner.send(f"{attempt}/finish")
    assert "0 of 1 known" in learner.page
    assert "% of the points" not in learner.page

    # Later that day: it surprised, so it comes first.
    clock.pass_(HOUR_S)
    assert "1 that surprised you comes first." in learner.open("/review")
    attempt = begin_round(learner)
    answer(learner, f"{attempt}/questions/1", "b", confidence="70")
    assert "Comes back tomorrow." in learner.page
    assert count_due(learner) == 0

    # Days later, in the morning: both are due, whatever the hour was.
    clock.pass_(4 * DAY_S - 4 * HOUR_S)
    assert count_due(learner) == 2
    attempt = begin_round(learner)
    for position in (1, 2):
        answer(learner, f"{attempt}/questions/{position}", "b", confidence="95")
    assert count_due(learner) == 0
    assert "The next one comes tomorrow." in learner.page  # the one that was missed twice
    clock.pass_(DAY_S)
    assert count_due(learner) == 1

    page = learner.open("/progress")
    assert "Knowing what you know" in page
    assert "Brier" not in page  # four answers are too few for a score
    monkeypatch.setattr(calibration, "FEWEST", 4)
    page = learner.open("/progress")
    assert "over 4 answers" in page
    expected = (0.95**2 + 0.3**2 + 2 * 0.05**2) / 4
    assert f'<strong class="number">{expected:.2f}</strong>' in page
    rows = re.findall(
        r'(?:Sure|I think so) <span[^>]*>(\d+)&nbsp;%</span></th><td class="number">(\d+)', page
    )
    assert rows == [("70", "1"), ("95", "3")]


def test_a_double_click_a_second_tab_and_going_back_move_nothing_twice(practised, clock):
    learner = practised
    clock.pass_(10 * MINUTE_S)
    first = begin_round(learner)
    assert begin_round(learner) == first
    here = f"{first}/questions/1"
    form = dict(learner.form(f"{here}/response").fields)
    for choice in ("b", "b", "a"):
        learner.post(f"{here}/response", **(form | {"choice": choice}))
    assert "Your first answer stands" in learner.page
    known = re.search(r"Comes back [^<]*", learner.open(f"{first}?q=1"))[0]
    clock.pass_(5 * MINUTE_S)
    learner.post(f"{here}/response", **(form | {"choice": "b"}))
    assert known in learner.open(f"{first}?q=1")
    assert count_due(learner) == 0


def test_a_lesson_leads_to_the_one_queue(practised):
    practised.post("/lessons/canary/review/attempts")
    assert practised.path == "/review"


def test_somebody_elses_round_is_not_found(practised, another, clock):
    clock.pass_(10 * MINUTE_S)
    attempt = begin_round(practised)
    begin_practice(another)
    another.open(attempt, status=404)
    assert count_due(another) == 0


def test_an_exercise_that_is_due_stands_beside_with_its_link(practised, site, clock):
    learner = practised
    learner.open("/exercises/canary/double")
    learner.send("/exercises/canary/double/submissions", source="def double(x): return x")
    with site.database.transaction() as session:
        run = session.query(GradeRunRow).one()
        run.state, run.verdict, run.score = RunState.GRADED, "wrong", 0.0
        session.flush()
        remembering.remember_submission(session, run_id=run.id)
    assert "exercise is due" not in learner.open("/review")
    clock.pass_(DAY_S)
    assert "An exercise is due" in learner.open("/review")
    main = learner.page.split("<main")[1]
    assert 'href="/exercises/canary/double"' in main


def test_an_exercise_alone_begins_no_round(learner, site, clock):
    learner.open("/exercises/canary/double")
    learner.send("/exercises/canary/double/submissions", source="def double(x): return 2 * x")
    with site.database.transaction() as session:
        run = session.query(GradeRunRow).one()
        run.state, run.verdict, run.score = RunState.GRADED, "accepted", 1.0
        session.flush()
        remembering.remember_submission(session, run_id=run.id)
    clock.pass_(30 * DAY_S)
    assert count_due(learner) == 1
    assert "/review/rounds" not in learner.page
    learner.post("/review/rounds")
    assert "No question is due" in learner.page


def test_the_picture_of_calibration_has_a_title_a_text_and_no_style():
    point = CalibrationPoint(confidence=95, n=4, share=0.5, low=0.15, high=0.85)
    picture = draw_calibration(Calibration(n=4, brier=0.3, points=(point,)))
    assert "Sure (95 %): 50 % of 4 right" in picture
    assert "<title" in picture
    assert "style=" not in picture


@pytest.mark.parametrize(
    ("n", "share", "expected"),
    [
        (4, 0.0, "After 10 answers"),
        (20, 0.5, "surer than right, by 45 percentage points"),
        (20, 0.95, "fit well"),
    ],
)
def test_what_is_said_of_calibration_waits_for_enough_and_then_says_which_way(n, share, expected):
    point = CalibrationPoint(confidence=95, n=n, share=share, low=0.0, high=1.0)
    assert expected in judge(Calibration(n=n, brier=0.3, points=(point,)))


def test_who_says_less_than_they_know_is_told_so():
    point = CalibrationPoint(confidence=35, n=20, share=0.9, low=0.7, high=1.0)
    assert "know more than you say, by 55" in judge(Calibration(n=20, brier=0.4, points=(point,)))
