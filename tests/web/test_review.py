"""Spaced review through its pages, over several days of a clock that is set by hand."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest
from sqlalchemy import select

from quizzer.domain.calibration import Calibration, CalibrationPoint
from quizzer.domain.submissions import RunState
from quizzer.services import remembering
from quizzer.services.submitting import Report, Verdict
from quizzer.store.tables import GradeRunRow
from quizzer.web import calibration
from quizzer.web.calibration import draw_calibration, judge

SECOND = "double-twice"
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
def settings(settings, tmp_path):
    """A site with a second exercise."""
    exercises = tmp_path / "exercises"
    shutil.copytree(settings.exercises, exercises)
    shutil.copytree(exercises / "canary" / "double", exercises / "canary" / SECOND)
    told = exercises / "canary" / SECOND / "exercise.md"
    text = told.read_text().replace("id: double", f"id: {SECOND}")
    told.write_text(re.sub("^title: .*", "title: Double it twice", text, flags=re.MULTILINE))
    return replace(settings, exercises=exercises)


@pytest.fixture
def practised(learner):
    """A learner who got one single choice right and one wrong."""
    attempt = begin_practice(learner)
    right, wrong = list_singles(learner, attempt)[:2]
    answer(learner, right, "2")
    assert "Right." in learner.page
    answer(learner, wrong, "1")
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
    answer(learner, f"{attempt}/questions/1", "1", confidence="95")
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
    answer(learner, f"{attempt}/questions/1", "2", confidence="70")
    assert "Comes back tomorrow." in learner.page
    assert count_due(learner) == 0

    # Days later, in the morning: both are due, whatever the hour was.
    clock.pass_(4 * DAY_S - 4 * HOUR_S)
    assert count_due(learner) == 2
    attempt = begin_round(learner)
    for position in (1, 2):
        answer(learner, f"{attempt}/questions/{position}", "2", confidence="95")
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
    for choice in ("2", "2", "1"):
        learner.post(f"{here}/response", **(form | {"choice": choice}))
    assert "Your first answer stands" in learner.page
    known = re.search(r"Comes back [^<]*", learner.open(f"{first}?q=1"))[0]
    clock.pass_(5 * MINUTE_S)
    learner.post(f"{here}/response", **(form | {"choice": "2"}))
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


def solve(learner, site, name: str, *, score: float = 1.0) -> None:
    """Hand something in for an exercise, and let it be graded with this score."""
    learner.open(f"/exercises/canary/{name}")
    learner.send(f"/exercises/canary/{name}/submissions", source="def double(x): ...")
    with site.database.transaction() as session:
        run = session.scalars(select(GradeRunRow).order_by(GradeRunRow.id.desc())).first()
        run.state, run.score = RunState.GRADED, score
        run.verdict = "accepted" if score == 1.0 else "wrong"
        run.report = Report(
            exercise=f"canary/{name}",
            exercise_hash=run.exercise_hash,
            verdict=Verdict(run.verdict),
            score=score,
            checks=(),
        ).to_dict()
        session.flush()
        remembering.remember_submission(session, run_id=run.id)


def find_buttons(page: str) -> list[str]:
    """Return the words of the buttons on a page that are not quiet."""
    main = page.split("<main")[1].split("</main>", maxsplit=1)[0]
    links = re.findall(r'<a class="button"[^>]*>([^<]*)', main)
    return links + re.findall(r"<button>([^<]*)", main)


def test_one_button_leads_through_questions_and_then_exercises(practised, site, clock):
    learner = practised
    for name in ("double", SECOND):
        solve(learner, site, name, score=0.0)
    assert count_due(learner) == 0
    clock.pass_(DAY_S)
    assert count_due(learner) == 3
    assert find_buttons(learner.page) == ["Review now"]
    assert "2 exercises come after the questions" in learner.page
    assert "Review: 3 due today" in learner.open("/")
    assert "3 due today" in learner.open("/lessons/canary")
    attempt = begin_round(learner)
    answer(learner, f"{attempt}/questions/1", "2")
    assert "2 more are due" in learner.open(f"{attempt}?q=end")
    learner.send(f"{attempt}/finish")
    assert find_buttons(learner.page) == ["Next: solve Twice as much again"]
    assert "/exercises/canary/double?attempt=starter" in learner.page
    solve(learner, site, "double")
    learner.open("/exercises/canary/double")
    assert ">Next: solve Double it twice again<" in learner.page
    assert count_due(learner) == 1
    assert find_buttons(learner.page) == ["Next: solve Double it twice again"]
    learner.post("/review/rounds")  # from a page that lay open
    assert learner.path == f"/exercises/canary/{SECOND}"
    assert "The starter is in the editor" in learner.page
    solve(learner, site, SECOND)
    assert "Next: solve" not in learner.open(f"/exercises/canary/{SECOND}")
    assert count_due(learner) == 0


def test_an_exercise_that_has_not_come_back_leads_on_in_its_lesson(learner, site, clock):
    solve(learner, site, SECOND)
    clock.pass_(30 * DAY_S)
    assert count_due(learner) == 1
    solve(learner, site, "double")
    assert "Next: solve" not in learner.open("/exercises/canary/double")


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
