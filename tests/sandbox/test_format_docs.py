"""The examples of docs/format.md are not only well-formed: their proofs hold."""

import re
from contextlib import nullcontext
from pathlib import Path

from quizzer.banks.bank import parse_bank
from quizzer.domain.items import Kind
from quizzer.services.proving import ProofCache, prove

FRONT = "---\nbank: docs\ntitle: Docs\nformat: 1\nlesson: docs\nprelude: import torch\n---\n"
TEXT = Path("docs/format.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^````markdown\n(.*?)^````$", TEXT, re.MULTILINE | re.DOTALL)
SHOWN_KINDS = set(Kind) - {Kind.SINGLE, Kind.MULTI, Kind.TRUEFALSE}


def test_the_proofs_of_the_examples_hold(grader):
    items = [example for example in EXAMPLES if not example.startswith("---")]
    (first,) = (example for example in EXAMPLES if example.startswith("---\nbank"))
    banks = [
        parse_bank(text, path).value
        for text, path in ((first, "first.md"), (FRONT + "\n".join(items), "docs.md"))
    ]
    assert None not in banks
    assert {item.kind for item in banks[1].items} == SHOWN_KINDS
    problems = prove(banks, [], lambda: nullcontext(grader), cache=ProofCache(None))
    assert [str(problem) for problem in problems] == []
