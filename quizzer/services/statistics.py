"""Counting content: what there is of each kind, what is proven, what goes unused."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from quizzer.banks.bank import list_item_spans
from quizzer.banks.lint import count_longest, list_all_options
from quizzer.banks.problems import Problem
from quizzer.domain.items import Bank, Item, Kind
from quizzer.domain.modes import MODES
from quizzer.services.inline import find_lesson

HARDEST = 5

Counts = Mapping[str, Mapping[str, int]]
"""How many, by a name and by lesson."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofCount:
    """How far the key of a lesson's items is backed by running something.

    Attributes:
        items: how many there are.
        provable: how many have a proof.
        failed: how many of those have one that fails; None where no proof was run.
    """

    items: int
    provable: int
    failed: int | None

    @property
    def proven(self) -> int:
        """How many have a proof that is not known to fail."""
        return self.provable - (self.failed or 0)

    @property
    def share(self) -> float:
        """Share of the items that are proven, in [0, 1]."""
        return self.proven / self.items if self.items else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """A misconception that a bank names, and how many wrong options of the bank show it."""

    bank: str
    lesson: str
    tag: str
    sentence: str
    uses: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LongestShare:
    """In how many choices of a bank the longest option is right."""

    bank: str
    longest: int
    choices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What banks hold.

    Attributes:
        lessons: ids of the lessons, sorted.
        kinds, difficulties, modes: by name and lesson; those of which there are none included.
        skills: by tag and lesson, the most frequent first.
        proofs: by lesson.
        beliefs: by bank and tag.
        longest: by bank.
    """

    lessons: tuple[str, ...]
    kinds: Counts
    difficulties: Counts
    modes: Counts
    skills: Counts
    proofs: Mapping[str, ProofCount]
    beliefs: tuple[Belief, ...]
    longest: tuple[LongestShare, ...]


def count_content(
    banks: Sequence[Bank], contradictions: Iterable[Problem], *, is_proved: bool
) -> Statistics:
    """Count what banks hold.

    Args:
        banks: those that could be read.
        contradictions: what their proofs found wrong, by the banks' own paths.
        is_proved: whether the proofs were run.
    """
    by_lesson = _sort_into_lessons(banks)
    failed = _list_failed(banks, contradictions) if is_proved else None
    return Statistics(
        lessons=tuple(by_lesson),
        kinds=_count(by_lesson, lambda item: (item.kind.value,), [kind.value for kind in Kind]),
        difficulties=_count(
            by_lesson, lambda item: (str(item.difficulty),), map(str, range(1, HARDEST + 1))
        ),
        modes=_count(by_lesson, lambda item: item.modes, [mode.name for mode in MODES]),
        skills=_sort_by_number(_count(by_lesson, lambda item: item.tags, ())),
        proofs={name: _count_proofs(items, failed) for name, items in by_lesson.items()},
        beliefs=tuple(belief for bank in banks for belief in _list_beliefs(bank)),
        longest=tuple(_measure_longest(bank) for bank in banks),
    )


def has_proof(item: Item) -> bool:
    """Whether something is run that shows that the key is right."""
    return item.verify is not None or item.kind in (Kind.OUTPUT, Kind.CODE)


def _sort_into_lessons(banks: Sequence[Bank]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    for bank in banks:
        found.setdefault(find_lesson(bank), []).extend(bank.items)
    return dict(sorted(found.items()))


def _count(
    by_lesson: Mapping[str, Sequence[Item]],
    names_of: Callable[[Item], Iterable[str]],
    known: Iterable[str],
) -> Counts:
    counts: dict[str, dict[str, int]] = {name: dict.fromkeys(by_lesson, 0) for name in known}
    for lesson, items in by_lesson.items():
        for item in items:
            for name in names_of(item):
                counts.setdefault(name, dict.fromkeys(by_lesson, 0))[lesson] += 1
    return counts


def _sort_by_number(counts: Counts) -> Counts:
    return dict(sorted(counts.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])))


def _count_proofs(items: Sequence[Item], failed: frozenset[str] | None) -> ProofCount:
    provable = [item for item in items if has_proof(item)]
    return ProofCount(
        items=len(items),
        provable=len(provable),
        failed=None if failed is None else sum(item.key in failed for item in provable),
    )


def _list_failed(banks: Sequence[Bank], contradictions: Iterable[Problem]) -> frozenset[str]:
    """Return the keys of the items on whose lines a contradiction lies.

    One above them all is about the prelude, with which every proof begins.
    """
    wrong = [(problem.path, problem.line) for problem in contradictions]
    return frozenset(
        item.key
        for bank in banks
        for item, lines in list_item_spans(bank.items, sys.maxsize)
        for path, line in wrong
        if path == bank.path and (line in lines or line < bank.items[0].line)
    )


def _list_beliefs(bank: Bank) -> Iterator[Belief]:
    uses = Counter(option.misconception for item in bank.items for option in list_all_options(item))
    for tag, sentence in bank.misconceptions.items():
        yield Belief(
            bank=bank.id, lesson=find_lesson(bank), tag=tag, sentence=sentence, uses=uses[tag]
        )


def _measure_longest(bank: Bank) -> LongestShare:
    longest, choices = count_longest(bank.items)
    return LongestShare(bank=bank.id, longest=longest, choices=choices)
