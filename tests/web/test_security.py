"""What every answer says to the browser."""

from __future__ import annotations

import re
from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from sqlalchemy import select

from quizzer.app import create_app
from quizzer.store.tables import LoginFailureRow

PATHS = ["/", "/lessons/canary", "/progress", "/account/login", "/nothing", "/author", "/healthz"]


@pytest.mark.parametrize("path", PATHS)
def test_pages_carry_the_headers(learner, path):
    response = learner.client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    kept = "no-store" if path.startswith("/account/") else "no-cache"
    assert response.headers["Cache-Control"] == f"private, {kept}"


@pytest.mark.parametrize("path", PATHS[:-1])
def test_pages_hold_nothing_inline_and_nothing_from_elsewhere(learner, path):
    page = learner.client.get(path).get_data(as_text=True)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)", page)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', page)


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(learner):
    cookie = SimpleCookie(learner.client.get("/").headers["Set-Cookie"])["quizzer"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


FORWARDED = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7", "X-Forwarded-Proto": "https"}


@pytest.mark.parametrize(("https", "address"), [(True, "198.51.100.7"), (False, "127.0.0.1")])
def test_a_proxy_is_believed_only_where_there_is_one(settings, site, https, address):
    client = create_app(replace(settings, https=https), site=site).test_client()
    response = client.get("/account/login", headers=FORWARDED)
    cookie = SimpleCookie(response.headers["Set-Cookie"])["quizzer"]
    assert bool(cookie["secure"]) is https
    token = re.search(r'name="csrf_token" value="([^"]+)"', response.text)[1]
    fields = {"csrf_token": token, "name": "Ada", "password": "a guess of mine"}
    sent = client.post(
        "/account/login",
        data=fields,
        headers={**FORWARDED, "Cookie": f"quizzer={cookie.value}"},
    )
    assert sent.status_code == 422
    with site.database.snapshot() as session:
        assert session.scalars(select(LoginFailureRow.address)).one() == address


def test_static_files_are_kept_for_ever_under_their_version(learner):
    address = re.search(r'href="(/static/[0-9a-f]{12}/app.css)"', learner.open("/"))[1]
    response = learner.client.get(address, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "gzip"
    assert response.headers["Vary"] == "Accept-Encoding"
    assert response.headers["Content-Type"] == "text/css; charset=utf-8"
    plain = learner.client.get(address)
    assert "Content-Encoding" not in plain.headers
    assert len(plain.data) > len(response.data)


def test_no_static_file_asks_another_host(learner):
    style = learner.client.get(re.search(r'href="([^"]+app.css)"', learner.open("/"))[1]).text
    assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|@import", style)


def test_a_new_login_changes_the_form_token(learner):
    learner.open("/account/register")
    before = learner.form("/account/register").fields["csrf_token"]
    learner.send("/account/register", name="Ada", password="a long password")
    learner.open("/account/")
    assert learner.form("/account/name").fields["csrf_token"] != before


def test_an_ended_session_is_a_visitor_again(learner, another):
    learner.open("/account/register")
    learner.send("/account/register", name="Ada", password="a long password")
    another.open("/account/login")
    another.send("/account/login", name="ada", password="a long password")
    assert "Ada" in another.open("/account/")
    learner.open("/account/")
    learner.send("/account/logout", everywhere="yes")
    assert "Ada" not in another.open("/account/")


def test_health_is_a_word(learner):
    assert learner.client.get("/healthz").json == {"status": "ok"}
