"""Deliberately broken copies of proven items: a proof is worth what it catches of them.

A copy is the file with one thing made wrong: a tick, a number, a line of an order, the code that is
shown. It is caught if the reader of banks complains, or if the proof is contradicted.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graders.facade import CheckSpec, Exercise, Expectation, Report
from quizzer.banks.bank import list_item_spans, parse_bank
from quizzer.domain.items import Bank, CodeBlocks, Fence, Item, Kind, Option
from quizzer.services.proving.asking import list_gaps
from quizzer.services.proving.code_items import prove_code_item
from quizzer.services.proving.findings import Judged
from quizzer.services.proving.jobs import Job, has_job, is_run, make_item_job
from quizzer.services.proving.judging import WHOLE, Runs
from quizzer.services.proving.observed import Observation
from quizzer.services.proving.prover import ProofStoppedError, Running, run_job
from tests.content.code_edits import list_code_edits

MOST_EDITS = 24
"""Edits of the shown code that are tried until one is caught."""

_FIXED: Runs = ((None, 0, WHOLE),)
_DRAWN: Runs = ((0, 0, WHOLE), (1, 2, WHOLE))
_BOX = re.compile(r"- \[([ xX])\] ")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenCopy:
    """A file in which one item is wrong.

    Attributes:
        name: what is broken, in words.
        text: the file, with nothing but this item.
        item: the broken item, where its text alone does not say what is broken; else None.
    """

    name: str
    text: str
    item: Item | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """All broken copies of one item.

    Attributes:
        copies: each of them must be caught.
        edits: copies whose shown code was edited. Not every edit changes what is asked, but if
            none does, the proof does not look at the code: one of them must be caught.
    """

    copies: tuple[BrokenCopy, ...]
    edits: tuple[BrokenCopy, ...]


class Breaker:
    """Breaks the items of one file, and tries which copies are caught.

    Args:
        text: the file.
        bank: what was read from it.
        grader: what runs the proofs.

    Raises:
        ValueError: if the bank does not come from that text.
    """

    def __init__(self, text: str, bank: Bank, grader: Running) -> None:
        self._lines = text.split("\n")
        self._bank = bank
        self._grader = grader
        self._graded = GradedOnce(grader)
        self._observed: dict[str, Observation] = {}
        self._front_end = next(
            (number for number, line in enumerate(self._lines) if number and line == "---"), 0
        )
        if not self._front_end:
            raise ValueError(f"{bank.path} has no front matter")

    def find_uncaught(self, item: Item) -> tuple[str, ...]:
        """Return, in words, which broken copies of an item pass as right.

        Raises:
            ValueError: if the item as it is does not hold.
            GraderError: if the jail fails.
        """
        judged = self._prove(self._bank, item, with_orders=True)
        if judged.findings:
            raise ValueError(f"{item.key} does not hold: {judged.findings[0].message}")
        # Else a way of copying that spoils every item would make all copies look caught.
        if self._is_caught(self._make_writer(item).write("as it is", {})):
            raise ValueError(f"{item.key} does not hold once it is copied")
        broken = self.break_item(item, (*item.orders, *judged.found.orders))
        uncaught = [copy.name for copy in broken.copies if not self._is_caught(copy)]
        if broken.edits and not any(self._is_caught(copy) for copy in broken.edits):
            uncaught.append(f"the shown code, edited in {len(broken.edits)} ways")
        return tuple(uncaught)

    def break_item(self, item: Item, orders: Sequence[Sequence[str]] = ()) -> Broken:
        """Return the broken copies of an item.

        Args:
            item: one of the bank, with a proof.
            orders: option keys in the orders that are right; copies in such an order are not
                broken.
        """
        writer = self._make_writer(item)
        if item.code is not None:
            return Broken(copies=tuple(_break_exercise(item, item.code, writer)), edits=())
        copies = [*_break_ticks(item, writer), *_break_values(item, writer)]
        if item.kind.is_sequence:
            copies += _break_order(item, writer, {tuple(order) for order in orders})
        if item.kind is Kind.OUTPUT:
            copies += _break_output(writer)
        edits = _break_code(item, writer) if item.verify or item.kind is Kind.OUTPUT else ()
        return Broken(copies=tuple(copies), edits=tuple(itertools.islice(edits, MOST_EDITS)))

    def _make_writer(self, item: Item) -> _Writer:
        """Return what writes the file anew with nothing but this item."""
        spans = list_item_spans(self._bank.items, len(self._lines))
        span = next(lines for one, lines in spans if one.key == item.key)
        return _Writer(self._lines, range(1, self._front_end + 2), span)

    def _is_caught(self, copy: BrokenCopy) -> bool:
        if copy.item is not None:
            return bool(self._prove(self._bank, copy.item, with_orders=False).findings)
        parsed = parse_bank(copy.text, self._bank.path)
        if parsed.value is None:
            return True
        (item,) = parsed.value.items
        return bool(self._prove(parsed.value, item, with_orders=False).findings)

    def _prove(self, bank: Bank, item: Item, *, with_orders: bool) -> Judged:
        if item.code is not None:
            return Judged(findings=prove_code_item(bank, item, self._graded).findings)
        if not has_job(item):
            return Judged()
        job = make_item_job(bank, item, runs=_DRAWN if item.variants else _FIXED)
        job = job if with_orders and item.kind.is_sequence else replace(job, most_orders=0)
        try:
            return job.judge(self._observe(job))
        except ProofStoppedError as stopped:
            return Judged(findings=(stopped.finding,))

    def _observe(self, job: Job) -> Observation:
        """Run a proof, once for all copies that differ in what the jail is not told."""
        arguments = json.dumps(job.list_arguments())
        if arguments not in self._observed:
            self._observed[arguments] = run_job(job, self._grader)
        return self._observed[arguments]


class GradedOnce:
    """Grades each submission once for all copies that differ in what is expected of it."""

    def __init__(self, grader: Running) -> None:
        self._grader = grader
        self._reports: dict[tuple[str, bytes, int | None], Report] = {}

    def grade(self, exercise: Exercise, source: bytes, *, seed: int | None = None) -> Report:
        """Return the report of a submission; a seed makes it the same each time."""
        asked = exercise.hash, source, seed
        if asked not in self._reports:
            self._reports[asked] = self._grader.grade(exercise, source, seed=seed)
        return self._reports[asked]

    def observe_reference(self, exercise: Exercise, check: CheckSpec, *, seed: int) -> Expectation:
        """Ask the grader, which keeps what a reference shows."""
        return self._grader.observe_reference(exercise, check, seed=seed)

    def find_judges_fault(self, exercise: Exercise, check: CheckSpec, expected: object) -> str:
        """Ask the grader."""
        return self._grader.find_judges_fault(exercise, check, expected)


class _Writer:
    """Writes the file anew with nothing but one item, some lines of it changed."""

    def __init__(self, lines: Sequence[str], front: range, span: range) -> None:
        self.lines = lines
        self.span = span
        self._front = front

    def get(self, number: int) -> str:
        """Return a line of the file, counted from 1."""
        return self.lines[number - 1]

    def write(self, name: str, changes: dict[int, str]) -> BrokenCopy:
        """Return the copy in which some lines, by number, are others."""
        kept = [
            changes.get(number, line) if number in self._front or number in self.span else ""
            for number, line in enumerate(self.lines, start=1)
        ]
        return BrokenCopy(name=name, text="\n".join(kept))

    def find_option(self, option: Option) -> int:
        """Return the number of the line on which an option's box stands."""
        number = option.text.line
        while number in self.span and not _BOX.match(self.get(number)):
            number -= 1
        if number not in self.span:
            raise ValueError(f"no box on line {option.text.line}")
        return number


# Ticks


def _break_ticks(item: Item, writer: _Writer) -> Iterator[BrokenCopy]:
    """Flip each tick; then exchange the ticks of each wrong value and a right one."""
    for name, options in _list_groups(item):
        for option in options:
            changes = _flip(item, option, writer)
            yield writer.write(f"{name}{option.key}: the tick flipped", changes)
        right = next((option for option in options if option.correct), None)
        for option in options if right else ():
            if right and not option.correct:
                changes = _flip(item, option, writer) | _flip(item, right, writer)
                yield writer.write(f"{name}{right.key}, {option.key}: the ticks swapped", changes)


def _list_groups(item: Item) -> Iterator[tuple[str, Sequence[Option]]]:
    if item.options:
        yield "", item.options
    for blank in item.blanks:
        yield f"{blank.name}.", blank.options


def _flip(item: Item, option: Option, writer: _Writer) -> dict[int, str]:
    if item.kind is Kind.PARSONS:
        line = writer.get(option.text.line)
        kept = f"{line}  #! distractor: Broken." if option.correct else line.partition("#!")[0]
        return {option.text.line: kept.rstrip()}
    number = writer.find_option(option)
    mark = " " if option.correct else "x"
    return {number: _BOX.sub(f"- [{mark}] ", writer.get(number), count=1)}


# Values


def _break_values(item: Item, writer: _Writer) -> Iterator[BrokenCopy]:
    """Change each right value that is typed; make a wrong option say what a right one says."""
    is_typed = item.kind in (Kind.NUMERIC, Kind.SHORT, Kind.BLANK)
    for name, options in _list_groups(item):
        for option in options if is_typed else ():
            if option.correct:
                for value in _change(item, option.value):
                    changes = _rewrite(option, value, writer)
                    yield writer.write(f"{name}{option.key}: changed to {value}", changes)
        if item.kind is not Kind.PARSONS:
            yield from _double(name, options, writer)
    if item.kind is Kind.RECALL and item.answer:
        numbers = range(item.answer.line, item.answer.line + item.answer.source.count("\n") + 1)
        changes = {number: _SPAN.sub(r"`\1_`", writer.get(number)) for number in numbers}
        yield writer.write("the back: all values changed", changes)


def _change(item: Item, value: str) -> tuple[str, ...]:
    """Return wrong values in the place of a right one."""
    if item.kind is not Kind.NUMERIC:
        return (f"{value}x",)
    numbers = _NUMBER.findall(value)
    if "{{" in value or not numbers:
        return (f"7{value}",)
    if value.startswith("["):
        low, high = float(numbers[0]), float(numbers[1])
        width = (high - low) * 1.5 + 1e-3
        return tuple(f"[{low + by!r}, {high + by!r}]" for by in (width, -width))
    middle = float(numbers[0])
    reach = float(numbers[1]) if len(numbers) > 1 else 0.0
    reach = abs(middle) * reach / 100 if value.endswith("%") else reach
    step = reach * 2.5 + abs(middle) * 1e-3 + 1e-6
    rest = value[len(numbers[0]) :]
    return tuple(f"{middle + by!r}{rest}" for by in (step, -step))


def _rewrite(option: Option, value: str, writer: _Writer) -> dict[int, str]:
    number = writer.find_option(option)
    line = writer.get(number)
    return {number: line[: len("- [x] ")] + _SPAN.sub(lambda _: f"`{value}`", line[6:], count=1)}


def _double(name: str, options: Sequence[Option], writer: _Writer) -> Iterator[BrokenCopy]:
    """Make the first wrong option say what the first right one says."""
    right = next((option for option in options if option.correct), None)
    wrong = next((option for option in options if not option.correct), None)
    if right and wrong and "\n" not in right.text.source + wrong.text.source:
        number = writer.find_option(wrong)
        changes = {number: f"- [ ] {right.text.source}"}
        yield writer.write(f"{name}{wrong.key}: says what {right.key} says", changes)


# Orders and outputs


def _break_order(item: Item, writer: _Writer, right: set[tuple[str, ...]]) -> Iterator[BrokenCopy]:
    """Exchange each two neighbours of the right order, where that makes another one."""
    kept = [option for option in item.options if option.correct]
    keys = [option.key for option in kept]
    for index in range(len(kept) - 1):
        one, two = kept[index], kept[index + 1]
        swapped = (*keys[:index], two.key, one.key, *keys[index + 2 :])
        if swapped not in right:
            name = f"{one.key}, {two.key}: the lines swapped"
            yield _exchange(item, one, two, writer.write(name, {}))


def _exchange(item: Item, one: Option, two: Option, whole: BrokenCopy) -> BrokenCopy:
    """Put two options in each other's place; steps in words are known to a proof by their keys."""
    places = {one.key: two, two.key: one}
    options = tuple(places.get(option.key, option) for option in item.options)
    return replace(whole, item=replace(item, options=options))


def _break_output(writer: _Writer) -> Iterator[BrokenCopy]:
    """Change each line of the output block."""
    start = next((n for n in writer.span if writer.get(n).startswith("```output")), 0)
    for number in range(start + 1, writer.span.stop) if start else ():
        line = writer.get(number)
        if line.startswith("```"):
            return
        yield writer.write(f"line {number} of the output changed", {number: f"{line}7"})


# Exercises


def _break_exercise(item: Item, code: CodeBlocks, writer: _Writer) -> Iterator[BrokenCopy]:
    """Flip each tick, and leave nothing to do; each copy is graded many times, so no more."""
    for option in item.options:
        yield writer.write(f"{option.key}: the tick flipped", _flip(item, option, writer))
    changes = _replace_code(code.starter, code.solution.code, writer)
    yield writer.write("the starter: is the solution", changes)


# Shown code


def _break_code(item: Item, writer: _Writer) -> Iterator[BrokenCopy]:
    """Edit the code that is shown and run."""
    for fence in item.fences:
        if is_run(fence) and not list_gaps(fence.code, item.blanks):
            yield from _edit_fence(fence, writer)


def _edit_fence(fence: Fence, writer: _Writer) -> Iterator[BrokenCopy]:
    for edit in list_code_edits(fence.code):
        changes = _replace_code(fence, edit.code, writer)
        yield writer.write(f"the shown code: {edit.name}", changes)


def _replace_code(fence: Fence, code: str, writer: _Writer) -> dict[int, str]:
    """Put other code into a block; the lines that it does not need are left empty."""
    opening = writer.get(fence.line)
    indent = opening[: len(opening) - len(opening.lstrip())]
    changes = dict.fromkeys(range(fence.line + 1, fence.line + fence.code.count("\n") + 1), "")
    changes[fence.line + 1] = "\n".join(indent + line for line in code.rstrip("\n").split("\n"))
    return changes
