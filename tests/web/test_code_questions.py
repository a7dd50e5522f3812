"""Questions that are answered with code: from the question to the editor, and back with a score."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest

from quizzer.services import grading
from quizzer.services.submitting import CheckResult, Report, Verdict
from quizzer.worker import _open_shelf
from tests.code_bank import BANK, KEY, SECRETS

LESSON = """\
---
lesson: lesson
title: A lesson
format: 1
---

## Why

Because.
"""
EDITOR = f"/exercises/{KEY}"


@pytest.fixture
def settings(settings, tmp_path):
    """A site with both forms: an exercise of its own in the bank, and one in a folder."""
    questions, exercises = tmp_path / "questions", tmp_path / "exercises"
    (questions / "lesson").mkdir(parents=True)
    (questions / "lesson" / "lesson.md").write_text(LESSON)
    (questions / "lesson" / "penalties.md").write_text(BANK)
    shutil.copytree(settings.exercises / "canary" / "double", exercises / "lesson" / "l2-sum")
    told = exercises / "lesson" / "l2-sum" / "exercise.md"
    text = told.read_text().replace("id: double", "id: l2-sum")
    told.write_text(text.replace("lesson: canary", "lesson: lesson"))
    return replace(settings, questions=questions, exercises=exercises)


class Grader:
    """Gives the score that a test wants."""

    def __init__(self, score: float) -> None:
        self.score = score

    def grade(self, exercise, _source, **_options):
        verdict = Verdict.ACCEPTED if self.score == 1.0 else Verdict.WRONG
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=verdict,
            score=self.score,
            checks=tuple(
                CheckResult(
                    name=one.name, sentence=one.sentence, points=one.points, verdict=verdict
                )
                for one in exercise.checks
            ),
        )


def begin(learner, title: str) -> str:
    """Start a round and go to the question of this title; return its address."""
    learner.open("/lessons/lesson")
    learner.send("/lessons/lesson/practice/attempts")
    attempt = learner.path
    for position in ("1", "2"):
        learner.open(f"{attempt}?q={position}")
        if f">{title}<" in learner.page:
            return f"{attempt}?q={position}"
    raise AssertionError(f"no question {title}")


def hand_in(learner, site, bell, clock, *, editor: str, score: float) -> None:
    learner.open(editor)
    learner.send(f"{editor}/submissions", source=f"# {score}")
    assert grading.grade_run(
        site.database,
        site.exercises.current(),
        Grader(score),
        run_id=bell.rung[-1],
        worker="w",
        clock=clock,
    )


def find_secrets(learner) -> list[str]:
    return [secret for secret in SECRETS if any(secret in one.text for one in learner.seen)]


@pytest.mark.parametrize(
    ("title", "editor"),
    [("Add the penalty", EDITOR), ("Sum over all parameters", "/exercises/lesson/l2-sum")],
)
def test_a_question_leads_to_the_editor_and_the_score_comes_back(
    learner, site, bell, clock, title, editor
):
    question = begin(learner, title)
    assert f'href="{editor}"' in learner.page
    assert "Take the result over" not in learner.page

    hand_in(learner, site, bell, clock, editor=editor, score=0.25)
    hand_in(learner, site, bell, clock, editor=editor, score=1.0)
    hand_in(learner, site, bell, clock, editor=editor, score=0.5)
    learner.open(editor)
    assert learner.page.count(question.replace("&", "&amp;")) == 2  # on top, and below the verdict

    learner.open(question)
    attempt = question.partition("?")[0]
    learner.send(f"{attempt}/questions/")
    assert "✓ Right" in learner.page


def test_no_secret_is_seen_before_the_question_is_done(learner, site, bell, clock):
    question = begin(learner, "Add the penalty")
    learner.open("/lessons/lesson")
    learner.open("/")
    for score in (0.25, 1.0):
        hand_in(learner, site, bell, clock, editor=EDITOR, score=score)
        learner.post(f"{EDITOR}/hints", hint_no=1, status=404)
        learner.open(f"{EDITOR}?attempt=starter")
    learner.open("/submissions/1")
    learner.open("/submissions/2", **{"X-Fragment": "run"})
    learner.open("/progress")
    learner.open(question)
    assert find_secrets(learner) == []
    told = " ".join(one.text for one in learner.seen)
    assert "NOTES-ON-THE-SOLUTION" not in told
    assert "HINT-OF-THE-ITEM" not in told

    learner.send(f"{question.partition('?')[0]}/questions/")
    assert find_secrets(learner) == ["SECRET-SOLUTION"]  # it is done, and may be seen


def test_the_editor_holds_the_starter_and_the_task_does_not_repeat_it(learner):
    learner.open(EDITOR)
    statement = re.search(r'<div class="prose statement">(.*?)</div>', learner.page, re.DOTALL)
    assert statement is not None
    assert "the sum of squares" in statement[1]
    assert "return loss" not in statement[1]
    assert "return loss\n</textarea>" in learner.page


def test_only_exercises_of_folders_are_offered_by_themselves(learner, site, bell, clock):
    for path in ("/", "/lessons/lesson", "/progress"):
        learner.open(path)
        assert "Add the penalty" not in learner.page
    hand_in(learner, site, bell, clock, editor=EDITOR, score=0.5)
    learner.open("/progress")
    assert "Add the penalty" in learner.page  # what was tried is told


def test_an_edited_item_is_another_version_and_what_was_graded_before_says_so(
    learner, site, bell, clock, settings
):
    hand_in(learner, site, bell, clock, editor=EDITOR, score=0.5)
    learner.open(EDITOR)
    assert "an earlier version" not in learner.page
    path = settings.questions / "lesson" / "penalties.md"
    path.write_text(BANK.replace("draw.tensor(50)", "draw.tensor(60)"))
    site.library._looked_at = float("-inf")
    learner.open(EDITOR)
    assert "an earlier version" in learner.page


def test_a_question_whose_item_is_gone_has_no_editor_any_more(learner, site, settings):
    learner.open(EDITOR)
    path = settings.questions / "lesson" / "penalties.md"
    path.write_text(BANK[: BANK.index("## shrink")] + BANK[BANK.index("## all-parameters") :])
    site.library._looked_at = float("-inf")
    learner.open(EDITOR, status=404)


def test_a_worker_has_the_versions_that_the_pages_have(settings, site):
    theirs = _open_shelf(settings, site.database).current()
    ours = site.exercises.current()
    assert list(theirs) == list(ours) == ["lesson/l2-sum", KEY]
    assert theirs[KEY].hash == ours[KEY].hash
