"""How long reading 10,000 items takes, with all checks, beside a parser that only renders them.

Copies of the real banks are read, file by file, and rendered by markdown-it-py in the same process,
in turns. What is told is CPU time and the median of the rounds' ratios: seconds depend on the
machine. Nothing that one file has left in a cache helps with the next.

Python's own parser, which looks at every proof, is told apart: a renderer of Markdown does nothing
of the kind.
"""

from __future__ import annotations

import argparse
import ast
import re
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from markdown_it import MarkdownIt

from quizzer.banks.bank import parse_bank
from quizzer.banks.formulas import render_formula
from quizzer.banks.python import read_python

ITEM = re.compile(r"^## ", re.MULTILINE)
PYTHON = re.compile(r"^```python[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GOAL = 0.25
say = sys.stdout.write


def read_banks(root: Path) -> tuple[str, ...]:
    """Return the texts of all banks below `root` that hold no error."""
    paths = sorted(
        path for path in root.glob("*/*.md") if path.name not in ("lesson.md", "README.md")
    )
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return tuple(text for text in texts if parse_bank(text, "").value is not None)


def make_files(banks: Sequence[str], items: int) -> tuple[str, ...]:
    """Return copies of whole banks, in turn, that hold so many items in all, or few more."""
    files: list[str] = []
    count = 0
    for bank in cycle(banks):
        if count >= items:
            return tuple(files)
        files.append(bank)
        count += len(ITEM.findall(bank))
    return ()


def scan(files: Sequence[str]) -> None:
    """Read all files with all checks."""
    for text in files:
        render_formula.cache_clear()
        read_python.cache_clear()
        parse_bank(text, "bank.md")


def render(markdown: MarkdownIt, files: Sequence[str]) -> None:
    """Render all files to HTML."""
    for text in files:
        markdown.render(text)


def parse_code(files: Sequence[str]) -> None:
    """Have Python parse the code in the files, once."""
    for text in files:
        for code in PYTHON.findall(text):
            try:
                ast.parse(code)
            except SyntaxError:  # gaps to fill in
                continue


def measure_cpu_s(work: Callable[[], None]) -> float:
    """Return the CPU time in seconds that `work` takes."""
    start = time.process_time()
    work()
    return time.process_time() - start


def compare(files: Sequence[str], rounds: int) -> tuple[float, float]:
    """Measure in turns, print each round, and return the median shares of all and of Python's."""
    markdown = MarkdownIt("commonmark", {"html": True}).enable("table")
    shares: list[tuple[float, float]] = []
    for number in range(rounds):
        scanned_s = measure_cpu_s(lambda: scan(files))
        rendered_s = measure_cpu_s(lambda: render(markdown, files))
        parsed_s = measure_cpu_s(lambda: parse_code(files))
        shares.append((scanned_s / rendered_s, parsed_s / rendered_s))
        say(f"round {number + 1}: read {scanned_s:.2f} s (Python's parser {parsed_s:.2f} s), ")
        say(f"rendered {rendered_s:.2f} s: {shares[-1][0]:.2f}\n")
    return statistics.median(a for a, _ in shares), statistics.median(b for _, b in shares)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the ratio; 1 where it misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--items", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--root", type=Path, default=Path("questions"))
    chosen = parser.parse_args(arguments)
    files = make_files(read_banks(chosen.root), chosen.items)
    items = sum(len(ITEM.findall(text)) for text in files)
    say(f"{items} items, {len(files)} files, {sum(map(len, files)) / 1e6:.1f} MB\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd escapes in code
        share, python_share = compare(files, chosen.rounds)
    say(f"reading takes {share:.2f} of rendering (goal {GOAL}), and {share - python_share:.2f} ")
    say("without what Python's own parser takes\n")
    return int(share > GOAL)


if __name__ == "__main__":
    sys.exit(main())
