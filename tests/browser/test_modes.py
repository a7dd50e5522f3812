"""Each mode from its row on the lesson's page to its first verdict, by the keyboard alone.

Once with script, by single keys where there are some; once without, by what every browser does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from quizzer.banks.library import Library
from quizzer.domain.items import Item, Kind
from tests.browser.reader import GRADING_MS, LESSON, Reader, go_on

ASKING = ("visualize", "practice", "try", "metrics", "challenge", "test")
MOST_STOPS = 120
WRONG = "def l2_penalty(model):\n    return 0\n"


class Hands:
    """Somebody with a keyboard and no mouse, who knows the key."""

    def __init__(self, page: Page, library: Library, *, has_script: bool) -> None:
        self.page = page
        self.reader = Reader(page, library)
        self.has_script = has_script

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is there, and its script has done its part."""
        self.page.wait_for_load_state()
        if self.has_script:
            expect(self.page.locator("html[data-ready]")).to_be_attached()

    def reach(self, target: Locator) -> None:
        """Walk by Tab until the target has the focus."""
        for _ in range(MOST_STOPS):
            if target.evaluate("each => each === each.getRootNode().activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target}")

    def press(self, target: Locator) -> None:
        self.reach(target)
        self.page.keyboard.press("Enter")

    def go_on(self) -> None:
        """Go to the next place of a walk."""
        if self.has_script:
            go_on(self.page)
        else:
            self.press(self.page.locator("[rel=next]"))

    def enter(self, mode: str) -> None:
        """Start a mode from the lesson's page."""
        self.open(f"/lessons/{LESSON}")
        self.press(self.page.locator(f"[aria-describedby=way-{mode}]"))
        expect(self.page.get_by_role("heading", level=1)).to_have_text(
            re.compile(mode, re.IGNORECASE)
        )
        self.settle()

    def answer(self, question: Locator) -> None:
        """Answer rightly, and send it."""
        item = self.reader.item_of(question)
        if item.kind.is_choice:
            self._choose(question, item)
        elif item.kind.is_sequence:
            self._arrange(question, item)
        else:
            self._type(question, item)
        if item.kind.is_choice and self.has_script:
            self.page.keyboard.press("Enter")
        else:
            self.press(question.get_by_role("button", name=re.compile("Check|Commit|Send")))

    def _choose(self, question: Locator, item: Item) -> None:
        boxes = question.locator("[data-option]")
        right = self.reader.find_right(question)
        if self.has_script:
            for place in right:
                self.page.keyboard.press(str(place + 1))
        elif item.kind is Kind.MULTI:
            for place in right:
                self.reach(boxes.nth(place))
                self.page.keyboard.press("Space")
        else:
            self.reach(boxes.first)
            self.page.keyboard.press("Space")
            for _ in range(right[0]):
                self.page.keyboard.press("ArrowDown")

    def _arrange(self, question: Locator, item: Item) -> None:
        for place, text in enumerate(self.reader.list_lines(item), start=1):
            row = self.reader.find_line(question, text)
            if self.has_script:
                self.page.keyboard.press(row.locator("kbd").inner_text())
            else:
                self.reach(row.locator("select"))
                self.page.keyboard.type(str(place))

    def _type(self, question: Locator, item: Item) -> None:
        for name, words in self.reader.list_words(item).items():
            self.reach(question.locator(f'[name="{name}"]'))
            self.page.keyboard.type(words)


@pytest.fixture(params=[True, False], ids=["script", "plain"])
def hands(
    request: pytest.FixtureRequest, browser: Browser, base_url: str, library: Library
) -> Iterator[Hands]:
    context = browser.new_context(base_url=base_url, java_script_enabled=request.param)
    faults: list[str] = []
    context.on("console", lambda message: faults.append(message.text))
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield Hands(context.new_page(), library, has_script=request.param)
    context.close()
    assert faults == []


def test_why_is_read_and_leads_on_to_learn(hands: Hands) -> None:
    hands.enter("why")
    hands.press(hands.page.get_by_role("link", name="Learn it step by step"))
    hands.settle()
    for _ in range(3):
        hands.go_on()
    hands.press(hands.page.get_by_role("button", name="Begin"))
    hands.settle()
    heading = hands.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Step 3")
    hands.answer(hands.page.locator(".question"))
    expect(hands.page.locator(".verdict.right")).to_be_in_viewport()
    expect(heading).to_have_text("L2 makes weights smaller")
    hands.go_on()
    expect(heading).to_have_text("Step 4")


@pytest.mark.parametrize("mode", ASKING)
def test_a_mode_asks_and_answers(hands: Hands, mode: str) -> None:
    hands.enter(mode)
    page, question = hands.page, hands.page.locator(".question").first
    if mode == "visualize":
        hands.press(page.get_by_role("button", name="Answer the questions"))
    if mode == "challenge":
        hands.press(page.get_by_role("link", name=re.compile("Open question 1")))
    expect(question).to_be_visible()
    hands.settle()
    hands.answer(question)
    if mode == "test":  # it says nothing, and goes on
        expect(question.locator(".chips")).to_contain_text("Question 2 of 10")
        expect(page.locator(".verdict")).to_have_count(0)
    else:
        expect(page.locator(".verdict.right").first).to_be_visible()


def test_a_round_of_review_is_gone_through(hands: Hands) -> None:
    page = hands.page
    hands.enter("practice")  # the cards of a lesson join once it is begun
    hands.open("/review")
    hands.press(page.get_by_role("button", name="Review now"))
    hands.settle()
    chips, back = page.locator(".question .chips"), page.locator(".back")
    expect(chips).to_contain_text("Question 1 of 10")
    sure = page.locator("[name=confidence]").first
    hands.reach(sure)
    page.keyboard.press("Space")
    expect(sure).to_be_checked()
    expect(back).to_have_count(0)
    hands.press(page.get_by_role("button", name="Turn the card"))
    expect(back).to_be_visible()
    hands.press(page.get_by_role("button", name="Knew it partly"))
    expect(page.locator(".verdict")).to_contain_text("You said: knew it partly.")
    expect(page.locator("#trail")).to_contain_text("not this time")
    expect(page.get_by_text(re.compile("^Comes back "))).to_be_visible()
    hands.press(page.get_by_role("link", name="Next question"))
    expect(chips).to_contain_text("Question 2 of 10")
    hands.settle()
    hands.press(page.get_by_role("button", name="Turn the card"))
    hands.press(page.get_by_role("button", name="Knew it", exact=True))
    expect(page.locator(".verdict.right")).to_contain_text("You said: knew it.")
    hands.press(page.get_by_role("link", name="End", exact=True))
    expect(page.get_by_role("heading", name="8 still open")).to_be_visible()
    hands.settle()
    hands.press(page.get_by_role("button", name="Finish and see how it went"))
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 10 known")
    lines = page.locator(".outcomes > li")
    expect(lines.filter(has_text="comes back")).to_have_count(2)
    expect(lines.filter(has_text="left open")).to_have_count(8)


def test_code_is_written_and_graded(hands: Hands) -> None:
    page = hands.page
    hands.enter("project")
    hands.press(page.locator(f"a[href='/exercises/{LESSON}/sum-of-params']").first)
    hands.settle()
    hands.reach(page.locator(".cm-content" if hands.has_script else "#source"))
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(WRONG)
    if hands.has_script:
        page.keyboard.press("Control+Enter")
    else:
        hands.press(page.get_by_role("button", name="Grade"))
    run, again = page.locator("#run"), page.get_by_role("link", name="Look again")
    expect(run.locator(".headline")).to_be_visible()
    while not hands.has_script and again.count():
        page.wait_for_timeout(500)
        hands.press(again)
        expect(run.locator(".headline")).to_be_visible()
    expect(run).to_contain_text("Not yet", timeout=GRADING_MS)
