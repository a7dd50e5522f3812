"""What a bank looks like to learners, kept in example.html.

After a wanted change: `UPDATE_GOLDEN=1 python -m pytest tests/golden/banks`, and read the difference.
"""

import os
from pathlib import Path

from quizzer.banks.bank import parse_bank
from quizzer.banks.library import list_item_texts
from quizzer.banks.rendering import render_text

FOLDER = Path(__file__).parent


def render_example() -> str:
    path = FOLDER / "example.md"
    bank = parse_bank(path.read_text(encoding="utf-8"), path.name).value
    assert bank is not None
    assert bank.intro is not None
    texts = [bank.intro, *(text for item in bank.items for text in list_item_texts(item))]
    return "".join(f"<!-- line {text.line} -->\n{render_text(text)}\n" for text in texts)


def test_the_example_is_rendered_as_before():
    golden = FOLDER / "example.html"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(render_example(), encoding="utf-8")
    assert render_example() == golden.read_text(encoding="utf-8")
