"""What became of a submission, in words: whose move it is, and where to look first."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from graders.model import Cell
from quizzer.services.submitting import (
    CheckResult,
    Difference,
    Excerpt,
    PastSubmissionView,
    Report,
    SubmissionState,
    SubmissionView,
    Verdict,
    load_exercise,
)
from quizzer.web.reports import find_before, find_best, is_solved, list_history, show_run

EXERCISE = load_exercise(Path(__file__).parent / "content" / "exercises" / "canary" / "double")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def make_check(name: str, verdict: Verdict = Verdict.ACCEPTED, **fields) -> CheckResult:
    return CheckResult(name=name, sentence=f"It is {name}.", points=1.0, verdict=verdict, **fields)


def make_report(*checks: CheckResult, verdict: Verdict = Verdict.ACCEPTED, **fields) -> Report:
    return Report(
        **{"exercise": EXERCISE.key, "exercise_hash": "", "verdict": verdict, "score": 1.0}
        | {"checks": checks}
        | fields
    )


def make_view(state: SubmissionState = SubmissionState.GRADED, **fields) -> SubmissionView:
    return SubmissionView(
        **{
            "id": 7,
            "exercise_key": EXERCISE.key,
            "source": b"",
            "at": NOON,
            "state": state,
            "run_id": 1,
            "place": None,
            "report": None,
            "partial": (),
            "is_current_version": True,
        }
        | fields
    )


def make_past(state: SubmissionState = SubmissionState.GRADED, **fields) -> PastSubmissionView:
    return PastSubmissionView(
        **{
            "id": 7,
            "at": NOON,
            "state": state,
            "verdict": None,
            "score": None,
            "is_current_version": True,
        }
        | fields
    )


def test_before_the_first_attempt_the_checks_are_listed():
    run = show_run(EXERCISE, None)
    assert [check.name for check in run.checks] == ["small", "negative", "large"]
    assert {check.state for check in run.checks} == {"waiting"}
    assert not run.is_live
    assert run.headline == ""


@pytest.mark.parametrize(
    ("state", "words", "is_live"),
    [
        (SubmissionState.QUEUED, "number 3 in the queue", True),
        (SubmissionState.RUNNING, "Grading now", True),
        (SubmissionState.PARKED, "This does not count", False),
        (SubmissionState.KEPT, "not graded", False),
    ],
)
def test_what_is_not_graded_says_why(state, words, is_live):
    run = show_run(EXERCISE, make_view(state, place=3))
    assert words in run.headline
    assert run.is_live is is_live


def test_a_running_one_shows_what_was_judged_so_far():
    view = make_view(SubmissionState.RUNNING, partial=(make_check("small"),))
    run = show_run(EXERCISE, view)
    assert [check.state for check in run.checks] == ["passed", "running", "waiting"]
    assert [check.sign for check in run.checks] == ["✓", "▸", "·"]
    queued = show_run(EXERCISE, make_view(SubmissionState.QUEUED))
    assert {check.state for check in queued.checks} == {"waiting"}
    assert run.judged == 1


def test_only_the_first_failed_check_is_open():
    difference = Difference(kind="shape", expected="()", got="(1,)")
    report = make_report(
        make_check("small"),
        make_check("negative", Verdict.WRONG, difference=difference),
        make_check("large", Verdict.WRONG),
        verdict=Verdict.WRONG,
        score=0.25,
    )
    run = show_run(EXERCISE, make_view(report=report))
    assert [check.is_open for check in run.checks] == [False, True, False]
    assert run.checks[1].difference_title == "another shape"
    assert "25" in run.headline
    assert run.tone == "wrong"


@pytest.mark.parametrize("verdict", [Verdict.PLATFORM_ERROR, Verdict.AUTHOR_ERROR])
def test_our_faults_are_no_try(verdict):
    run = show_run(EXERCISE, make_view(report=make_report(verdict=verdict, score=0.0)))
    assert "This does not count" in run.headline
    assert "points" not in run.headline
    assert run.tone == "fault"
    checks = [make_check("small"), make_check("negative", verdict), make_check("large", verdict)]
    shown = show_run(EXERCISE, make_view(report=make_report(*checks, verdict=verdict, score=0.0)))
    assert [check.sign for check in shown.checks] == ["✓", "!", "!"]
    assert shown.checks[1].is_open
    assert shown.checks[1].tone == "soft"
    first, *_ = shown.groups
    assert ([one.name for one in first.shown], first.sign) == (["negative"], "!")
    assert [one.name for one in first.folded] == ["large"]
    past = [
        make_past(verdict=verdict, score=0.0),
        make_past(SubmissionState.PARKED, verdict=verdict),
    ]
    assert find_best(past) is None
    assert {row.outcome for row in list_history(past)} == {"could not be graded"}


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_words(verdict):
    report = make_report(make_check("small", verdict), verdict=verdict)
    run = show_run(EXERCISE, make_view(report=report))
    assert run.headline
    assert run.checks[0].state


def test_a_report_of_older_checks_shows_those():
    report = make_report(make_check("renamed"))
    run = show_run(EXERCISE, make_view(report=report, is_current_version=False))
    assert [check.sentence for check in run.checks] == ["It is renamed."]


def test_history_counts_from_the_oldest_and_keeps_the_best():
    past = [
        make_past(id=3, score=0.5, verdict=Verdict.WRONG),
        make_past(id=2, score=0.75, verdict=Verdict.TIME_LIMIT),
        make_past(SubmissionState.KEPT, id=4),
        make_past(id=5, score=0.0, verdict=Verdict.RUNTIME_ERROR),
        make_past(SubmissionState.QUEUED, id=1),
    ]
    rows = list_history(past)
    assert [(row.number, row.outcome, row.before) for row in rows] == [
        (5, "50 %, gives something else", "2"),
        (4, "75 %, took too long", "4"),
        (3, "not graded", "5"),
        (2, "your code raised an exception", "1"),
        (1, "waiting", "starter"),
    ]
    assert [row.before for row in rows] == [find_before(past, one) for one in past]
    assert find_best(past) == 0.75


@pytest.mark.parametrize(
    ("verdict", "sign", "tone"),
    [
        (Verdict.WRONG, "≠", "wrong"),
        (Verdict.RUNTIME_ERROR, "✗", "stopped"),
        (Verdict.TIME_LIMIT, "✗", "stopped"),
        (Verdict.PLATFORM_ERROR, "!", "fault"),
    ],
)
def test_another_result_no_result_and_no_fault_of_ones_own_look_different(verdict, sign, tone):
    report = make_report(make_check("small", verdict), verdict=verdict, score=0.0)
    run = show_run(EXERCISE, make_view(report=report, source=b"x = 1"))
    assert (run.checks[0].sign, run.tone) == (sign, tone)
    assert run.groups[0].is_trouble


def test_the_starter_is_recognised_and_is_no_failure():
    report = make_report(make_check("small", Verdict.WRONG), verdict=Verdict.WRONG, score=0.0)
    source = EXERCISE.starter.replace("\n", "  \r\n").encode()
    run = show_run(EXERCISE, make_view(report=report, source=source))
    assert run.headline == "○ Not begun yet: this is the starter as it came."
    assert run.tone == ""
    assert run.checks[0].is_open
    other = show_run(EXERCISE, make_view(report=report, source=source + b"x = 1\n"))
    assert "starter" not in other.headline


def test_a_starter_that_passes_has_passed():
    report = make_report(make_check("small"))
    run = show_run(EXERCISE, make_view(report=report, source=EXERCISE.starter.encode()))
    assert run.headline.startswith("✓")


def show_excerpt(expected, got):
    difference = Difference(
        kind="values", expected="1", got="2", excerpt=make_excerpt(expected, got)
    )
    report = make_report(
        make_check("small", Verdict.WRONG, difference=difference), verdict=Verdict.WRONG, score=0.0
    )
    return show_run(EXERCISE, make_view(report=report)).checks[0]


def make_excerpt(expected, got):
    forms = {"expected_form": f"float32, shape {expected}", "got_form": f"float32, shape {got}"}
    cell = Cell(expected="1", got="2", differs=True)
    return Excerpt(**forms, corner=(0,) if expected else (), rows=((cell,),) if expected else ())


def test_cells_are_shown_instead_of_the_one_value():
    check = show_excerpt((1,), (1,))
    assert check.excerpt.rows
    assert (check.expected, check.got) == ("", "")


def test_a_tensor_without_cells_shows_its_value():
    check = show_excerpt((), ())
    assert (check.expected, check.got) == ("1", "2")


def test_what_came_beside_the_solution_is_not_the_best():
    passed = make_past(verdict=Verdict.ACCEPTED, score=1.0, counts=False)
    before = make_past(id=6, verdict=Verdict.WRONG, score=0.5)
    assert find_best([passed, before]) == 0.5
    assert is_solved([passed, before])
    rows = list_history([passed, before])
    assert [row.counts for row in rows] == [False, True]
    assert [row.before for row in rows] == ["6", "starter"]
