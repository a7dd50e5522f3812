"""The server is killed in the middle and started again: open pages go on, and nothing is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import ROOT, _read_address

WAYS = ROOT / "tests" / "web" / "ways" / "questions"
RIGHT, WRONG = "The second", "The first"  # in each question of that lesson
STANDS = "answered before"
GONE = "The server could not be reached"


class Server:
    """`quizzer serve` on one port, that can be killed as a power cut would, and started again."""

    def __init__(self, home: Path) -> None:
        self.home, self.port, self.process = home, "0", None
        self.address = self.start()
        self.port = self.address.rpartition(":")[2]

    def start(self) -> str:
        folders = {"QUIZZER_QUESTIONS": str(WAYS), "QUIZZER_EXERCISES": str(ROOT / "exercises")}
        environ = {**os.environ, "QUIZZER_HOME": str(self.home), **folders}
        log = self.home / "log.txt"
        with log.open("a") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "quizzer", "serve", "--port", self.port],
                cwd=ROOT,
                env=environ,
                stdout=subprocess.PIPE,
                stderr=stream,
                text=True,
            )
        return _read_address(self.process, log)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("killed"))
    yield server
    server.process.terminate()
    server.process.wait()
    server.process.stdout.close()


@pytest.fixture(scope="session")
def base_url(server: Server) -> str:
    return server.address


def begin(page: Page, button: str) -> str:
    page.goto("/lessons/ways")
    page.get_by_role("button", name=button).first.click()
    expect(page).to_have_url(re.compile(r"/attempts/\d+"))
    return page.url.split("?")[0]


def read_seconds(page: Page) -> int:
    return int(page.locator("[data-seconds]").first.get_attribute("data-seconds") or 0)


def test_a_test_goes_on_after_the_server_was_killed(page: Page, server: Server) -> None:
    here = begin(page, "Take the test")
    expect(page.locator("html[data-ready]")).to_be_attached()
    page.locator(".option input").nth(1).check()
    page.get_by_role("button", name=re.compile("Send|Commit|Check")).click()
    expect(page.locator("#trail")).to_contain_text("sent")
    page.goto(f"{here}?q=2")
    expect(page.locator("html[data-ready]")).to_be_attached()
    left_s = read_seconds(page)
    page.locator(".option input").nth(2).check()

    server.kill()
    send = page.get_by_role("button", name=re.compile("Send|Commit|Check"))
    send.click()
    expect(page.locator(".question")).to_contain_text(GONE)
    expect(page.locator("#live")).to_contain_text(GONE)
    expect(page.locator(".option input").nth(2)).to_be_checked()
    server.start()
    send.dblclick()  # the same page, again, and impatiently
    expect(page.get_by_text(GONE)).to_have_count(0)

    for number, place in ((1, 1), (2, 2)):
        page.goto(f"{here}?q={number}")
        expect(page.locator(".option input").nth(place)).to_be_checked()
    assert read_seconds(page) < left_s
    page.goto(f"{here}?q=end")
    expect(page.locator("#trail")).to_contain_text(re.compile(r"1\s*• sent\s*Question 2\s*• sent"))
    page.get_by_role("button", name="Hand in the test").click()
    expect(page.locator("main")).to_contain_text(re.compile(r"of 6"))
    page.go_back()  # to a page whose test is closed by now
    page.reload()
    expect(page).to_have_url(re.compile("/result$"))


def test_a_challenge_goes_on_after_the_server_was_killed_without_script(
    browser: Browser, server: Server
) -> None:
    context = browser.new_context(base_url=server.address, java_script_enabled=False)
    page = context.new_page()
    here = begin(page, "Take the challenge")
    page.goto(f"{here}?q=1")
    left_s = read_seconds(page)
    page.locator(".option", has_text=WRONG).locator("input").check()
    other = context.new_page()
    other.goto(f"{here}?q=1")
    other.locator(".option", has_text=RIGHT).locator("input").check()

    server.kill()
    server.start()
    page.get_by_role("button", name="Check").click()  # the page of before is as good as ever
    told = page.locator(".verdict .headline")
    expect(told).to_contain_text("Not yet")
    other.get_by_role("button", name="Check").click()  # a tab of before, with another answer
    expect(other.locator("main")).to_contain_text(STANDS)
    expect(other.locator(".verdict .headline")).to_contain_text("Not yet")
    page.go_back()  # what is asked there now is what the server knows
    page.goto(f"{here}?q=1")
    expect(told).to_contain_text("Not yet")
    assert read_seconds(page) < left_s  # one try is left, and less time
    context.close()
