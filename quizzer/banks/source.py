"""From a file's text to its lines: size, line ends and characters that have no place in it."""

from __future__ import annotations

import re

from quizzer.banks.problems import Complaints

MAX_FILE_CHARACTERS = 1_000_000
MAX_LINE_CHARACTERS = 5_000
# Control characters, and those that make text read otherwise than it is stored.
HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LEADING_TAB = re.compile(r" *\t")


def split_source(text: str, complaints: Complaints) -> tuple[str, ...] | None:
    """Return the lines of `text` without line ends, or None if it is too large to be read."""
    if len(text) > MAX_FILE_CHARACTERS:
        complaints.add(
            1, "E100", f"the file has more than {MAX_FILE_CHARACTERS:,} characters; split it."
        )
        return None
    lines = tuple(text.replace("\r\n", "\n").split("\n"))
    for number, line in enumerate(lines, start=1):
        if len(line) > MAX_LINE_CHARACTERS:
            message = f"this line has more than {MAX_LINE_CHARACTERS:,} characters; break it."
            complaints.add(number, "E100", message)
            return None
        if not line.isprintable():  # seldom, and true of every hidden character and tab
            _check_line(number, line, complaints)
    return lines


def _check_line(number: int, line: str, complaints: Complaints) -> None:
    if hidden := HIDDEN.search(line):
        complaints.add(
            number, "E101", f"character U+{ord(hidden[0]):04X} is not allowed; delete it."
        )
    if _LEADING_TAB.match(line):
        complaints.add(number, "E102", "indent with spaces, not with tabs.")
    elif "\t" in line and not _is_inside_code(line):
        complaints.add(number, "E102", "write spaces instead of the tab.")


def _is_inside_code(line: str) -> bool:
    """Whether a tab in this line may belong to the text of a code block."""
    return line.lstrip(" ")[:1] not in "-*+#0123456789>"
