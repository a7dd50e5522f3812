"""docs/writing-questions.md: its examples are sound, its mistakes say what it says they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from quizzer.banks.bank import parse_bank
from quizzer.domain.items import Kind

PAGE = Path(__file__).resolve().parents[3] / "docs" / "writing-questions.md"
TEXT = PAGE.read_text(encoding="utf-8")
BANK, *ITEMS = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)
MISTAKES = re.findall(
    r"^```diff\n(.*?)^```$\n+^```text\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
)
ALL = BANK + "".join(f"\n{item}" for item in ITEMS)


def make_mistake(diff: str) -> str:
    """Change the page's bank as a diff says: each `-` line goes, its `+` lines come."""
    text = BANK
    for removed, added in re.findall(r"((?:^-.*\n)+)((?:^\+.*\n)+)", diff, re.MULTILINE):
        old, new = (re.sub(r"^[+-]", "", part, flags=re.MULTILINE) for part in (removed, added))
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


def test_the_page_has_every_kind_and_variables_and_they_are_sound():
    parsed = parse_bank(ALL, "decay.md")
    assert parsed.problems == ()
    items = parsed.value.items
    assert sorted({item.kind for item in items}) == sorted(Kind)
    assert len(items) == len(Kind)
    assert any(item.variants for item in items)


def test_the_bank_by_itself_draws_no_complaint():
    assert parse_bank(BANK, "decay.md").problems == ()


@pytest.mark.parametrize(("diff", "told"), MISTAKES[:4])
def test_a_mistake_says_what_the_page_says(diff, told):
    problems = parse_bank(make_mistake(diff), "decay.md").problems
    printed = "".join(f"{problem}\n" for problem in problems)
    assert printed == told
    assert len({problem.line for problem in problems}) == 1


def test_there_are_five_mistakes():
    assert len(MISTAKES) == 5
    assert parse_bank(make_mistake(MISTAKES[4][0]), "decay.md").problems == ()
