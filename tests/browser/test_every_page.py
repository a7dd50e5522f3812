"""Every page, in light and dark, on a phone and on a desk: axe finds nothing, nothing overflows or moves."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from quizzer.banks.library import Library
from tests.browser.reader import (
    EXERCISE,
    GRADING_MS,
    LESSON,
    Reader,
    begin,
    enter,
    open_ready,
    write_code,
)

WRONG = "def l2_penalty(model):\n    print('so far')\n    return sum(p.sum() for p in model.parameters())\n"
ALL_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Only colours differ between the themes, so the second look is at those.
RULES = {
    "light": {"type": "tag", "values": ALL_RULES},
    "dark": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
}


# What moved by itself since the page came, but for what nobody sees: a hundredth of the window.
SHIFTS = """() => {
  const seen = new PerformanceObserver(() => {})
  seen.observe({ type: "layout-shift", buffered: true })
  const name = ({ node }) => node?.id || node?.className || node?.nodeName
  return seen.takeRecords().filter(each => each.value > 0.01)
    .map(each => `${each.value.toFixed(3)}: ${each.sources.map(name).join(", ")}`)
}"""


@pytest.fixture(scope="module")
def lived(browser: Browser, base_url: str, library: Library) -> dict[str, object]:
    """Somebody who has done a little of everything: their cookies, and pages worth a look."""
    context = browser.new_context(base_url=base_url)
    page = context.new_page()
    reader = Reader(page, library)
    addresses = ["/", f"/lessons/{LESSON}", f"/lessons/{LESSON}/why", "/account/login"]
    addresses += [f"/lessons/{LESSON}/visualize", "/lessons/weight-decay/visualize"]
    addresses += ["/account/register", "/account/", "/nothing"]
    addresses += [_learn(page, reader), *_practise(page, reader), *_test(page, reader)]
    addresses += [*_try(page, reader), *_challenge(page, reader), *_measure(page)]
    addresses += [*_solve(page), f"{EXERCISE}/compare", f"/lessons/{LESSON}/project"]
    addresses += [*_review(page), *_register(page), "/progress"]
    state = context.storage_state()
    context.close()
    return {"state": state, "addresses": addresses}


def _learn(page: Page, reader: Reader) -> str:
    open_ready(page, f"/lessons/{LESSON}/learn")
    page.get_by_role("button", name="Begin").click()
    while page.get_by_role("button", name="Commit").count():
        asked = page.locator(".question").filter(has=page.get_by_role("button", name="Commit"))
        left = page.get_by_role("button", name="Commit").count()
        before = page.locator(".verdict").count()
        reader.answer(asked.first, right=left % 2 == 0)
        expect(page.locator(".verdict")).to_have_count(before + 1)
    expect(page.get_by_role("heading", name="And then")).to_be_visible()
    return f"/lessons/{LESSON}/learn"


def _practise(page: Page, reader: Reader) -> list[str]:
    begin(page, "Practise")
    here = page.url.split("?")[0]
    reader.answer(page.locator(".question"), right=True)
    expect(page.locator(".verdict.right")).to_be_visible()
    page.get_by_role("link", name="Next question").click()
    page.get_by_role("button", name="Hint").click()
    expect(page.locator(".hint")).to_be_visible()
    reader.answer(page.locator(".question"), right=False)
    expect(page.locator(".verdict.wrong")).to_be_visible()
    return [f"{here}?q={number}" for number in (1, 2, 3)] + [f"{here}?q=end"]


def _test(page: Page, reader: Reader) -> list[str]:
    begin(page, "Take the test")
    reader.answer(page.locator(".question"), right=True)
    first = page.url.split("?")[0]
    page.goto(f"{first}?q=end")
    page.get_by_role("button", name="Hand in the test").click()
    begin(page, "Take the test")
    return [f"{first}/result", page.url, f"{page.url}?q=end"]


def _try(page: Page, reader: Reader) -> list[str]:
    question = enter(page, "try")
    reader.answer(question, right=False)
    expect(page.locator(".verdict.wrong")).to_be_visible()
    return [page.url]


def _challenge(page: Page, reader: Reader) -> list[str]:
    enter(page, "challenge")
    here = page.url
    open_ready(page, f"{here}?q=1")
    reader.answer(page.locator(".question"), right=True)
    expect(page.locator(".verdict.right")).to_be_visible()
    page.goto(f"{here}?q=end")
    page.get_by_role("button", name="Finish").click()
    enter(page, "challenge")
    return [f"{here}/result", page.url]


def _measure(page: Page) -> list[str]:
    enter(page, "metrics")
    page.get_by_role("button", name="Show the answer").click()
    expect(page.locator(".solution")).to_be_visible()
    return [page.url]


def _review(page: Page) -> list[str]:
    open_ready(page, "/review")
    page.get_by_role("button", name="Review now").click()
    page.wait_for_url(re.compile("/attempts/"))
    here = page.url
    turn = page.get_by_role("button", name="Turn the card")
    if turn.count():
        turn.click()
        expect(page.locator(".back")).to_be_visible()
    return ["/review", here, f"{here.split('?')[0]}?q=end"]


def _register(page: Page) -> list[str]:
    open_ready(page, "/account/register")
    page.get_by_label("Name").fill("Grace Murray")
    page.get_by_label("Password").fill("nanoseconds of wire")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("link", name="Grace Murray")).to_be_visible()
    return ["/account/password", "/account/delete"]


def _solve(page: Page) -> list[str]:
    open_ready(page, EXERCISE)
    write_code(page, WRONG)
    page.get_by_role("button", name="Grade").click()
    expect(page.locator("#run .headline")).to_contain_text("Not yet", timeout=GRADING_MS)
    page.locator("#attempts summary").click()
    look = page.get_by_role("link", name=re.compile("Look at attempt 1")).get_attribute("href")
    return [EXERCISE, f"{EXERCISE}?hints=2", look or ""]


@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (390, "dark"), (1280, "light")])
def test_axe_finds_nothing_and_nothing_overflows_or_moves(
    browser: Browser, base_url: str, lived: dict, theme: str, width: int
) -> None:
    context = browser.new_context(
        base_url=base_url,
        storage_state=lived["state"],
        color_scheme=theme,
        viewport={"width": width, "height": 900},
    )
    page = context.new_page()
    found = [
        complaint for address in lived["addresses"] for complaint in _look_at(page, address, theme)
    ]
    context.close()
    assert found == []


def _look_at(page: Page, address: str, theme: str) -> list[str]:
    open_ready(page, address)
    options = {"runOnly": RULES[theme], "resultTypes": ["violations"], "preload": False}
    response = Axe().run(page, options=options).response
    complaints = [
        f"{address}: {violation['id']} {violation['nodes'][0]['html'][:200]}"
        for violation in response["violations"]
    ]
    assert "&lt;code&gt;" not in page.content()  # marks of our own, escaped
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    complaints += [f"{address}: {wide} px too wide"] if wide > 0 else []
    return complaints + [f"{address}: moved {each}" for each in page.evaluate(SHIFTS)]


def test_a_page_that_moves_is_noticed(page: Page) -> None:
    open_ready(page, "/")
    page.evaluate(
        """() => new Promise(done => {
            document.querySelector("main").prepend(document.createElement("hr"));
            document.querySelector("main hr").style.height = "300px";
            requestAnimationFrame(() => requestAnimationFrame(done));
        })"""
    )
    assert page.evaluate(SHIFTS) != []


@pytest.mark.parametrize("name", ["regularization/sum-of-params", "weight-decay/exclude-biases"])
def test_no_line_of_a_statement_is_cut_off(page: Page, name: str) -> None:
    open_ready(page, f"/exercises/{name}")
    cut = "frames => frames.filter(frame => frame.scrollWidth > frame.clientWidth).length"
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.locator(".statement pre").evaluate_all(cut) == 0


def test_a_page_can_be_printed(page: Page) -> None:
    open_ready(page, EXERCISE)
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("button", name="Grade")).to_be_hidden()
    expect(page.locator("#source")).to_be_visible()
