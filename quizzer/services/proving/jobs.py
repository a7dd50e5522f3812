"""From items and lessons to what the jail has to run."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from quizzer.banks.fences import list_fences
from quizzer.domain.items import (
    Bank,
    Blank,
    Fence,
    Item,
    Kind,
    Lesson,
    LessonPart,
    Option,
    PartKind,
    Text,
)
from quizzer.services.proving.compare import (
    Expected,
    Filling,
    Finding,
    compare_item,
    compare_printed,
)
from quizzer.services.proving.observed import Observed

MOST_FILLINGS = 1000
_BLANK = re.compile(r"___([a-zA-Z]\w*?)___")

Judge = Callable[[Sequence[Observed]], Iterator[Finding]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One piece of code.

    Attributes:
        use: `run`, `print` (its output is wanted) or `verify` (it sets the outcome).
        line: line of its first line in the file; None for the prelude.
    """

    code: str
    use: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One proof.

    Attributes:
        label: what it proves, for progress.
        line: where a complaint goes that has no better place.
        claims: what the author says is right, which stays outside the jail.
    """

    path: str
    label: str
    line: int
    steps: tuple[Step, ...]
    judge: Judge = field(repr=False)
    claims: str = field(repr=False)
    fillings: tuple[Filling, ...] = ()

    def make_hash(self, *surroundings: str) -> str:
        """Return a hash of all that the outcome depends on; moving an item does not change it."""
        parts = [
            *surroundings,
            [[step.code, step.use] for step in self.steps],
            [filling.code for filling in self.fillings],
            self.claims,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def find_step(self, name: str) -> Step | None:
        """Return the step that the jail calls by this name, or None."""
        match = re.fullmatch(r"step (\d{1,6})", name)
        is_known = match is not None and int(match[1]) < len(self.steps)
        return self.steps[int(match[1])] if match and is_known else None


def list_item_jobs(bank: Bank) -> Iterator[Job]:
    """Yield the proof of every item of a bank that has something to run."""
    for item in bank.items:
        if item.verify is not None or item.kind is Kind.OUTPUT:
            yield _make_item_job(bank, item)


def list_lesson_jobs(lesson: Lesson) -> Iterator[Job]:
    """Yield a proof for every text of a lesson that shows output, and for all of its pitfalls."""
    for part in lesson.parts:
        for label, text in _list_texts(part):
            fences = list_fences(text)
            shows_output = any(fence.language == "output" for fence in fences)
            runs = shows_output or part.kind is PartKind.PITFALL
            if runs and any(_is_run(fence) for fence in fences):
                yield _make_lesson_job(lesson, label, text, fences)


def _make_item_job(bank: Bank, item: Item) -> Job:
    fillings = _fill_in(item) if item.blanks else ()
    steps = [Step(code=bank.prelude, use="run", line=None)]
    steps += [_make_step(fence, item) for fence in item.fences if _is_step(fence, item)]
    if item.verify is not None:
        steps.append(_make_step(item.verify, item))
    return Job(
        path=bank.path,
        label=item.key,
        line=item.verify.line if item.verify is not None else item.line,
        steps=tuple(steps),
        judge=lambda observed: compare_item(item, fillings, observed),
        claims=_list_claims(item),
        fillings=fillings,
    )


def _make_step(fence: Fence, item: Item) -> Step:
    is_printed = fence.role == "run" and item.kind is Kind.OUTPUT
    use = "verify" if fence.role == "verify" else "print" if is_printed else "run"
    return Step(code=fence.code, use=use, line=fence.line + 1)


def _is_step(fence: Fence, item: Item) -> bool:
    return _is_run(fence) and not _list_blanks(fence.code, item.blanks)


def _is_run(fence: Fence) -> bool:
    return fence.language == "python" and fence.role in ("", "run")


def _list_claims(item: Item) -> str:
    options = [*item.options, *(option for blank in item.blanks for option in blank.options)]
    ticks = [[option.key, option.text.source, option.value, option.correct] for option in options]
    return json.dumps([item.kind, ticks, item.output])


def _list_blanks(text: str, blanks: Sequence[Blank]) -> set[str]:
    return set(_BLANK.findall(text)) & {blank.name for blank in blanks}


def _fill_in(item: Item) -> tuple[Filling, ...]:
    """Fill the gaps in every way, or where those are too many, one gap at a time."""
    gapped = [fence.code for fence in item.fences if _list_blanks(fence.code, item.blanks)]
    template = "\n".join(gapped) if gapped else item.stem.source
    return tuple(
        Filling(options=options, code=_fill(template, item.blanks, options))
        for options in _combine(item.blanks)
    )


def _combine(blanks: Sequence[Blank]) -> Iterator[tuple[Option, ...]]:
    count = 1
    for blank in blanks:
        count *= len(blank.options)
    if count <= MOST_FILLINGS:
        yield from itertools.product(*(blank.options for blank in blanks))
        return
    first_right = tuple(next(o for o in blank.options if o.correct) for blank in blanks)
    yield first_right
    for index, blank in enumerate(blanks):
        for option in blank.options:
            if option is not first_right[index]:
                yield (*first_right[:index], option, *first_right[index + 1 :])


def _fill(template: str, blanks: Sequence[Blank], options: Sequence[Option]) -> str:
    values = {blank.name: option.value for blank, option in zip(blanks, options, strict=True)}
    return _BLANK.sub(lambda match: values.get(match[1], match[0]), template)


def _list_texts(part: LessonPart) -> Iterator[tuple[str, Text]]:
    yield part.title or part.kind, part.text
    for name, text in part.sections:
        yield f"{part.title or part.kind}: {name}", text


def _make_lesson_job(lesson: Lesson, label: str, text: Text, fences: Sequence[Fence]) -> Job:
    steps = [Step(code=lesson.prelude, use="run", line=None)]
    expected: list[Expected] = []
    since = 0
    for fence in fences:
        if _is_run(fence):
            steps.append(Step(code=fence.code, use="print", line=fence.line + 1))
        elif fence.language == "output":
            end = len(steps) - 1
            expected.append(Expected(text=fence.code, line=fence.line, steps=range(since, end)))
            since = end
    return Job(
        path=lesson.path,
        label=f"{lesson.id}: {label}",
        line=text.line,
        steps=tuple(steps),
        judge=lambda observed: compare_printed(expected, observed),
        claims=json.dumps([[block.text, list(block.steps)] for block in expected]),
    )
