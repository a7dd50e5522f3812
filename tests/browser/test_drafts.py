"""Nothing typed is lost: drafts on this device, stale results, a server that cannot be reached."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.reader import EXERCISE, GRADING_MS, Reader, begin, open_ready, write_code


def test_a_draft_is_restored_with_a_notice_and_can_be_put_away(page: Page) -> None:
    open_ready(page, EXERCISE)
    write_code(page, "def l2_penalty(model):\n    return 'a draft'\n")
    page.keyboard.press("Control+s")
    expect(page.locator("#live")).to_have_text("Draft kept on this device.")
    open_ready(page, EXERCISE)
    expect(page.locator("#draft-note")).to_be_visible()
    expect(page.locator(".cm-content")).to_contain_text("a draft")
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator(".cm-content")).to_contain_text("torch.sum(model.parameters())")
    open_ready(page, EXERCISE)
    expect(page.locator("#draft-note")).to_be_hidden()
    expect(page.locator(".cm-content")).to_contain_text("torch.sum(model.parameters())")


def test_starting_over_keeps_the_draft_until_something_is_typed(page: Page) -> None:
    open_ready(page, EXERCISE)
    write_code(page, "'a draft'")
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Start over").click()
    expect(page.locator(".cm-content")).to_contain_text("torch.sum(model.parameters())")
    page.get_by_role("link", name="Back to your latest").click()
    expect(page.locator(".cm-content")).to_contain_text("a draft")


def test_what_is_typed_after_starting_over_survives_a_reload(page: Page) -> None:
    open_ready(page, EXERCISE)
    write_code(page, "'the first draft'")
    page.keyboard.press("Control+s")
    page.get_by_role("link", name="Start over").click()
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator("#earlier-note")).to_be_visible()
    write_code(page, "'the second draft'")
    expect(page.locator("#loaded-note")).to_be_hidden()
    assert "attempt=" not in page.url
    page.reload()
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator(".cm-content")).to_have_text("'the second draft'")
    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".cm-content")).to_have_text("'the first draft'")
    page.get_by_role("button", name="Take it").click()  # and back again: neither is lost
    expect(page.locator(".cm-content")).to_have_text("'the second draft'")
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("#earlier-note")).to_be_hidden()
    open_ready(page, EXERCISE)
    expect(page.locator(".cm-content")).to_have_text("'the second draft'")
    expect(page.locator("#earlier-note")).to_be_hidden()


@pytest.mark.parametrize("leave", ["reload", "hint"])
def test_what_was_typed_last_is_kept_when_the_page_is_left_at_once(page: Page, leave: str) -> None:
    open_ready(page, f"{EXERCISE}?attempt=starter")
    write_code(page, "'typed last'")
    if leave == "reload":
        page.reload()
    else:
        page.get_by_role("button", name="Show hint 1").click()
        expect(page.locator(".hint")).to_be_visible()
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator(".cm-content")).to_have_text("'typed last'")


def test_nobody_is_told_to_grade_again_before_they_graded(page: Page) -> None:
    open_ready(page, EXERCISE)
    write_code(page, "x = 1")
    expect(page.locator("#stale")).to_be_hidden()


def test_without_a_connection_nothing_is_lost(page: Page, reader: Reader) -> None:
    question = begin(page, "Practise")
    page.route("**/response", lambda route: route.abort("connectionrefused"))
    reader.fill(question, right=True)
    button = question.get_by_role("button", name="Check")
    button.click()
    expect(question).to_contain_text("The server could not be reached")
    page.unroute("**/response")
    button.click()
    expect(page.locator(".verdict.right")).to_contain_text("Right")


def test_a_double_click_is_one_answer(page: Page, reader: Reader) -> None:
    question = begin(page, "Practise")
    reader.fill(question, right=False)
    question.get_by_role("button", name="Check").dblclick()
    expect(page.locator(".verdict")).to_contain_text("Not yet")
    expect(page.locator("[name=try_no]")).to_have_value("2")
    reader.answer(page.locator(".question"), right=True)
    expect(page.locator(".verdict")).to_contain_text(re.compile(r"Right\. 0\.5 of 1 point"))


def test_a_choice_made_while_a_hint_is_on_its_way_stays(page: Page, reader: Reader) -> None:
    question = begin(page, "Practise")
    waiting: list[Route] = []
    page.route("**/hint", lambda route: waiting.append(route))  # noqa: PLW0108 - it marks the handler
    with page.expect_request("**/hint"):
        page.get_by_role("button", name="Hint").click()
    reader.fill(question, right=True)
    waiting[0].continue_()
    expect(question.locator(".hint")).to_be_visible()
    question.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text(re.compile(r"Right\. 0\.75 of 1 point"))


def test_a_refusal_is_told_in_place_and_keeps_what_was_chosen(page: Page, reader: Reader) -> None:
    question = begin(page, "Practise")
    reader.fill(question, right=True)
    elsewhere = page.context.new_page()
    open_ready(elsewhere, f"{page.url}?q=end")
    elsewhere.get_by_role("button", name="Finish").click()
    expect(elsewhere.get_by_role("heading", level=1)).to_contain_text("0 right, 10 left for later")
    question.get_by_role("button", name="Check").click()
    expect(question.locator(".complaint")).to_have_text(
        "That is no longer possible. This attempt is closed; nothing was stored."
    )
    expect(page.locator("#live")).to_contain_text("no longer possible")


def test_a_file_is_graded_and_then_in_the_editor(page: Page, reference: str) -> None:
    open_ready(page, EXERCISE)
    page.get_by_text("Hand in a file instead").click()
    code = reference.encode()
    page.get_by_label("A Python file").set_input_files(
        {"name": "mine.py", "mimeType": "text/x-python", "buffer": code}
    )
    page.get_by_role("button", name="Grade").click()
    expect(page.locator("#run")).to_contain_text("All checks passed", timeout=GRADING_MS)
    expect(page.locator(".cm-content")).to_contain_text("squares")
    expect(page.get_by_role("heading", name="How it can be done")).to_be_visible()
