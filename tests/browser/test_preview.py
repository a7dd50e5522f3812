"""`quizzer preview` beside an editor: saving, breaking, mending, proving, in a real browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from quizzer.domain.items import Kind
from quizzer.services.scaffolding import add_item, make_bank

NARROW = {"width": 390, "height": 844}


@pytest.fixture
def bank(tmp_path):
    path = make_bank(tmp_path / "tensors.md", id="tensors", title="Tensors")
    for kind in (Kind.NUMERIC, Kind.PARSONS, Kind.RECALL):
        add_item(path, kind)
    return path


@pytest.fixture
def address(bank):
    command = [sys.executable, "-m", "quizzer", "preview", str(bank)]
    environ = {**os.environ, "QUIZZER_ALLOW_LEVEL": "C"}
    with subprocess.Popen(
        command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            yield re.search(r"http://127\.0\.0\.1:\d+", line)[0]
        finally:
            process.terminate()
        assert process.wait(15) == 0
        assert process.stderr.read() == ""


def save(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_the_page_follows_the_file(page: Page, bank, address):
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    page.goto(address)
    page.click("#i-sum-key > summary")
    expect(page.locator("#i-sum-key")).to_contain_text("Right: six elements of one half.")

    save(bank, "What does `total` hold", "What is in `total`")
    expect(page.locator("#i-sum .stem")).to_contain_text("What is in total")
    expect(page.locator("#i-sum-key")).to_have_attribute("open", "")
    expect(page.locator("#live")).to_have_text(
        "Read anew: nothing to complain about; the proofs are run item by item."
    )

    save(bank, "- [x] `3.0`", "- [ ] `3.0`")
    expect(page.locator("header")).to_contain_text("✗ 1 error")
    expect(page.locator(".complaint-at")).to_contain_text("E174")
    expect(page.locator("#i-sum .stem")).to_contain_text("What is in total")
    before = len(loads)
    page.wait_for_timeout(1500)  # a file that stays broken is no reason to load anything again
    assert len(loads) == before

    save(bank, "- [ ] `3.0`", "- [x] `3.0`")
    expect(page.locator("header")).to_contain_text("nothing to complain about")


def test_items_can_be_answered_and_proven(page: Page, bank, address):
    page.goto(address)
    page.locator("#i-sum .option").nth(1).click()
    page.locator("#i-sum article button").click()
    expect(page.locator("#i-sum .verdict")).to_be_visible()
    page.locator("#i-recall article button").click()
    expect(page.locator("#i-recall .back")).to_contain_text("adds")

    waiting = page.locator("#i-numeric").get_by_text("Its variables stand here by name")
    expect(waiting).to_be_visible()
    page.locator("#i-numeric").get_by_role("button", name="Prove it").click()
    expect(page.locator("#i-numeric .about")).to_contain_text("✓ proven", timeout=60_000)
    expect(waiting).to_be_hidden()

    save(bank, "answer = total.item()", "answer = total.item() + 1")
    expect(page.locator("#i-numeric .about")).to_contain_text("✓ proven")
    page.locator("#i-sum").get_by_role("button", name="Prove it").click()
    expect(page.locator("#i-sum .complaint-at").first).to_contain_text("P302")
    expect(page.locator("#i-sum .is-it").first).to_contain_text("- [x] `3.0`")


def test_it_can_be_read_by_all_on_any_screen(page: Page, bank, address):
    save(bank, "  > That would be `sum(dim=1)`; without `dim` everything is added.\n", "")
    page.set_viewport_size(NARROW)
    page.goto(address)
    page.click("#unfold")
    expect(page.locator("#i-sum-key")).to_have_attribute("open", "")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        violations = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in violations] == []
