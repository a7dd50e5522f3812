"""Text that is made to hurt: refused before it is rendered, or read in steps that its length bounds.

Nothing here is timed. What could take long is either not begun, which a complaint proves, or counted
in calls, which must not grow faster than the text.
"""

import sys
from collections.abc import Callable

import pytest

from quizzer.banks import rendering
from quizzer.banks.bank import parse_bank
from quizzer.banks.fragments import MAX_CELLS, is_safe
from quizzer.banks.lessons import parse_lesson
from quizzer.banks.problems import MAX_ERROR_LINES, suggest
from quizzer.banks.rendering import render_text
from quizzer.domain.items import Text

FRONT = "---\nbank: demo\ntitle: Demo\nformat: 1\n---\n"
HEAD = "\n## one: One\n\n`kind: single`\n\n"
TAIL = "\n\n- [x] right\n- [ ] wrong\n  > No.\n"
STEM_LINE = 11


def make_bank(stem: str) -> str:
    return FRONT + HEAD + stem + TAIL


def list_errors(text: str) -> set[tuple[str, int]]:
    return {(one.code, one.line) for one in parse_bank(text, "x.md").problems if one.is_error}


def fold(text: str, width: int = 4_900) -> str:
    return "\n".join(text[start : start + width] for start in range(0, len(text), width))


def count_calls(function: Callable[[], object]) -> int:
    """Count the calls of functions, Python's and built-in ones, that `function` makes."""
    calls = 0

    def note(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return calls


REFUSED = {
    "16,000 brackets": (fold("[" * 16_000), "E193", 0),
    "brackets in many pairs": (fold("[a](b)" * 600), "E193", 0),
    "brackets in code spans": ("`" + "[" * 501 + "`", "E193", 0),
    "brackets behind a quoted fence": ("> ```\n\n" + "[" * 501, "E193", 0),
    "brackets between stray back-ticks": ("a `\n\n" + "[" * 501 + "\n\n` b", "E193", 0),
    "a fragment too long": (fold("word " * 4_100), "E193", 0),
    "1,000 lists on a line": ("Text.\n\n" + "- " * 1_000 + "x", "E193", 2),
    "1,000 numbered lists on a line": ("Text.\n\n" + "1. " * 1_000 + "x", "E193", 2),
    "1,000 quotes on a line": ("Text.\n\n" + "> " * 1_000 + "x", "E193", 2),
    "quotes without spaces": ("Text.\n\n" + ">" * 1_000 + "x", "E193", 2),
    "quotes and lists in turn": ("Text.\n\n" + "> - " * 500 + "x", "E193", 2),
    "lists below lists": ("\n".join("  " * n + "- x" for n in range(130)), "E193", 21),
    "lists behind a quoted fence": ("> ```\n\n" + "- " * 1_000 + "x", "E193", 2),
    "a table of a million cells": (
        "|a" * 500 + "\n" + "|-" * 500 + "\n" + "|b\n" * 2_000,
        "E193",
        0,
    ),
    "a table that rows without bars fill": (
        "|a" * 500 + "\n" + "|-" * 500 + "\nb" * 500,
        "E193",
        0,
    ),
    "a formula of 1,000 braces": ("$" + "{" * 900 + "x" + "}" * 900 + "$", "E194", 0),
    "a formula of 1,000 roots": ("$" + r"\sqrt" * 350 + " x$", "E194", 0),
    "a formula of open brackets": ("$" + "(" * 500 + "x$", "E194", 0),
    "a formula of 3,000 characters": ("$" + "x+" * 1_500 + "x$", "E194", 0),
    "a formula that defines": (r"$\def\a{\a\a}\a$", "E194", 0),
    "Python nested too deeply": ("```python\n" + "(" * 4_900 + "\n```", "E153", 1),
    "Python of 4,900 signs": ("```python\n" + "-" * 4_900 + "x\n```", "E153", 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_before_it_is_rendered(name):
    stem, code, offset = REFUSED[name]
    assert list_errors(make_bank(stem)) == {(code, STEM_LINE + offset)}


def test_a_thousand_lists_below_each_other_make_a_file_that_is_not_read():
    stem = "\n".join("  " * depth + "- x" for depth in range(1_000))
    assert list_errors(make_bank(stem)) == {("E100", 1)}


@pytest.mark.parametrize("name", [name for name, case in REFUSED.items() if case[1] == "E193"])
def test_what_is_refused_is_never_handed_to_the_converter(name, monkeypatch):
    monkeypatch.setattr(rendering, "_get_markdown", lambda: pytest.fail("it was handed over"))
    shown = render_text(Text(source=REFUSED[name][0] + " ", line=1))
    assert shown.startswith("<pre>")


UNITS = (
    *(
        "*",
        "_",
        "**a ",
        "*a_b ",
        "***a** ",
        "__a ",
        "*a**b ",
        "~",
        "^",
        "!",
        "(",
        ")",
        "<",
        ">x",
        "&",
    ),
    *(
        "&amp;",
        "&#x41;",
        "&#",
        "\\",
        "\\*",
        "`",
        "`a",
        "``a` ",
        "``` ",
        "$",
        "$$",
        "$x ",
        "$x$ ",
        "{{",
    ),
    *(
        "|-",
        "a|b\n",
        "- a\n",
        "1. a\n",
        "> a\n",
        "+ a\n\n",
        "# a\n\n",
        "a\n\n",
        "***\n\n",
        "    x\n",
    ),
    *(
        "<b>",
        "</b>",
        "<sub>",
        "<http://x.y> ",
        "a@b.c ",
        "http://x.y ",
        "___",
        "___a___ ",
        "a\\\n",
        "\n",
    ),
)


@pytest.mark.parametrize("unit", UNITS)
def test_marks_without_end_are_shown_at_a_length_that_theirs_bounds(unit):
    source = unit * (3_000 // len(unit))
    source = source if "\n" in unit else fold(source)
    assert is_safe(source)
    assert len(render_text(Text(source=source, line=1))) < 100 * len(source)


def test_back_ticks_in_runs_of_every_length_end_no_span_and_are_counted_once():
    def make(count: int) -> str:
        return make_bank("$x$ " + fold(" x".join("`" * n for n in range(1, count))))

    assert list_errors(make(60)) == set()
    few, many = (count_calls(lambda n=n: parse_bank(make(n), "x.md")) for n in (60, 120))
    assert many < 2.5 * few


def test_a_table_of_the_largest_size_is_accepted():
    rows = MAX_CELLS // 10 - 1
    table = "|a" * 9 + "|\n" + "|-" * 9 + "|\n" + ("|b" * 9 + "|\n") * (rows - 2)
    assert list_errors(make_bank(table)) == set()
    assert list_errors(make_bank(table + "|b\n" * 10)) == {("E193", STEM_LINE)}


FILES = {
    "empty lines": "\n",
    "items": "## a{n}: b\n",
    "whole items": "## a{n}: b\n\n`kind: single`\n\nText.\n\n- [x] a\n- [ ] b\n  > No.\n\n",
    "the same item": "## a: b\n",
    "hints": "### Hint\n\nx\n\n",
    "unknown sections": "### Hnt{n}\n",
    "blanks": "### Blank a{n}\n\n- [x] `x`\n",
    "options": "- [ ] x{n}\n  > no\n",
    "code blocks": "```\nx\n```\n",
    "open code blocks": "```python\n",
    "indented code blocks": "   ```\n",
    "comments": "<!-- x -->\n",
    "open comments": "<!--\n",
    "ends of comments": "x -->\n",
    "tags": "<div>\n# a\n",
    "lists": "- a\n",
    "underlines": "a\n---\n",
    "definitions": "[a]: b\n",
    "nearly options": "* [x] a\n",
    "labels": "`kind: single`\n",
    "unknown labels": "`knid{n}: single`\n",
    "tabs": "\ta\n",
    "hidden characters": "\u202ea\n",
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("parse", [parse_bank, parse_lesson])
def test_the_steps_of_reading_grow_no_faster_than_the_file(name, parse):
    front = FRONT if parse is parse_bank else FRONT.replace("bank:", "lesson:")

    def make(count: int) -> str:
        return front + HEAD + "".join(FILES[name].replace("{n}", str(n)) for n in range(count))

    few, many = (count_calls(lambda n=n: parse(make(n), "x.md")) for n in (60, 120))
    assert many < 2.3 * few


def test_fences_that_never_end_are_looked_through_once():
    def make(count: int) -> str:
        fences = "".join(f"  ```x{n}\n        ```\n" for n in range(count))
        return FRONT + HEAD + "Text.\n\n- [ ] a\n" + fences

    few, many = (count_calls(lambda n=n: parse_bank(make(n), "x.md")) for n in (100, 200))
    assert many < 2.3 * few


def test_reading_stops_when_nobody_would_read_the_complaints():
    problems = parse_bank(FRONT + "## a: b\n" * (2 * MAX_ERROR_LINES), "x.md").problems
    assert len({problem.line for problem in problems}) == MAX_ERROR_LINES + 1
    last = max(problem.line for problem in problems)
    assert "E100" in {problem.code for problem in problems if problem.line == last}


def test_a_suggestion_looks_at_few_names_however_many_there_are():
    names = [f"misconception-{n}" for n in range(3_000)]
    few, many = (
        count_calls(lambda n=n: suggest("misconcepion-7", names[:n])) for n in (300, 3_000)
    )
    assert many - few < 5 * 2_700  # one look at the length of each
    assert suggest("misconcepion-7", names) == " Did you mean `misconception-7`?"


FRONTS = {
    "lists in lists": ("tags: " + "[" * 4_000, "E112"),
    "maps in maps": ("tags: " + "{a: " * 1_200, "E112"),
    "keys of keys": ("? " * 2_000, "E112"),
    "dashes": ("- " * 2_000, "E112"),
    "an anchor that doubles": ("tags: &a [x, x]\nmodes: [*a, *a]", "E113"),
    "one value of 40,000": ("description: |\n" + "  word word\n" * 4_000, "E112"),
}


@pytest.mark.parametrize("name", FRONTS)
def test_a_front_matter_made_to_hurt_is_refused(name):
    text, code = FRONTS[name]
    problems = parse_bank(FRONT.replace("format: 1\n", f"format: 1\n{text}\n"), "x.md").problems
    assert code in {problem.code for problem in problems}
