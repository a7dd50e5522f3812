"""From items and lessons to what the jail has to run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from quizzer.banks.fences import list_fences
from quizzer.banks.library import list_item_texts
from quizzer.domain.items import Bank, Fence, Item, Kind, Lesson, LessonPart, PartKind, Text
from quizzer.services.proving.asking import list_gaps, list_near_orders, list_pieces, list_trials
from quizzer.services.proving.draws import list_variables
from quizzer.services.proving.findings import Judged
from quizzer.services.proving.judging import FIXED_RUNS, MOST_ORDERS, Runs, judge_item, plan_runs
from quizzer.services.proving.observed import Observation
from quizzer.services.proving.printed import Expected, compare_printed

Judge = Callable[[Observation], Judged]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One piece of code.

    Attributes:
        use: `run`, `print` (its output is wanted), `draw` (it sets the variables) or `verify` (it
            sets the outcome).
        line: line of its first line in the file; None for the prelude.
    """

    code: str
    use: str
    line: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One proof.

    Attributes:
        key: of the item that it proves, `bank/item`; empty for lessons.
        label: what it proves, for progress.
        line: where a complaint goes that has no better place.
        prelude_line: where a complaint about the prelude goes.
        claims: what the author says is right, which stays outside the jail.
        asked: the codes that `ok` is asked about.
        pieces: the lines whose other orders are looked for.
        most_orders: how many of them at most.
    """

    path: str
    key: str
    label: str
    line: int
    prelude_line: int
    runs: Runs
    steps: tuple[Step, ...] = field(repr=False)
    judge: Judge = field(repr=False)
    claims: str = field(repr=False)
    variables: tuple[str, ...] = ()
    asked: tuple[str, ...] = field(default=(), repr=False)
    pieces: tuple[str, ...] = field(default=(), repr=False)
    most_orders: int = MOST_ORDERS

    def list_arguments(self) -> dict[str, object]:
        """Return what the proving program is told: nothing of what is right."""
        return {
            "runs": [list(run) for run in self.runs],
            "steps": [
                [f"step {index}", step.code, step.use] for index, step in enumerate(self.steps)
            ],
            "variables": list(self.variables),
            "asked": list(self.asked),
            "pieces": list(self.pieces),
            "near_orders": list_near_orders(len(self.pieces)),
            "most_orders": self.most_orders,
        }

    def make_hash(self, *surroundings: str) -> str:
        """Return a hash of all that the outcome depends on; moving an item does not change it."""
        parts = [*surroundings, self.list_arguments(), self.claims]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    def find_step(self, name: str) -> Step | None:
        """Return the step that the jail calls by this name, or None."""
        match = re.fullmatch(r"step (\d{1,6})", name)
        is_known = match is not None and int(match[1]) < len(self.steps)
        return self.steps[int(match[1])] if match and is_known else None


def has_job(item: Item) -> bool:
    """Whether the program proves an item; one that brings an exercise is graded instead."""
    runs = (item.verify, item.variants)
    return any(runs) or item.kind is Kind.OUTPUT


def list_item_jobs(bank: Bank) -> Iterator[Job]:
    """Yield the proof of every item of a bank that has something to run."""
    yield from (make_item_job(bank, item) for item in bank.items if has_job(item))


def list_lesson_jobs(lesson: Lesson) -> Iterator[Job]:
    """Yield a proof for every text of a lesson that shows output, and for all of its pitfalls."""
    for part in lesson.parts:
        for label, text in _list_texts(part):
            fences = list_fences(text)
            shows_output = any(fence.language == "output" for fence in fences)
            runs = shows_output or part.kind is PartKind.PITFALL
            if runs and any(is_run(fence) for fence in fences):
                yield _make_lesson_job(lesson, label, text, fences)


def make_item_job(bank: Bank, item: Item, runs: Runs | None = None) -> Job:
    """Return the proof of one item.

    Args:
        bank: of the item.
        item: one that has a proof.
        runs: under which random states; None for as many as a proof takes.
    """
    runs = runs or plan_runs(item)
    proof = item.verify or item.variants
    return Job(
        path=bank.path,
        key=item.key,
        label=item.key,
        line=proof.line if proof else item.line,
        prelude_line=bank.prelude_line,
        runs=runs,
        steps=tuple(_list_steps(bank, item)),
        judge=lambda observation: judge_item(item, runs, observation),
        claims=_list_claims(item),
        variables=list_variables(item),
        asked=tuple(trial.code for trial in list_trials(item)),
        pieces=list_pieces(item),
    )


def _list_steps(bank: Bank, item: Item) -> Iterator[Step]:
    yield Step(code=bank.prelude, use="run", line=None)
    if item.variants is not None:
        yield Step(code=item.variants.code, use="draw", line=item.variants.line + 1)
    for fence in item.fences:
        if is_run(fence) and not list_gaps(fence.code, item.blanks):
            is_printed = fence.role == "run" and item.kind is Kind.OUTPUT
            use = "print" if is_printed else "run"
            yield Step(code=fence.code, use=use, line=fence.line + 1)
    if item.verify is not None:
        yield Step(code=item.verify.code, use="verify", line=item.verify.line + 1)


def is_run(fence: Fence) -> bool:
    """Whether a code block is executed, in the proof and for what it prints."""
    return fence.language == "python" and fence.role in ("", "run")


def _list_claims(item: Item) -> str:
    options = [*item.options, *(option for blank in item.blanks for option in blank.options)]
    ticks = [[option.key, option.text.source, option.value, option.correct] for option in options]
    # With variables, every text says something else each time that it is drawn.
    texts = [text.source for text in list_item_texts(item)] if item.variants else []
    back = item.answer.source if item.answer else ""
    return json.dumps([item.kind, ticks, item.output, item.is_case_sensitive, back, texts])


def _list_texts(part: LessonPart) -> Iterator[tuple[str, Text]]:
    yield part.title or part.kind, part.text
    for name, text in part.sections:
        yield f"{part.title or part.kind}: {name}", text


def _make_lesson_job(lesson: Lesson, label: str, text: Text, fences: Sequence[Fence]) -> Job:
    steps = [Step(code=lesson.prelude, use="run", line=None)]
    expected: list[Expected] = []
    since = 0
    for fence in fences:
        if is_run(fence):
            steps.append(Step(code=fence.code, use="print", line=fence.line + 1))
        elif fence.language == "output":
            end = len(steps) - 1
            expected.append(Expected(text=fence.code, line=fence.line, steps=range(since, end)))
            since = end
    return Job(
        path=lesson.path,
        key="",
        label=f"{lesson.id}: {label}",
        line=text.line,
        prelude_line=lesson.prelude_line,
        runs=FIXED_RUNS,
        steps=tuple(steps),
        judge=lambda seen: Judged(findings=tuple(compare_printed(expected, seen.list_runs()))),
        claims=json.dumps([[block.text, list(block.steps)] for block in expected]),
    )
