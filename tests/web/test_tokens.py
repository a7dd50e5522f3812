"""The form token: it stays as long as a browser is the same nobody or guest, and ends at a log-in."""

from __future__ import annotations

import pytest

SUBMISSIONS = "/exercises/canary/double/submissions"
CREDENTIALS = {"name": "Ada", "password": "a long password"}


def token_of(learner) -> str:
    """The token of the page that the learner is on."""
    return learner.form("/theme").fields["csrf_token"]


def theme_with(learner, token: str) -> int:
    """Choose a theme with this token; return the status."""
    fields = {"csrf_token": token, "theme": "dark", "next": "/"}
    return learner.client.post("/theme", data=fields).status_code


def test_a_visitors_open_page_goes_on_working_once_they_are_a_guest(learner, bell):
    learner.open("/exercises/canary/double")
    form = learner.form(SUBMISSIONS)
    token = token_of(learner)
    for source in ("x = 1\n", "x = 2\n"):  # the page is not loaded again in between
        answer = learner.client.post(form.action, data=form.fields | {"source": source})
        assert answer.status_code == 303
    assert theme_with(learner, token) == 303
    assert len(bell.rung) == 2


def test_a_visitors_second_tab_works(learner):
    pages = [learner.open("/lessons/canary"), learner.open("/lessons/canary")]
    for page in pages:
        learner.page = page
        learner.send("/lessons/canary/practice/attempts")


def test_choosing_a_name_keeps_the_token(learner):
    learner.open("/account/")
    token = token_of(learner)
    learner.send("/account/name", name="Eve")
    assert theme_with(learner, token) == 303


@pytest.mark.parametrize("as_guest", [False, True])
def test_registering_ends_the_token_of_before(learner, as_guest):
    if as_guest:
        learner.open("/account/")
        learner.send("/account/name", name="Eve")
    learner.open("/account/register")
    token = token_of(learner)
    learner.send("/account/register", **CREDENTIALS)
    assert theme_with(learner, token) == 400
    assert theme_with(learner, token_of(learner)) == 303


def test_logging_in_and_out_ends_the_token_of_before(learner, another):
    another.open("/account/register")
    another.send("/account/register", **CREDENTIALS)
    learner.open("/account/login")
    token = token_of(learner)
    learner.send("/account/login", **CREDENTIALS)
    assert theme_with(learner, token) == 400
    learner.open("/account/")
    token = token_of(learner)
    learner.send("/account/logout")
    assert theme_with(learner, token) == 400
