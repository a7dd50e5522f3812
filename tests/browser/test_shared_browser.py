"""A browser that others use too, and choices that must not disturb what is being done."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import EXERCISE, begin, enter, open_ready, write_code

PASSWORD = "correct horse battery"
DRAFTS = "Object.keys(localStorage).filter(key => /^(draft|earlier):/.test(key))"


def register(page: Page, name: str) -> None:
    open_ready(page, "/account/register")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account").click()
    expect(page.locator("#account")).to_have_text(name)


def log_out(page: Page) -> None:
    open_ready(page, "/account/")
    page.get_by_role("button", name="Log out here").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are logged out")
    expect(page.locator("html[data-ready]")).to_be_attached()


def keep_draft(page: Page, code: str) -> None:
    open_ready(page, EXERCISE)
    write_code(page, code)
    page.keyboard.press("Control+s")
    expect(page.locator("#live")).to_have_text("Draft kept on this device.")


def drop_header(page: Page) -> None:
    """Let the browser ignore `Clear-Site-Data`, as it does on a site without TLS."""

    def answer(route) -> None:
        response = route.fetch(max_redirects=0)
        headers = {k: v for k, v in response.headers.items() if k != "clear-site-data"}
        route.fulfill(response=response, headers=headers)

    page.route("**/account/logout", answer)


@pytest.mark.parametrize("is_header_heard", [True, False])
def test_after_a_log_out_nobody_finds_a_draft(page: Page, *, is_header_heard: bool) -> None:
    name = f"Ada {is_header_heard}"
    register(page, name)
    keep_draft(page, "'a draft of hers'")
    assert len(page.evaluate(DRAFTS)) == 1
    if not is_header_heard:
        drop_header(page)
    log_out(page)
    assert page.evaluate(DRAFTS) == []
    open_ready(page, EXERCISE)
    expect(page.locator("#draft-note")).to_be_hidden()
    expect(page.locator(".cm-content")).not_to_contain_text("a draft of hers")


@pytest.mark.parametrize("is_header_heard", [True, False])
def test_going_back_after_a_log_out_shows_nobody(page: Page, *, is_header_heard: bool) -> None:
    name = f"Bob {is_header_heard}"
    register(page, name)
    open_ready(page, "/progress")
    if not is_header_heard:
        drop_header(page)
    log_out(page)
    for _ in range(2):  # their own page, and that of their progress
        page.go_back()
        expect(page.locator("#account")).to_have_text("Log in")
        expect(page.locator("body")).not_to_contain_text(name)


def test_a_draft_follows_from_visitor_to_account(page: Page) -> None:
    keep_draft(page, "'begun by nobody'")
    register(page, "Cleo")
    open_ready(page, EXERCISE)
    expect(page.locator(".cm-content")).to_have_text("'begun by nobody'")
    assert not [key for key in page.evaluate(DRAFTS) if "visitor" in key]


def test_drafts_of_a_guest_come_along_into_the_account_that_they_log_in_to(page: Page) -> None:
    register(page, "Dora")
    log_out(page)
    begin(page, "Practise")  # so they are a guest
    keep_draft(page, "'begun by a guest'")
    open_ready(page, "/account/login")
    page.get_by_label("Name").fill("Dora")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.locator("#account")).to_have_text("Dora")
    open_ready(page, EXERCISE)
    expect(page.locator(".cm-content")).to_have_text("'begun by a guest'")


def test_of_two_drafts_none_is_lost(page: Page) -> None:
    keep_draft(page, "'the one of the first tab'")
    other = page.context.new_page()
    begin(other, "Practise")  # a guest from now on
    keep_draft(other, "'the one of the other tab'")
    write_code(page, "'and on in the first'")
    page.keyboard.press("Control+s")
    open_ready(other, EXERCISE)
    expect(other.locator(".cm-content")).to_have_text("'the one of the other tab'")
    other.get_by_role("button", name="Take it").click()
    expect(other.locator(".cm-content")).to_have_text("'and on in the first'")


def test_choosing_colours_keys_and_the_clock_leaves_what_is_typed(page: Page) -> None:
    question = enter(page, "test")
    field = question.locator("input:not([type=hidden])").first
    field.check() if field.get_attribute("type") in ("radio", "checkbox") else field.fill("0.5")
    page.evaluate("document.body.dataset.same = 'yes'")
    before = _read_fields(page)
    colours = page.locator("form[data-choice=theme]")
    colours.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("#live")).to_have_text("Colours: Dark.")
    expect(colours.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    expect(colours.get_by_role("button", name="System")).to_have_attribute("aria-pressed", "false")
    page.get_by_role("button", name="Turn key commands off").click()
    expect(page.locator("#live")).to_have_text("Key commands are turned off.")
    page.get_by_role("button", name="Hide the time").click()
    expect(page.get_by_text("The time left is hidden.")).to_be_visible()
    assert _read_fields(page) == before
    expect(page.locator("body[data-same]")).to_be_attached()
    page.reload()  # and the server knows
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    colours.get_by_role("button", name="System").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))


def _read_fields(page: Page) -> list:
    fields = (
        "[...document.querySelectorAll('.question input:not([type=hidden]), .question textarea')]"
    )
    return page.evaluate(f"{fields}.map(each => [each.name, each.value, each.checked])")
