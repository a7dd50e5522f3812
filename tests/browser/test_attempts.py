"""What becomes of attempts: laid side by side, restored, led on from; and the solution on request."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.reader import EXERCISE, GRADING_MS, LESSON, open_ready, write_code

ABSOLUTE = "import torch\n\ndef l2_penalty(model):\n    parts = [p.abs().sum() for p in model.parameters()]\n    return torch.stack(parts).sum()\n"
RAISING = ABSOLUTE.replace("p.abs()", "p.absolute(1, 2)")


def grade(page: Page, source: str, words: str) -> None:
    write_code(page, source)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#run .headline")).to_contain_text(words, timeout=GRADING_MS)


def test_attempts_are_compared_restored_and_led_on_from(page: Page, reference: str) -> None:
    open_ready(page, EXERCISE)
    page.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")  # the starter, untouched
    expect(page.locator("#run .headline")).to_contain_text("the starter", timeout=GRADING_MS)
    grade(page, ABSOLUTE, "something else")
    expect(page.locator("#run > .result > .verdict.wrong")).to_be_visible()
    cells = page.locator(".cells").filter(has=page.locator("table")).first
    page.locator("#check-gradient > summary").click()
    expect(cells.locator(".got")).to_contain_text("float32, shape")
    assert cells.locator(".got mark").count() == cells.locator(".expected mark").count() > 0
    expect(cells.locator(".got mark").first).to_contain_text("≠")
    beside = [cells.locator(side).bounding_box() for side in (".expected", ".got")]
    assert beside[0]["y"] == beside[1]["y"]
    grade(page, RAISING, "raised an exception")
    expect(page.locator("#run > .result > .verdict.stopped")).to_be_visible()

    page.locator("#attempts summary").click()
    page.get_by_role("link", name="Compare attempt 3").click()
    row = page.locator("tr.changed")
    expect(row.locator("mark")).to_have_text(["abs", "absolute", "1, 2"])
    page.get_by_label("Left").select_option("starter")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The starter and attempt 3")
    page.get_by_role("link", name="Restore attempt 3").click()
    expect(page.locator(".cm-content")).to_contain_text("absolute(1, 2)")

    grade(page, reference, "All checks passed")
    page.get_by_role("link", name=re.compile("^Next: ")).click()
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.get_by_role("link", name="Project").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Project")
    expect(page.get_by_text(re.compile("1 of [0-9]+ solved"))).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_contain_text("Not begun")


def test_the_solution_comes_in_place_once_it_is_asked_for(page: Page) -> None:
    open_ready(page, EXERCISE)
    grade(page, ABSOLUTE, "something else")
    page.get_by_text("Show how it can be done").click()
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_role("heading", name="How it can be done")).to_be_focused()
    expect(page.locator(".cm-content")).to_contain_text("abs()")
    expect(page.locator("#solution")).to_contain_text("What you reached stays yours")


def test_attempts_are_compared_without_script(browser: Browser, base_url: str) -> None:
    context = browser.new_context(
        base_url=base_url, java_script_enabled=False, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    page.goto(EXERCISE)
    page.get_by_label("Your code").fill(ABSOLUTE)
    page.get_by_role("button", name="Grade").click()
    page.locator("#attempts summary").click()
    page.get_by_role("link", name="Compare attempt 1").click()
    expect(page.locator("tr.changed, tr.added")).not_to_have_count(0)
    wide = [
        box["width"] for cell in page.locator(".diff .code").all() if (box := cell.bounding_box())
    ]
    assert max(wide) < 390
    page.get_by_label("Left").select_option(index=0)
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_text("The two are equal.")).to_be_visible()
    page.get_by_role("link", name="Restore attempt 1").first.click()
    expect(page.get_by_label("Your code")).to_have_value(ABSOLUTE)
    page.goto(f"/lessons/{LESSON}/project")
    page.get_by_role("link", name=re.compile("^(Go on|Begin)")).click()
    expect(page.get_by_label("Your code")).to_be_visible()
    context.close()
