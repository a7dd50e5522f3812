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
    """Of 24 hours, whatever the language has: it is read beside a time that is left."""
    context = browser.new_context(base_url=base_url, timezone_id=FAR_AWAY, locale="en-US")
    page = context.new_page()
    begin(page, "Take the test")
    moment = page.locator("time[data-local]")
    end = datetime.fromisoformat(moment.get_attribute("datetime") or "")
    assert end.utcoffset() == timedelta(0)
    expect(moment).to_have_text(f"{end.astimezone(ZoneInfo(FAR_AWAY)):%H:%M}")
    context.close()


def test_what_was_missed_makes_the_round_that_follows(page: Page, reader: Reader) -> None:
    begin(page, "Take the test")
    for number in range(1, 11):
        expect(page.locator(".question .chips")).to_contain_text(f"Question {number} of 10")
        reader.answer(page.locator(".question"), right=number not in (2, 7))
    page.get_by_role("button", name="Hand in the test").click()
    expect(page.get_by_role("heading", name="All 10 questions, 2 missed")).to_be_visible()
    lines = page.locator("details.outcome")
    expect(lines).to_have_count(10)
    opened = page.locator("details.outcome[open]")
    expect(opened).to_have_count(1)  # the first that was missed
    expect(opened.locator("> summary")).to_contain_text("not right")
    expect(opened.locator(".solution")).to_be_visible()
    second = lines.nth(6)
    second.locator("> summary").press("Enter")
    expect(second.locator(".solution")).to_be_visible()
    titles = [lines.nth(place).locator("h3").first.inner_text() for place in (1, 6)]
    page.get_by_role("button", name="Retry the missed ones").click()
    for number, title in enumerate(titles, start=1):
        expect(page.locator(".question .chips")).to_contain_text(f"Question {number} of 2")
        expect(page.locator(".question h2")).to_have_text(title)
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
