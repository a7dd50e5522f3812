"""What an item must say whose learner writes a program, or looks at a card."""

from __future__ import annotations

import re

from quizzer.banks.fences import list_fences
from quizzer.banks.items import Draft
from quizzer.banks.keys import Key, find_options, refuse_section
from quizzer.banks.labels import Labels
from quizzer.banks.problems import Complaints
from quizzer.domain.items import CodeBlocks, Kind, Option
from quizzer.domain.modes import MODES
from quizzer.domain.selection import takes_code

RECALL_MODES = ("review",)
CODE_MODES = tuple(mode.name for mode in MODES if takes_code(mode))
_EXERCISE = re.compile(r"[a-z][a-z0-9-]*/[a-z][a-z0-9-]*\Z")
_BLOCKS = ("starter", "solution", "tests")


def list_served(labels: Labels) -> tuple[str, ...]:
    """Return the modes that an item serves: what its bank gives to all is not for every kind."""
    if labels.kind is Kind.RECALL:
        return RECALL_MODES
    if labels.kind is Kind.CODE:
        return tuple(name for name in labels.modes if name in CODE_MODES)
    return labels.modes


def read_recall(draft: Draft, labels: Labels, complaints: Complaints) -> Key:
    """Read the back of a card."""
    refuse_section(draft, "Blank", complaints)
    answer = draft.find_section("Answer")
    options = (*draft.options, *(answer.options if answer else ()))
    if options:
        complaints.add(
            options[0].text.line,
            "E190",
            "a card has no options; write its back as text in `### Answer`.",
        )
    elif answer is None:
        complaints.add(draft.line, "E190", "write the card's back in `### Answer`.")
    if "modes" in draft.chips and labels.modes != RECALL_MODES:
        complaints.add(
            draft.chips["modes"].line, "E190", "a card serves `review` only; remove `modes`."
        )
    return Key(answer=answer.text if answer else None)


def read_code(draft: Draft, labels: Labels, complaints: Complaints) -> Key:
    """Read a small exercise, or check the name of the one that grades the item."""
    refuse_section(draft, "Blank", complaints)
    _check_modes(draft, labels, complaints)
    options = find_options(draft, complaints)
    for role in ("verify", "variants"):
        for fence in draft.list_blocks(role):
            complaints.add(
                fence.line, "E191", "an exercise is proved by its tests alone; remove this block."
            )
    if "exercise" in draft.chips:
        _check_exercise(draft, labels, options, complaints)
        return Key()
    for option in options:
        _check_submission(option, complaints)
    return Key(options=options, code=_read_blocks(draft, complaints))


def _check_modes(draft: Draft, labels: Labels, complaints: Complaints) -> None:
    """Refuse the modes in which the editor, by telling the verdict at once, would tell too much."""
    refused = [f"`{name}`" for name in labels.modes if name not in CODE_MODES]
    chip = draft.chips.get("modes")
    if refused and (chip is not None or not list_served(labels)):
        complaints.add(
            draft.line if chip is None else chip.line,
            "E191",
            f"code cannot serve {', '.join(refused)}: its editor tells the verdict at once;"
            f" give it `modes` of {', '.join(CODE_MODES)}.",
        )


def _check_exercise(
    draft: Draft, labels: Labels, options: tuple[Option, ...], complaints: Complaints
) -> None:
    blocks = [fence for role in _BLOCKS for fence in draft.list_blocks(role)]
    if not _EXERCISE.match(labels.exercise):
        complaints.add(
            draft.chips["exercise"].line, "E191", "name the exercise as `lesson/exercise`."
        )
    elif blocks:
        complaints.add(
            blocks[0].line, "E191", "either name an exercise or write one here, not both."
        )
    elif options:
        complaints.add(
            options[0].text.line,
            "E191",
            "submissions of an exercise stand in its folder; remove the options.",
        )


def _check_submission(option: Option, complaints: Complaints) -> None:
    languages = [fence.language for fence in list_fences(option.text)]
    if languages != ["python"]:
        complaints.add(
            option.text.line,
            "E191",
            "an option of this kind is one submission: one ```` ```python ```` block.",
        )


def _read_blocks(draft: Draft, complaints: Complaints) -> CodeBlocks | None:
    found = {role: draft.list_blocks(role) for role in _BLOCKS}
    missing = [f"```` ```python {role} ````" for role, blocks in found.items() if not blocks]
    for role, blocks in found.items():
        for fence in blocks[1:]:
            message = f"one `{role}` block is enough; see line {blocks[0].line}."
            complaints.add(fence.line, "E191", message)
    if missing:
        complaints.add(
            draft.line,
            "E191",
            f"add {', '.join(missing)} to `### Check`, or name an exercise:"
            " `exercise: lesson/exercise`.",
        )
        return None
    return CodeBlocks(**{role: blocks[0] for role, blocks in found.items()})
