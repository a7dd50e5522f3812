"""What the jail costs: one small check graded in it, called bare, and in a process of its own.

Two checks, each measured three ways in one run, in turns:

* softmax: three batches of 64 x 128 numbers; the bare call takes about a millisecond;
* exercise: the first check of `exercises/regularization/sum-of-params`, through `Grader.grade`.

"bare" does the same work in this process, where torch is imported and warm (one thread, as in the
jail), without any isolation; "cold" starts a Python that imports torch and does it once. The
output gives medians and ratios.

    python bench/grading.py [ROUNDS]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from graders import wire, worker  # noqa: E402 - found through the line above
from graders.exercise import Exercise, load_exercise  # noqa: E402
from graders.facade import Grader  # noqa: E402
from graders.judge import compare  # noqa: E402
from graders.pool import Pool  # noqa: E402
from graders.runner.messages import (  # noqa: E402
    checks_message,
    load_message,
    observe_message,
)

EXERCISE = ROOT / "exercises/regularization/sum-of-params"
SOFTMAX = """
import torch

def softmax(x):
    x = x - x.max(dim=-1, keepdim=True).values
    e = torch.exp(x)
    return e / e.sum(dim=-1, keepdim=True)
"""
SCENARIO = """
def value(solution, draw):
    return [solution.softmax(draw.tensor(64, 128)) for _ in range(3)]
"""
MESSAGES: list[dict[str, object]] = [
    {"do": "load", "source": SOFTMAX, "filename": "submission.py"},
    {"do": "checks", "source": SCENARIO, "filename": "checks.py"},
    {"do": "observe", "check": "value", "source": None, "seed": 5, "device": "cpu"},
]
COLD_ROUNDS = 5
PAUSE_S = 0.06  # submissions come one by one: the pool has filled up again


def run_here(messages: list[dict[str, object]]) -> object:
    """Do in this process what a jailed worker does with these messages."""
    state: dict[str, object] = {}
    replies = [worker.handle(state, message) for message in messages]
    return replies[-1]["ok"]


def carry(value: object) -> object:
    """Return a value as it comes out of the jail."""
    return wire.decode(b"".join(wire.encode(value)))


def list_exercise_messages(exercise: Exercise, source: str) -> list[dict[str, object]]:
    """Return what grading the first check of an exercise sends to a worker."""
    first = exercise.checks[0]
    observe = observe_message(first, seed=5, device="cpu")
    return [load_message(source, "submission.py"), checks_message(exercise), observe]


def measure(function: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def measure_in_turns(functions: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each function; in turns, so that all meet the same load."""
    taken: dict[str, list[float]] = {name: [] for name in functions}
    for _ in range(rounds):
        for name, function in functions.items():
            time.sleep(PAUSE_S)
            taken[name].append(measure(function))
    return {name: statistics.median(times) for name, times in taken.items()}


def run_cold(which: str) -> None:
    """Do one check in a new process."""
    subprocess.run([sys.executable, __file__, "--once", which], check=True)


def make_bare(exercise: Exercise) -> dict[str, Callable[[], object]]:
    """Return the two checks without isolation: solve, and compare with what is expected."""
    tolerance = exercise.checks[0].tolerance
    messages = list_exercise_messages(exercise, exercise.reference)
    softmax, value = carry(run_here(MESSAGES)), carry(run_here(messages))
    return {
        "softmax": lambda: compare(softmax, carry(run_here(MESSAGES)), tolerance),
        "exercise": lambda: compare(value, carry(run_here(messages)), tolerance),
    }


def make_jailed(exercise: Exercise, pool: Pool, grader: Grader) -> dict[str, Callable[[], object]]:
    """Return the two checks as a learner's submission gets them."""
    expected = carry(run_here(MESSAGES))
    first = exercise.checks[0]
    source = exercise.reference.encode()

    def grade_softmax() -> object:
        with pool.take() as jailed:
            replies = [jailed.call(message, wall_s=10) for message in MESSAGES]
            return compare(expected, replies[-1]["ok"], first.tolerance)

    return {
        "softmax": grade_softmax,
        "exercise": lambda: grader.grade(exercise, source, check=first.name, seed=5),
    }


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    exercise = load_exercise(EXERCISE)
    bare = make_bare(exercise)
    if sys.argv[1:2] == ["--once"]:
        bare[sys.argv[2]]()
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    with Grader() as grader, Pool() as pool:
        jailed = make_jailed(exercise, pool, grader)
        for name in bare:
            pair = {"bare": bare[name], "jailed": jailed[name]}
            median = measure_in_turns(pair, rounds)
            cold_s = measure_in_turns({"cold": partial(run_cold, name)}, COLD_ROUNDS)["cold"]
            print(f"{name} (level {grader.level}, torch {grader.torch_version}, {rounds} rounds)")
            print(f"  bare   {median['bare'] * 1e3:8.2f} ms     1.0 x")
            print(
                f"  jailed {median['jailed'] * 1e3:8.2f} ms  "
                f"{median['jailed'] / median['bare']:6.1f} x bare",
            )
            print(
                f"  cold   {cold_s * 1e3:8.0f} ms  {cold_s / median['jailed']:6.0f} x jailed",
            )


if __name__ == "__main__":
    main()
