"""The newer kinds in a browser: by the keyboard alone, with and without script, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from quizzer.banks.library import Library, LibraryShelf
from tests.browser.conftest import ROOT, serve
from tests.browser.looking import find_faults
from tests.browser.reader import Reader

KINDS = ROOT / "tests" / "web" / "kinds"


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serve(tmp_path_factory.mktemp("kinds"), KINDS / "questions", KINDS / "exercises") as url:
        yield url


@pytest.fixture(scope="session")
def library() -> Library:
    return LibraryShelf(KINDS / "questions").current()


@pytest.fixture
def reader(page: Page, library: Library) -> Reader:
    return Reader(page, library)


def begin(page: Page, button: str, title: str) -> Locator:
    """Start a mode and go to the question with this in its title."""
    page.goto("/lessons/kinds")
    page.get_by_role("button", name=button).click()
    expect(page.locator(".question")).to_be_visible()
    return go_to(page, page.url.split("?")[0], title)


def go_to(page: Page, here: str, title: str) -> Locator:
    """Go to the question with this in its title."""
    for number in range(1, 7):
        page.goto(f"{here}?q={number}")
        if title in page.locator(".question h2").inner_text():
            break
    else:
        raise AssertionError(f"no question {title}")
    return page.locator(".question")


def begin_review(page: Page, title: str) -> Locator:
    """Go to the card with this in its title; those of a lesson are due once it is begun."""
    page.goto("/review")
    page.get_by_role("button", name="Review now").click()
    expect(page.locator(".question")).to_be_visible()
    return go_to(page, page.url.split("?")[0], title)


def begin_ready(page: Page, button: str, title: str) -> Locator:
    question = begin(page, button, title)
    expect(page.locator("html[data-ready]")).to_be_attached()
    return question


def list_texts(rows: Locator) -> list[str]:
    return [" ".join(text.split()) for text in rows.locator(".text").all_text_contents()]


def place_of(question: Locator, text: str) -> str:
    """Return the number that stands beside a line that is not used yet."""
    row = question.locator(".unused > .line").filter(has_text=text)
    return row.locator("kbd").inner_text()


def test_lines_are_ordered_by_digits_and_sent_by_enter(page: Page) -> None:
    question = begin_ready(page, "Practise", "the loop")
    for text in ("total = 0", "for number", "total = total", "print("):
        page.keyboard.press(place_of(question, text))
    expect(page.locator("#live")).to_have_text("print(total): line 4 of 4.")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.right")).to_be_focused()
    expect(question.locator(".line.is-right")).to_have_count(4)


def test_lines_are_moved_by_buttons_and_arrows_alone(page: Page) -> None:
    question = begin_ready(page, "Practise", "the loop")
    used, unused = question.locator(".used > .line"), question.locator(".unused > .line")
    shown = list_texts(unused)
    unused.first.get_by_role("button", name="Add").focus()
    for count in range(1, 6):  # the focus goes on to the next line
        page.keyboard.press("Enter")
        expect(used).to_have_count(count)
    expect(question.get_by_role("button", name="Check")).to_be_focused()
    assert list_texts(used) == shown
    last = used.last.get_by_role("button", name="Up")
    last.focus()
    page.keyboard.press("Enter")
    expect(used.nth(3)).to_contain_text(shown[4])
    expect(used.nth(3).get_by_role("button", name="Up")).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#live")).to_have_text(f"{shown[4]}: line 3 of 5.")
    assert list_texts(used) == [shown[0], shown[1], shown[4], shown[2], shown[3]]
    used.nth(2).get_by_role("button", name="Take out").focus()
    page.keyboard.press("Enter")
    expect(unused.get_by_role("button", name="Add")).to_be_focused()
    expect(page.locator("#live")).to_have_text(f"{shown[4]}: not used.")
    page.keyboard.press("1")  # takes the first line out again, to where its key stands
    assert list_texts(unused) == [shown[0], shown[4]]


def test_a_line_can_be_dragged_and_touched(page: Page) -> None:
    question = begin_ready(page, "Practise", "in one step")
    used, unused = question.locator(".used > .line"), question.locator(".unused > .line")
    shown = list_texts(unused)
    unused.first.locator(".text").click()
    unused.first.locator(".text").click()
    assert list_texts(used) == shown[:2]
    unused.last.drag_to(used.first, target_position={"x": 20, "y": 2})
    assert list_texts(used) == [shown[4], *shown[:2]]
    places = used.locator("select").evaluate_all("all => all.map(each => each.value)")
    assert places == ["1", "2", "3"]


def test_an_order_stays_while_a_hint_is_asked_for(page: Page, reader: Reader) -> None:
    question = begin_ready(page, "Practise", "the loop")
    reader.fill(question, right=True)
    order = list_texts(question.locator(".used > .line"))
    page.get_by_role("button", name="Hint").click()
    expect(page.locator(".hint")).to_be_visible()
    assert list_texts(question.locator(".used > .line")) == order
    question.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict.right")).to_be_visible()


def begin_gaps(page: Page) -> Locator:
    """Start the lesson's one round of try: its question has two blanks."""
    page.goto("/lessons/kinds")
    page.locator("[aria-describedby=way-try]").click()
    expect(page.locator(".blanks input")).to_have_count(2)
    return page.locator(".question")


def test_blanks_are_filled_by_clicking_what_is_offered(page: Page) -> None:
    question = begin_gaps(page)
    expect(page.locator("html[data-ready]")).to_be_attached()
    first, second = question.locator(".blanks input").all()
    question.get_by_role("button", name="reset", exact=True).click()
    expect(first).to_have_value("reset")
    expect(second).to_be_focused()
    expect(page.locator("#live")).to_have_text("Blank clear: reset.")
    question.get_by_role("button", name="backward", exact=True).click()
    expect(second).to_have_value("backward")
    expect(question.get_by_role("button", name="Check")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.wrong")).to_be_focused()
    # The blank that is not right is the one to be filled next.
    question.get_by_role("button", name="zero_grad", exact=True).click()
    expect(first).to_have_value("zero_grad")
    expect(second).to_have_value("backward")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.right")).to_be_visible()
    expect(question.locator("[data-fills]")).to_have_count(0)


def test_blanks_are_filled_by_the_keyboard_alone(page: Page) -> None:
    question = begin_gaps(page)
    expect(page.locator("html[data-ready]")).to_be_attached()
    first, second = question.locator(".blanks input").all()
    second.focus()
    reach(page, question.get_by_role("button", name="backward", exact=True))
    page.keyboard.press("Enter")
    expect(second).to_have_value("backward")
    expect(first).to_be_focused()  # it was skipped
    page.keyboard.type("zero_grad")  # typing is as good
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.right")).to_be_focused()


def reach(page: Page, target: Locator) -> None:
    """Walk by Tab from where the focus is until the target has it."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {target}")


def test_a_card_is_turned_and_judged_by_keys(page: Page) -> None:
    begin(page, "Practise", "the loop")
    question = begin_review(page, "do?")
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.keyboard.press("Enter")
    expect(question.locator(".back")).to_be_focused()
    page.keyboard.press("Enter")  # says nothing about how well it was known
    expect(question.get_by_role("button", name="Knew it partly")).to_be_visible()
    page.keyboard.press("3")
    expect(page.locator(".verdict")).to_contain_text("You said: knew it.")


@pytest.fixture
def plain_page(browser: Browser, base_url: str) -> Iterator[Page]:
    """A page of a browser that runs no script."""
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("title", ["in one step", "the loop", "the optimizer"])
def test_each_kind_is_answered_without_script(
    plain_page: Page, library: Library, title: str
) -> None:
    question, reader = begin(plain_page, "Practise", title), Reader(plain_page, library)
    reader.answer(question, right=False)
    expect(plain_page.locator(".verdict")).to_contain_text("Not yet")
    reader.answer(question, right=True)
    expect(plain_page.locator(".verdict")).to_contain_text("Right.")


def test_blanks_are_filled_without_script(plain_page: Page) -> None:
    question = begin_gaps(plain_page)
    expect(question.locator("[data-fills]").first).to_be_hidden()
    first, second = question.locator(".blanks input").all()
    expect(question.locator(f"#{first.get_attribute('list')} option")).to_have_count(5)
    first.fill("zero_grad")
    second.fill("backward")
    question.get_by_role("button", name="Check").click()
    expect(plain_page.locator(".verdict.right")).to_be_visible()


def test_a_card_is_turned_and_judged_without_script(plain_page: Page) -> None:
    begin(plain_page, "Practise", "the loop")
    question = begin_review(plain_page, "do?")
    question.get_by_role("button", name="Turn the card").click()
    question.get_by_role("button", name="Forgot it").click()
    expect(plain_page.locator(".verdict")).to_contain_text("You said: forgot it.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(
    browser: Browser, base_url: str, library: Library, theme: str
) -> None:
    context = browser.new_context(
        base_url=base_url, color_scheme=theme, viewport={"width": 390, "height": 900}
    )
    page = context.new_page()
    reader = Reader(page, library)
    begin_gaps(page)
    expect(page.locator("html[data-ready]")).to_be_attached()
    found = [*find_faults(page, "gaps"), *look_at_practice(page, reader), *look_at_card(page)]
    context.close()
    assert found == []


def look_at_practice(page: Page, reader: Reader) -> list[str]:
    found = []
    begin(page, "Practise", "the loop")
    here = page.url.split("?")[0]
    for title in ("in one step", "the loop", "the penalty"):
        question = go_to(page, here, title)
        expect(page.locator("html[data-ready]")).to_be_attached()
        if "penalty" not in title:
            reader.fill(question, right=False)
            found += find_faults(page, f"{title}, arranged")
            question.get_by_role("button", name="Check").click()
            expect(page.locator(".verdict")).to_be_visible()
        found += find_faults(page, f"{title}, open")
        page.get_by_role("button", name="Show the answer").click()
        expect(page.locator(".solution")).to_be_visible()
        found += find_faults(page, f"{title}, done")
    return found


def look_at_card(page: Page) -> list[str]:
    question = begin_review(page, "do?")
    question.get_by_role("button", name="Turn the card").click()
    expect(question.locator(".back")).to_be_visible()
    return find_faults(page, "card, turned")
