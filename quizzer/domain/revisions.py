"""What is kept of an item as it read when somebody met it, and whether another one asks the same.

The key is what may be mended under a learner's answer; stem and options are what they answered to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from quizzer.domain.items import Item, Kind
from quizzer.domain.variants import fill_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRevision:
    """An item as it read at one revision.

    Attributes:
        text: all of it as Markdown, with its ticks.
        stem: the question alone.
        options: (key, text, whether it is right) of what learners picked from or put in order; of
            typed kinds none.
    """

    item_key: str
    revision: str
    kind: Kind
    text: str
    stem: str
    options: tuple[tuple[str, str, bool], ...]


def describe_item(item: Item) -> ItemRevision:
    """Return what is kept of an item as it is."""
    is_listed = item.kind.is_choice or item.kind.is_sequence
    return ItemRevision(
        item_key=item.key,
        revision=item.revision,
        kind=item.kind,
        text=_write(item),
        stem=item.stem.source,
        options=tuple(
            # A line of code is told apart by its indentation too.
            (one.key, one.value if item.kind is Kind.PARSONS else one.text.source, one.correct)
            for one in item.options
            if is_listed
        ),
    )


def fill_revision(revision: ItemRevision, values: Mapping[str, str]) -> ItemRevision:
    """Return the revision as somebody met it for whom these values were drawn."""
    return replace(
        revision,
        stem=fill_in(revision.stem, values),
        options=tuple((key, fill_in(text, values), tick) for key, text, tick in revision.options),
    )


def match_options(met: ItemRevision, now: ItemRevision) -> dict[str, str] | None:
    """Return each option's present key by the key that it had; None if the question is another.

    The question is the same where the kind, the stem and the options are. The keys of lines to put
    in order follow their order, so those go by their text; options to pick keep their keys, for
    pages that lie open name them.
    """
    if (met.kind, met.stem) != (now.kind, now.stem):
        return None
    before = {key: text for key, text, _ in met.options}
    after = {key: text for key, text, _ in now.options}
    if before == after:
        return {key: key for key in before}
    is_told_apart = len(set(before.values())) == len(before)
    if not (met.kind.is_sequence and is_told_apart):
        return None
    present = {text: key for key, text in after.items()}
    if sorted(before.values()) != sorted(after.values()):
        return None
    return {key: present[text] for key, text in before.items()}


def _write(item: Item) -> str:
    options = (*item.options, *(option for blank in item.blanks for option in blank.options))
    lines = [
        f"- [{'x' if option.correct else ' '}] `key: {option.key}` {option.text.source}"
        for option in options
    ]
    parts = [f"## {item.id}: {item.title}", item.stem.source, "\n".join(lines)]
    if item.output is not None:
        parts.append(f"```output\n{item.output}\n```")
    if item.answer is not None:
        parts.append(item.answer.source)
    code = (item.code.starter, item.code.solution, item.code.tests) if item.code else ()
    fences = (fence for fence in (*code, item.variants) if fence is not None)
    parts += [f"```python {fence.role}\n{fence.code}\n```" for fence in fences]
    return "\n\n".join(parts)
