"""Tests against the clock, results, and content that changes under an open attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from quizzer.domain.attempts import Chosen
from quizzer.domain.modes import MODES
from quizzer.domain.showing import REDRAWN
from quizzer.domain.submissions import NO_TRY
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import progress
from quizzer.services.submitting import Verdict
from quizzer.store import skills
from quizzer.store.tables import AttemptRow, ResponseRow, SubmissionRow
from quizzer.store.tables import GradeRunRow as Run
from tests.factories import NOON, make_item, make_lesson, make_library, make_options
from tests.store.hands import RIGHT, SHOWN_WRONG, WRONG, Learner, count

DURATION = timedelta(seconds=next(mode.duration_s for mode in MODES if mode.name == "test"))
ITEMS = tuple(
    make_item(f"bank/i{number:02}", difficulty=1 + number % 5, tags=(f"skill-{number % 2}",))
    for number in range(20)
)


@pytest.fixture
def ada(database, learner):
    return Learner(database, learner, make_library(*ITEMS))


def get_result(ada):
    return ada.get_result()


def get_progress(ada):
    with ada.database.snapshot() as session:
        return progress.get_progress(session, ada.library, user_id=ada.user.id, now=ada.now)


def list_beliefs(ada):
    with ada.database.snapshot() as session:
        return skills.list_beliefs(session, user_id=ada.user.id)


# -- the clock


def test_a_test_has_ten_questions_and_the_server_keeps_its_time(ada):
    shown = ada.start("test")
    assert len(shown.questions) == 10
    assert shown.attempt.ends_at == NOON + DURATION
    ada.now += timedelta(seconds=60.2)
    assert ada.get().seconds_left == DURATION.total_seconds() - 60


def test_a_lost_connection_loses_nothing(ada):
    ada.start("test")
    ada.answer(WRONG, position=3)
    ada.now += timedelta(minutes=5)
    shown = ada.start("test", seed=99)
    assert shown.attempt.id == ada.attempt_id
    assert (shown.answered, shown.questions[2].chosen) == (1, SHOWN_WRONG)


def test_the_last_moment_counts_and_the_end_does_not(ada):
    ada.start("test")
    ada.now = NOON + DURATION - timedelta(milliseconds=1)
    ada.answer(RIGHT)
    ada.now = NOON + DURATION
    with pytest.raises(ConflictError):
        ada.answer(RIGHT, position=2)
    assert count(ada.database) == 1


def test_only_what_has_to_be_written_takes_the_lock_of_writers(ada, monkeypatch):
    ada.start("test")
    ada.answer(RIGHT)
    writing = []
    transaction = ada.database.transaction

    def count_transactions():
        writing.append(ada.now)
        return transaction()

    monkeypatch.setattr(ada.database, "transaction", count_transactions)
    ada.get()
    ada.library = make_library(*(replace(item, revision="new") for item in ITEMS))
    assert writing == []
    ada.get()  # draws anew what has changed
    assert len(writing) == 1
    ada.get()
    assert len(writing) == 1
    ada.now += DURATION
    ada.get()  # closes it
    assert len(writing) == 2
    ada.get()
    ada.get_result()
    assert len(writing) == 2


def test_whoever_touches_it_next_closes_it_at_its_end(ada):
    ada.start("test")
    ada.answer(RIGHT)
    ada.now += DURATION * 10
    shown = ada.get()
    assert not shown.is_open
    assert shown.seconds_left == 0
    assert shown.attempt.closed_at == NOON + DURATION
    assert get_result(ada).score == pytest.approx(0.1)
    assert ada.start("test").attempt.id != shown.attempt.id


# -- nothing is told before the end


def test_an_open_test_tells_nothing_anywhere(ada):
    before = (get_progress(ada).skills, list_beliefs(ada))
    shown = ada.start("test")
    for question in shown.questions:
        told = ada.answer(RIGHT, position=question.position)
        assert told.is_right is None
        assert "SOLUTION" not in repr(told)
    assert ada.get().earned is None
    assert (get_progress(ada).skills, list_beliefs(ada)) == before
    mode = get_progress(ada).lessons[0].modes[-1]
    assert (mode.mode, mode.seen, mode.right, mode.total) == ("test", 10, 0, 20)
    with pytest.raises(ConflictError):
        get_result(ada)


def test_what_practice_asks_does_not_tell_how_an_open_test_goes(ada, stranger):
    eve = Learner(ada.database, stranger, ada.library)
    for learner, chosen in ((ada, RIGHT), (eve, WRONG)):
        for question in learner.start("test").questions:
            learner.answer(chosen, position=question.position)
    asked = [[q.item.key for q in learner.start(seed=5).questions] for learner in (ada, eve)]
    assert asked[0] == asked[1]


def test_an_open_test_offers_no_hint_and_no_giving_up(ada):
    ada.start("test")
    with pytest.raises(NotFoundError):
        ada.hint(1)
    with pytest.raises(ConflictError):
        ada.reveal()


# -- results


def test_the_result_has_an_interval_and_a_word_per_skill(ada):
    shown = ada.start("test")
    for question in shown.questions:
        is_first_skill = question.item.tags == ("skill-0",)
        ada.answer(RIGHT if is_first_skill else WRONG, position=question.position)
    result = ada.finish()
    right = sum(question.item.tags == ("skill-0",) for question in shown.questions)
    assert result.score == pytest.approx(right / 10)
    assert result.low < result.score < result.high
    assert [(skill.skill, skill.label) for skill in result.skills] == [
        ("skill-0", "strong"),
        ("skill-1", "weak"),
    ]
    assert [question.is_right for question in result.shown.questions] == [
        question.item.tags == ("skill-0",) for question in shown.questions
    ]
    assert all(question.item.solution_html for question in result.shown.questions)
    assert ada.finish() == result == get_result(ada)
    assert {belief.skill: belief.n for belief in list_beliefs(ada)} == {
        "skill-0": right,
        "skill-1": 10 - right,
    }


def test_unanswered_questions_score_nothing_and_teach_nothing(ada):
    ada.start("test")
    result = ada.finish()
    assert (result.score, list_beliefs(ada)) == (0.0, ())


def test_points_weigh_the_score(database, learner):
    items = (make_item("bank/small", points=1.0), make_item("bank/large", points=3.0))
    ada = Learner(database, learner, make_library(*items))
    position = next(q.position for q in ada.start("test").questions if q.item.points == 3.0)
    ada.answer(RIGHT, position=position)
    result = ada.finish()
    assert (result.score, result.shown.earned, result.shown.possible) == (0.75, 3.0, 4.0)


def test_only_first_tries_move_a_skill(ada):
    ada.start()
    ada.answer(WRONG)
    after_first = list_beliefs(ada)
    ada.answer(RIGHT, try_no=2)
    assert list_beliefs(ada) == after_first


def test_an_attempt_keeps_the_rules_that_it_began_with(ada, monkeypatch):
    ada.start()
    generous = tuple(replace(mode, points_by_try=(1.0, 1.0), hint_cost=0.0) for mode in MODES)
    monkeypatch.setattr("quizzer.domain.modes._BY_NAME", {mode.name: mode for mode in generous})
    ada.answer(WRONG)
    assert ada.answer(RIGHT, try_no=2).earned == 0.5


# -- content that changes


def test_a_changed_item_is_drawn_anew_and_the_stale_answer_is_not_stored(ada):
    shown = ada.start()
    old = next(item for item in ITEMS if item.key == shown.questions[0].item.key)
    new = replace(old, revision="new", options=make_options("xy"[:1], "zw"), hints=())
    ada.library = make_library(*(new if item is old else item for item in ITEMS))
    told = ada.answer(RIGHT)
    assert told.notice == REDRAWN
    assert sorted(option.html for option in told.item.options) == [
        f"<p>`value_{key}`</p>" for key in "wxz"
    ]
    assert count(ada.database) == 0
    assert ada.answer(Chosen(keys=("x",))).is_right
    assert ada.get().questions[0].notice == ""


@pytest.mark.parametrize("act", [lambda ada: ada.hint(1), lambda ada: ada.reveal()])
def test_help_asked_for_on_a_page_of_before_is_not_given_for_the_changed_item(ada, act):
    key = ada.start().questions[0].item.key
    changed = (replace(item, revision="new") if item.key == key else item for item in ITEMS)
    ada.library = make_library(*changed)
    told = act(ada)
    assert (told.notice, told.is_revealed) == (REDRAWN, False)
    assert list_beliefs(ada) == ()
    assert ada.answer(RIGHT).earned == 1.0


def test_an_item_that_changes_between_two_tries_takes_no_second_one(ada):
    shown = ada.start()
    ada.answer(WRONG)
    key = shown.questions[0].item.key
    ada.library = make_library(
        *(replace(item, revision="new") if item.key == key else item for item in ITEMS)
    )
    told = ada.answer(RIGHT, try_no=2)
    assert "changed" in told.notice
    assert told.is_done
    assert count(ada.database) == 1
    assert ada.hint(1).notice == told.notice


def test_what_was_earned_with_an_older_revision_stays(ada):
    shown = ada.start("test")
    ada.answer(RIGHT)
    key = shown.questions[0].item.key
    changed = [
        replace(item, revision="new", options=make_options("b", "a")) if item.key == key else item
        for item in ITEMS
    ]
    ada.library = make_library(*changed)
    result = ada.finish()
    assert result.score == pytest.approx(0.1)
    assert "changed" in result.shown.questions[0].notice


@pytest.mark.parametrize("mode", ["practice", "test"])
def test_a_withdrawn_item_never_stops_the_attempt_and_costs_nothing(ada, mode):
    shown = ada.start(mode)
    gone = {shown.questions[0].item.key, shown.questions[1].item.key}
    ada.answer(RIGHT, position=2)
    ada.library = make_library(*(item for item in ITEMS if item.key not in gone))
    told = ada.answer(RIGHT, position=1)
    assert "withdrawn" in told.notice
    assert told.is_done
    assert count(ada.database) == 1
    again = ada.get()
    assert again.possible == 9.0  # the one that was answered counts
    for question in again.questions[2:]:
        ada.answer(RIGHT, position=question.position)
    result = ada.finish()
    assert result.score == 1.0


def test_a_withdrawn_lesson_leaves_old_attempts_readable(ada):
    ada.start("test")
    ada.answer(RIGHT)
    ada.library = make_library(make_item("other/item"), lesson=make_lesson("other"))
    result = ada.finish()
    assert all(question.notice for question in result.shown.questions)
    assert get_progress(ada).lessons[0].lesson == "other"


def test_a_score_does_not_change_once_it_is_given(ada):
    ada.start("test")
    ada.answer(RIGHT)
    score = ada.finish().score
    ada.library = make_library(*ITEMS[:3])
    assert get_result(ada).score == score


# -- progress


def test_progress_counts_what_was_seen_and_what_was_right_per_mode(ada):
    for question in ada.start().questions[:3]:
        ada.answer(RIGHT if question.position < 3 else WRONG, position=question.position)
    lesson = get_progress(ada).lessons[0]
    assert [(m.mode, m.seen, m.right, m.total) for m in lesson.modes] == [
        ("learn", 0, 0, 0),
        ("visualize", 0, 0, 0),
        ("practice", 3, 2, 20),
        ("try", 0, 0, 0),
        ("challenge", 0, 0, 0),
        ("review", 0, 0, 0),
        ("metrics", 0, 0, 0),
        ("test", 0, 0, 20),
    ]
    assert lesson.best_test is None


def test_progress_shows_the_best_test(ada):
    for right in (4, 7, 5):
        shown = ada.start("test", seed=right)
        for question in shown.questions[:right]:
            ada.answer(RIGHT, position=question.position)
        ada.finish()
    assert get_progress(ada).lessons[0].best_test == pytest.approx(0.7)


def test_progress_shows_skills_with_their_uncertainty(ada):
    for question in ada.start().questions:
        ada.answer(RIGHT, position=question.position)
    for skill in get_progress(ada).skills:
        assert skill.n == 5
        assert skill.low < skill.expected < skill.high
        assert skill.expected > 0.6


def record_runs(ada, key, *runs):
    """Record a submission to `lesson/fix-it` with its runs, of which the last one counts."""
    with ada.database.transaction() as session:
        submission = SubmissionRow(
            user_id=ada.user.id,
            exercise="lesson/fix-it",
            source=b"",
            idempotency_key=key,
            current_run=len(runs),
            at=NOON,
        )
        session.add(submission)
        session.flush()
        for run_no, (state, verdict, score) in enumerate(runs, start=1):
            run = Run(
                submission_id=submission.id,
                run_no=run_no,
                exercise_hash="hash",
                device="cpu",
                priority=0,
                state=state,
                tries=1,
                queued_at=NOON,
                verdict=verdict,
                score=score,
            )
            session.add(run)


def list_tried(ada):
    tried = get_progress(ada).lessons[0].exercises
    return [(one.exercise, one.tries, one.best_score) for one in tried]


def test_progress_of_exercises_is_the_best_current_run(ada):
    record_runs(ada, "1", ("graded", "wrong", 0.5))
    record_runs(ada, "2", ("graded", "accepted", 1.0), ("graded", "wrong", 0.0))  # taken back
    record_runs(ada, "3", ("graded", "time_limit", 0.25))
    assert list_tried(ada) == [("lesson/fix-it", 3, 0.5)]


def test_what_is_not_the_learners_doing_is_no_try(ada):
    record_runs(ada, "1", ("graded", "platform_error", 0.0))
    record_runs(ada, "2", ("graded", "author_error", 0.0))
    record_runs(ada, "3", ("parked", "platform_error", None))
    record_runs(ada, "4", ("queued", None, None))
    record_runs(ada, "5")
    assert list_tried(ada) == []
    record_runs(ada, "6", ("graded", "wrong", 0.25))
    assert list_tried(ada) == [("lesson/fix-it", 1, 0.25)]


def test_no_try_means_the_same_to_progress_as_to_the_grader():
    assert set(NO_TRY) == {verdict for verdict in Verdict if not verdict.counts_as_try}


def test_progress_is_the_learners_own_and_survives_a_restart(ada, stranger):
    ada.start()
    ada.answer(RIGHT)
    own = get_progress(ada)
    ada.database.close()
    assert get_progress(ada) == own
    ada.user = stranger
    assert get_progress(ada).skills == ()
    assert get_progress(ada).lessons[0].modes[1].seen == 0


def test_many_answers_leave_one_open_attempt_per_mode_and_lesson(ada):
    for mode in ("practice", "test"):
        ada.start(mode)
        ada.start(mode)
    with ada.database.snapshot() as session:
        total = session.scalar(select(func.count()).select_from(AttemptRow))
        assert session.scalar(select(func.count()).select_from(ResponseRow)) == 0
    assert total == 2
