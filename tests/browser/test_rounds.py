"""A test and the round of practice that follows from it, in front of a reader's eyes."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser, Page, expect

from quizzer.banks.library import Library
from quizzer.domain.items import Kind
from tests.browser.reader import Reader, begin

FAR_AWAY = "Asia/Tokyo"


def test_a_test_ends_by_the_readers_own_clock(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, timezone_id=FAR_AWAY, locale="en-GB")
    page = context.new_page()
    begin(page, "Take the test")
    told = page.locator("time[data-local]").inner_text()
    context.close()
    end = datetime.now(ZoneInfo(FAR_AWAY)) + timedelta(minutes=20)
    assert told in {f"{end - timedelta(minutes=late):%H:%M}" for late in (0, 1)}


def test_what_was_missed_makes_the_round_that_follows(page: Page, reader: Reader) -> None:
    begin(page, "Take the test")
    for number in range(1, 11):
        expect(page.locator(".question .chips")).to_contain_text(f"Question {number} of 10")
        reader.answer(page.locator(".question"), right=number not in (2, 7))
    page.get_by_role("button", name="Hand in the test").click()
    expect(page.get_by_role("heading", name="Missed: 2 of 10")).to_be_visible()
    missed = page.locator("article.question h3[id$=-title]:visible")
    expect(missed).to_have_count(2)  # those that were right are folded
    titles = missed.all_inner_texts()
    page.locator(".jumps a").last.click()
    expect(missed.last).to_be_in_viewport()
    page.get_by_role("button", name="Practise what was missed").click()
    for number in (1, 2):
        expect(page.locator(".question .chips")).to_contain_text(f"Question {number} of 2")
        expect(page.locator(".question h2")).to_have_text(titles[number - 1])
        page.get_by_role("link", name="Leave it for now").or_(
            page.get_by_role("link", name="To the end")
        ).click()


def test_a_verdict_moves_no_option_sideways(page: Page, reader: Reader, library: Library) -> None:
    assert any(item.kind is Kind.SINGLE for item in library.items.values())
    begin(page, "Practise")
    while reader.item_of(page.locator(".question")).kind is not Kind.SINGLE:
        page.locator("[data-key=n]").click()
        page.wait_for_load_state()
    boxes = page.locator("[data-option]")
    before = [box.bounding_box() for box in boxes.all()]
    reader.answer(page.locator(".question"), right=False)
    expect(page.locator(".option.is-wrong .said")).to_be_visible()
    after = [box.bounding_box() for box in boxes.all()]
    assert [box["x"] for box in before if box] == [box["x"] for box in after if box]
