"""The whole way: register, learn, practise, be tested, mend code, see how far one is."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.reader import (
    EXERCISE,
    GRADING_MS,
    Reader,
    begin,
    go_on,
    open_ready,
    write_code,
)

WRONG = "import torch\n\n\ndef l2_penalty(model):\n    return sum(p.sum() for p in model.parameters())\n"


def test_a_learner_goes_the_whole_way(page: Page, reader: Reader, reference: str) -> None:
    register(page)
    learn_with_a_wrong_prediction(page, reader)
    practise_with_a_hint(page, reader)
    take_a_test(page, reader)
    mend_the_bug(page, reference)
    see_progress(page)


def register(page: Page) -> None:
    open_ready(page, "/")
    expect(page.get_by_text("What to do now")).to_be_visible()
    page.get_by_role("link", name="Log in").click()
    page.get_by_role("link", name="Make one").click()
    page.get_by_label("Name").fill("Ada Byron")
    page.get_by_label("Password").fill("engines of the mind")
    page.get_by_role("button", name="Make the account").click()
    expect(page.get_by_role("heading", name="Welcome, Ada Byron")).to_be_visible()


def learn_with_a_wrong_prediction(page: Page, reader: Reader) -> None:
    page.get_by_role("link", name="Begin", exact=True).click()
    page.get_by_role("link", name="Learn it step by step").click()
    expect(page.locator("html[data-ready]")).to_be_attached()
    for _ in range(3):
        go_on(page)
    page.get_by_role("button", name="Begin").click()
    question, heading = page.locator(".question"), page.get_by_role("heading", level=1)
    expect(question).to_be_in_viewport()
    expect(heading).to_have_text("Step 3")
    expect(page.get_by_role("link", name="Next")).to_have_count(0)
    reader.answer(question, right=False)
    expect(question.locator(".verdict")).to_contain_text("Not right")
    expect(page.locator("#live")).to_contain_text("Not right")
    expect(question.locator(".verdict")).to_be_focused()
    expect(heading).to_have_text("L2 makes weights smaller")
    page.get_by_role("link", name="Home").click()
    page.get_by_role("link", name="Go on learning").click()
    expect(heading).to_have_text("L2 makes weights smaller")


def practise_with_a_hint(page: Page, reader: Reader) -> None:
    question = begin(page, "Practise")
    page.get_by_role("button", name="Hint").click()
    expect(question.locator(".hint")).to_be_visible()
    reader.answer(question, right=False)
    expect(question.locator(".verdict")).to_contain_text("Not yet")
    reader.answer(question, right=True)
    expect(question.locator(".verdict")).to_contain_text(re.compile("Right.*point"))
    expect(question.locator(".solution")).to_be_visible()
    page.get_by_role("link", name="Next question").click()
    expect(page.locator(".question .chips")).to_contain_text("Question 2 of 10")
    reader.answer(page.locator(".question"), right=False)
    expect(page.locator(".verdict")).to_be_visible()
    page.get_by_role("link", name="End", exact=True).click()
    page.get_by_role("button", name="Retry the missed ones").click()
    expect(page.locator(".question .chips")).to_contain_text("Question 2 of 10")
    expect(page.locator(".verdict")).to_have_count(0)


def take_a_test(page: Page, reader: Reader) -> None:
    begin(page, "Take the test")
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^(19:5\d|20:0\d)$"))
    for number in range(1, 10):
        expect(page.locator(".question .chips")).to_contain_text(f"Question {number} of 10")
        reader.answer(page.locator(".question"), right=number % 3 != 0)
    expect(page.locator(".question .chips")).to_contain_text("Question 10 of 10")
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Your test is running")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d\d:\d\d$"))
    page.get_by_role("link", name="Go on", exact=True).first.click()
    expect(page.locator(".question .chips")).to_contain_text("Question 10 of 10")
    page.get_by_role("link", name="End", exact=True).click()
    expect(page.get_by_role("heading", name="1 not answered")).to_be_visible()
    page.locator(".jumps a").click()
    reader.answer(page.locator(".question"), right=True)
    page.get_by_role("button", name="Hand in the test").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"^\d+ % of the points$"))
    expect(page.get_by_text("with 95 % confidence")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text(
        re.compile("strong|developing|weak|too few")
    )


def mend_the_bug(page: Page, reference: str) -> None:
    open_ready(page, EXERCISE)
    write_code(page, WRONG)
    page.keyboard.press("Control+Enter")
    run = page.locator("#run")
    expect(run).to_contain_text("Not yet", timeout=GRADING_MS)
    expect(page.locator("#live")).to_contain_text("Not yet")
    opened = run.locator("details[open]")
    expect(opened).to_have_count(1)
    expect(opened).to_contain_text("Expected")
    expect(opened).to_contain_text("Yours")
    write_code(page, reference)
    expect(page.locator("#stale")).to_be_visible()
    page.get_by_role("button", name="Grade").click()
    expect(run).to_contain_text("All checks passed", timeout=GRADING_MS)
    expect(page.locator("#stale")).to_be_hidden()
    expect(page.locator("#history")).to_contain_text("Best so far: 100 %")
    write_code(page, WRONG)  # the first one again is a third attempt
    page.get_by_role("button", name="Grade").click()
    page.locator("#attempts summary").click()
    expect(page.get_by_role("link", name="Restore attempt 3")).to_be_visible()
    expect(run).to_contain_text("Not yet", timeout=GRADING_MS)
    page.get_by_role("link", name="Restore attempt 1").click()
    expect(page.locator(".cm-content")).to_contain_text("p.sum() for p in")


def see_progress(page: Page) -> None:
    page.get_by_role("link", name="Progress").click()
    picture = page.get_by_role("img", name=re.compile("Progress in Why regularization"))
    expect(picture).to_be_visible()
    page.locator("#regularization-numbers > summary").click()
    expect(page.get_by_role("row", name=re.compile("The penalty that"))).to_contain_text("100 %")
    expect(page.get_by_role("heading", name="Skills")).to_be_visible()
