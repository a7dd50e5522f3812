"""One mistake made in a real bank draws one complaint, on its line."""

import random
import re
from pathlib import Path

import pytest

from quizzer.banks.bank import parse_bank

QUESTIONS = Path(__file__).resolve().parents[2] / "questions"
FILES = sorted(
    path for path in QUESTIONS.glob("*/*.md") if path.name not in ("lesson.md", "README.md")
)
MISTAKES = (
    (r"^- \[x\] ", "- [v] ", "E132"),
    (r"^- \[ \] ", "* [ ] ", "E132"),
    (r"^- \[ \] ", "- [ ]", "E132"),
    (r"^## (?=[a-z])", "##", "E120"),
    (r"^## [a-z0-9-]+: .*", "## What is it?", "E125"),
    (r"^### (Solution|Hint|Check|Mistakes)$", "### Solutoin", "E127"),
    (r"^### (Solution|Mistakes)$", " ### Solution", "E121"),
    (r"^`kind: ", "`knid: ", "E140"),
    (r"^`kind: (\w+)`", r"kind: \1", "E142"),
    (r"^  > ", "  > `misconceptoin: x` ", "E134"),
    (r"^(?=[A-Z])", "\u202e", "E101"),
    (r"^(?=[A-Z])", "<!-- x --> ", "E107"),
    (r"^```python$", "```python rum", "E150"),
    (r"^```python verify$", "```python verify run", "E151"),
)


def test_every_mistake_can_be_made_somewhere():
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    for pattern, _, _ in MISTAKES:
        assert any(re.search(pattern, text, re.MULTILINE) for text in texts), pattern


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_mistake_in_a_real_bank_draws_one_complaint_on_its_line(path):
    text = path.read_text(encoding="utf-8")
    assert parse_bank(text, "x.md").value is not None
    chooser = random.Random(path.stem)  # noqa: S311 - the same mistakes every time
    for pattern, replacement, code in MISTAKES:
        found = list(re.finditer(pattern, text, re.MULTILINE))
        if not found:
            continue
        chosen = chooser.choice(found)
        line = text.count("\n", 0, chosen.start()) + 1
        damaged = text[: chosen.start()] + chosen.expand(replacement) + text[chosen.end() :]
        problems = parse_bank(damaged, "x.md").problems
        told = [(one.code, one.line) for one in problems if one.is_error]
        assert told == [(code, line)], "\n".join(map(str, problems))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_code_block_left_open_draws_one_complaint_at_its_first_line(path):
    text = path.read_text(encoding="utf-8")
    blocks = list(re.finditer(r"^```\w+[^\n]*\n(?:(?!```).*\n)*(```\n)", text, re.MULTILINE))
    chooser = random.Random(path.stem)  # noqa: S311 - the same mistakes every time
    for block in chooser.sample(blocks, min(4, len(blocks))):
        damaged = text[: block.start(1)] + text[block.end(1) :]
        problems = parse_bank(damaged, "x.md").problems
        told = [(one.code, one.line) for one in problems if one.is_error]
        assert told == [("E103", text.count("\n", 0, block.start()) + 1)], "\n".join(
            map(str, problems)
        )
