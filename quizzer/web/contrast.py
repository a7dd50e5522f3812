"""Two programs side by side: the lines that only one of them has are marked."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

_PROGRAM = re.compile(
    r'(?P<before><div class="highlight">\s*<pre>.*?<code>)(?P<code>.*?)(?=</code>)', re.DOTALL
)
_TAG = re.compile(r"<[^>]+>")
_MOST_LINES = 200  # comparing takes the square of it


def mark_contrast(first: str, second: str) -> tuple[str, str]:
    """Return two pieces of rendered HTML, in whose first programs differing lines are marked.

    What has no program, or one too long to compare, comes back as it was.
    """
    one, other = _PROGRAM.search(first), _PROGRAM.search(second)
    if one is None or other is None:
        return first, second
    lines, other_lines = one["code"].split("\n"), other["code"].split("\n")
    if max(len(lines), len(other_lines)) > _MOST_LINES:
        return first, second
    words, other_words = [_read(line) for line in lines], [_read(line) for line in other_lines]
    changes = SequenceMatcher(None, words, other_words, autojunk=False).get_opcodes()
    own = {i for kind, low, high, _, _ in changes if kind != "equal" for i in range(low, high)}
    others = {i for kind, _, _, low, high in changes if kind != "equal" for i in range(low, high)}
    return _mark(first, one, lines, own), _mark(second, other, other_lines, others)


def _read(line: str) -> str:
    return _TAG.sub("", line).rstrip()


def _mark(html: str, program: re.Match[str], lines: list[str], places: set[int]) -> str:
    marked = [_mark_line(line) if i in places else line for i, line in enumerate(lines)]
    return html[: program.start("code")] + "\n".join(marked) + html[program.end("code") :]


def _mark_line(line: str) -> str:
    """Wrap a line; one without words, or inside a span that goes over several lines, stays."""
    is_whole = line.count("<span") == line.count("</span>")
    return f"<mark>{line}</mark>" if is_whole and _read(line) else line
