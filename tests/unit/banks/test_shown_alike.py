"""W212: what an author sees where the bank is hosted is what learners see here."""

import pytest

from quizzer.banks.agreement import is_shown_alike
from quizzer.banks.bank import parse_bank
from quizzer.banks.library import load_problems
from quizzer.domain.items import Text

ALIKE = (
    "Plain, *slanted*, **bold**, `code` and [a link](https://example.org).",
    "The step $w_i \\leftarrow w_i - \\eta g_i$ with $a*b*c$.\n\n$$\n\\sum_i w_i^2\n$$",
    "Five dollars, \\$5, or $6.",
    "Fill in `___name___` and ___other___.",
    "- a\n- b\n  - c\n\n1. one\n2. two",
    "1) one\n2) two",
    "Words:\n- a\n- b",
    "Words:\n```python\nx = a_b * c_d\n```\nMore words.",
    "1. First\n\n   ```python\n   x = 1\n   ```\n\n2. Second",
    "| a | b |\n|---|---|\n| 1 | `x` |",
    "> quoted\n> words",
    "Press <kbd>Ctrl</kbd>, x<sup>2</sup>, line<br>break.",
    "`<div>` and 1 < 2 and a <- b.",
    "An <https://example.org> address.",
    "snake_case_word and 2 * 3 * 4",
    "One line\\\nand another.",
    "&lt;tag&gt; &amp; more",
)
OTHERWISE = (
    "A tag <div> that is swallowed elsewhere.",
    "Generic List<int> of numbers.",
    "It is ~~struck~~ elsewhere.",
    "A word<br/>and <u>under</u> it.",
    "<!-- a note -->",
)


@pytest.mark.parametrize("source", ALIKE)
def test_it_is_shown_alike(source):
    assert is_shown_alike(Text(source=source, line=1))


@pytest.mark.parametrize("source", OTHERWISE)
def test_it_is_shown_otherwise(source):
    assert not is_shown_alike(Text(source=source, line=1))


def test_the_warning_stands_at_the_fragment_and_names_the_remedy(tmp_path):
    path = tmp_path / "demo.md"
    path.write_text(
        "---\nbank: demo\ntitle: Demo\nformat: 1\n---\n\n## one: One\n\n`kind: single`\n\nText.\n\n"
        "- [x] List<int>\n- [ ] other\n  > No, it is ~~struck~~.\n\n### Check\n\n"
        '```python verify\nx = 1\ntruth = {"a": x < 2, "b": x > 2}\n```\n',
        encoding="utf-8",
    )
    problems = load_problems(path)
    assert [(one.code, one.line) for one in problems] == [("W212", 13), ("W212", 15)]
    assert all("back-ticks" in one.message for one in problems)
    assert parse_bank(path.read_text(encoding="utf-8"), "x.md").value is not None
