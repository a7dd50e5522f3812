"""What `quizzer new` writes is proven as it is: every kind, a bank and a lesson."""

from __future__ import annotations

import contextlib

from quizzer.banks.bank import parse_bank
from quizzer.banks.library import load_library
from quizzer.domain.items import Kind
from quizzer.services.proving import ProofCache, prove
from quizzer.services.scaffolding import make_bank, make_lesson, render_item

FRONT = "---\nbank: made-up\ntitle: Made up\nformat: 1\n---\n\n"


def test_items_of_every_kind_hold(grader):
    text = FRONT + "\n".join(render_item(kind) for kind in Kind)
    bank = parse_bank(text, "made-up.md").value
    opened = contextlib.nullcontext(grader)
    assert prove([bank], [], lambda: opened, cache=ProofCache(None)) == ()


def test_a_bank_and_a_lesson_hold(grader, tmp_path):
    make_lesson(tmp_path / "tensors")
    make_bank(tmp_path / "tensors" / "first.md", id="tensors-first")
    library = load_library(tmp_path)
    banks, lessons = library.banks.values(), library.lessons.values()
    opened = contextlib.nullcontext(grader)
    assert (len(banks), len(lessons)) == (1, 1)
    assert prove(banks, lessons, lambda: opened, cache=ProofCache(None)) == ()
