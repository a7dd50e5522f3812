"""A folder of content to a `Library`."""

from __future__ import annotations

from pathlib import Path

from quizzer.banks.bank import parse_bank
from quizzer.banks.lessons import parse_lesson
from quizzer.banks.problems import Problem

LESSON_FILE = "lesson.md"


def load_problems(path: Path) -> tuple[Problem, ...]:
    """Return what is wrong with one file."""
    text = path.read_text(encoding="utf-8")
    if path.name == LESSON_FILE:
        return parse_lesson(text, str(path)).problems
    return parse_bank(text, str(path)).problems
