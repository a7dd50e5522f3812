"""Every page, in light and dark, on a phone and on a desk: axe finds nothing, nothing overflows or moves."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from quizzer.banks.library import Library
from tests.browser.looking import ALL_RULES, find_faults
from tests.browser.reader import (
    EXERCISE,
    GRADING_MS,
    LESSON,
    Reader,
    begin,
    enter,
    go_on,
    open_ready,
    write_code,
)

WRONG = "def l2_penalty(model):\n    print('so far')\n    return sum(p.sum() for p in model.parameters())\n"
# Only colours differ between the themes, so the second look is at those.
RULES = {
    "light": ALL_RULES,
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
    addresses = [
        "/",
        f"/lessons/{LESSON}",
        "/lessons/weight-decay",
        f"/lessons/{LESSON}/why",
        "/account/login",
    ]
    addresses += [f"/lessons/{LESSON}/visualize", "/lessons/weight-decay/visualize"]
    addresses += ["/account/register", "/account/", "/nothing"]
    addresses += [*_learn(page, reader), *_practise(page, reader), *_test(page, reader)]
    addresses += [*_try(page, reader), *_challenge(page, reader), *_measure(page)]
    addresses += [*_solve(page), f"{EXERCISE}/compare", f"/lessons/{LESSON}/project"]
    addresses += [*_review(page), *_register(page), "/progress"]
    state = context.storage_state()
    context.close()
    return {"state": state, "addresses": addresses}


def _learn(page: Page, reader: Reader) -> list[str]:
    """Walk through a lesson to its end, every other prediction wrong."""
    walk = f"/lessons/{LESSON}/learn"
    open_ready(page, f"{walk}/step-3")
    page.get_by_role("button", name="Begin").click()
    asked = page.locator(".question").filter(has=page.get_by_role("button", name="Commit"))
    answered = 0
    while not page.get_by_role("heading", name="And then").count():
        expect(page.locator("html[data-ready]")).to_be_attached()
        if not asked.count():
            go_on(page)
            continue
        verdict = page.locator(f"#{asked.get_attribute('id')}-verdict")
        reader.answer(asked, right=answered % 2 == 0)
        expect(verdict).to_be_focused()
        answered += 1
    places = ("mental-model", "step-3?at=1", "step-4", "myths", "pitfall-1", "takeaways")
    return [f"{walk}/{place}" for place in places] + ["/lessons/weight-decay/learn/step-1"]


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
    expect(page.locator(".question .chips")).to_contain_text("Question 2 of 10")
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
    here = page.url.split("?")[0]
    turn = page.get_by_role("button", name="Turn the card")
    questions = (f"{here}?q={number}" for number in range(1, 11))
    card = next(address for address in questions if _has(page, address, turn))
    turn.click()
    expect(page.locator(".back")).to_be_visible()
    return ["/review", card, f"{here}?q=end"]


def _has(page: Page, address: str, wanted: Locator) -> bool:
    open_ready(page, address)
    return wanted.count() == 1


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
    for number in (1, 2):
        page.get_by_role("button", name=f"Show hint {number} of").click()
        expect(page.locator(".hint")).to_have_count(number)
    return [EXERCISE, look or ""]


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
    assert "&lt;code&gt;" not in page.content()  # marks of our own, escaped
    return find_faults(page, address, RULES[theme]) + [
        f"{address}: moved {each}" for each in page.evaluate(SHIFTS)
    ]


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
