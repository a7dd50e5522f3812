"""The small exercises that stand in banks: items of kind code with blocks of their own.

They are graded like those in folders, by the same runner; only where they are written differs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from quizzer.banks.fences import list_fences
from quizzer.banks.problems import Problem
from quizzer.domain.items import Bank, CodeBlocks, Fence, Item, Kind, Option
from quizzer.services.submitting import (
    CHECKS,
    REFERENCE,
    Exercise,
    ExerciseError,
    ExerciseTexts,
    KnownSubmission,
    make_exercise,
)

BAD_CODE = "E191"
NO_SUCH_EXERCISE = "E196"


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineFault:
    """Why an item's blocks make no exercise, at its line in the bank's file."""

    line: int
    message: str


def find_lesson(bank: Bank) -> str:
    """Return the id of a bank's lesson: the folder it lies in, where the bank names none."""
    return bank.lesson or Path(bank.path).absolute().parent.name


def find_exercise_key(item: Item, lesson: str) -> str:
    """Return the key of the exercise that grades an item of kind code.

    Args:
        item: the item.
        lesson: id of its bank's lesson.
    """
    return item.exercise or f"{lesson}/{item.bank}--{item.id}"


def list_inline_items(bank: Bank) -> tuple[Item, ...]:
    """Return the items of a bank that bring an exercise of their own."""
    return tuple(item for item in bank.items if item.code is not None)


def make_inline_exercise(bank: Bank, item: Item) -> Exercise | InlineFault:
    """Make the exercise of an item that brings its own; nothing is run."""
    if item.code is None:
        return InlineFault(line=item.line, message="the item has no code blocks of its own.")
    without = next((one for one in item.options if find_code(one) is None), None)
    if without is not None:
        message = f"option {without.key} holds no submission: give it one python block."
        return InlineFault(line=without.text.line, message=message)
    try:
        return make_exercise(_gather(bank, item, item.code))
    except ExerciseError as error:
        line = find_line(item, str(error.path), error.line or 0)
        return InlineFault(line=line, message=f"{error.message}.")


def find_code(option: Option) -> Fence | None:
    """Return the submission that an option holds: its only python block."""
    fences = [fence for fence in list_fences(option.text) if fence.language == "python"]
    return fences[0] if len(fences) == 1 else None


def find_line(item: Item, name: str, line: int) -> int:
    """Return where a line of an item's code stands in the bank's file.

    Args:
        item: an item with blocks of its own.
        name: `checks.py`, `reference.py` or the key of an option.
        line: counted from 1; 0 for the block itself.
    """
    blocks = {option.key: find_code(option) for option in item.options}
    if item.code is not None:
        blocks[str(CHECKS)], blocks[str(REFERENCE)] = item.code.tests, item.code.solution
    block = blocks.get(name)
    return item.line if block is None else block.line + line


def list_code_problems(banks: Iterable[Bank], exercises: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with the exercises that items of kind code name or bring.

    Args:
        banks: those to look at.
        exercises: keys of those of the catalogue.
    """
    for bank in banks:
        for item in bank.items:
            if item.kind is Kind.CODE and item.exercise and item.exercise not in exercises:
                message = f"there is no exercise `{item.exercise}`, or it has errors of its own."
                yield Problem(bank.path, item.line, NO_SUCH_EXERCISE, message)
            if item.code is not None:
                made = make_inline_exercise(bank, item)
                if isinstance(made, InlineFault):
                    yield Problem(bank.path, made.line, BAD_CODE, made.message)


def _gather(bank: Bank, item: Item, code: CodeBlocks) -> ExerciseTexts:
    return ExerciseTexts(
        key=find_exercise_key(item, find_lesson(bank)),
        title=item.title,
        statement=_state(item, code.starter),
        starter=code.starter.code,
        reference=code.solution.code,
        checks=code.tests.code,
        folder=Path(bank.path).parent,
        difficulty=item.difficulty,
        tags=item.tags,
        misconceptions=bank.misconceptions,
        known=tuple(_make_known(option) for option in item.options),
    )


def _state(item: Item, starter: Fence) -> str:
    """The task as it reads beside an editor that holds the starter already."""
    lines = item.stem.source.split("\n")
    if starter in item.fences:
        begin = starter.line - item.stem.line
        end = begin + starter.code.count("\n") + 2  # the lines of the fence itself
        lines[begin:end] = []
    return "\n".join(lines).strip("\n")


def _make_known(option: Option) -> KnownSubmission:
    code = find_code(option)
    return KnownSubmission(
        name=option.key,
        source=code.code if code is not None else "",
        is_right=option.correct,
        misconception=option.misconception or "",
    )
