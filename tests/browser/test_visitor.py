"""Somebody who has no account and no cookie yet: everything works more than once."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.reader import EXERCISE, GRADING_MS, LESSON, open_ready, write_code


def test_a_visitor_grades_twice_and_then_chooses_colours(page: Page) -> None:
    open_ready(page, EXERCISE)
    headline = page.locator("#run .headline")
    page.get_by_role("button", name="Grade").click()
    expect(headline).to_contain_text("the starter as it came", timeout=GRADING_MS)
    expect(page.locator("#run .folded").first).to_contain_text("more: your code raised")
    write_code(page, "")
    page.get_by_role("button", name="Grade").click()
    expect(headline).to_contain_text("There is no code to grade", timeout=GRADING_MS)
    expect(page.locator("#history")).to_contain_text("Attempts: 2")
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_visitor_with_two_tabs_practises_in_both(page: Page) -> None:
    open_ready(page, f"/lessons/{LESSON}")
    second = page.context.new_page()
    open_ready(second, f"/lessons/{LESSON}")
    for tab in (page, second):
        tab.get_by_role("button", name="Practise").click()
        expect(tab.locator(".question .chips")).to_contain_text("Question 1 of 10")


def test_a_form_from_before_a_login_is_refused_once_and_then_taken(page: Page) -> None:
    open_ready(page, EXERCISE)
    elsewhere = page.context.new_page()
    open_ready(elsewhere, "/account/register")
    elsewhere.get_by_label("Name").fill("Grace Hopper")
    elsewhere.get_by_label("Password").fill("ships of the mind")
    elsewhere.get_by_role("button", name="Make the account").click()
    expect(elsewhere.get_by_role("heading", name=re.compile("Grace Hopper"))).to_be_visible()
    write_code(page, "")
    page.get_by_role("button", name="Grade").click()
    refusal = page.locator(".complaint")
    expect(refusal).to_contain_text("too old")
    expect(refusal).to_be_in_viewport()
    page.get_by_role("button", name="Grade").click()
    expect(refusal).to_have_count(0)
    expect(page.locator("#run .headline")).to_contain_text("no code", timeout=GRADING_MS)


def test_the_editor_and_its_button_are_seen_at_once(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 900})
    open_ready(page, EXERCISE)
    expect(page.locator(".editor")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Grade")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("heading", name="Checks")).to_be_in_viewport()
    scrollers = "all => all.filter(one => getComputedStyle(one).overflowY === 'auto').length"
    assert page.locator("main :not(pre, math, .cm-scroller)").evaluate_all(scrollers) == 0


def test_the_gutter_reaches_the_editors_lower_edge(page: Page) -> None:
    open_ready(page, EXERCISE)
    write_code(page, "x = 1")
    editor = page.locator(".cm-scroller").bounding_box()
    gutter = page.locator(".cm-gutters").bounding_box()
    assert editor is not None
    assert gutter is not None
    assert abs(gutter["height"] - editor["height"]) < 2
