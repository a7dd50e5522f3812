"""Passwords, links, one's own data, and what becomes of a guest: as the pages have it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import func, select

from quizzer.app import create_app
from quizzer.services import accounts, resetting, throttling
from quizzer.store import newcomers
from quizzer.store.tables import AttemptRow, EndedSessionRow, ResponseRow, UserRow
from tests.web.canary import begin, right_answer, secrets_of, wrong_answer
from tests.web.conftest import NOON, Learner

OLD, NEW = "a long password", "quite another one"


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


def register(learner, name="Ada"):
    learner.open("/account/register")
    learner.send("/account/register", name=name, password=OLD)


def log_in(learner, name="Ada", password=OLD, status=200, **fields):
    learner.open("/account/login")
    return learner.send("/account/login", name=name, password=password, status=status, **fields)


def work(learner) -> int:
    """Begin a round and answer its first question; return the attempt's id."""
    attempt = begin(learner, "practice")
    learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
    return attempt


def is_in(learner, name="Ada") -> bool:
    return f"<h1>{name}</h1>" in learner.open("/account/")


def faulty_fields(page: str) -> list[str]:
    """The fields that are marked as wrong, each described by a message that is there."""
    marked = re.findall(r'<input[^>]* id="(\w+)"[^>]*aria-invalid', page)
    assert all(f'id="{field}-error"' in page for field in marked)
    return marked


@pytest.fixture
def count(site):
    def count_rows(table) -> int:
        with site.database.snapshot() as session:
            return session.scalar(select(func.count()).select_from(table)) or 0

    return count_rows


@pytest.fixture
def make_link(site, clock):
    def make(name="Ada") -> str:
        with site.database.transaction() as session:
            token = resetting.make_reset_token(session, name=name, actor="operator 0", now=clock())[
                1
            ]
        return f"/account/reset/{token}"

    return make


class TestPassword:
    def test_changing_it_logs_out_every_other_browser_and_not_this_one(self, learner, another):
        register(learner)
        log_in(another)
        learner.open("/account/password")
        page = learner.send("/account/password", old=OLD, new=NEW, again=NEW)
        assert "Your password is changed" in page
        assert is_in(learner)
        assert not is_in(another)
        log_in(another, password=OLD, status=422)
        log_in(another, password=NEW)
        assert is_in(another)

    @pytest.mark.parametrize(
        ("fields", "wrong"),
        [
            ({"old": "wrong wrong", "new": NEW, "again": NEW}, "old"),
            ({"old": OLD, "new": "short", "again": "short"}, "new"),
            ({"old": OLD, "new": "Password123", "again": "Password123"}, "new"),
            ({"old": OLD, "new": NEW, "again": "quite another on"}, "again"),
        ],
    )
    def test_what_is_refused_is_told_at_its_field(self, learner, fields, wrong):
        register(learner)
        learner.open("/account/password")
        page = learner.send("/account/password", status=422, **fields)
        assert faulty_fields(page) == [wrong]
        assert not any(value in page for value in fields.values())
        assert is_in(learner)

    def test_guessing_the_old_one_has_to_wait_and_is_told_how_long(self, learner):
        register(learner)
        learner.open("/account/password")
        for _ in range(5):
            learner.send("/account/password", old="wrong wrong", new=NEW, again=NEW, status=422)
        page = learner.send("/account/password", old=OLD, new=NEW, again=NEW, status=429)
        assert "Please try again in 15 minutes." in page
        assert learner.seen[-1].headers["Retry-After"] == "900"

    def test_a_guest_is_led_to_where_they_get_one_and_a_visitor_cannot_send_it(self, learner):
        learner.open("/account/password")
        assert learner.path == "/account/register"
        learner.post("/account/password", old=OLD, new=NEW, again=NEW, status=404)

    def test_a_new_password_ends_the_form_token_of_before(self, learner):
        register(learner)
        learner.open("/account/password")
        before = learner.form("/account/password").fields["csrf_token"]
        learner.send("/account/password", old=OLD, new=NEW, again=NEW)
        assert learner.form("/account/name").fields["csrf_token"] != before


class TestLogin:
    def test_who_has_to_wait_sees_the_form_again_with_the_time(self, learner, clock):
        for _ in range(5):
            log_in(learner, status=422)
        clock.pass_(14 * 60)
        page = log_in(learner, status=429)
        assert "Please try again in 1 minute." in page
        assert 'value="Ada"' in page
        assert learner.seen[-1].headers["Retry-After"] == "60"

    def test_everywhere_is_this_browser_too(self, learner, another):
        register(learner)
        log_in(another)
        another.open("/account/")
        another.send("/account/logout", everywhere="yes")
        assert not is_in(learner)
        assert not is_in(another)

    def test_one_form_sent_twice_makes_one_account_and_both_lead_in(self, learner, count):
        learner.open("/account/register")
        form = learner.form("/account/register")
        fields = {**form.fields, "name": "Ada", "password": OLD}
        cookie = learner.client.get_cookie("quizzer").value
        for _ in range(2):  # the second was sent before the first was answered
            learner.client.set_cookie("quizzer", cookie)
            assert learner.client.post(form.action, data=fields).status_code == 303
        assert count(UserRow) == 1
        assert is_in(learner)

    def test_a_taken_name_leads_to_the_log_in(self, learner, another):
        register(learner)
        another.open("/account/register")
        page = another.send("/account/register", name="Ada", password=OLD, status=409)
        assert "or log in if it is yours" in page
        assert faulty_fields(page) == ["name"]


class TestLogout:
    """What is left of somebody in a browser that others use too, and in copies of its cookie."""

    def test_a_copied_cookie_is_nobodys_once_its_browser_logged_out(self, learner, another):
        register(learner)
        another.client.set_cookie("quizzer", learner.client.get_cookie("quizzer").value)
        assert is_in(another)
        learner.open("/account/")
        learner.send("/account/logout")
        assert not is_in(another)
        # Nor does the site renew the copy, which would make it good for another year.
        with another.client.session_transaction() as session:
            assert not {"user", "key"} & set(session)

    def test_other_browsers_go_on(self, learner, another):
        register(learner)
        log_in(another)
        learner.open("/account/")
        learner.send("/account/logout")
        assert not is_in(learner)
        assert is_in(another)

    def test_logging_in_anew_ends_the_session_of_before(self, learner, another):
        register(learner)
        another.client.set_cookie("quizzer", learner.client.get_cookie("quizzer").value)
        log_in(learner)
        assert is_in(learner)
        assert not is_in(another)

    def test_a_guest_who_is_back_is_so_in_this_browser_alone(self, learner, another):
        register(another, name="Eve")
        attempt = work(learner)
        copy = learner.client.get_cookie("quizzer").value
        log_in(learner, name="Eve", guest="keep")
        learner.open("/account/")
        learner.send("/account/logout")
        learner.open(f"/attempts/{attempt}")
        another.client.set_cookie("quizzer", copy)
        another.open(f"/attempts/{attempt}", status=404)

    def test_a_double_click_logs_out_once(self, learner, count):
        register(learner)
        learner.open("/account/")
        form, cookie = learner.form("/account/logout"), learner.client.get_cookie("quizzer").value
        for _ in range(2):
            learner.client.set_cookie("quizzer", cookie)
            learner.client.post(form.action, data=form.fields)
        assert count(EndedSessionRow) == 1

    def test_what_is_kept_of_the_end_goes_when_no_copy_could_be_good(self, learner, clock, count):
        for _ in range(2):
            if not is_in(learner):
                log_in(learner) if count(UserRow) else register(learner)
            learner.open("/account/")
            learner.send("/account/logout")
            clock.pass_(accounts.SESSION_LASTS.total_seconds() + 1)
        assert count(EndedSessionRow) == 1

    def test_it_ends_on_a_calm_page_and_empties_the_browser(self, learner):
        register(learner)
        learner.open("/account/")
        page = learner.send("/account/logout")
        assert learner.path == "/account/out"
        assert "<h1>You are logged out</h1>" in page
        assert "Log in again" in page
        assert "Ada" not in page
        first = learner.seen[-1]
        assert first.headers["Clear-Site-Data"] == '"cache", "storage"'

    def test_what_a_guest_wrote_is_not_cleared_with_it(self, learner, another):
        register(another)
        work(learner)
        log_in(learner, guest="keep")
        learner.open("/account/")
        page = learner.send("/account/logout")
        assert "What you did here as a guest is back." in page
        assert learner.seen[-1].headers["Clear-Site-Data"] == '"cache"'

    @pytest.mark.parametrize("path", ["", "login", "register", "password", "delete", "out"])
    def test_no_cache_keeps_a_page_of_an_account(self, learner, path):
        register(learner)
        learner.open(f"/account/{path}")
        assert learner.seen[-1].headers["Cache-Control"] == "private, no-store"

    def test_drafts_are_each_readers_own_and_follow_a_guest(self, learner, another):
        def marks(page):
            found = re.search(r'data-drafts="([^"]*)" data-takes="([^"]*)"', page)
            return found[1].split(), found[2].split()

        assert marks(learner.open("/")) == (["visitor"], [])
        work(learner)
        [guest], taken = marks(learner.open("/"))
        assert taken == ["visitor"]
        register(learner)
        assert marks(learner.open("/"))[0] == [guest]  # the same row
        work(another)
        [other], _ = marks(another.open("/"))
        assert other != guest
        log_in(another, guest="keep")
        assert marks(another.open("/")) == ([guest, other], ["visitor"])
        another.open("/account/")
        another.send("/account/guest")
        assert marks(another.open("/")) == ([guest], ["visitor", other])
        another.open("/account/")
        another.send("/account/logout")
        assert marks(another.open("/")) == (["visitor"], [])


class TestNewcomers:
    def test_a_class_behind_one_address_begins_and_a_flood_is_asked_to_wait(self, app, site, clock):
        allowed = throttling.NEWCOMERS_ALLOWED
        assert allowed >= 10 * 40
        with site.database.transaction() as session:
            for _ in range(allowed - 1):
                newcomers.record_newcomer(session, address="127.0.0.1", now=NOON, before=NOON)
        late, later = Learner(app), Learner(app)
        begin(late, "practice")
        later.open("/account/")
        page = later.send("/account/name", name="Ada", status=429)
        assert "begun here from your network. Please try again in 60 minutes, or log in" in page
        assert later.seen[-1].headers["Retry-After"] == "3600"
        register(late, name="Late")  # no newcomer: the guest from before
        later.open("/account/register")
        assert "in 60 minutes" in later.send(
            "/account/register", name="Ada", password=OLD, status=429
        )
        clock.pass_(3601)
        begin(later, "practice")


class TestResetLink:
    def test_it_sets_a_password_logs_in_here_and_out_everywhere_else(
        self, learner, another, make_link
    ):
        register(learner)
        link = make_link()
        another.open(link)
        assert another.open(link).count('type="password"') == 2
        another.send(link, password=NEW, again=NEW)
        assert "Your new password is set, Ada" in another.page
        assert is_in(another)
        assert not is_in(learner)
        page = learner.open(link, status=404)
        assert "sets no password any more" in page
        log_in(learner, password=NEW)

    def test_a_refused_password_keeps_the_link_good(self, learner, another, make_link):
        register(learner)
        link = make_link()
        for fields, wrong in (
            ({"password": "12345678", "again": "12345678"}, "password"),
            ({"password": NEW, "again": ""}, "again"),
        ):
            another.open(link)
            assert faulty_fields(another.send(link, status=422, **fields)) == [wrong]
        another.open(link)
        another.send(link, password=NEW, again=NEW)
        assert is_in(another)

    def test_its_page_is_kept_by_nobody_and_its_address_goes_nowhere(
        self, learner, another, make_link
    ):
        register(learner)
        another.open(make_link())
        headers = another.seen[-1].headers
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "private, no-store"

    def test_a_guest_who_uses_it_says_what_becomes_of_what_they_did(
        self, learner, another, make_link, count
    ):
        register(learner)
        attempt = work(another)
        link = make_link()
        assert "Bring it into my account" in another.open(link)
        another.send(link, password=NEW, again=NEW, guest="bring")
        another.open(f"/attempts/{attempt}")
        assert count(UserRow) == 1


class TestGuest:
    """A guest who logs in to an account that is there already."""

    @pytest.fixture(autouse=True)
    def _account(self, another):
        register(another)

    def test_a_round_that_was_only_opened_comes_along_unasked(self, learner, count):
        attempt = begin(learner, "practice")
        assert 'name="guest"' not in learner.open("/account/login")
        log_in(learner)
        learner.open(f"/attempts/{attempt}")
        assert count(UserRow) == 1

    def test_nothing_is_asked_of_who_did_nothing(self, learner, count):
        assert 'name="guest"' not in learner.open("/account/login")
        learner.open("/account/")
        learner.send("/account/name", name="Eve")
        assert 'name="guest"' not in learner.open("/account/login")
        log_in(learner)
        assert is_in(learner)
        assert count(UserRow) == 1

    def test_what_becomes_of_it_is_said_before(self, learner):
        work(learner)
        page = text_of(learner.open("/account/login"))
        assert "What you did here as a guest 1 answer" in page
        assert "Bring it into my account" in page
        assert "is back when you log out" in page
        assert re.search(r'value="bring" checked', learner.page)

    def test_a_running_test_comes_along(self, learner, another, count):
        attempt = begin(learner, "test")
        learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
        assert "a running test" in learner.open("/account/login")
        log_in(learner, guest="bring")
        assert "is in your account now" in learner.page
        assert "Your test is running" in learner.page
        learner.open(f"/attempts/{attempt}?q=2")
        learner.send(f"/attempts/{attempt}/questions/2/response", **wrong_answer(learner.page))
        assert count(ResponseRow) == 2
        assert count(UserRow) == 1
        log_in(another)
        assert "Your test is running" in another.open("/")

    def test_what_is_kept_apart_is_back_after_logging_out(self, learner, count):
        attempt = work(learner)
        log_in(learner, guest="keep")
        assert "kept apart" in learner.page
        learner.open(f"/attempts/{attempt}", status=404)
        learner.open("/account/")
        learner.send("/account/logout")
        assert "What you did here as a guest is back." in learner.page
        learner.open(f"/attempts/{attempt}")
        assert not is_in(learner)
        assert count(UserRow) == 2

    def test_what_is_kept_apart_can_be_brought_in_later(self, learner, count):
        attempt = work(learner)
        log_in(learner, guest="keep")
        learner.open("/account/")
        learner.send("/account/guest")
        assert "is in your account now" in learner.page
        assert "Bring it into my account" not in learner.page
        learner.open(f"/attempts/{attempt}")
        assert count(UserRow) == 1
        learner.post("/account/guest", status=409)

    def test_who_became_a_guest_in_another_tab_loses_nothing(self, learner):
        tab = learner.open("/account/login")
        attempt = work(learner)
        learner.page = tab
        learner.send("/account/login", name="Ada", password=OLD)
        assert "kept apart" in learner.page
        assert "Bring it into my account" in learner.open("/account/")
        learner.send("/account/guest")
        learner.open(f"/attempts/{attempt}")

    def test_a_wrong_password_keeps_the_choice(self, learner):
        work(learner)
        page = log_in(learner, password="wrong wrong", status=422, guest="keep")
        assert re.search(r'value="keep" checked', page)
        assert not re.search(r'value="bring" checked', page)

    def test_an_ended_guest_does_not_come_back(self, learner, site):
        work(learner)
        log_in(learner, guest="keep")
        with site.database.transaction() as session:
            guest = session.scalars(select(UserRow).where(UserRow.password_hash.is_(None))).one()
            accounts.log_out_everywhere(session, user_id=guest.id, now=NOON)
        assert "Bring it into" not in learner.open("/account/")
        learner.send("/account/logout")
        assert "is back" not in learner.page

    def test_a_guest_who_registers_is_told_that_all_comes_along(self, learner):
        attempt = begin(learner, "test")
        page = learner.open("/account/register")
        assert "comes along, a test that is running included" in page
        learner.send("/account/register", name="Eve", password=OLD)
        assert "Your test is running" in learner.page
        learner.open(f"/attempts/{attempt}?q=1")
        learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))


class TestOwnData:
    def test_the_export_is_a_file_with_everything(self, learner):
        register(learner)
        work(learner)
        response = learner.client.get("/account/export")
        data = json.loads(response.data)
        assert response.headers["Content-Disposition"] == (
            'attachment; filename="quizzer-2026-03-01.json"'
        )
        assert response.headers["Cache-Control"] == "private, no-store"
        assert [user["name"] for user in data["user"]] == ["Ada"]
        assert [row["score"] for row in data["response"]] == [1.0]
        assert len(data["presentation"]) == 10

    @pytest.mark.parametrize("mode", ["practice", "test"])
    def test_the_export_holds_no_key_before_its_time(self, learner, mode):
        begin(learner, mode)
        learner.open("/account/export")
        assert secrets_of(learner) == set()

    def test_a_guest_has_an_export_and_a_visitor_none(self, learner):
        learner.open("/account/export", status=404)
        assert "Your data" not in learner.open("/account/")
        begin(learner, "practice")
        assert "Download my data" in learner.open("/account/")
        learner.open("/account/export")

    def test_deleting_takes_the_name_and_the_password(self, learner, count):
        register(learner)
        begin(learner, "practice")
        page = learner.open("/account/delete")
        assert "download your data" in page
        assert faulty_fields(
            learner.send("/account/delete", name="Eve", password=OLD, status=422)
        ) == ["name"]
        assert faulty_fields(
            learner.send("/account/delete", name="Ada", password="wrong wrong", status=422)
        ) == ["password"]
        assert count(AttemptRow) == 1
        learner.send("/account/delete", name="ada", password=OLD)
        assert "Everything of yours is deleted" in learner.page
        assert (count(UserRow), count(AttemptRow)) == (0, 0)
        assert not is_in(learner)
        log_in(learner, status=422)

    def test_a_guest_who_was_kept_apart_is_not_deleted_and_that_is_said(
        self, learner, another, count
    ):
        register(another)
        attempt = work(learner)
        log_in(learner, guest="keep")
        page = text_of(learner.open("/account/delete"))
        assert "What you did here as a guest: 1 answer, is kept apart from the account." in page
        assert "not deleted with it" in page
        page = text_of(learner.send("/account/delete", name="Ada", password=OLD))
        assert "Everything of yours is deleted" not in page
        assert "What you did here as a guest is back" in page
        assert learner.seen[-1].headers["Clear-Site-Data"] == '"cache"'
        learner.open(f"/attempts/{attempt}")
        learner.open("/account/delete")
        learner.send("/account/delete", name="Guest")
        assert "Everything of yours is deleted" in learner.page
        assert learner.seen[-1].headers["Clear-Site-Data"] == '"cache", "storage"'
        assert count(UserRow) == 0

    def test_deleting_a_guest_takes_the_name_alone(self, learner, count):
        begin(learner, "test")
        assert 'type="password"' not in learner.open("/account/delete")
        learner.send("/account/delete", name="Guest")
        assert (count(UserRow), count(AttemptRow)) == (0, 0)

    def test_another_tab_of_somebody_who_left_is_told(self, learner):
        attempt = begin(learner, "practice")
        tab = learner.page
        learner.open("/account/delete")
        learner.send("/account/delete", name="Guest")
        answer = right_answer(tab)
        learner.post(f"/attempts/{attempt}/questions/1/response", status=404, try_no="1", **answer)

    def test_a_visitor_has_nothing_to_delete(self, learner):
        learner.open("/account/delete", status=404)
        learner.post("/account/delete", name="", status=404)


class TestHosts:
    @pytest.fixture
    def ask(self, settings, site):
        def ask(name: str, path: str = "/account/login", **changes) -> int:
            app = create_app(replace(settings, **changes), site=site)
            return app.test_client().get(path, headers={"Host": name}).status_code

        return ask

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("localhost:8000", 200),
            ("quiz.localhost", 200),
            ("127.0.0.1", 200),
            ("127.8.9.10:8000", 200),
            ("[::1]:8000", 200),
            ("a.codespace.dev", 421),
            ("localhost.evil.example", 421),
            ("evil.example:8000", 421),
            ("192.168.1.5:8000", 421),
            ("", 421),
        ],
    )
    @pytest.mark.parametrize("listens_on", ["127.0.0.1", "localhost", "::1"])
    def test_on_loopback_it_is_this_machines_own_names_alone(self, ask, host, status, listens_on):
        assert ask(host, host=listens_on) == status

    def test_a_page_of_a_name_that_somebody_made_point_here_acts_for_nobody(self, learner, count):
        learner.open("/account/")
        form = learner.form("/account/name")
        fields = {**form.fields, "name": "Mallory"}
        for host, status, made in (("rebound.example", 421, 0), ("localhost:8000", 303, 1)):
            answer = learner.client.post(form.action, data=fields, headers={"Host": host})
            assert answer.status_code == status
            assert count(UserRow) == made

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("localhost:8000", 200),
            ("192.168.1.5:8000", 200),
            ("[fe80::1]:8000", 200),
            ("quiz.school.org", 421),
            ("127.0.0.1.evil.example", 421),
        ],
    )
    def test_on_other_addresses_it_is_addresses_alone(self, ask, host, status):
        assert ask(host, host="0.0.0.0") == status  # noqa: S104 - what is tested

    def test_the_name_that_is_listened_on_is_answered(self, ask):
        assert ask("quiz.lan:8000", host="quiz.lan") == 200
        assert ask("other.lan:8000", host="quiz.lan") == 421

    @pytest.mark.parametrize(
        ("host", "status"),
        [
            ("quiz.school.org", 200),
            ("QUIZ.school.org.:443", 200),
            ("a.lan", 200),
            ("lan", 200),
            ("10.0.0.5", 200),
            ("[2001:db8::7]", 200),
            ("localhost", 200),
            ("alan", 421),
            ("evil.example", 421),
            ("10.0.0.6", 421),
            ("quiz.school.org.evil.example", 421),
            ("quiz.school.org@evil.example", 421),
        ],
    )
    def test_where_names_are_set_they_are_the_only_ones(self, ask, host, status):
        hosts = ("quiz.school.org", ".lan", "10.0.0.5", "[2001:db8::7]")
        assert ask(host, hosts=hosts) == status

    def test_any_name_can_be_allowed(self, ask):
        assert ask("evil.example", host="0.0.0.0", hosts=("*",)) == 200  # noqa: S104

    def test_health_is_told_under_any_name(self, ask):
        assert ask("10.9.8.7", "/healthz", hosts=("quiz.school.org",)) == 200

    def test_the_page_says_what_to_do_and_does_not_repeat_the_name(self, settings, site):
        client = create_app(replace(settings, hosts=("quiz.org",)), site=site).test_client()
        response = client.get("/static/none", headers={"Host": "evil.example"})
        assert response.status_code == 421
        assert "QUIZZER_HOSTS" in response.text
        assert "evil.example" not in response.text
        assert "Set-Cookie" not in response.headers
        assert not re.search("<link|<script|<a ", response.text)
