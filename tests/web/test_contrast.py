"""What differs between two programs is marked, and nothing else is touched."""

from __future__ import annotations

import re

from quizzer.banks.rendering import render_text
from quizzer.web.contrast import mark_contrast
from tests.factories import make_text

WRONG = "```python\na = 1\nb = a + 1\nprint(b)\n```\n\n```output\n2\n```"
RIGHT = "```python\na = 1\nb = a + 2\nprint(b)\n```\n\n```output\n3\n```"


def words_in_marks(html: str) -> list[str]:
    marks = re.findall(r"<mark>(.*?)</mark>", html, re.DOTALL)
    return [re.sub(r"<[^>]+>", "", each) for each in marks]


def test_the_lines_that_differ_are_marked_in_both() -> None:
    wrong, right = (render_text(make_text(source)) for source in (WRONG, RIGHT))
    marked = mark_contrast(wrong, right)
    assert [words_in_marks(html) for html in marked] == [["b = a + 1"], ["b = a + 2"]]
    assert tuple(re.sub("</?mark>", "", html) for html in marked) == (wrong, right)


def test_a_text_over_several_lines_is_not_torn_apart() -> None:
    first = '<div class="highlight"><pre><code>x\n<span class="sd">"""a\nb"""</span></code>'
    second = first.replace("b", "c")
    for html in mark_contrast(first, second):
        assert "<mark>" not in html


def test_what_holds_no_program_stays() -> None:
    assert mark_contrast("<p>One</p>", "<p>Two</p>") == ("<p>One</p>", "<p>Two</p>")
