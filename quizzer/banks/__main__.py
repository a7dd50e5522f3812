"""`python -m quizzer.banks PATH...`: prints what is wrong with files, without running proofs."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from quizzer.banks.library import load_problems


def list_files(paths: Sequence[str]) -> Iterator[Path]:
    """Yield the Markdown files that `paths`, files or folders, name."""
    for path in map(Path, paths):
        yield from sorted(path.rglob("*.md")) if path.is_dir() else [path]


def main(arguments: Sequence[str]) -> int:
    """Check files; return 1 if one of them has errors."""
    has_errors = False
    for path in list_files(arguments):
        for problem in load_problems(path):
            has_errors |= problem.is_error
            sys.stdout.write(f"{problem}\n")
    return int(has_errors)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
