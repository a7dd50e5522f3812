from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from quizzer.domain.modes import find_mode
from quizzer.domain.questions import GRACE, Question
from quizzer.domain.showing import show_question
from tests.factories import NOON, make_item, make_presentation, make_response

CHALLENGE = find_mode("challenge")
WHOLE = timedelta(seconds=60)
JUST_IN_TIME = NOON + WHOLE + GRACE
TOO_LATE = JUST_IN_TIME + timedelta(milliseconds=1)


def make_question(*responses, now=NOON, shown_at=NOON, mode=CHALLENGE, time_s=None, is_open=True):
    item = make_item(time_s=time_s)
    return Question(
        item=item,
        presentation=replace(make_presentation(item), shown_at=shown_at),
        responses=responses,
        misconceptions={},
        mode=mode,
        is_open=is_open,
        now=now,
    )


def show(question):
    return show_question(question, lambda text: text.source)


def make_wrong(try_no=1, at=NOON):
    return make_response(try_no=try_no, score=0.0, earned=0.0, at=at)


def make_right(at=NOON):
    return make_response(score=1.0, earned=1.0, at=at)


def test_an_item_with_a_time_of_its_own_has_that():
    assert make_question().time_s == CHALLENGE.item_time_s == 60
    assert make_question(time_s=90).time_s == 90
    assert make_question(mode=find_mode("practice"), time_s=90).time_s is None


def test_no_clock_runs_before_it_is_shown_or_where_no_moment_is_given():
    far = NOON + timedelta(days=1)
    assert not make_question(now=far, shown_at=None).is_time_up
    assert not make_question(now=None).is_time_up
    assert make_question(now=far, shown_at=None).seconds_left is None


@pytest.mark.parametrize(("now", "is_up"), [(JUST_IN_TIME, False), (TOO_LATE, True)])
def test_the_time_is_up_after_the_grace_and_then_the_key_may_be_seen(now, is_up):
    question = make_question(now=now)
    shown = show(question)
    assert question.is_settled is shown.ran_out is shown.is_done is is_up
    assert (shown.item.solution_html == "SOLUTION") is is_up
    assert (shown.seconds_left is None) is is_up


def test_the_seconds_left_are_whole_and_never_below_zero():
    assert make_question(now=NOON + timedelta(seconds=10.2)).seconds_left == 50
    assert make_question(now=NOON + WHOLE + timedelta(seconds=1)).seconds_left == 0


def test_both_tries_share_the_time():
    later = NOON + timedelta(seconds=40)
    assert make_question(make_wrong(at=later), now=later).seconds_left == 20
    assert not make_question(make_wrong(at=later), now=later).is_settled


def test_what_was_done_in_time_did_not_run_out():
    for responses in ((make_right(),), (make_wrong(), make_wrong(2))):
        question = make_question(*responses, now=TOO_LATE)
        assert question.is_time_up
        assert not question.ran_out
        assert question.seconds_left is None


def test_a_response_after_the_time_is_told_as_late():
    shown = show(make_question(make_wrong(at=TOO_LATE), now=TOO_LATE))
    assert shown.ran_out
    assert shown.is_right is False


def test_a_closed_question_shows_no_seconds():
    assert make_question(is_open=False).seconds_left is None
