"""The keyboard alone is enough, and single keys can be switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from quizzer.domain.items import Kind
from tests.browser.reader import EXERCISE, Reader, begin, open_ready


@pytest.fixture
def choice_page(page: Page, reader: Reader) -> Page:
    """A practice page whose question offers options to choose one of."""
    begin(page, "Practise")
    for _ in range(10):
        if reader.item_of(page.locator(".question")).kind in (Kind.SINGLE, Kind.TRUEFALSE):
            return page
        page.keyboard.press("n")
        page.wait_for_load_state()
    raise AssertionError("a round of practice without a choice of one")


def position_of_key(page: Page, reader: Reader) -> int:
    return reader.find_right(page.locator(".question"))[0] + 1


def test_a_question_is_answered_by_keys(choice_page: Page, reader: Reader) -> None:
    page = choice_page
    right = position_of_key(page, reader)
    wrong = 2 if right == 1 else 1
    page.keyboard.press("abcdef"[wrong - 1])
    expect(page.locator("[data-option]").nth(wrong - 1)).to_be_checked()
    expect(page.locator("[data-option]").nth(wrong - 1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Not yet")
    expect(page.locator(".verdict")).to_be_focused()
    page.keyboard.press("h")
    expect(page.locator(".hint").last).to_be_focused()
    page.keyboard.press(str(right))
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Right")
    before = page.url
    page.keyboard.press("n")
    expect(page).not_to_have_url(before)


def test_help_opens_closes_and_gives_the_focus_back(choice_page: Page) -> None:
    page = choice_page
    page.keyboard.press("1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("[data-option]").first).to_be_focused()


def test_single_keys_can_be_switched_off(choice_page: Page) -> None:
    page = choice_page
    page.get_by_role("button", name="Turn key commands off").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    page.keyboard.press("1")
    page.keyboard.press("?")
    expect(page.locator("[data-option]:checked")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_tab_reaches_everything_and_leaves_the_editor(page: Page) -> None:
    open_ready(page, EXERCISE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.locator(".cm-content").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".cm-content")).to_be_focused()  # Tab indents in the editor
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=re.compile("Grade"))).to_be_focused()
