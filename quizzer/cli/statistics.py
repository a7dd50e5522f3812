"""Counts of the content, as tables and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from quizzer.cli.telling import count
from quizzer.services.statistics import Belief, Counts, ProofCount, Statistics

_Row = tuple[str, Sequence[str]]


def as_json(statistics: Statistics) -> dict[str, object]:
    """Return the counts as JSON-ready values."""
    proofs = {
        lesson: {**asdict(one), "proven": one.proven, "share": round(one.share, 3)}
        for lesson, one in statistics.proofs.items()
    }
    return {**asdict(statistics), "proofs": proofs}


def render_statistics(statistics: Statistics) -> str:
    """Return the counts as tables, a column per lesson."""
    beliefs = _count_beliefs(statistics)
    blocks = [
        _render_table("kind", statistics.lessons, _list_counts(statistics.kinds)),
        _render_table("difficulty", statistics.lessons, _list_counts(statistics.difficulties)),
        _render_table("mode", statistics.lessons, _list_counts(statistics.modes)),
        _render_table("proof", statistics.lessons, _list_proofs(statistics.proofs)),
        _render_table("skill", statistics.lessons, _list_counts(statistics.skills)),
        _render_table("misconception", statistics.lessons, _list_counts(beliefs)),
        _render_unused(statistics.beliefs),
        _render_longest(statistics),
    ]
    return "\n\n".join(block for block in blocks if block)


def _list_counts(counts: Counts) -> Iterator[_Row]:
    for name, by_lesson in counts.items():
        numbers = [*by_lesson.values(), sum(by_lesson.values())]
        yield name, [str(number or "·") for number in numbers]


def _list_proofs(proofs: Mapping[str, ProofCount]) -> Iterator[_Row]:
    every = [*proofs.values(), _add(list(proofs.values()))]
    was_run = every[-1].failed is not None
    yield "items", [str(one.items) for one in every]
    yield "proven" if was_run else "with a proof", [str(one.proven) for one in every]
    if was_run:
        yield "failing", [str(one.failed) for one in every]
    yield "without a proof", [str(one.items - one.provable) for one in every]
    yield "share", [f"{one.share:.0%}" for one in every]


def _add(counts: Sequence[ProofCount]) -> ProofCount:
    failed = [one.failed for one in counts if one.failed is not None]
    return ProofCount(
        items=sum(one.items for one in counts),
        provable=sum(one.provable for one in counts),
        failed=sum(failed) if failed else None,
    )


def _render_table(name: str, lessons: Sequence[str], rows: Iterator[_Row]) -> str:
    """Return rows of numbers below the lessons' names, the last column being their sum."""
    lines: list[_Row] = [(name, [*lessons, "total"]), *rows]
    if len(lines) == 1:
        return ""
    first = max(len(label) for label, _ in lines)
    widths = [max(len(cells[at]) for _, cells in lines) for at in range(len(lessons) + 1)]
    return "\n".join(
        label.ljust(first)
        + "".join(f"  {cell:>{width}}" for cell, width in zip(cells, widths, strict=True))
        for label, cells in lines
    )


def _count_beliefs(statistics: Statistics) -> Counts:
    """Return how many options show each misconception, the most frequent first."""
    counts: dict[str, dict[str, int]] = {}
    for one in statistics.beliefs:
        row = counts.setdefault(one.tag, dict.fromkeys(statistics.lessons, 0))
        row[one.lesson] += one.uses
    return dict(sorted(counts.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])))


def _render_unused(beliefs: Sequence[Belief]) -> str:
    unused = [one for one in beliefs if not one.uses]
    head = f"{count(len(beliefs), 'misconception')} named, {len(unused)} of them shown by no option"
    return "\n".join([head, *(f"  {one.tag} in {one.bank}" for one in unused)])


def _render_longest(statistics: Statistics) -> str:
    rows = [one for one in statistics.longest if one.choices]
    lines = [
        f"{one.longest / one.choices:>4.0%}  {one.bank}  ({one.longest} of {one.choices})"
        for one in rows
    ]
    return "\n".join(["the longest option is right in", *lines]) if rows else ""
