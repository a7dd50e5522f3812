"""A challenge in a browser: the server keeps each question's clock, with and without script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, serve
from tests.browser.looking import find_faults

WAYS = ROOT / "tests" / "web" / "ways" / "questions"
SHORT_S = 2  # the time of each question in the lesson `short`
RIGHT = "The second"  # in each question of these lessons


@pytest.fixture(scope="session")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One lesson twice: as it is, and with so little time that a test can wait for its end."""
    folder = tmp_path_factory.mktemp("ways") / "questions"
    shutil.copytree(WAYS, folder)
    shutil.copytree(WAYS / "ways", folder / "short")
    for path in (folder / "short").iterdir():
        text = re.sub(r"`time: \d+`", "", path.read_text()).replace("ways-items", "short-items")
        text = re.sub(r"(?m)^(?=`kind: single`)", f"`time: {SHORT_S}` ", text)
        path.write_text(text.replace("lesson: ways", "lesson: short"))
    with serve(tmp_path_factory.mktemp("served"), folder, ROOT / "exercises") as url:
        yield url


def begin(page: Page, lesson: str) -> str:
    """Start a challenge and open its first question; return the challenge's address."""
    page.goto(f"/lessons/{lesson}")
    page.locator("[aria-describedby=way-challenge]").click()
    expect(page.get_by_role("heading", name="Ready?")).to_be_visible()
    here = page.url.split("?")[0]
    page.goto(f"{here}?q=1")
    return here


def test_the_time_runs_out_without_script_and_the_answer_is_shown(
    browser: Browser, base_url: str
) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
    page = context.new_page()
    begin(page, "short")
    expect(page.get_by_text(re.compile(rf"Time left: {SHORT_S} s"))).to_be_visible()
    page.wait_for_timeout((SHORT_S + 2.5) * 1000)
    page.locator(".option").first.click()
    page.get_by_role("button", name="Check").click()
    expect(page.locator(".verdict")).to_contain_text("The time was up before this answer came")
    expect(page.locator(".trail .late")).to_contain_text("the time was up")
    expect(page.locator(".solution")).to_be_visible()
    expect(page.locator("[data-seconds]")).to_have_count(0)
    context.close()


def test_with_script_the_page_ends_by_itself_and_sends_what_was_chosen(page: Page) -> None:
    begin(page, "short")
    page.locator(".option", has_text=RIGHT).locator("input").check()
    expect(page.locator(".verdict.right")).to_be_visible()
    expect(page.locator(".option.is-right .mark")).to_contain_text("Your choice")
    expect(page.locator("[data-seconds]")).to_have_count(0)


def test_a_challenge_is_played_by_keyboard_alone_and_its_time_can_be_hidden(page: Page) -> None:
    here = begin(page, "ways")
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.get_by_role("button", name="Hide the time").press("Enter")
    expect(page.get_by_text("The time left is hidden.")).to_be_visible()
    expect(page.locator("#clock-switch")).to_be_focused()
    assert find_faults(page, "here") == []
    page.keyboard.press("1")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict")).to_be_focused()
    expect(page.get_by_role("heading", name="Challenge")).to_be_visible()
    page.keyboard.press("n")
    expect(page).not_to_have_url(here)
    page.goto(f"{here}?q=end")
    page.get_by_role("button", name="Finish and see how it went").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(r"of 5 right"))


def test_flags_of_a_test_leave_what_was_chosen_alone(page: Page) -> None:
    page.goto("/lessons/ways")
    page.get_by_role("button", name="Take the test").click()
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.keyboard.press("2")
    page.get_by_role("button", name="Flag it").press("Enter")
    expect(page.get_by_role("button", name="Take the flag away")).to_be_focused()
    expect(page.locator("#live")).to_have_text("Flagged: the end lists it.")
    expect(page.locator(".option input").nth(1)).to_be_checked()
    expect(page.locator("#trail")).to_contain_text("flagged")
    page.get_by_role("link", name="End", exact=True).click()
    expect(page.get_by_role("heading", name="1 flagged")).to_be_visible()
    assert find_faults(page, "here") == []
