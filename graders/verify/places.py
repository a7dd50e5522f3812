"""Where an author has to look: a file of the exercise and the line in it."""

from __future__ import annotations

import re

from graders.exercise import CheckSpec, Exercise


def place_of(spec: CheckSpec) -> str:
    """Return where a check is defined, and its name."""
    return f"checks.py:{spec.line}: {spec.name}"


def place_in_text(exercise: Exercise, key: str) -> str:
    """Return where `exercise.md` has a key of its front matter, or its name where it has none."""
    path = exercise.folder / "exercise.md"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        if re.match(rf"\s*{re.escape(key)}\s*:", line):
            return f"exercise.md:{number}"
    return "exercise.md"
