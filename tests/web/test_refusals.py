"""What cannot be right gets a clear page with the right status, and nothing is stored."""

from __future__ import annotations

import re
from io import BytesIO

import pytest
from sqlalchemy import func, select

from quizzer.services import sitting
from quizzer.store.tables import ResponseRow, SubmissionRow, UserRow
from quizzer.web.forms import LARGEST_REQUEST_BYTES


@pytest.fixture
def count(site):
    def count_rows(table) -> int:
        with site.database.snapshot() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    return count_rows


@pytest.fixture
def question(learner) -> str:
    """The address of the first question of an open test; the learner is on its page."""
    learner.open("/lessons/canary")
    learner.send("/lessons/canary/test/attempts")
    return re.search(r'action="(/attempts/\d+/questions/\d+/response)"', learner.page)[1]


def heading(page: str) -> str:
    return re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)[1].strip()


@pytest.mark.parametrize(
    "fields",
    [
        {"choice": "z", "try_no": "1"},
        {"choice": ["1", "2"], "text": "7", "try_no": "1"},
        {"blank.zzz": "x", "try_no": "1"},
        {"try_no": "1"},
        {"choice": "1", "try_no": "first"},
        {"choice": "1", "try_no": "99999999999999999999"},
        {"choice": "1", "try_no": "000000" + 5000 * "9"},
        {"choice": "1", "try_no": "\N{SUPERSCRIPT TWO}"},
        {"choice": "1", "try_no": "1", "confidence": "000000" + 30 * "9"},
        {"choice": "1"},
        {"text": "x" * 20_000, "try_no": "1"},
        {"choice": "1", "try_no": "1", "confidence": "sure"},
    ],
)
def test_a_response_that_cannot_be_one_is_not_stored(learner, question, count, fields):
    page = learner.post(question, status=422, **fields)
    assert heading(page) == "That could not be taken as it is"
    assert '<h1 tabindex="-1" data-alone>' in page  # beside the form the remedy is enough
    assert count(ResponseRow) == 0


def test_a_hint_of_a_number_too_long_to_read_is_refused(learner):
    learner.open("/lessons/canary")
    learner.send("/lessons/canary/practice/attempts")
    attempt = re.search(r"/attempts/(\d+)", learner.path)[1]
    address = f"/attempts/{attempt}/questions/1/hint"
    learner.post(address, status=422, hint_no="000000" + 5000 * "9")


def test_a_closed_attempt_takes_nothing_more(learner, question, count):
    attempt = re.search(r"\d+", question)[0]
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    page = learner.post(question, status=409, choice="1", try_no=1)
    assert heading(page) == "That is no longer possible"
    assert count(ResponseRow) == 0


def test_a_test_whose_time_is_over_takes_nothing_more(learner, question, count, clock):
    clock.pass_(20 * 60)
    learner.post(question, status=409, choice="1", try_no=1)
    assert count(ResponseRow) == 0
    attempt = re.search(r"\d+", question)[0]
    learner.open(f"/attempts/{attempt}")
    assert learner.path == f"/attempts/{attempt}/result"


def test_a_result_leads_back_while_there_is_none_and_is_read_once_then(
    learner, question, monkeypatch
):
    attempt = re.search(r"\d+", question)[0]
    learner.open(f"/attempts/{attempt}/result")
    assert learner.path == f"/attempts/{attempt}"
    learner.open(f"/attempts/{attempt}?q=end")
    learner.send(f"/attempts/{attempt}/finish")
    read, reads = sitting.read_sitting, []
    monkeypatch.setattr(sitting, "read_sitting", lambda *found: reads.append(found) or read(*found))
    learner.open(f"/attempts/{attempt}/result")
    assert len(reads) == 1


def test_somebody_elses_attempt_is_not_there(another, question, count):
    another.open("/account/")
    another.send("/account/name", name="Eve")
    attempt = re.search(r"\d+", question)[0]
    another.open(f"/attempts/{attempt}", status=404)
    another.open(f"/attempts/{attempt}/result", status=404)
    page = another.post(question, status=404, choice="1", try_no=1)
    assert heading(page) == "There is nothing here"
    assert count(ResponseRow) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/attempts/999",
        "/attempts/-1",
        "/attempts/99999999999999999999999",
        "/attempts/999/result",
        "/submissions/999",
        "/submissions/99999999999999999999999",
        "/lessons/none",
        "/lessons/none/learn",
        "/lessons/none/why",
        "/exercises/canary/none",
        "/exercises/canary/double?attempt=77",
        "/static/000000000000/app.css",
        "/nothing",
    ],
)
@pytest.mark.usefixtures("question")
def test_what_does_not_exist_is_not_found(learner, path):
    page = learner.open(path, status=404)
    assert heading(page) == "There is nothing here"


def test_a_position_that_was_never_drawn_is_not_found(learner, question):
    attempt = re.search(r"\d+", question)[0]
    learner.post(f"/attempts/{attempt}/questions/77/response", status=404, choice="1", try_no=1)


@pytest.mark.parametrize("mode", ["why", "none"])
def test_a_mode_without_questions_cannot_be_started(learner, mode):
    learner.open("/")
    learner.post(f"/lessons/canary/{mode}/attempts", status=404)


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_a_form_without_its_token_is_refused(learner, question, count, token):
    fields = {"choice": "1", "try_no": "1"} | ({} if token is None else {"csrf_token": token})
    response = learner.client.post(question, data=fields)
    assert response.status_code == 400
    assert heading(response.get_data(as_text=True)) == "The form was too old, or not ours"
    assert count(ResponseRow) == 0


def test_a_visitor_without_a_token_becomes_nobody(learner, count):
    response = learner.client.post("/lessons/canary/practice/attempts")
    assert response.status_code == 400
    assert count(UserRow) == 0


def test_the_same_answer_sent_twice_is_stored_once(learner, question, count):
    good = {"try_no": "1"} | _any_answer(learner.page)
    learner.post(question, **good)
    learner.post(question, **good)
    assert count(ResponseRow) == 1


SUBMISSIONS = "/exercises/canary/double/submissions"


@pytest.mark.parametrize("size", [0, 65_536, 300_000, 1_000_000, 2_000_000])
def test_a_program_of_any_size_that_arrives_is_kept_for_its_verdict(learner, count, bell, size):
    learner.open("/exercises/canary/double")
    page = learner.send(SUBMISSIONS, file=(BytesIO(b"#" * size), "long.py"))
    assert "number 1 in the queue" in page
    assert count(SubmissionRow) == len(bell.rung) == 1


@pytest.mark.parametrize("size", [LARGEST_REQUEST_BYTES, 3_000_000])
def test_a_request_that_is_too_large_is_refused_and_makes_nobody(learner, count, size):
    learner.open("/exercises/canary/double")
    page = learner.send(SUBMISSIONS, status=413, source="#" * size)
    assert heading(page) == "That was too large"
    assert f"at most {LARGEST_REQUEST_BYTES // 2**20} MB" in page
    assert count(SubmissionRow) == count(UserRow) == 0


def test_a_form_without_its_key_makes_nobody(learner, count):
    learner.open("/exercises/canary/double")
    learner.post(SUBMISSIONS, status=422, source="x = 1")
    assert count(SubmissionRow) == count(UserRow) == 0


BACK = "Back to where you were"


def test_an_error_page_leads_back(learner, question):
    fields = {"choice": "z", "try_no": "1", "csrf_token": "forged"}
    came_from = {"Referer": "http://localhost/attempts/1?q=1"}
    page = learner.client.post(question, data=fields, headers=came_from).text
    assert f'href="/attempts/1?q=1">{BACK}' in page


@pytest.mark.parametrize(
    "came_from",
    [
        "http://elsewhere.example/x",
        "http://localhost.evil.example/",
        "http://localhost//evil.example/",
        "http://localhost/\\evil.example/",
        "http://[",
        "http://localhost/nothing",
    ],
)
def test_an_error_page_leads_back_to_no_other_site_and_not_to_itself(learner, came_from):
    page = learner.client.get("/nothing", headers={"Referer": came_from}).text
    assert f'href="/">{BACK}' in page or BACK not in page


def test_the_way_back_after_a_choice_stays_here(learner):
    learner.open("/")
    for path in ("//[", "//evil.example", "https://evil.example", "/\\evil.example", ""):
        learner.post("/theme", theme="dark", next=path)
        assert learner.path == "/"


def test_a_wrong_method_says_which_are_right(learner):
    page = learner.open("/theme", status=405)
    assert heading(page) == "That page takes no such request"
    assert "POST" in learner.seen[-1].headers["Allow"]


def test_an_unexpected_error_says_nothing_of_itself(app, learner, monkeypatch):
    app.testing = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setattr("quizzer.web.pages.advise", lambda *_: 1 / 0)
    page = learner.open("/", status=500)
    assert heading(page) == "Something went wrong on our side"
    assert "ZeroDivisionError" not in page
    assert learner.seen[-1].headers["Content-Security-Policy"]


def test_only_instructors_see_the_banks_problems(learner):
    assert heading(learner.open("/author", status=403)) == "This page is not for you"


@pytest.mark.parametrize("theme", ["", "pink", "<script>"])
def test_an_unknown_theme_is_refused(learner, theme):
    learner.open("/")
    learner.post("/theme", status=422, theme=theme)


@pytest.mark.parametrize(
    "path", ["//evil.example", "https://evil.example/", "/\\evil", "x", "/a\nb"]
)
def test_going_on_never_leaves_the_site(learner, path):
    learner.open("/")
    learner.post("/theme", theme="dark", next=path)
    assert learner.path == "/"


def _any_answer(page: str) -> dict[str, str]:
    if 'name="blank.a"' in page:
        return {"blank.a": "x"}
    return {"text": "12"} if 'name="text"' in page else {"choice": "1"}
