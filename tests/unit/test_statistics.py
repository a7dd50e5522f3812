"""Counting content: what is counted, and how it is printed."""

from __future__ import annotations

import json

from quizzer.banks.problems import Problem
from quizzer.cli.statistics import as_json, render_statistics
from quizzer.domain.items import Kind
from quizzer.services.statistics import count_content
from tests.factories import make_bank, make_item, make_option, make_text

SHORT, LONG = make_text("short"), make_text("a long option")


def _item(key, line, **changes):
    options = (
        make_option("a", text=changes.pop("right", SHORT)),
        make_option("b", text=LONG, correct=False, misconception=changes.pop("belief", None)),
    )
    return make_item(key, line=line, options=options, **changes)


BANKS = (
    make_bank(
        _item("one/a", 10, difficulty=1, belief="swapped", tags=("x", "y")),
        _item("one/b", 20, difficulty=5, right=make_text("longer than any other option")),
        make_item("one/c", line=30, kind=Kind.OUTPUT, output="1", tags=("y",), modes=("learn",)),
        lesson="first",
        misconceptions={"swapped": "Swaps them", "idle": "Nobody shows it"},
    ),
    make_bank(make_item("two/a", line=5, kind=Kind.RECALL, modes=("review",)), lesson="second"),
)


def test_items_are_counted_by_lesson_and_what_is_missing_is_zero():
    counted = count_content(BANKS, (), is_proved=False)
    assert counted.lessons == ("first", "second")
    assert counted.kinds["single"] == {"first": 2, "second": 0}
    assert counted.kinds["parsons"] == {"first": 0, "second": 0}
    assert list(counted.kinds) == [kind.value for kind in Kind]
    assert counted.difficulties["5"] == {"first": 1, "second": 0}
    assert counted.modes["learn"] == {"first": 1, "second": 0}
    assert counted.modes["review"] == {"first": 0, "second": 1}
    assert counted.skills["y"] == {"first": 2, "second": 0}


def test_an_item_with_a_contradiction_on_its_lines_is_not_proven():
    path = BANKS[0].path
    wrong = [Problem(path, 33, "P304", "x"), Problem("another.md", 12, "P302", "x")]
    counted = count_content(BANKS, wrong, is_proved=True)
    first = counted.proofs["first"]
    assert (first.items, first.provable, first.failed, first.proven) == (3, 1, 1, 0)
    assert count_content(BANKS, wrong, is_proved=False).proofs["first"].failed is None


def test_a_prelude_that_fails_fails_every_proof_of_its_bank_and_of_no_other():
    proven = make_item("three/a", line=40, kind=Kind.OUTPUT, output="1")
    banks = (*BANKS, make_bank(proven, lesson="third"))
    counted = count_content(banks, [Problem(BANKS[0].path, 9, "P301", "x")], is_proved=True)
    first, third = counted.proofs["first"], counted.proofs["third"]
    assert (first.provable, first.failed, first.proven) == (1, 1, 0)
    assert (third.provable, third.failed, third.proven) == (1, 0, 1)


def test_misconceptions_and_the_longest_option():
    counted = count_content(BANKS, (), is_proved=False)
    assert {(one.bank, one.tag): one.uses for one in counted.beliefs} == {
        ("one", "swapped"): 1,
        ("one", "idle"): 0,
        ("two", "swapped"): 0,
    }
    assert [(one.bank, one.longest, one.choices) for one in counted.longest] == [
        ("one", 1, 2),
        ("two", 0, 0),
    ]


def test_the_tables_say_it_all():
    lines = render_statistics(count_content(BANKS, (), is_proved=True)).splitlines()
    rows = {" ".join(line.split()) for line in lines}
    assert {
        "kind first second total",
        "single 2 · 2",
        "recall · 1 1",
        "proven 1 0 1",
        "share 33% 0% 25%",
        "swapped 1 · 1",
        "3 misconceptions named, 2 of them shown by no option",
        "idle in one",
        "50% one (1 of 2)",
    } <= rows
    tables = [line for line in lines if line.startswith(("kind", "single", "code"))]
    assert len({len(line) for line in tables}) == 1


def test_nothing_to_count_is_no_fault():
    assert "0 misconceptions named" in render_statistics(count_content((), (), is_proved=True))


def test_it_can_be_written_as_json():
    counted = json.loads(json.dumps(as_json(count_content(BANKS, (), is_proved=True))))
    assert counted["proofs"]["first"] == {
        "items": 3,
        "provable": 1,
        "failed": 0,
        "proven": 1,
        "share": 0.333,
    }
    assert counted["kinds"]["single"]["first"] == 2
