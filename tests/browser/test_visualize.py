"""The page of runs: the pictures follow the knobs by keyboard, and without script by a button."""

from __future__ import annotations

import contextlib
import re

from playwright.sync_api import Browser, Error, Page, Route, expect

from tests.browser.reader import LESSON, Reader, open_ready

PAGE = f"/lessons/{LESSON}/visualize"
LATE = "<p id=summary>Late</p><div id=first></div><div id=further></div>"


def press_until_focused(page: Page, name: str) -> None:
    """Walk by Tab to the control of that name."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == name:
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_the_pictures_follow_the_knobs_by_keyboard_alone(page: Page, reader: Reader) -> None:
    open_ready(page, PAGE)
    before = page.locator("#loss-told").text_content()
    press_until_focused(page, "knob-strength")
    shifts = "new PerformanceObserver(list => { globalThis.moved = (globalThis.moved ?? 0)"
    shifts += " + list.getEntries().reduce((sum, each) => sum + each.value, 0) })"
    page.evaluate(f"() => {{ ({shifts}).observe({{ type: 'layout-shift', buffered: false }}) }}")
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("strength=5"))
    expect(page.locator("#loss-told")).not_to_have_text(before or "")
    expect(page.locator("#knob-strength-now")).to_have_text("3")
    expect(page.locator("#knob-strength")).to_be_focused()
    expect(page.locator("#knob-strength")).to_have_attribute("aria-valuetext", "3")
    summary = page.locator("#summary").text_content() or ""
    expect(page.locator("#live")).to_have_text(summary)
    assert page.evaluate("globalThis.moved ?? 0") < 0.02

    page.locator("#weights-numbers summary").focus()
    page.keyboard.press("Enter")
    page.locator(".looks a").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#knob-samples-now")).to_have_text("160")
    expect(page.locator("#weights-numbers table")).to_be_visible()  # what was unfolded stays so

    page.get_by_role("button", name="Answer the questions").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".question")).to_be_visible()
    expect(page.locator("html[data-ready]")).to_be_attached()
    expect(page.locator("#knob-samples-now")).to_have_text("160")
    for number in range(1, 4):
        reader.answer(page.locator(".question").last, right=True)
        expect(page.locator(f"#q{number}-verdict")).to_be_focused()
        expect(page.locator(".verdict.right")).to_have_count(number)
    assert "samples=2" in page.url
    page.get_by_role("button", name="Finish").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile("/result$"))


def test_the_questions_take_along_knobs_whose_run_is_still_on_its_way(page: Page) -> None:
    def answer_pages_only(route: Route) -> None:
        if "x-fragment" not in route.request.headers:
            route.continue_()

    page.route(re.compile("/visualize"), answer_pages_only)
    open_ready(page, PAGE)
    page.locator("#knob-samples").focus()
    page.keyboard.press("End")
    page.get_by_role("button", name="Answer the questions").click()
    expect(page.locator(".question")).to_be_visible()
    expect(page.locator("#knob-samples-now")).to_have_text("160")


def test_a_run_that_comes_late_does_not_take_the_place_of_a_newer_one(page: Page) -> None:
    late: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if "x-fragment" in route.request.headers and not late:
            late.append(route)
        else:
            route.continue_()

    page.route(re.compile("/visualize"), hold_the_first)
    open_ready(page, PAGE)
    page.locator("#knob-strength").focus()
    page.keyboard.press("End")
    page.keyboard.press("Home")
    expect(page).to_have_url(re.compile("strength=0"))
    newest = page.locator("#summary").text_content() or ""
    with contextlib.suppress(Error):  # the page has taken its wish back
        late[0].fulfill(content_type="text/html", body=LATE)
    page.evaluate("async () => (await fetch('/healthz')).text()")  # it has come before this one
    expect(page.locator("#summary")).to_have_text(newest)
    expect(page).to_have_url(re.compile("strength=0"))


def test_an_answer_that_comes_late_leaves_the_knobs_as_they_are(page: Page, reader: Reader) -> None:
    late: list[Route] = []

    def hold_answers(route: Route) -> None:
        if route.request.method == "POST":
            late.append(route)
        else:
            route.continue_()

    open_ready(page, PAGE)
    page.get_by_role("button", name="Answer the questions").click()
    expect(page.locator(".question")).to_be_visible()
    page.route(re.compile("/response"), hold_answers)
    reader.answer(page.locator(".question").last, right=True)
    page.locator("#knob-strength").focus()
    page.keyboard.press("End")
    expect(page).to_have_url(re.compile("strength=5"))
    late[0].continue_()
    expect(page.locator("#q1-verdict")).to_be_focused()
    expect(page).to_have_url(re.compile("strength=5"))
    page.unroute(re.compile("/response"))
    reader.answer(page.locator(".question").last, right=True)
    expect(page.locator("#q2-verdict")).to_be_focused()
    assert "strength=5" in page.url


def test_it_works_without_script(browser: Browser, base_url: str) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(PAGE)
    page.get_by_label("Strength").focus()
    page.keyboard.press("Home")
    page.get_by_label("Penalty").select_option("L1")
    page.get_by_role("button", name="Show this run").click()
    expect(page.locator("#knob-strength-now")).to_have_text("0")
    expect(page.get_by_label("Penalty")).to_have_value("1")
    page.locator("#loss-numbers summary").click()
    expect(page.locator("#loss-numbers table")).to_be_visible()

    page.get_by_role("button", name="Answer the questions").click()
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator("#q1-verdict")).to_be_visible()
    expect(page.locator("#knob-strength-now")).to_have_text("0")
    context.close()
