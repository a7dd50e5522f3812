"""docs/format.md tells every code, and its examples are sound."""

import re
from pathlib import Path

import pytest

from quizzer.banks.agreement import is_shown_alike
from quizzer.banks.bank import parse_bank
from quizzer.banks.chips import ITEM_LABELS, OPTION_LABELS
from quizzer.banks.fences import ROLES
from quizzer.banks.front_matter import BANK_KEYS, LESSON_KEYS
from quizzer.banks.items import SECTIONS
from quizzer.banks.labels import DEFAULT_LABELS
from quizzer.banks.lessons import PARTS, parse_lesson
from quizzer.domain.items import Kind, Text

DOCS = Path("docs/format.md")
FRONT = "---\nbank: docs\ntitle: Docs\nformat: 1\nprelude: import torch\n---\n"
TEXT = DOCS.read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)


def test_every_code_of_the_source_is_told_and_no_other():
    files = (*Path("quizzer/banks").rglob("*.py"), *Path("quizzer/services").rglob("*.py"))
    used = {code for path in files for code in re.findall(r'"([EWP]\d{3})"', path.read_text())}
    told = re.findall(r"^\| ([EWP]\d{3}) \|", TEXT, re.MULTILINE)
    assert sorted(told) == sorted(set(told))
    assert used == set(told)


def test_every_kind_part_and_default_is_told():
    assert re.findall(r"^\| `(\w+)` \| .* \| .* \|$", TEXT.split("## Kinds")[1].split("## Sections")[0], re.MULTILINE) == [
        kind.value for kind in Kind
    ]  # fmt: skip
    assert all(f"`## {name}" in TEXT for name in PARTS)
    assert all(f"`{name}" in TEXT for name in DEFAULT_LABELS)


def test_every_label_role_section_and_key_is_told():
    labels = TEXT.split("## Labels")[1].split("## Kinds")[0]
    assert re.findall(r"^\| `(\w+)`", labels, re.MULTILINE) == sorted(
        ITEM_LABELS, key=lambda name: labels.index(f"| `{name}` |")
    )
    assert all(f"`{name}`" in labels for name in OPTION_LABELS)
    assert all(f"`### {name}" in TEXT for name in SECTIONS)
    assert all(f"```python {role}" in TEXT for role in ROLES)
    assert all(f"`{key}`" in TEXT for key in (*BANK_KEYS, *LESSON_KEYS))


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_is_sound(example):
    if "\nlesson: " in example:
        assert parse_lesson(example, "lesson.md").problems == ()
        return
    text = example if example.startswith("---") else FRONT + example
    parsed = parse_bank(text, "example.md")
    assert parsed.problems == ()
    assert parsed.value is not None
    assert all(is_shown_alike(item.stem) for item in parsed.value.items)


def test_the_page_itself_can_be_shown():
    body = re.sub(r"^````markdown\n.*?^````$", "", TEXT, flags=re.MULTILINE | re.DOTALL)
    assert len(EXAMPLES) == 11
    assert is_shown_alike(Text(source=body.split("## Every complaint")[0][:19_000], line=1))
