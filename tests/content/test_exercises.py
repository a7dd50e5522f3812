"""Every exercise of the checkout proves its own checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from graders.facade import Grader, Level, Verdict, diagnose, list_exercises, load_exercise
from graders.jail import cuda
from graders.verify import Fate, render_matrix, verify

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
FOLDERS = list_exercises(EXERCISES)


@pytest.fixture(scope="module")
def grader():
    if diagnose().level is Level.NONE:
        pytest.skip("this machine cannot contain submissions")
    with Grader(is_proving=True) as made:
        yield made


def name_of(folder):
    return "/".join(folder.parts[-2:])


def test_there_are_exercises_of_both_lessons():
    assert len(FOLDERS) >= 14
    assert {folder.parent.name for folder in FOLDERS} == {"regularization", "weight-decay"}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_checks_of_an_exercise_are_proven(folder, grader):
    outcome = verify(load_exercise(folder), grader, seeds=20, mutants=True)
    assert outcome.problems == (), render_matrix(outcome)
    assert outcome.survey.count(Fate.CAUGHT) > 0


OBSTACLE = cuda.find_obstacle()
ON_CUDA = [folder for folder in FOLDERS if "cuda" in load_exercise(folder).devices]


@pytest.mark.gpu
@pytest.mark.skipif(bool(OBSTACLE), reason=f"no CUDA device can be used: {OBSTACLE}")
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("folder", ON_CUDA, ids=name_of)
def test_the_checks_of_an_exercise_are_proven_on_cuda(folder, grader):
    outcome = verify(load_exercise(folder), grader, device="cuda", seeds=3)
    assert outcome.problems == (), render_matrix(outcome)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_an_exercise_is_complete(folder):
    exercise = load_exercise(folder)
    assert len(exercise.hints) >= 2
    assert exercise.solution
    assert exercise.mistakes
    assert any(spec.hidden for spec in exercise.checks)
    wrong = [entry for entry in exercise.submissions if entry.verdict is Verdict.WRONG]
    assert len(wrong) >= 15
    assert any(entry.verdict is Verdict.ACCEPTED for entry in exercise.submissions)
    used = {entry.misconception for entry in exercise.submissions} - {""}
    assert used == set(exercise.misconceptions)


@pytest.mark.parametrize("folder", FOLDERS, ids=name_of)
def test_the_starter_fails_for_the_learner_s_reason_not_for_ours(folder, grader):
    exercise = load_exercise(folder)
    report = grader.grade(exercise, exercise.starter.encode())
    assert report.verdict in (Verdict.WRONG, Verdict.RUNTIME_ERROR)
