"""Handing in and grading against a real database, with a grader that only pretends."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from quizzer.errors import InvalidResponseError, NotFoundError, TooManyRequestsError
from quizzer.services import grading, submitting
from quizzer.services.submitting import (
    CheckResult,
    Difference,
    Report,
    SubmissionState,
    Verdict,
    find_best_score,
    find_progress,
    get_submission,
    hand_in,
    list_submissions,
)
from quizzer.store import ledger, patience
from quizzer.store.tables import CheckResultRow, GradeRunRow, SubmissionRow, UserRow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "regularization/sum-of-params"


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class Bell:
    rung: list[int] = field(default_factory=list)

    def ring(self, run_id, **_options):
        self.rung.append(run_id)


def make_check(name: str = "value", **changes) -> CheckResult:
    return CheckResult(
        **{"name": name, "sentence": f"It has {name}.", "points": 1.0, "verdict": Verdict.ACCEPTED}
        | changes
    )


def make_report(**changes) -> Report:
    return Report(
        **{
            "exercise": KEY,
            "exercise_hash": "v1",
            "verdict": Verdict.ACCEPTED,
            "score": 1.0,
            "checks": (make_check(),),
        }
        | changes
    )


@dataclass
class FakeGrader:
    """Grades by a script: what to do before the report, and which report."""

    report: Report = field(default_factory=make_report)
    act: object = None
    graded: list[bytes] = field(default_factory=list)

    def grade(self, _exercise, source, *, on_check, **_options):
        self.graded.append(source)
        for check in self.report.checks:
            on_check(check)
        if self.act:
            self.act()
        return self.report


def make_exercise(exercise_hash: str = "v1", key: str = KEY) -> SimpleNamespace:
    return SimpleNamespace(key=key, hash=exercise_hash, devices=("cpu",))


EXERCISES = {KEY: make_exercise()}


@pytest.fixture
def database(database):
    with database.transaction() as session:
        for name in ("Ada", "Bob"):
            session.add(
                UserRow(
                    name=name,
                    folded_name=name.lower(),
                    role="learner",
                    session_version=1,
                    created_at=NOON,
                )
            )
    return database


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bell():
    return Bell()


def send(database, bell, *, source=b"code", form="form", user_id=1, now=NOON, **changes):
    return hand_in(
        database,
        changes.pop("exercises", EXERCISES),
        bell,
        **{
            "user_id": user_id,
            "exercise_key": KEY,
            "source": source,
            "idempotency_key": form,
            "now": now,
        }
        | changes,
    )


def look(database, view, *, user_id=1, exercises=EXERCISES):
    with database.transaction() as session:
        return get_submission(session, exercises, submission_id=view.id, user_id=user_id)


def grade(database, grader, view, clock, *, worker="w1", exercises=EXERCISES, **changes):
    return grading.grade_run(
        database,
        exercises,
        grader,
        run_id=view.run_id,
        worker=worker,
        clock=clock,
        **changes,
    )


def go_round(database, now):
    with database.transaction() as session:
        return tuple(run.id for run in grading.requeue_lost(session, now=now))


def count_rows(database, table):
    with database.snapshot() as session:
        return session.scalar(select(func.count()).select_from(table))


def get_row(database, run_id):
    with database.snapshot() as session:
        return session.get(GradeRunRow, run_id)


def test_a_submission_is_kept_and_rung_for_before_anything_runs(database, bell):
    view = send(database, bell, source=b"\xff\xfe not text")
    assert (view.state, view.place, view.source) == (
        SubmissionState.QUEUED,
        1,
        b"\xff\xfe not text",
    )
    assert bell.rung == [view.run_id]


def test_grading_records_the_report_once(database, bell, clock):
    view, grader = send(database, bell), FakeGrader()
    assert grade(database, grader, view, clock)
    assert not grade(database, grader, view, clock, worker="w2")
    after = look(database, view)
    assert after.state is SubmissionState.GRADED
    assert after.report == grader.report
    assert grader.graded == [b"code"]
    assert count_rows(database, CheckResultRow) == 1


def test_a_difference_survives_the_way_through_the_database(database, bell, clock):
    wrong = make_check(
        verdict=Verdict.WRONG, difference=Difference(kind="shape", expected="[]", got="[1]")
    )
    report = make_report(verdict=Verdict.WRONG, score=0.0, checks=(make_check("dtype"), wrong))
    view = send(database, bell)
    grade(database, FakeGrader(report), view, clock)
    assert look(database, view).report == report


def test_what_no_page_could_show_is_replaced(database, bell, clock):
    view = send(database, bell)
    report = make_report(checks=(make_check(output="a\0b\ud800c"),))
    grade(database, FakeGrader(report), view, clock)
    shown = look(database, view).report.checks[0].output
    assert shown.encode("utf-8").decode() == "a\N{REPLACEMENT CHARACTER}b?c"


def test_checks_show_while_the_run_goes_on(database, bell, clock):
    seen = []
    view = send(database, bell)
    grader = FakeGrader(make_report(checks=(make_check("shape"), make_check("value"))))

    def watch() -> None:
        while not (seen and seen[-1].partial):  # shown from beside, a moment later
            time.sleep(0.01)
            seen.append(look(database, view))

    grader.act = watch
    grade(database, grader, view, clock)
    assert seen[-1].state is SubmissionState.RUNNING
    assert [check.name for check in seen[-1].partial] == ["shape", "value"]
    assert look(database, view).partial == ()


@pytest.mark.parametrize("times", [2, 5])
def test_the_same_form_sent_again_is_one_submission(database, bell, times):
    views = [send(database, bell) for _ in range(times)]
    assert len({view.id for view in views}) == 1
    assert count_rows(database, SubmissionRow) == count_rows(database, GradeRunRow) == 1


def test_the_same_form_from_many_tabs_at_once_is_one_submission(database, bell):
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(lambda _: send(database, bell), range(24)))
    assert len({view.id for view in views}) == 1
    assert count_rows(database, GradeRunRow) == 1


def test_many_forms_from_many_tabs_at_once_queue_one_run(database, bell):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: send(database, bell, form=str(number)), range(24)))
    assert count_rows(database, SubmissionRow) == 24
    assert count_rows(database, GradeRunRow) == 1


def test_changed_code_under_an_old_form_is_a_new_submission(database, bell):
    first, second = send(database, bell, source=b"a"), send(database, bell, source=b"b")
    assert first.id != second.id


def test_two_learners_may_use_the_same_form_key(database, bell):
    assert send(database, bell).id != send(database, bell, user_id=2).id


def test_a_newer_submission_takes_the_place_of_a_waiting_one(database, bell, clock):
    old = send(database, bell, source=b"old", form="1")
    new = send(database, bell, source=b"new", form="2")
    assert look(database, old).state is SubmissionState.KEPT
    assert look(database, new).place == 1
    grader = FakeGrader()
    for run_id in bell.rung:
        grading.grade_run(database, EXERCISES, grader, run_id=run_id, worker="w", clock=clock)
    assert grader.graded == [b"new"]


def test_the_id_of_a_withdrawn_run_never_names_another_one(database, bell):
    for number in range(3):
        send(database, bell, source=b"%d" % number, form=str(number))
    assert count_rows(database, GradeRunRow) == 1
    assert len(set(bell.rung)) == 3


def test_sending_a_replaced_form_again_does_not_bring_it_back(database, bell):
    send(database, bell, source=b"old", form="1")
    send(database, bell, source=b"new", form="2")
    assert send(database, bell, source=b"old", form="1").state is SubmissionState.KEPT
    assert count_rows(database, GradeRunRow) == 1


def test_a_running_one_is_not_replaced_and_the_next_waits_for_its_end(database, bell, clock):
    first = send(database, bell, source=b"first", form="1")
    inner = FakeGrader()
    second = None

    def send_another():
        nonlocal second
        second = send(database, bell, source=b"second", form="2", now=clock())
        assert not grade(database, inner, second, clock, worker="w2")

    assert grade(database, FakeGrader(act=send_another), first, clock)
    assert inner.graded == []
    assert grade(database, inner, second, clock, worker="w2")
    assert look(database, first).state is look(database, second).state is SubmissionState.GRADED


def test_another_learner_does_not_wait_for_it(database, bell, clock):
    other = send(database, bell, user_id=2)
    graded = []

    def grade_the_other():
        graded.append(grade(database, FakeGrader(), other, clock, worker="w2"))

    grade(database, FakeGrader(act=grade_the_other), send(database, bell), clock)
    assert graded == [True]


def test_places_count_those_ahead(database, bell):
    first = send(database, bell, user_id=1)
    second = send(database, bell, user_id=2, now=NOON + timedelta(seconds=1))
    assert (first.place, second.place) == (1, 2)


def test_a_full_queue_keeps_the_source_and_says_when_to_come_back(database, bell, monkeypatch):
    monkeypatch.setattr(submitting, "LONGEST_QUEUE", 1)
    send(database, bell, user_id=2)
    with pytest.raises(TooManyRequestsError) as refusal:
        send(database, bell, source=b"precious")
    assert refusal.value.retry_after_s > 0
    with database.snapshot() as session:
        (kept,) = list_submissions(session, EXERCISES, user_id=1, exercise_key=KEY)
    assert kept.state is SubmissionState.KEPT
    assert look(database, kept).source == b"precious"


def test_the_same_form_queues_once_there_is_room(database, bell, clock, monkeypatch):
    monkeypatch.setattr(submitting, "LONGEST_QUEUE", 1)
    other = send(database, bell, user_id=2)
    with pytest.raises(TooManyRequestsError):
        send(database, bell)
    grade(database, FakeGrader(), other, clock)
    assert send(database, bell).state is SubmissionState.QUEUED
    assert count_rows(database, SubmissionRow) == 2


@pytest.mark.parametrize("form", ["", "x" * 201])
def test_a_form_without_a_usable_key_stores_nothing(database, bell, form):
    with pytest.raises(InvalidResponseError):
        send(database, bell, form=form)
    assert count_rows(database, SubmissionRow) == 0


def test_unknown_exercise_and_device_are_refused(database, bell):
    with pytest.raises(NotFoundError):
        send(database, bell, exercise_key="no/such")
    with pytest.raises(InvalidResponseError, match="cpu"):
        send(database, bell, device="cuda")


def test_somebody_elses_submission_is_not_found(database, bell):
    view = send(database, bell)
    with pytest.raises(NotFoundError):
        look(database, view, user_id=2)
    with database.snapshot() as session:
        assert list_submissions(session, EXERCISES, user_id=2, exercise_key=KEY) == ()


def test_the_history_says_how_each_ended(database, bell, clock):
    for number, verdict in enumerate((Verdict.WRONG, Verdict.ACCEPTED)):
        view = send(database, bell, form=str(number), now=NOON + timedelta(seconds=number))
        report = make_report(verdict=verdict, score=float(number))
        assert grade(database, FakeGrader(report), view, clock)
    send(database, bell, form="last", now=NOON + timedelta(seconds=9))
    with database.snapshot() as session:
        past = list_submissions(session, EXERCISES, user_id=1, exercise_key=KEY)
    assert [(one.state.value, one.verdict, one.score) for one in past] == [
        ("queued", None, None),
        ("graded", Verdict.ACCEPTED, 1.0),
        ("graded", Verdict.WRONG, 0.0),
    ]
    newer = {KEY: make_exercise("v2")}
    with database.snapshot() as session:
        past = list_submissions(session, newer, user_id=1, exercise_key=KEY)
    assert not any(one.is_current_version for one in past)


def find_best(database, user_id=1, exercise_key=KEY):
    with database.snapshot() as session:
        return find_best_score(session, user_id=user_id, exercise_key=exercise_key)


def test_the_best_score_counts_and_of_equal_ones_the_latest(database, bell, clock):
    ids = []
    for number, score in enumerate((0.5, 1.0, 1.0, 0.25)):
        view = send(database, bell, form=str(number), now=NOON + timedelta(seconds=number))
        verdict = Verdict.ACCEPTED if score == 1.0 else Verdict.WRONG
        assert grade(database, FakeGrader(make_report(verdict=verdict, score=score)), view, clock)
        ids.append(view.id)
    assert find_best(database) == (1.0, ids[2])


def test_there_is_no_best_score_of_what_waits_or_of_somebody_else(database, bell):
    send(database, bell)
    assert find_best(database) is None
    assert find_best(database, user_id=2) is None
    assert find_best(database, exercise_key="other/one") is None


@pytest.mark.parametrize("verdict", [Verdict.AUTHOR_ERROR, Verdict.SKIPPED])
def test_what_others_are_to_blame_for_is_no_score(database, bell, clock, verdict):
    grader = FakeGrader(make_report(verdict=verdict, score=0.0))
    assert grade(database, grader, send(database, bell), clock)
    assert find_best(database) is None


def test_a_lost_run_is_queued_again_and_graded_exactly_once(database, bell, clock):
    view = send(database, bell)
    lost_claim = claim(database, view, clock, worker="dead")
    clock.pass_(16)
    assert go_round(database, clock()) == (view.run_id,)
    assert grade(database, FakeGrader(), view, clock)
    row = get_row(database, view.run_id)
    assert (row.state, row.tries) == ("graded", 2)
    assert not record(database, lost_claim, make_report(score=0.0), clock)
    assert look(database, view).report.score == 1.0


def claim(database, view, clock, *, worker):
    with database.transaction() as session:
        return ledger.claim_run(
            session,
            run_id=view.run_id,
            worker=worker,
            now=clock(),
            lease_s=15,
            max_tries=grading.MOST_TRIES,
        )


def record(database, held, report, clock):
    with database.transaction() as session:
        return ledger.record_report(session, held, report=report.to_dict(), now=clock())


def test_a_late_worker_drops_its_report_and_its_checks(database, bell, clock):
    view = send(database, bell)

    def lose_the_run():
        clock.pass_(16)
        go_round(database, clock())
        assert grade(database, FakeGrader(make_report(score=0.5)), view, clock, worker="second")

    late = FakeGrader(make_report(score=0.0), act=lose_the_run)
    assert not grade(database, late, view, clock, worker="first", lease_s=15.0)
    assert look(database, view).report.score == 0.5
    assert count_rows(database, CheckResultRow) == 1


def test_a_late_worker_changes_nothing_while_the_next_one_grades(database, bell, clock):
    view = send(database, bell)
    late = claim(database, view, clock, worker="late")
    clock.pass_(16)
    following = claim(database, view, clock, worker="following")
    assert not record(database, late, make_report(score=0.0), clock)
    with database.transaction() as session:
        assert not ledger.renew_lease(session, late, lease_until=clock() + timedelta(hours=1))
        assert not ledger.record_check(session, late, no=1, result={})
        assert not ledger.give_back(session, late)
    assert get_row(database, view.run_id).lease_until == clock() + timedelta(seconds=15)
    assert record(database, following, make_report(), clock)


def test_a_run_is_not_taken_more_often_than_allowed_even_between_rounds(database, bell, clock):
    view = send(database, bell)
    for _ in range(grading.MOST_TRIES):
        assert claim(database, view, clock, worker="dies")
        clock.pass_(16)
    assert claim(database, view, clock, worker="dies") is None


def test_a_live_lease_keeps_others_off(database, bell, clock):
    view = send(database, bell)
    assert claim(database, view, clock, worker="first")
    clock.pass_(14)
    assert go_round(database, clock()) == ()
    assert claim(database, view, clock, worker="second") is None


def test_the_lease_is_renewed_while_grading_with_no_transaction_open(database, bell, clock):
    view = send(database, bell)
    is_renewed = threading.Event()

    def wait_for_a_renewal():
        before = get_row(database, view.run_id).lease_until
        clock.pass_(5)
        for _ in range(500):
            with database.transaction() as session:  # others write meanwhile
                if session.get(GradeRunRow, view.run_id).lease_until > before:
                    is_renewed.set()
                    return
            threading.Event().wait(0.01)

    assert grade(database, FakeGrader(act=wait_for_a_renewal), view, clock, lease_s=0.15)
    assert is_renewed.is_set()


def test_a_run_that_loses_every_worker_is_parked_as_our_fault(database, bell, clock):
    view = send(database, bell)
    for _ in range(grading.MOST_TRIES):
        assert claim(database, view, clock, worker="dies")
        clock.pass_(16)
        go_round(database, clock())
    after = look(database, view)
    assert after.state is SubmissionState.PARKED
    row = get_row(database, view.run_id)
    assert (row.verdict, row.tries) == ("platform_error", grading.MOST_TRIES)
    assert not grade(database, FakeGrader(), view, clock)
    assert go_round(database, clock()) == ()


def test_a_parked_run_does_not_block_the_next_submission(database, bell, clock):
    view = send(database, bell)
    for _ in range(grading.MOST_TRIES):
        claim(database, view, clock, worker="dies")
        clock.pass_(16)
        go_round(database, clock())
    following = send(database, bell, source=b"better", form="2", now=clock())
    assert grade(database, FakeGrader(), following, clock)


def test_a_grader_that_fails_gives_the_run_back_and_it_counts_as_a_try(database, bell, clock):
    view = send(database, bell)

    def fail():
        raise OSError("no zygote")

    with pytest.raises(OSError, match="no zygote"):
        grade(database, FakeGrader(act=fail), view, clock)
    row = get_row(database, view.run_id)
    assert (row.state, row.tries, row.token) == ("queued", 1, None)


def test_a_fault_of_the_platform_is_tried_again_and_leaves_no_trace(database, bell, clock):
    view = send(database, bell)
    at_fault = make_report(verdict=Verdict.PLATFORM_ERROR, score=0.0)
    assert not grade(database, FakeGrader(at_fault), view, clock)
    row = get_row(database, view.run_id)
    assert (row.state, row.tries, row.report) == ("queued", 1, None)
    assert grade(database, FakeGrader(), view, clock)
    assert look(database, view).report.score == 1.0


def test_a_fault_of_the_platform_that_stays_parks_the_run(database, bell, clock):
    view = send(database, bell)
    grader = FakeGrader(make_report(verdict=Verdict.PLATFORM_ERROR, score=0.0))
    while go_round(database, clock.now + timedelta(seconds=10)):
        assert not grade(database, grader, view, clock)
    assert len(grader.graded) == grading.MOST_TRIES
    assert look(database, view).state is SubmissionState.PARKED


def test_a_fault_of_the_author_is_recorded_at_once(database, bell, clock):
    view = send(database, bell)
    grader = FakeGrader(make_report(verdict=Verdict.AUTHOR_ERROR, score=0.0))
    assert grade(database, grader, view, clock)
    assert look(database, view).report.verdict is Verdict.AUTHOR_ERROR


def test_a_worker_that_is_asked_to_stop_gives_back_without_a_try(database, bell, clock):
    view = send(database, bell)
    claim(database, view, clock, worker="w1")
    with database.transaction() as session:
        assert grading.release_worker(session, worker="other") == ()
        assert grading.release_worker(session, worker="w1", is_at_fault=False) == (view.run_id,)
    assert get_row(database, view.run_id).tries == 0


def test_the_round_rings_for_what_waits_unheard_in_its_turn(database, bell):
    second = send(database, bell, user_id=2, now=NOON + timedelta(seconds=1))
    first = send(database, bell, user_id=1, now=NOON)
    assert go_round(database, NOON + timedelta(seconds=1)) == ()
    assert go_round(database, NOON + timedelta(seconds=10)) == (first.run_id, second.run_id)


def test_a_run_of_another_version_waits_for_its_worker_then_takes_what_there_is(
    database, bell, clock
):
    view = send(database, bell)
    newer = {KEY: make_exercise("v2")}
    grader = FakeGrader(make_report(exercise_hash="v2"))
    assert not grade(database, grader, view, clock, exercises=newer)
    clock.pass_(grading.SAME_VERSION_FOR_S + 1)
    assert grade(database, grader, view, clock, exercises=newer)
    assert look(database, view, exercises=newer).is_current_version
    assert not look(database, view).is_current_version


def test_a_run_of_an_unknown_exercise_is_left_alone(database, bell, clock):
    view = send(database, bell)
    assert not grade(database, FakeGrader(), view, clock, exercises={})
    assert get_row(database, view.run_id).tries == 0


def test_the_files_are_looked_at_only_for_a_version_that_is_not_at_hand(database, bell, clock):
    looks = []

    def look_again():
        looks.append(1)
        return {KEY: make_exercise("v2")}

    assert grade(database, FakeGrader(), send(database, bell), clock, look=look_again)
    assert looks == []
    newer = send(database, bell, form="2", exercises={KEY: make_exercise("v2")})
    assert grade(database, FakeGrader(), newer, clock, look=look_again)
    assert looks == [1]


def test_how_far_a_submission_is_is_told_as_its_page_would_tell_it(database, bell, clock):
    seen = []

    def ask(view, user_id=1):
        with database.snapshot() as session:
            return find_progress(session, submission_id=view.id, user_id=user_id)

    def note():
        told = ask(view)
        assert told == look(database, view).progress
        seen.append(told)

    def note_until_a_check_is_shown():
        note()
        while not look(database, view).partial:
            time.sleep(0.01)
        note()

    send(database, bell, form="other", user_id=2)
    view = send(database, bell, now=NOON + timedelta(seconds=1))
    note()
    assert ask(view, user_id=2) == ""
    grade(database, FakeGrader(), SimpleNamespace(run_id=bell.rung[0]), clock)
    note()
    assert grade(database, FakeGrader(act=note_until_a_check_is_shown), view, clock)
    note()
    assert seen == ["queued-2-0", "queued-1-0", "running-0-0", "running-0-1", ""]


def test_a_run_whose_exercise_never_comes_back_does_not_wait_for_ever(database, bell, clock):
    view = send(database, bell)
    clock.pass_(grading.ANY_VERSION_FOR_S + 1)
    assert not grade(database, FakeGrader(), view, clock, exercises={})
    assert look(database, view).state is SubmissionState.PARKED
    assert go_round(database, clock()) == ()


def test_a_ring_for_nothing_does_nothing(database, clock):
    grader = FakeGrader()
    assert not grading.grade_run(database, EXERCISES, grader, run_id=99, worker="w", clock=clock)
    assert grader.graded == []


def test_many_workers_grade_every_run_exactly_once(database, bell, clock):
    for number in range(2):
        send(database, bell, user_id=number + 1)
    runs = bell.rung * 12
    graders = [FakeGrader() for _ in runs]

    def work(pair):
        run_id, grader = pair
        return grading.grade_run(
            database, EXERCISES, grader, run_id=run_id, worker=f"w{id(grader)}", clock=clock
        )

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(work, zip(runs, graders, strict=True)))
    assert sum(outcomes) == 2
    assert sum(len(grader.graded) for grader in graders) == 2


def test_a_report_waits_for_a_database_that_is_away(database, bell, clock, monkeypatch):
    view = send(database, bell)
    real, calls = ledger.record_report, []

    def fail_twice(session, held, **values):
        calls.append(held.token)
        if len(calls) < 3:
            raise OperationalError("UPDATE", {}, Exception("database is locked"))
        return real(session, held, **values)

    monkeypatch.setattr(ledger, "record_report", fail_twice)
    monkeypatch.setattr(patience.time, "sleep", lambda _seconds: None)
    assert grade(database, FakeGrader(), view, clock)
    assert len(calls) == 3
    assert look(database, view).state is SubmissionState.GRADED


def test_progress_that_cannot_be_shown_does_not_stop_the_grading(
    database, bell, clock, monkeypatch, caplog
):
    view = send(database, bell)

    def fail(*_arguments, **_values):
        values = {"result": "THE-EXPECTED-VALUE"}
        raise OperationalError("INSERT", values, Exception("database is locked\nTHE-KEY"))

    def wait_for_the_complaint() -> None:
        while "is not shown yet" not in caplog.text:
            time.sleep(0.01)

    monkeypatch.setattr(ledger, "record_check", fail)
    assert grade(database, FakeGrader(act=wait_for_the_complaint), view, clock)
    assert look(database, view).report.checks
    assert "database is locked" in caplog.text
    assert "THE-" not in caplog.text


def test_patience_ends(monkeypatch):
    def fail():
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(patience.time, "sleep", lambda _seconds: None)
    with pytest.raises(OperationalError):
        patience.keep_trying(fail, for_s=0.0)
