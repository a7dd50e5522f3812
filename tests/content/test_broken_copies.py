"""Of every item that is proven, deliberately broken copies: each of them must be caught.

What is broken: ticks flipped and swapped, numbers and values changed, lines of an order exchanged,
outputs changed, a wrong option that says what the right one says, the shown code edited.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graders.doctor import diagnose
from graders.facade import Grader
from graders.policy import Level
from quizzer.banks.bank import parse_bank
from quizzer.banks.files import IGNORED, LESSON_FILE
from quizzer.domain.items import Kind
from quizzer.services.proving.jobs import has_job
from tests.content.breaking import Breaker

QUESTIONS = Path(__file__).resolve().parents[2] / "questions"
PATHS = sorted(
    path for path in QUESTIONS.glob("*/*.md") if path.name not in (LESSON_FILE, *IGNORED)
)


def name_bank(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(scope="module")
def grader():
    if diagnose().level is Level.NONE:
        pytest.skip("this machine cannot contain submissions")
    with Grader(is_proving=True) as grader:
        yield grader


def list_broken(path: Path, grader: Grader):
    """Return the breaker of a bank and the items that it can break."""
    text = path.read_text(encoding="utf-8")
    bank = parse_bank(text, str(path)).value
    assert bank is not None
    proven = [item for item in bank.items if has_job(item) or item.code is not None]
    return Breaker(text, bank, grader), proven


@pytest.mark.parametrize("path", PATHS, ids=name_bank)
def test_every_broken_copy_is_caught(path, grader, record_property):
    breaker, items = list_broken(path, grader)
    start = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        uncaught = dict(zip(items, pool.map(breaker.find_uncaught, items), strict=True))
    record_property("wall_s", round(time.perf_counter() - start, 1))
    told = [f"{item.key}: {name}" for item, names in uncaught.items() for name in names]
    assert told == []


def test_every_kind_of_proven_item_is_broken_in_several_ways():
    counts: dict[str, list[int]] = {}
    for path in PATHS:
        breaker, items = list_broken(path, grader=None)
        for item in items:
            broken = breaker.break_item(item, item.orders)
            counts.setdefault(item.kind, []).append(len(broken.copies) + len(broken.edits))
    assert set(counts) == set(Kind)
    few = {
        kind: min(found) for kind, found in counts.items() if min(found) < (3, 1)[kind == "recall"]
    }
    assert few == {}
