"""What learners say is wrong with an item: kept once, with the revision that they saw."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzer.errors import InvalidResponseError, NotFoundError, TooManyRequestsError
from quizzer.services import problem_reports
from quizzer.services.problem_reports import LONGEST_CHARACTERS, MOST_AN_HOUR
from quizzer.store.tables import ProblemReportRow
from tests.factories import NOON, make_item, make_library
from tests.store.hands import WRONG, Learner, count

ITEM = make_item("bank/item")
HOUR = timedelta(hours=1)


@pytest.fixture
def ada(database, learner):
    ada = Learner(database, learner, make_library(ITEM))
    ada.start()
    return ada


def report(ada, words="It has two right answers.", item="bank/item"):
    with ada.database.transaction() as session:
        problem_reports.report(
            session, user_id=ada.user.id, item_key=item, words=words, now=ada.now
        )


def list_open(database):
    with database.snapshot() as session:
        return problem_reports.list_open(session)


def settle(database, report_id):
    with database.transaction() as session:
        problem_reports.settle(session, report_id=report_id, now=NOON)


def test_what_was_answered_can_be_reported_with_its_revision(ada, database):
    ada.answer(WRONG)
    report(ada, "  Two answers\r\nare right. ")
    (found,) = list_open(database)
    assert (found.item_key, found.item_revision) == ("bank/item", ITEM.revision)
    assert found.words == "Two answers\nare right."
    assert (found.at, found.settled_at) == (NOON, None)


def test_the_revision_is_the_one_that_was_seen_whatever_the_item_is_now(ada, database):
    ada.answer(WRONG)
    ada.library = make_library(make_item("bank/item", title="Another"))
    report(ada)
    assert list_open(database)[0].item_revision == ITEM.revision


@pytest.mark.parametrize("settle_it", ["reveal", "finish"])
def test_what_was_given_up_or_left_can_be_reported(ada, database, settle_it):
    getattr(ada, settle_it)()
    report(ada)
    assert len(list_open(database)) == 1


def test_what_is_open_still_or_was_never_met_cannot(ada, database, stranger):
    for wrong in ({}, {"item": "bank/other"}, {"item": ""}):
        with pytest.raises(NotFoundError, match="met no such question"):
            report(ada, **wrong)
    ada.answer(WRONG)
    with pytest.raises(NotFoundError):
        report(Learner(database, stranger, ada.library))
    assert list_open(database) == ()


def test_it_needs_words_and_not_too_many(ada, database):
    ada.answer(WRONG)
    with pytest.raises(InvalidResponseError, match="no text that can be stored"):
        report(ada, "It has\0 two right answers.")
    for words in ("", " \n\t "):
        with pytest.raises(InvalidResponseError, match="in a few words"):
            report(ada, words)
    with pytest.raises(InvalidResponseError, match=f"at most {LONGEST_CHARACTERS}"):
        report(ada, "x" * (LONGEST_CHARACTERS + 1))
    report(ada, "x" * LONGEST_CHARACTERS)
    assert len(list_open(database)) == 1


def test_a_double_click_reports_once(ada, database):
    ada.answer(WRONG)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: report(ada), range(4)))
    assert count(database, ProblemReportRow) == 1
    report(ada, "Something else.")
    assert count(database, ProblemReportRow) == 2


def test_so_many_an_hour_and_then_later(ada, database):
    ada.answer(WRONG)
    for number in range(MOST_AN_HOUR):
        report(ada, f"Report {number}")
        ada.now += timedelta(minutes=1)
    with pytest.raises(TooManyRequestsError, match="in 55 minutes") as refused:
        report(ada, "One more")
    assert refused.value.retry_after_s == 55 * 60
    report(ada, "Report 0")  # it is kept already, so it is not refused
    ada.now = NOON + HOUR
    report(ada, "One more")
    assert count(database, ProblemReportRow) == MOST_AN_HOUR + 1


def test_what_is_settled_waits_no_more_and_stays_as_it_was(ada, database):
    ada.answer(WRONG)
    report(ada, "First")
    report(ada, "Second")
    first = list_open(database)[0]
    settle(database, first.id)
    settle(database, first.id)
    assert [one.words for one in list_open(database)] == ["Second"]
    with database.snapshot() as session:
        rows = session.scalars(select(ProblemReportRow).order_by(ProblemReportRow.id)).all()
        assert [row.settled_at for row in rows] == [NOON, None]
        assert problem_reports.count_open(session) == 1
    report(ada, "First")  # it is back
    assert len(list_open(database)) == 2


def test_there_is_nothing_to_settle_where_nothing_was_said(database):
    with pytest.raises(NotFoundError, match="no such report"):
        settle(database, 7)
