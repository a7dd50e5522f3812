"""Warnings: what is legal and still likely to teach or measure badly."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from quizzer.banks.problems import Complaints
from quizzer.banks.python import read_python
from quizzer.domain.items import Item, Kind, Option

_ALL_OR_NONE = re.compile(
    r"\b(?:all|none|both|neither) of (?:the|these|those)\b|\ball of the above\b", re.IGNORECASE
)
# What is printed is compared, an exercise has its tests, and a card claims nothing to compare.
PROVED_OTHERWISE = (Kind.OUTPUT, Kind.CODE, Kind.RECALL)
MIN_ITEMS = 5  # below that, a share says little
MAX_SHARE = 0.6


def check_warnings(items: Sequence[Item], line: int, complaints: Complaints) -> None:
    """Warn about items, and on `line` about the bank as a whole."""
    for item in items:
        _warn_options(item, complaints)
        _warn_proof(item, complaints)
    _warn_longest(items, line, complaints)
    _warn_positions(items, line, complaints)


def list_all_options(item: Item) -> tuple[Option, ...]:
    """Return the item's options and those of its blanks."""
    return (*item.options, *(option for blank in item.blanks for option in blank.options))


def _warn_options(item: Item, complaints: Complaints) -> None:
    for option in list_all_options(item):
        # Submissions that are known to be wrong are shown to nobody.
        if not option.correct and option.feedback is None and item.kind is not Kind.CODE:
            complaints.add(option.text.line, "W201", "say in a quote why this is wrong.")
        if item.shuffle and item.kind.is_choice and _ALL_OR_NONE.search(option.text.source):
            complaints.add(
                option.text.line, "W203", "this option moves about; add `shuffle: no` or reword it."
            )
    if item.kind is Kind.MULTI and all(option.correct for option in item.options):
        complaints.add(item.line, "W202", "every option is right; add a wrong one.")


def _warn_proof(item: Item, complaints: Complaints) -> None:
    if item.verify is None:
        if item.kind not in PROVED_OTHERWISE:
            complaints.add(item.line, "W210", "not proved: no `verify` block in `### Check`.")
    elif read_python(item.verify.code).is_constant:
        complaints.add(
            item.verify.line, "W211", "this proof says the key again instead of working it out."
        )


def _has_one_key(item: Item) -> bool:
    return item.kind in (Kind.SINGLE, Kind.MULTI) and bool(item.options)


def _is_longest(item: Item) -> bool:
    """Whether a ticked option is longer than every unticked one."""
    right = [len(option.text.source) for option in item.options if option.correct]
    wrong = [len(option.text.source) for option in item.options if not option.correct]
    return bool(wrong) and max(right) > max(wrong)


def _warn_longest(items: Sequence[Item], line: int, complaints: Complaints) -> None:
    longest, choices = count_longest(items)
    if choices >= MIN_ITEMS and longest > MAX_SHARE * choices:
        complaints.add(
            line,
            "W213",
            f"the longest option is right in {longest} of {choices} choices;"
            " shorten it or lengthen another.",
        )


def count_longest(items: Sequence[Item]) -> tuple[int, int]:
    """Return in how many choices the longest option is right, and how many choices there are."""
    choices = [item for item in items if _has_one_key(item)]
    return sum(_is_longest(item) for item in choices), len(choices)


def _warn_positions(items: Sequence[Item], line: int, complaints: Complaints) -> None:
    fixed = [item for item in items if item.kind is Kind.SINGLE and not item.shuffle]
    counts = Counter(
        next(index for index, option in enumerate(item.options) if option.correct) for item in fixed
    )
    if len(fixed) < MIN_ITEMS:
        return
    position, count = counts.most_common(1)[0]
    if count > MAX_SHARE * len(fixed):
        complaints.add(
            line,
            "W214",
            f"option {position + 1} is right in {count} of {len(fixed)} items without shuffling;"
            " move some.",
        )
