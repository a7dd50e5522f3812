"""How long a warm proof of an item takes, jail and all, one after the other.

The sandbox and its first worker are warm before anything is counted. Beside it stands the same jail
running a program that does nothing, in turns.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from graders.facade import Grader
from quizzer.banks.bank import parse_bank
from quizzer.domain.items import Bank
from quizzer.services.proving.explaining import explain_item

GOAL_MS = 60.0
NOTHING = "def main(arguments):\n    return None\n"
say = sys.stdout.write


def read_banks(root: Path) -> tuple[Bank, ...]:
    """Return the banks below `root`."""
    paths = sorted(path for path in root.glob("*/*.md") if path.name != "lesson.md")
    parsed = (parse_bank(path.read_text(encoding="utf-8"), str(path)).value for path in paths)
    return tuple(bank for bank in parsed if bank is not None)


def run_nothing(grader: Grader) -> float:
    """Return the milliseconds that the jail takes for nothing."""
    start = time.perf_counter()
    grader.run(NOTHING)
    return (time.perf_counter() - start) * 1000


def measure(banks: Sequence[Bank], grader: Grader) -> tuple[dict[str, float], list[float]]:
    """Return the milliseconds of every proof, by item, and those of nothing beside each."""
    proofs: dict[str, float] = {}
    bare: list[float] = []
    for bank in banks:
        for item in bank.items:
            told = explain_item(bank, item, grader)
            if told.is_proved:
                proofs[item.key] = told.wall_ms
                bare.append(run_nothing(grader))
    return proofs, bare


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; 1 where the median misses the goal."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--root", type=Path, default=Path("questions"))
    chosen = parser.parse_args(arguments)
    with Grader(is_proving=True) as grader:
        run_nothing(grader)
        proofs, bare = measure(read_banks(chosen.root), grader)
    times = sorted(proofs.values())
    median, nothing = statistics.median(times), statistics.median(bare)
    within = sum(one <= GOAL_MS for one in times) / len(times)
    say(f"{len(times)} proofs: median {median:.0f} ms (goal {GOAL_MS:.0f}), ")
    say(f"mean {statistics.mean(times):.0f} ms, {within:.0%} within the goal\n")
    say(f"the jail for nothing: median {nothing:.0f} ms; a proof takes {median / nothing:.1f} x\n")
    for key, wall_ms in sorted(proofs.items(), key=lambda pair: -pair[1])[:12]:
        say(f"{wall_ms:7.0f} ms  {key}\n")
    return int(median > GOAL_MS)


if __name__ == "__main__":
    sys.exit(main())
