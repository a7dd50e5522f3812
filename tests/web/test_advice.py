"""What to do now, over all modes: each test has a learner who has done a little more."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace

import pytest

from quizzer.domain.mastery import Belief, estimate
from quizzer.domain.modes import MODES
from quizzer.domain.reviews import WaitingItem
from quizzer.services.progress import ExerciseTried, LessonProgress, ModeProgress, Progress
from quizzer.services.resuming import OpenAttempt
from quizzer.services.reviewing import Queue
from quizzer.web.advice import MOST_PIECES, advise
from quizzer.web.overview import GROUPS
from tests.factories import NOON, make_card
from tests.web.canary import CARD, begin, wrong_answer
from tests.web.conftest import CONTENT
from tests.web.test_pages import commit, text_of

TOTAL = 20
DONE = {"learn": TOTAL, "visualize": 3, "practice": TOTAL, "try": TOTAL, "metrics": TOTAL}


def make_count(mode, *, right=0, seen=None, total=TOTAL):
    return ModeProgress(
        mode=mode,
        title=mode.title(),
        seen=right if seen is None else seen,
        right=right,
        total=total,
    )


def make_progress(name="lesson", *, best_test=None, best_challenge=None, exercises=(), **right):
    names = ("learn", "visualize", "practice", "try", "metrics", "challenge", "test")
    return LessonProgress(
        lesson=name,
        title=f"Lesson {name}",
        modes=tuple(make_count(mode, right=right.get(mode, 0)) for mode in names),
        best_test=best_test,
        best_challenge=best_challenge,
        exercises=exercises,
    )


def make_queue(*, due=0, new=0):
    cards = [WaitingItem(item=make_card(f"bank/c{n}"), due=NOON) for n in range(due)]
    cards += [WaitingItem(item=make_card(f"bank/n{n}")) for n in range(new)]
    return Queue(
        items=tuple(cards), exercises=(), later_today=0, next_at=None, ahead=(), total=due + new
    )


def make_left(mode="practice", lesson="lesson", *, attempt_id=1, **changes):
    values = {"seconds_left": None, "waiting": 4, "total": 10, "is_over": False}
    return OpenAttempt(attempt_id=attempt_id, mode=mode, lesson=lesson, **values | changes)


@pytest.fixture
def exercise(site):
    return replace(site.exercises.current()["canary/double"], lesson="lesson", key="lesson/double")


def list_modes(*lessons, exercises=(), left=(), queue=None):
    progress = Progress(lessons=lessons, skills=())
    found = advise(progress, exercises, left, queue or make_queue())
    assert len(found) <= MOST_PIECES
    return [one.mode for one in found]


def test_the_first_thing_follows_what_is_done(exercise):
    def first(**done):
        return list_modes(make_progress(**done), exercises=[exercise])[0]

    solved = ExerciseTried(exercise="lesson/double", tries=1, best_score=1.0)
    assert first() == "why"
    assert first(learn=1) == "learn"
    assert first(learn=TOTAL) == "visualize"
    assert first(learn=TOTAL, visualize=3) == "practice"
    assert first(**DONE | {"practice": 10}) == "project"  # a round is enough to write some code
    assert first(**DONE | {"practice": 10}, exercises=(solved,)) == "practice"
    assert first(**DONE | {"try": 0}, exercises=(solved,)) == "try"
    assert first(**DONE | {"metrics": 0}, exercises=(solved,)) == "metrics"
    assert first(**DONE, exercises=(solved,)) == "challenge"
    assert first(**DONE, exercises=(solved,), best_challenge=0.8) == "challenge"
    assert first(**DONE, exercises=(solved,), best_challenge=1.0) == "test"
    assert first(**DONE, exercises=(solved,), best_challenge=1.0, best_test=0.7) == "test"
    assert first(**DONE, exercises=(solved,), best_challenge=1.0, best_test=0.9) == "practice"


def test_whoever_comes_to_write_code_is_shown_to_it_at_once(exercise):
    assert list_modes(make_progress(), exercises=[exercise]) == ["why", "practice", "project"]


def test_while_a_clock_runs_nothing_else_is_offered():
    queue, begun = make_queue(due=2), make_progress(learn=1)
    test = make_left("test", seconds_left=60, attempt_id=2)
    assert list_modes(begun, left=[make_left("try"), test], queue=queue) == ["test"]
    challenge = make_left("challenge", clock_s=30, attempt_id=3)
    assert list_modes(begun, left=[make_left("try"), challenge], queue=queue) == ["challenge"]


def test_a_test_that_is_over_then_what_is_due_then_what_is_open_comes_first():
    over = make_left("test", seconds_left=0, is_over=True, attempt_id=2)
    waiting = make_left("challenge", attempt_id=3)  # between two questions no clock runs
    queue = make_queue(due=2)
    found = list_modes(make_progress(learn=1), left=[waiting, over], queue=queue)
    assert found == ["test", "review", "challenge"]


def test_the_round_begun_last_is_gone_on_with_and_named_once():
    left = [make_left("practice"), make_left("metrics", attempt_id=2)]
    done = make_progress(**DONE | {"practice": 0, "metrics": 0})
    assert list_modes(done, left=left) == ["metrics", "practice", "challenge"]


def test_a_challenge_between_two_questions_comes_after_rounds_without_a_clock():
    left = [make_left("metrics"), make_left("challenge", attempt_id=2)]
    done = make_progress(**DONE | {"metrics": 0})
    assert list_modes(done, left=left)[:2] == ["metrics", "challenge"]


def test_new_cards_wait_for_the_first_round_and_what_is_due_names_them_too():
    begun = make_progress(learn=3)
    assert "review" not in list_modes(begun, queue=make_queue(new=5))
    practised = make_progress(**DONE | {"practice": 10})
    assert list_modes(practised, queue=make_queue(new=5))[0] == "review"
    assert list_modes(practised, queue=make_queue(due=1, new=5)).count("review") == 1
    found = advise(Progress(lessons=(practised,), skills=()), (), (), make_queue(due=1, new=5))
    assert found[0].title == "Review: 6 due today"  # as the page of review counts


def test_a_round_of_review_that_is_open_is_gone_on_with():
    left = [make_left("review", lesson="")]
    (first, *_) = advise(Progress(lessons=(make_progress(),), skills=()), (), left, make_queue())
    assert (first.title, first.endpoint) == ("Your round of review", "review.show")


def test_what_was_begun_comes_before_what_was_not():
    lessons = (make_progress("early"), make_progress("late", learn=1))
    first = advise(Progress(lessons=lessons, skills=()), (), (), make_queue())[0]
    assert first.values["lesson"] == "late"


def test_who_has_done_all_is_told_their_least_certain_skill():
    beliefs = [Belief(skill="weak", rating=-1.0), Belief(skill="strong", rating=2.0)]
    done = make_progress(**DONE, best_test=1.0, best_challenge=1.0)
    progress = Progress(lessons=(done,), skills=tuple(map(estimate, beliefs)))
    (only,) = advise(progress, (), (), make_queue())
    assert "least certain skill is weak" in only.reason
    assert advise(Progress(lessons=(), skills=()), (), (), make_queue()) == ()


# -- the lesson's page


def test_every_mode_has_its_group():
    assert sorted(mode.name for mode in MODES) == sorted(sum(GROUPS.values(), ()))


def test_a_lesson_shows_its_ways_in_three_groups_and_how_far_each_is(learner):
    page = learner.open("/lessons/canary")
    groups = ("Understand", "Practise", "Prove")
    places = [page.index(f">{group}</h2>") for group in groups]
    assert places == sorted(places)
    assert page.count('<span class="soft small">next</span>') == 1
    assert page.index('id="way-why">Why <span class="soft small">next') < places[1]
    attempt = begin(learner, "practice")
    learner.send(f"/attempts/{attempt}/questions/1/response", **wrong_answer(learner.page))
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    words = text_of(learner.open("/lessons/canary"))
    assert "0 of 13 right so far" in words
    assert "1 exercise" in words


CARDS = "---\nbank: cards\ntitle: Cards\nformat: 1\nmodes: review\n---\n\n# Cards\n"


@pytest.fixture
def settings(settings, tmp_path):
    """The site has a second lesson, which builds on the first."""
    shutil.copytree(CONTENT / "questions", tmp_path / "questions")
    (tmp_path / "questions" / "canary" / "cards.md").write_text(f"{CARDS}{CARD}")
    folder = tmp_path / "questions" / "after"
    folder.mkdir()
    head = "---\nlesson: after\ntitle: After it\nformat: 1\norder: 2\nrequires: canary\n---\n"
    (folder / "lesson.md").write_text(f"{head}\n## Why\n\nBecause.\n")
    return replace(settings, questions=tmp_path / "questions")


def test_what_a_lesson_builds_on_is_named_kindly_and_nothing_is_locked(learner):
    page = learner.open("/lessons/after")
    assert re.search(r'id="now-title">First: A lesson for the tests', page)
    assert "takes for granted what is explained there" in page
    assert "nothing here is locked" in page
    assert 'href="/lessons/canary"' in page
    assert 'href="/lessons/after/why"' in page
    assert 'href="/lessons/after/learn"' not in page  # there is nothing to walk through
    commit(learner, "step-2", 1)
    page = learner.open("/lessons/after")
    assert re.search(r'id="now-title">First: A lesson for the tests', page)
    assert "Recall it once in review" in page


def test_a_lesson_that_was_reviewed_carries_the_next_one(learner):
    commit(learner, "step-2", 1)
    learner.open("/review")
    learner.send("/review/rounds")
    round_of_review = learner.path
    learner.send(f"{round_of_review}/questions/1/reveal")
    learner.send(f"{round_of_review}/questions/1/response", choice="forgot")
    page = learner.open("/lessons/after")
    assert "Builds on" in page
    assert "which you have made firm" in page
    assert re.search(r'id="now-title">Why<', page)
