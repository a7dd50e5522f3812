"""A page that waits for a verdict asks again and again: it is answered in full only with news."""

from __future__ import annotations

import re
import time

import pytest

from quizzer.services import grading
from quizzer.services.submitting import CheckResult, Report, Verdict

EXERCISE = "/exercises/canary/double"


class Grader:
    """Accepts whatever comes."""

    def grade(self, exercise, _source, **_options):
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=Verdict.ACCEPTED,
            score=1.0,
            checks=(),
        )


def grade(site, bell, clock, grader):
    return grading.grade_run(
        site.database,
        site.exercises.current(),
        grader,
        run_id=bell.rung[-1],
        worker="w",
        clock=clock,
    )


@pytest.fixture
def waiting(learner):
    """The address that a page asks after handing in, and what it says it has already."""
    learner.open(EXERCISE)
    learner.send(f"{EXERCISE}/submissions", source="x = 1\n")
    address, progress = re.search(
        r'data-poll="([^"]+)" data-progress="([^"]+)"', learner.page
    ).groups()
    return address, {"X-Fragment": "run", "If-None-Match": f'W/"{progress}"'}


def test_while_nothing_is_new_there_is_nothing_to_send(learner, waiting):
    address, headers = waiting
    assert learner.open(address, status=304, **headers) == ""
    assert "X-Fragment" in learner.seen[-1].headers["Vary"]
    tag = learner.seen[-1].headers["ETag"]
    learner.open(address, **{"X-Fragment": "run"})
    assert learner.seen[-1].headers["ETag"] == tag == headers["If-None-Match"]


def test_the_verdict_is_news_however_often_it_is_asked_for(learner, waiting, site, bell, clock):
    address, headers = waiting
    assert grade(site, bell, clock, Grader())
    for _ in range(2):
        assert "All checks passed" in learner.open(address, **headers)
        assert "ETag" not in learner.seen[-1].headers


def test_checks_are_listed_in_their_order_while_they_are_judged(
    learner, waiting, site, bell, clock, monkeypatch
):
    address, headers = waiting
    pages = []

    class Watched(Grader):
        """Judges one check, and waits until that can be seen."""

        def grade(self, exercise, source, *, on_check, **options):
            first = exercise.checks[0]
            on_check(
                CheckResult(
                    name=first.name,
                    sentence=first.sentence,
                    points=first.points,
                    verdict=Verdict.ACCEPTED,
                )
            )
            while "✓" not in (page := learner.open(address, **{"X-Fragment": "run"})):
                time.sleep(0.01)
            pages.append(page)
            learner.open(address, **headers)  # it is news to who has seen the run wait
            return super().grade(exercise, source, **options)

    monkeypatch.setattr(grading, "SHOW_EVERY_S", 0.01)
    assert grade(site, bell, clock, Watched())
    (page,) = pages
    assert re.findall(r'class="sign [a-z]+" aria-hidden="true">(.)<', page) == ["✓", "▸", "·"]
    assert '<progress max="3" value="1"' in page
    told = [re.sub("<[^>]+>", "", line).strip() for line in re.findall("<span>(.+)</span>", page)]
    assert [line.rpartition(": ")[2] for line in told] == ["passed", "running", "waiting"]


def test_the_whole_page_is_sent_whatever_its_reader_has(learner, waiting):
    address, headers = waiting
    assert "<html" in learner.open(address, **headers | {"X-Fragment": ""})


def test_nobody_learns_how_far_somebody_else_is(waiting, another):
    address, headers = waiting
    another.open(EXERCISE)
    another.send(f"{EXERCISE}/submissions", source="x = 1\n")
    another.open(address, status=404, **headers)
