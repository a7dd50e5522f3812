"""Somebody in front of the browser who knows the key, and errs when told to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import unescape

from playwright.sync_api import Locator, Page, expect

from quizzer.banks.library import Library
from quizzer.banks.rendering import render_text
from quizzer.domain.items import Item, Kind, Option

LESSON = "regularization"
EXERCISE = f"/exercises/{LESSON}/sum-of-params"
GRADING_MS = 60_000  # a first grading waits until torch has been imported


class Reader:
    """Knows the key, and answers the question on the page rightly or not, as it is told."""

    def __init__(self, page: Page, library: Library) -> None:
        self.page = page
        self._items = {item.title.replace("`", ""): item for item in library.items.values()}

    def item_of(self, question: Locator) -> Item:
        return self._items[question.locator("h2, h3").first.inner_text()]

    def answer(self, question: Locator, *, right: bool) -> None:
        """Fill the question in, and send it."""
        self.fill(question, right=right)
        question.get_by_role("button", name=re.compile("Check|Commit|Send")).click()

    def fill(self, question: Locator, *, right: bool) -> None:
        item = self.item_of(question)
        if item.kind.is_choice:
            self._choose(question, item, right=right)
        elif item.kind.is_sequence:
            self._arrange(question, item, right=right)
        else:
            wrong = "123456.789" if item.kind is Kind.NUMERIC else "nothing"
            for name, words in self.list_words(item).items():
                question.locator(f'[name="{name}"]').fill(words if right else wrong)

    def list_words(self, item: Item) -> dict[str, str]:
        """Return what is rightly typed into the fields of a question."""
        if item.kind is Kind.BLANK:
            return {f"blank.{blank.name}": _find_right(blank.options) for blank in item.blanks}
        if item.kind is Kind.OUTPUT:
            return {"text": item.output or ""}
        right = _find_right(item.options)
        return {"text": right if item.kind is Kind.SHORT else _a_number_of(right)}

    def _choose(self, question: Locator, item: Item, *, right: bool) -> None:
        wanted = [_text_of(item, option) for option in item.options if option.correct is right]
        for row in question.locator(".option").all():
            box = row.locator("[name=choice]")
            if _read(row) in (wanted if right else wanted[:1]):
                box.check()
            elif item.kind is Kind.MULTI:
                box.uncheck()

    def find_right(self, question: Locator) -> list[int]:
        """Return the places of the right options on the page, from 0."""
        item = self.item_of(question)
        right = [_text_of(item, option) for option in item.options if option.correct]
        rows = question.locator(".option").all()
        return [place for place, row in enumerate(rows) if _read(row) in right]

    def _arrange(self, question: Locator, item: Item, *, right: bool) -> None:
        """Put the lines in order, or the other way round: by buttons, or without script by places."""
        wanted = self.list_lines(item)
        if not right:
            wanted.reverse()
        if question.locator(".line select").first.is_visible():
            for row in question.locator(".line").all():
                text = _read(row)
                place = str(wanted.index(text) + 1) if text in wanted else ""
                row.locator("select").select_option(place)
            return
        used = question.locator(".used > .line")
        while used.count():
            used.first.get_by_role("button", name="Take out").click()
        for text in wanted:
            self.find_line(question, text).get_by_role("button", name="Add").click()

    def list_lines(self, item: Item) -> list[str]:
        """Return the lines of a question in their order, as its page words them."""
        options = {option.key: option for option in item.options}
        return [_text_of(item, options[key]) for key in item.orders[0]]

    def find_line(self, question: Locator, text: str) -> Locator:
        """Return the row of a line that is not used yet."""
        rows = question.locator(".unused > .line").all()
        return next(row for row in rows if _read(row) == text)


def _text_of(item: Item, option: Option) -> str:
    """Return an option or a line as its page words it."""
    if item.kind is Kind.PARSONS:
        return " ".join(option.value.split())
    return " ".join(unescape(re.sub(r"<[^>]+>", "", render_text(option.text))).split())


def _read(row: Locator) -> str:
    """Return the text of an option or a line on the page, without what was said about it."""
    plain = "row => { const text = row.querySelector('.text').cloneNode(true);"
    plain += " text.querySelectorAll('.mark, .said').forEach(each => each.remove());"
    return " ".join(row.evaluate(plain + " return text.textContent }").split())


def _find_right(options: Iterable[Option]) -> str:
    return next(option.value for option in options if option.correct)


def _a_number_of(value: str) -> str:
    """Return a number inside the range that an option names."""
    numbers = re.findall(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", value)
    if value.startswith("["):
        return str((float(numbers[0]) + float(numbers[1])) / 2)
    return numbers[0]


def open_ready(page: Page, path: str) -> None:
    """Open a page and wait until its script has done its part."""
    page.goto(path)
    expect(page.locator("html[data-ready]")).to_be_attached()


def go_on(page: Page) -> None:
    """Go to the next place of a walk by its key."""
    before = page.url
    page.keyboard.press("n")
    page.wait_for_url(lambda url: url != before)
    expect(page.locator("html[data-ready]")).to_be_attached()


def begin(page: Page, button: str) -> Locator:
    """Start a mode from the lesson's page; return the question, once the script has done its part."""
    open_ready(page, f"/lessons/{LESSON}")
    page.get_by_role("button", name=button).last.click()  # the first may be what to do now
    expect(page.locator(".question")).not_to_have_count(0)
    expect(page.locator("html[data-ready]")).to_be_attached()
    return page.locator(".question")


def enter(page: Page, mode: str) -> Locator:
    """Start a mode by its row on the lesson's page; return the question, once all is ready."""
    open_ready(page, f"/lessons/{LESSON}")
    page.locator(f"[aria-describedby=way-{mode}]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(mode, re.IGNORECASE))
    expect(page.locator("html[data-ready]")).to_be_attached()
    return page.locator(".question")


def write_code(page: Page, source: str) -> None:
    """Replace what is in the editor."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(source)
