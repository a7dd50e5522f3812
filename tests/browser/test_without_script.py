"""Everything works by plain forms and links, with script switched off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.reader import EXERCISE, LESSON, Reader


@pytest.fixture
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "java_script_enabled": False}


def test_learning_practice_and_test_need_no_script(page: Page, reader: Reader) -> None:
    page.set_viewport_size({"width": 390, "height": 600})
    page.goto(f"/lessons/{LESSON}/learn/step-3")
    page.get_by_role("button", name="Begin").click()
    reader.answer(page.locator(".question"), right=False)
    expect(page.locator(".verdict")).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Every weight loses the same")).to_be_visible()
    page.get_by_role("link", name="Next").click()
    page.goto(f"/lessons/{LESSON}/learn")
    expect(page.get_by_role("heading", level=1)).to_have_text("Step 4")

    page.goto(f"/lessons/{LESSON}")
    page.get_by_role("button", name="Practise").click()
    page.get_by_role("button", name="Hint").click()
    expect(page.locator(".hint")).to_be_visible()
    reader.answer(page.locator(".question"), right=False)
    expect(page.locator(".verdict")).to_contain_text("Not yet")
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".solution")).to_be_visible()

    page.goto(f"/lessons/{LESSON}")
    page.get_by_role("button", name="Take the test").click()
    reader.answer(page.locator(".question"), right=True)
    page.get_by_role("link", name="End", exact=True).click()
    expect(page.get_by_role("heading", name="9 not answered")).to_be_visible()
    page.get_by_role("button", name="Hand in the test").click()
    expect(page.get_by_text("with 95 % confidence")).to_be_visible()


def test_an_exercise_needs_no_script(page: Page, reference: str) -> None:
    page.goto(EXERCISE)
    page.get_by_role("button", name=re.compile("Show hint 1")).click()
    expect(page.locator(".hint")).to_be_visible()
    page.get_by_label("Your code").fill(reference)
    page.get_by_role("button", name="Grade").click()
    look_again = page.get_by_role("link", name="Look again")
    for _ in range(60):
        if not look_again.count():
            break
        page.wait_for_timeout(1000)
        look_again.click()
    expect(page.locator("#run")).to_contain_text("All checks passed")
    page.locator("#attempts summary").click()
    page.get_by_role("link", name="Restore attempt 1").click()
    expect(page.get_by_label("Your code")).to_have_value(reference)


def test_the_colours_can_be_chosen(page: Page) -> None:
    page.goto("/progress")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/progress")
    page.get_by_role("button", name="System").click()
    expect(page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))
