"""A bank that breaks while the site runs: learners keep the good version, the author sees why."""

from __future__ import annotations

import re
import shutil
import time
from dataclasses import replace
from html import unescape

import pytest

from quizzer.banks.library import SECONDS_BETWEEN_LOOKS
from tests.web.canary import begin, right_answer
from tests.web.conftest import CONTENT


@pytest.fixture
def settings(settings, tmp_path):
    """The site reads a copy of the content that a test may change."""
    shutil.copytree(CONTENT / "questions", tmp_path / "questions")
    return replace(settings, questions=tmp_path / "questions")


def write_bank(settings, *, old: str, new: str) -> tuple[str, int]:
    """Change the first place of a text in the bank, wait until it is noticed; return its place."""
    path = settings.questions / "canary" / "items.md"
    before = path.read_text()
    path.write_text(before.replace(old, new, 1))
    time.sleep(SECONDS_BETWEEN_LOOKS)
    return "canary/items.md", before[: before.index("## single-1")].count("\n") + 1


def list_problems(page: str) -> list[str]:
    """Return the page's lines as `file:line: code message`."""
    rows = re.findall(r"<tr><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td><td>(.*?)</td></tr>", page)
    return [unescape(f"{place}: {code} {message}") for place, code, message in rows]


def test_a_broken_bank_tells_the_author_why_and_leaves_learners_the_good_one(
    learner, author, settings
):
    learner.open("/lessons/canary")
    path, line = write_bank(settings, old="- [x] The second", new="- [ ] The second")
    expected = f"{path}:{line}: E174 tick exactly one option; 0 are ticked."
    assert expected in list_problems(author.open("/author"))

    attempt = begin(learner, "practice")  # every question of it is of this bank
    assert "Question 1 of 10" in learner.page
    learner.send(f"/attempts/{attempt}/questions/1/response", **right_answer(learner.page))
    assert "Right." in learner.page


def test_what_is_mended_leaves_the_list_and_comes_into_service(learner, author, settings, site):
    learner.open("/lessons/canary")
    write_bank(settings, old="- [x] The second", new="- [ ] The second")
    assert any(" E174 " in line for line in list_problems(author.open("/author")))
    write_bank(settings, old="- [ ] The second", new="- [x] The next one")
    assert not any(" E" in line for line in list_problems(author.open("/author")))
    item = site.library.current().items["canary-items/single-1"]
    assert [option.text.source for option in item.options if option.correct] == ["The next one"]
