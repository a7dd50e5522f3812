"""The pages say the right thing at the right time."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from quizzer.services import accounts
from quizzer.store.tables import SubmissionRow, UserRow
from tests.web.canary import begin, list_options, right_answer, wrong_answer


def text_of(html: str) -> str:
    """Return a page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


class TestHome:
    def test_a_new_visitor_is_told_to_begin(self, learner):
        page = text_of(learner.open("/"))
        assert "What to do now" in page
        assert "Begin with the problem and its remedy" in page

    def test_the_next_thing_follows_what_was_done(self, learner):
        commit(learner, "step-2", 1)
        commit(learner, "step-3", 2)
        assert "Go on with the steps" in text_of(learner.open("/"))
        commit(learner, "myths", 3)
        assert "Practise: A lesson for the tests" in text_of(learner.open("/"))

    def test_a_running_test_comes_before_everything(self, learner, clock):
        attempt = begin(learner, "test")
        learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
        clock.pass_(160)
        for path in ("/", "/lessons/canary"):
            page = learner.open(path)
            assert "Your test is running" in page
            assert "17 min left, 9 of 10 still open" in text_of(page)
            way = page[page.index("Your test is running") :]
            assert re.search(r'href="([^"]+)">Go on', way)[1] == f"/attempts/{attempt}"
        assert "Instead of that" not in learner.open("/")  # the rest can wait
        clock.pass_(20 * 60)
        assert "Your test is over" in learner.open("/")
        learner.open(re.search(r'href="([^"]+)">See the result', learner.page)[1])
        assert learner.path == f"/attempts/{attempt}/result"
        assert "Your test is" not in learner.open("/")
        assert "Instead of that" in learner.page

    def test_an_open_round_is_gone_on_with(self, learner):
        for position, place in enumerate(("step-2", "step-3", "myths"), start=1):
            commit(learner, place, position)
        attempt = begin(learner, "practice")
        page = learner.open("/")
        assert "10 of 10 questions still to get right" in page
        assert re.search(rf'href="/attempts/{attempt}">Go on practising', page)

    def test_a_visitor_and_a_guest_are_told_where_answers_are_kept(self, learner):
        assert "You need no account" in learner.open("/")
        begin(learner, "practice")
        page = text_of(learner.open("/"))
        assert "You need no account" not in page
        assert "Your progress is kept in this browser only" in page

    def test_code_is_offered_before_all_is_practised(self, learner):
        page = learner.open("/")
        assert (
            page.index("the problem and its")
            < page.index("Write the code: ")
            < page.index("<h2>Lessons")
        )
        for position, place in enumerate(("step-2", "step-3", "myths"), start=1):
            commit(learner, place, position)
        attempt = begin(learner, "practice")
        for position in range(1, 11):
            learner.open(f"/attempts/{attempt}?q={position}")
            answer = wrong_answer(learner.page)
            learner.send(f"/attempts/{attempt}/questions/{position}/response", **answer)
        learner.open(f"/attempts/{attempt}?q=end")
        learner.send(f"/attempts/{attempt}/finish")
        assert re.search(r'id="now-title">Write the code: ', learner.open("/"))

    def test_looking_makes_nobody(self, learner):
        for path in ("/", "/lessons/canary", "/progress", "/exercises/canary/double"):
            assert "Log in" in learner.open(path)


def commit(learner, place: str, position: int) -> str:
    """Answer what a place of the walk asks; begin the walk where it has not begun."""
    page = learner.open(f"/lessons/canary/learn/{place}")
    if "/lessons/canary/learn/attempts" in page:
        learner.send("/lessons/canary/learn/attempts")
    first, *_ = list_options(learner.page).values()
    return learner.send(f"/lessons/canary/learn/{position}", choice=first)


def list_parts(page: str) -> list[tuple[str, str]]:
    """Return the places that the list on a page leads to, each with its sign."""
    listed = page[page.index('id="way"') :]
    row = r'aria-hidden="true">([✓○])</span><a href="/lessons/canary/learn/([a-z0-9-]+)"'
    return [(name, sign) for sign, name in re.findall(row, listed)]


class TestLearning:
    def test_one_place_a_page_and_the_next_one_waits_for_its_prediction(self, learner):
        page = learner.open("/lessons/canary/learn")
        assert learner.path == "/lessons/canary/learn/step-1"
        assert "The first step stands open." in text_of(page)
        assert "Step 1 of 3" in page
        assert re.search(r'href="/lessons/canary/learn/step-2" rel="next" data-key="n"', page)
        page = text_of(learner.open("/lessons/canary/learn/step-2"))
        assert "The first step stands open." not in page
        assert "Then: 1 more step, myths, 1 pitfall, takeaways." in page
        assert 'rel="next"' not in learner.page
        learner.send("/lessons/canary/learn/attempts")
        assert learner.path == "/lessons/canary/learn/step-2"  # where it was begun
        commit(learner, "step-2", 1)
        assert "SECRETSTEP is what the second step says." in learner.page
        inside = re.search(
            r'<details class="solution" id="q1-why">.*?</details>', learner.page, re.DOTALL
        )
        assert "<h3>Solution</h3>" in inside[0]  # folded, so that the step is not far below
        assert "q1-answered" not in learner.page  # just now, so it stands there in full
        assert re.search(
            r'<details class="answered" id="q1-answered">',
            learner.open("/lessons/canary/learn/step-2"),
        )

    def test_an_answer_leads_to_its_verdict_and_a_notice_to_the_top(self, learner):
        commit(learner, "step-2", 1)
        places = [response.location for response in learner.seen if response.status_code == 303]
        assert places[-1] == "/lessons/canary/learn/step-2?at=1#q1-verdict"
        assert 'id="q1-verdict"' in learner.page
        other = list(list_options(learner.page).values())[1]
        learner.post("/lessons/canary/learn/1", choice=other, try_no="1")
        places = [response.location for response in learner.seen if response.status_code == 303]
        assert places[-1] == "/lessons/canary/learn/step-2?at=1"
        assert "Your first answer stands" in learner.page

    def test_what_is_not_open_yet_leads_to_what_opens_it(self, learner):
        for place in ("step-3", "myths", "pitfall-1", "takeaways"):
            learner.open(f"/lessons/canary/learn/{place}")
            assert learner.path == "/lessons/canary/learn/step-2"
            words = f"Step 2 and its prediction come before {place.replace('-', ' ')}."
            assert words in text_of(learner.page)
        assert list_parts(learner.page)[0] == ("step-1", "○")  # it was never opened
        learner.open("/lessons/canary/learn/step-9", status=404)

    def test_coming_back_leads_to_where_one_left_off(self, learner, another):
        commit(learner, "step-2", 1)
        learner.open("/lessons/canary/learn/step-3")
        learner.open("/lessons/canary/learn/step-1")
        learner.open("/lessons/canary/learn")
        assert learner.path == "/lessons/canary/learn/step-3"
        assert list_parts(learner.page) == [("step-1", "✓"), ("step-2", "✓"), ("step-3", "○")]
        commit(learner, "step-3", 2)
        learner.open("/lessons/canary/learn/takeaways")
        assert "You have come to the end" in learner.page
        assert dict(list_parts(learner.page)) == {
            **{f"step-{number}": "✓" for number in (1, 2, 3)},
            "myths": "○",
            "pitfall-1": "○",  # passed over unread
            "takeaways": "✓",
        }
        another.open("/lessons/canary/learn")
        assert another.path == "/lessons/canary/learn/step-1"

    def test_another_browser_knows_it_from_what_was_answered(self, learner, another):
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="nanoseconds of wire")
        commit(learner, "step-2", 1)
        another.open("/account/login")
        another.send("/account/login", name="Ada", password="nanoseconds of wire")
        another.open("/lessons/canary/learn")
        assert another.path == "/lessons/canary/learn/step-2"

    def test_a_myth_is_believed_or_not_and_told_in_its_place(self, learner):
        commit(learner, "step-2", 1)
        commit(learner, "step-3", 2)
        learner.open("/lessons/canary/learn/step-1")
        page = commit(learner, "myths", 3)
        assert learner.path == "/lessons/canary/learn/myths"
        assert 'id="q3-verdict"' in page
        assert "q3-answered" not in page
        assert ("myths", "✓") not in list_parts(page)  # nobody has gone past it
        assert ("myths", "✓") in list_parts(learner.open("/lessons/canary/learn/pitfall-1"))
        learner.open("/lessons/canary/learn")
        assert learner.path == "/lessons/canary/learn/pitfall-1"
        learner.open("/lessons/canary/learn/takeaways")
        learner.open("/lessons/canary/learn")
        assert learner.path == "/lessons/canary/learn/step-1"  # all is done: to read it again

    def test_a_prediction_is_committed_once(self, learner):
        commit(learner, "step-2", 1)
        first, other, *_ = list_options(learner.page).values()
        learner.post("/lessons/canary/learn/1", choice=other, try_no="2", status=409)
        again = learner.post("/lessons/canary/learn/1", choice=other, try_no="1")
        assert re.search(rf'value="{first}"[^>]* checked', again)  # the first one stands


class TestPractice:
    def test_points_shrink_with_tries_and_hints(self, learner):
        attempt = begin(learner, "practice")
        address = f"/attempts/{attempt}/questions/1"
        answer = right_answer(learner.page)
        learner.send(f"{address}/response", **wrong_answer(learner.page))
        learner.send(f"{address}/hint")
        learner.send(f"{address}/response", **answer)
        assert re.search(r"Right\. 0\.(25|38) of 1 point", text_of(learner.page))

    def test_the_end_leads_back_to_the_missed_ones(self, learner):
        attempt = begin(learner, "practice")
        for position in range(1, 11):
            learner.open(f"/attempts/{attempt}?q={position}")
            answer = wrong_answer if position in (3, 7) else right_answer
            learner.send(
                f"/attempts/{attempt}/questions/{position}/response", **answer(learner.page)
            )
        page = learner.open(f"/attempts/{attempt}?q=end")
        assert "2 still to get right" in page
        assert "Retry the missed ones" in page
        learner.send(f"/attempts/{attempt}/again")
        assert "Question 3 of 10" in learner.page
        assert "is-wrong" not in learner.page
        assert "Not yet" not in learner.page
        assert not re.search(r"<input[^>]* checked", learner.page)
        following = re.search(r'href="([^"]+)" data-key="n"', learner.page)[1]
        assert parse_qs(urlsplit(unescape(following)).query) == {"q": ["7"], "again": ["1"]}
        assert "Not yet" in learner.open(f"/attempts/{attempt}?q=3")

    def test_what_was_done_leads_back_to_the_place_of_the_question(self, learner):
        attempt = begin(learner, "practice")
        address = f"/attempts/{attempt}/questions/1"
        learner.send(f"{address}/response", **wrong_answer(learner.page))
        learner.send(f"{address}/hint")
        learner.send(f"{address}/reveal")
        places = [response.location for response in learner.seen if response.status_code == 303]
        assert places[-3:] == [f"/attempts/{attempt}?q=1#q1"] * 3

    def test_blanks_are_told_apart_and_no_points_are_no_slap(self, learner):
        attempt = begin(learner, "practice")
        position = next(
            number
            for number in range(1, 11)
            if 'name="blank.a"' in learner.open(f"/attempts/{attempt}?q={number}")
        )
        slot = re.search(r'<span class="blank">(.*?)a<span', learner.page)
        assert slot[1] == '<span class="visually-hidden">___</span>'
        address = f"/attempts/{attempt}/questions/{position}"
        learner.send(f"{address}/response", **{"blank.a": "not_this"})
        assert re.search(r"Blank a +✗ Not right", text_of(learner.page))
        for _ in range(3):
            learner.send(f"{address}/response", **{"blank.a": "not_this"})
        learner.send(f"{address}/response", **{"blank.a": "secretname"})
        assert re.search(r"Blank a +✓ Right", text_of(learner.page))
        headline = re.search(r'class="headline"[^>]*>(.*?)</p>', learner.page, re.DOTALL)[1]
        assert text_of(headline).strip() == "✓ Right."

    def test_what_is_revealed_is_not_called_wrong(self, learner):
        attempt = begin(learner, "practice")
        learner.send(f"/attempts/{attempt}/questions/1/reveal")
        verdict = re.search(r'<div class="([^"]+)" id="q1-verdict"', learner.page)[1]
        assert verdict == "verdict"

    def test_the_end_of_practice_says_what_was_shown(self, learner):
        attempt = begin(learner, "practice")
        total = int(re.search(r"Question 1 of (\d+)", learner.page)[1])
        for position in range(1, total + 1):
            learner.open(f"/attempts/{attempt}?q={position}")
            learner.send(f"/attempts/{attempt}/questions/{position}/reveal")
        page = learner.open(f"/attempts/{attempt}?q=end")
        assert f"{total} answers were shown." in text_of(page)
        assert "Nothing is left open" not in page

    def test_an_open_round_is_resumed(self, learner):
        first = begin(learner, "practice")
        page = learner.open("/lessons/canary")
        assert re.search(rf'href="/attempts/{first}"[^>]*>Go on</a>', page)
        learner.post("/lessons/canary/practice/attempts")
        assert learner.path == f"/attempts/{first}"

    def test_the_result_solves_what_was_done_and_keeps_the_rest_for_later(self, learner):
        attempt = begin(learner, "practice")
        learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
        learner.open(f"/attempts/{attempt}?q=end")
        learner.send(f"/attempts/{attempt}/finish")
        page = text_of(learner.page)
        assert page.count("left open") == 9
        assert len(re.findall(r"\bright, [\d.]+ of [\d.]+ points?", page)) == 1
        assert learner.page.count("<h4>Solution</h4>") == 1
        assert learner.page.count('<article class="question') == 1  # what was left is not shown


class TestTests:
    def test_time_is_the_servers(self, learner, clock):
        attempt = begin(learner, "test")
        assert 'data-seconds="1200"' in learner.page
        clock.pass_(90)
        page = text_of(learner.open(f"/attempts/{attempt}"))
        assert "Time left: 18 min , until 12:20 UTC ." in page

    def test_the_next_unanswered_one_follows(self, learner):
        attempt = begin(learner, "test")
        learner.open(f"/attempts/{attempt}?q=2")
        learner.send(f"/attempts/{attempt}/questions/2/response", **right_answer(learner.page))
        assert "Question 3 of 10" in learner.page

    def test_another_answer_is_told_that_the_first_one_stands(self, learner):
        attempt = begin(learner, "test")
        address = f"/attempts/{attempt}/questions/1/response"
        first, second = wrong_answer(learner.page), right_answer(learner.page)
        learner.post(address, try_no="1", then="next", **first)
        assert "Your first answer stands" not in learner.page
        learner.post(address, try_no="1", then="next", **first)
        assert "Your first answer stands" not in learner.page
        learner.post(address, try_no="1", then="next", **second)
        assert "Your first answer stands" in learner.page

    def test_the_result_begins_with_what_was_missed_and_makes_a_round_of_it(self, learner):
        attempt = begin(learner, "test")
        titles = {}
        for position in range(1, 11):
            page = learner.open(f"/attempts/{attempt}?q={position}")
            titles[position] = re.search(r"<h2 [^>]*>(.*?)</h2>", page)[1]
            answer = wrong_answer if position in (4, 9) else right_answer
            learner.send(f"/attempts/{attempt}/questions/{position}/response", **answer(page))
        page = learner.send(f"/attempts/{attempt}/finish")
        assert "All 10 questions, 2 missed" in text_of(page)
        signs = re.findall(r'<span class="sign[^>]*>(.)</span>', page)
        assert signs == ["✗" if number in (4, 9) else "✓" for number in range(1, 11)]
        assert re.findall(r'<details class="outcome" id="q(\d+)-outcome" open', page) == ["4"]
        other = begin(learner, "practice")
        learner.open(f"/attempts/{attempt}/result")
        learner.send(f"/attempts/{attempt}/retry")
        assert "Question 1 of 2" in learner.page
        assert "Your open round of practice was closed" in learner.page
        retry = learner.path
        learner.open(f"/attempts/{other}")
        assert learner.path == f"/attempts/{other}/result"
        learner.open(f"/attempts/{attempt}/result")
        learner.send(f"/attempts/{attempt}/retry")
        assert learner.path == retry
        assert "was closed" not in learner.page
        assert titles[4] in learner.page
        learner.open(f"{learner.path}?q=2")
        assert titles[9] in learner.page

    def test_the_result_says_that_the_time_was_up(self, learner, clock):
        attempt = begin(learner, "test")
        clock.pass_(20 * 60)
        assert "The time was up" in learner.open(f"/attempts/{attempt}")

    def test_the_result_has_an_interval_and_labels(self, learner):
        attempt = begin(learner, "test")
        for position in range(1, 11):
            learner.open(f"/attempts/{attempt}?q={position}")
            learner.send(
                f"/attempts/{attempt}/questions/{position}/response", **right_answer(learner.page)
            )
        learner.send(f"/attempts/{attempt}/finish")
        page = text_of(learner.page)
        assert "100 % of the points" in page
        assert "between 72 % and 100 %" in page
        assert "strong" in page
        assert "Missed" not in page
        assert "Retry the missed ones" not in page
        assert "All 10 right" in page
        assert "The time was up" not in page

    def test_what_was_left_in_a_round_is_not_held_against_anybody(self, learner):
        attempt = begin(learner, "practice")
        learner.open(f"/attempts/{attempt}?q=end")
        page = text_of(learner.send(f"/attempts/{attempt}/finish"))
        assert "0 right, 10 left for later" in page
        assert "What you left is not held against you" in page
        assert "Go on with what is open" in page
        assert "of the points" not in page
        assert "By skill" not in page


class TestExercises:
    PATH = "/exercises/canary/double"

    def test_a_submission_is_kept_and_rung_for_once(self, learner, bell):
        page = learner.open(self.PATH)
        key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
        learner.send(f"{self.PATH}/submissions", source="x = 1\r\n")
        learner.post(f"{self.PATH}/submissions", source="x = 1\r\n", form_key=key)
        assert "number 1 in the queue" in learner.page
        assert len(set(bell.rung)) == 1
        assert "x = 1" in learner.page

    def test_the_waiting_report_is_polled_as_a_fragment(self, learner):
        learner.open(self.PATH)
        learner.send(f"{self.PATH}/submissions", source="x = 1\n")
        address = re.search(r'data-poll="([^"]+)"', learner.page)[1]
        fragment = learner.open(address, **{"X-Fragment": "run"})
        assert fragment.lstrip().startswith('<section id="run"')
        assert "X-Fragment" in learner.seen[-1].headers["Vary"]
        assert 'id="history"' not in fragment  # it would load all that was ever handed in
        assert "<html" in learner.open(address)

    def test_somebody_elses_submission_is_not_there(self, learner, another):
        learner.open(self.PATH)
        learner.send(f"{self.PATH}/submissions", source="x = 1\n")
        address = re.search(r'data-poll="([^"]+)"', learner.page)[1]
        another.open(address, status=404)

    def test_an_older_attempt_is_restored(self, learner, clock):
        learner.open(self.PATH)
        learner.send(f"{self.PATH}/submissions", source="first = 1\n")
        clock.pass_(60)
        learner.send(f"{self.PATH}/submissions", source="second = 2\n")
        assert "second = 2" in learner.page
        learner.open(re.findall(r'href="([^"]+\?attempt=\d+)#code-title"', learner.page)[-1])
        assert "first = 1" in learner.page
        assert "Attempt 1 is in the editor" in learner.page
        assert "return number" in learner.open(f"{self.PATH}?attempt=starter")

    def test_bytes_of_a_file_are_taken_as_they_are(self, learner, site):
        learner.open(self.PATH)
        learner.send(f"{self.PATH}/submissions", file=(BytesIO(b"\xff\xfe\r\n"), "mine.py"))
        with site.database.snapshot() as session:
            assert session.scalar(select(SubmissionRow.source)) == b"\xff\xfe\r\n"

    def test_hints_open_one_by_one_and_stay_open(self, learner):
        assert learner.open(f"{self.PATH}?hints=2").count("<b>Hint") == 0
        assert "comes back sooner; your score stays" in learner.page
        for count in (1, 2):
            assert learner.send(f"{self.PATH}/hints").count("<b>Hint") == count
        assert f"{self.PATH}/hints" not in learner.page
        assert learner.open(self.PATH).count("<b>Hint") == 2

    def test_a_hint_leaves_the_code_that_was_restored_in_the_editor(self, learner):
        learner.open(self.PATH)
        learner.send(f"{self.PATH}/submissions", source="first = 1\n")
        learner.open(f"{self.PATH}?attempt=starter")
        assert "The starter is in the editor" in learner.send(f"{self.PATH}/hints")

    @pytest.mark.parametrize(("hint_no", "status"), [("0", 404), ("3", 404), ("x", 422)])
    def test_no_guest_is_made_for_a_hint_that_there_is_not(self, learner, site, hint_no, status):
        learner.post(f"{self.PATH}/hints", hint_no=hint_no, status=status)
        with site.database.snapshot() as session:
            assert session.scalar(select(func.count()).select_from(UserRow)) == 0

    def test_a_hint_of_another_learner_is_not_open(self, learner, another):
        learner.open(self.PATH)
        learner.send(f"{self.PATH}/hints")
        assert another.open(self.PATH).count("<b>Hint") == 0


class TestAccounts:
    def test_a_guest_keeps_everything_with_an_account(self, learner):
        attempt = begin(learner, "practice")
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="a long password")
        assert "<h1>Welcome, Ada</h1>" in learner.page
        assert learner.page.count("Welcome") == 1
        assert "Question 1 of 10" in learner.open(f"/attempts/{attempt}")

    def test_a_wrong_password_shows_the_form_again(self, learner, another):
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="a long password")
        another.open("/account/login")
        another.send("/account/login", name="Ada", password="another password", status=422)
        assert "do not belong together" in another.page
        assert 'value="Ada"' in another.page

    def test_guessing_is_slowed_down(self, learner):
        learner.open("/account/login")
        for _ in range(5):
            learner.send("/account/login", name="Ada", password="a guess of mine", status=422)
        learner.send("/account/login", name="Ada", password="a guess of mine", status=429)
        assert int(learner.seen[-1].headers["Retry-After"]) > 0

    def test_a_taken_name_is_refused(self, learner, another):
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="a long password")
        another.open("/account/register")
        page = another.send("/account/register", name="ADA", password="a long password", status=409)
        assert re.search(r'id="name"[^>]* value="ADA"[^>]* aria-invalid="true"', page)
        assert "This name is taken." in page
        assert "a long password" not in page
        another.send("/account/register", name="Eve", password="a long password")
        assert "Welcome, Eve" in another.page

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"name": "A", "password": "a long password"}, "name"),
            ({"name": "Ada", "password": "short"}, "password"),
            ({"name": "Ada", "password": "x" * 201}, "password"),
        ],
    )
    def test_what_cannot_be_registered_shows_the_form_again(self, learner, fields, wrong):
        learner.open("/account/register")
        page = learner.send("/account/register", status=422, **fields)
        assert re.findall(r'<input[^>]* id="(\w+)"[^>]*aria-invalid', page) == [wrong]
        assert f'id="{wrong}-error"' in page
        assert f'value="{fields["name"]}"' in page
        assert fields["password"] not in page

    def test_a_name_that_cannot_be_taken_shows_the_form_again(self, learner):
        learner.open("/account/")
        page = learner.send("/account/name", name="A", status=422)
        assert re.search(r'id="name"[^>]* value="A"[^>]* aria-invalid="true"', page)

    def test_whoever_has_an_account_is_led_to_it(self, learner):
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="a long password")
        learner.open("/account/register")
        assert learner.path == "/account/"
        learner.post("/account/register", name="Eve", password="a long password")
        assert "You have an account already" in learner.page

    def test_a_visitor_may_choose_a_name(self, learner):
        learner.open("/account/")
        learner.send("/account/name", name="<b>Eve</b>")
        assert "&lt;b&gt;Eve&lt;/b&gt;" in learner.page
        assert "<b>Eve" not in learner.page

    def test_logging_out_forgets(self, learner):
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="a long password")
        learner.open("/account/")
        learner.send("/account/logout")
        assert "Log in" in learner.page


class TestAuthors:
    def test_an_instructor_sees_what_is_wrong(self, learner, site):
        learner.open("/account/register")
        learner.send("/account/register", name="Ada", password="a long password")
        with site.database.transaction() as session:
            accounts.promote(session, name="Ada")
        page = text_of(learner.open("/author"))
        assert "2 banks with 16 items" in page
        assert "W213" in page


class TestChoices:
    def test_the_theme_is_in_the_page_that_the_server_sends(self, learner):
        learner.open("/progress")
        learner.send("/theme", theme="dark")
        assert learner.path == "/progress"
        assert '<html lang="en" data-theme="dark">' in learner.page
        learner.send("/theme", theme="auto")
        assert '<html lang="en">' in learner.page

    def test_single_keys_can_be_switched_off(self, learner):
        learner.open("/")
        learner.send("/keys", keys="off")
        assert 'data-keys="off"' in learner.page


class TestProgress:
    def test_it_is_a_picture_and_a_table(self, learner):
        attempt = begin(learner, "practice")
        learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
        page = learner.open("/progress")
        assert page.count('<svg class="chart') == 5  # lesson, skills, the year's halves, its legend
        assert "1 of 13" in text_of(page)
        assert re.search(r"<desc[^>]*>[^<]*Practice: 1 of 13", page)
        assert re.search(r"<desc[^>]*>[^<]*Exercises: 0 of 1", page)
        assert re.search(r"<desc[^>]*>[^<]*Predictions made: \d of \d", page)
        assert "Exercise: Twice as much not tried" in text_of(page)
        assert len(re.findall(r"<details[^>]*><summary>The same in numbers", page)) == 3
