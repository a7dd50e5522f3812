"""What a proof did, as text: alike runs are told once, and what came out otherwise leads the eye."""

from __future__ import annotations

from quizzer.banks.problems import Problem
from quizzer.domain.proofs import Found
from quizzer.services.explanations import render_explanation
from quizzer.services.proving.explaining import (
    ExplainedOption,
    ExplainedRun,
    ExplainedTrial,
    Explanation,
)

RIGHT = ExplainedOption(key="a", shown="3", is_ticked=True, is_right=True)
ODD = ExplainedOption(key="b", shown="4", is_ticked=False, is_right=True)


def _trial(name, *, claimed, passes, **more):
    return ExplainedTrial(name=name, code="x", is_claimed=claimed, passes=passes, **more)


def _render(**changes):
    return render_explanation(Explanation(**({"key": "bank/item", "is_proved": True} | changes)))


def test_runs_that_came_out_alike_are_told_once():
    runs = [
        ExplainedRun(seed=seed, wall_ms=1.0 + seed, answer="3", options=(RIGHT,)) for seed in (0, 1)
    ]
    other = ExplainedRun(seed=2, wall_ms=1, answer="4", values={"n": "4"}, options=(RIGHT,))
    text = _render(runs=(*runs, other), wall_ms=12.3)
    assert text.startswith("bank/item: proven, in 12 ms\n")
    assert "seeds 0, 1 (1.0 ms)\n  answer   3\n   [x] a  right" in text
    assert "seed 2 (1.0 ms): n = 4\n  answer   4\n" in text


def test_what_contradicts_the_author_is_pointed_at():
    text = _render(
        problems=(Problem("bank.md", 7, "P302", "option b is right"),),
        runs=(ExplainedRun(seed=0, wall_ms=1, options=(RIGHT, ODD)),),
    )
    assert "its proof fails" in text
    assert "   [x] a  right" in text
    assert " → [ ] b  right" in text
    assert text.endswith("bank.md:7: P302 option b is right")


def test_of_many_trials_the_odd_ones_come_first_and_most_of_the_others_are_counted():
    even = [_trial(f"filling {n}", claimed=False, passes=False) for n in range(40)]
    odd = _trial("the odd one", claimed=True, passes=False, why="NameError: x", wall_ms=2.0)
    lines = _render(runs=(ExplainedRun(seed=0, wall_ms=1, trials=(*even, odd)),)).splitlines()
    assert lines[3] == " → [x] fails   the odd one (2.0 ms)  NameError: x"
    assert lines[-1] == "  … and 10 more that came out as they should"


def test_orders_that_were_found_are_told():
    text = _render(order_count=23, found=Found(orders=(("b", "a"),)))
    assert "other orders tried: 23, of which pass: 1\n  b a  counts as right" in text


def test_what_was_printed_steers_no_terminal_and_stays_in_its_line():
    run = ExplainedRun(seed=0, wall_ms=1, printed="one\n\x1b[2Jtwo\n" + 100 * "x", error="E\x07")
    text = _render(runs=(run,))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "printed  one ⏎ \N{REPLACEMENT CHARACTER}[2Jtwo ⏎ xxx" in text
    assert max(map(len, text.splitlines())) < 100


def test_an_item_without_a_proof_says_so():
    assert _render(is_proved=False) == "bank/item: there is nothing to run: it has no proof"
