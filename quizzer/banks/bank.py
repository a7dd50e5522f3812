"""A Markdown file of questions to a `Bank`, with all complaints about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from quizzer.banks.fragments import check_text, make_text, point_at_figures
from quizzer.banks.front_matter import BANK_KEYS, FrontMatter, is_id, parse_front_matter
from quizzer.banks.items import (
    Block,
    Draft,
    Section,
    make_revision,
    read_heading,
    read_item,
    split_blocks,
    split_options,
)
from quizzer.banks.keys import Key
from quizzer.banks.labels import Labels, read_defaults, read_labels
from quizzer.banks.lines import Line, Role
from quizzer.banks.lint import check_warnings
from quizzer.banks.problems import Complaints, Parsed
from quizzer.banks.python import check_python
from quizzer.banks.roles import check_places
from quizzer.banks.rules import check_item
from quizzer.banks.scanner import scan_lines
from quizzer.banks.source import split_source
from quizzer.banks.task_rules import list_served
from quizzer.banks.variables import check_no_variables
from quizzer.domain.items import Bank, Item, Kind, Text

_KEY_ROLES = ("variants", "starter", "solution", "tests")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
ITEM_HEADING = re.compile(r"## [a-z][a-z0-9-]*: ")


def parse_bank(text: str, path: str) -> Parsed[Bank]:
    """Read a bank.

    Args:
        text: the file's content.
        path: its name, for the complaints.
    """
    complaints = Complaints(path)
    return complaints.conclude(lambda: _read_bank(text, complaints), text)


def list_item_spans(items: Sequence[Item], last_line: int) -> Iterator[tuple[Item, range]]:
    """Yield each item of a file with the lines that are its own.

    Args:
        items: all of the file, in order.
        last_line: the number of the file's last line.
    """
    ends = (*(item.line for item in items[1:]), last_line + 1)
    for item, end in zip(items, ends, strict=False):  # one end too many without an item
        yield item, range(item.line, end)


def _read_bank(text: str, complaints: Complaints) -> Bank | None:
    outline = read_outline(text, "bank", BANK_KEYS, ITEM_HEADING, complaints)
    if outline is None:
        return None
    front, intro, blocks = outline
    _check_front(front)
    items = _read_items(front, blocks, complaints)
    if not blocks and not complaints.has_errors():
        complaints.add(
            front.last_line, "E160", "the bank has no items; write `## id: Title` and what it asks."
        )
    check_warnings(items, front.get_line("title"), complaints)
    return Bank(
        id=front.get_text("bank"),
        path=complaints.path,
        title=front.get_text("title"),
        lesson=front.get_text("lesson"),
        items=items,
        misconceptions=_read_texts(front, "misconceptions"),
        lang=front.get_text("lang"),
        license=front.get_text("license"),
        source=front.get_text("source"),
        authors=front.get_words("authors"),
        description=front.get_text("description"),
        tags=front.get_words("tags"),
        modes=front.get_words("modes"),
        defaults=_read_texts(front, "defaults"),
        prelude=front.get_text("prelude"),
        prelude_line=front.get_line("prelude"),
        intro=intro,
    )


def _check_front(front: FrontMatter) -> None:
    for tag, entry in front.get_map("misconceptions").items():
        if not is_id(tag):
            front.complaints.add(
                entry.line, "E166", f"`{tag[:60]}` is no tag; write it as `big-tag`."
            )
    lesson = front.get_text("lesson")
    if lesson and not is_id(lesson):
        front.complaints.add(front.get_line("lesson"), "E116", "`lesson` is the id of a lesson.")
    lang = front.get_text("lang")
    if lang and not _LANGUAGE.match(lang):
        front.complaints.add(front.get_line("lang"), "E118", "`lang` is a language such as `en`.")


def _check_prelude(front: FrontMatter) -> None:
    fault = check_python(front.get_text("prelude"))
    if fault:
        front.complaints.add(
            front.get_line("prelude"), "E153", f"Python cannot read the prelude: {fault[1]}."
        )


def _read_texts(front: FrontMatter, key: str) -> Mapping[str, str]:
    return {name: str(entry.value) for name, entry in front.get_map(key).items()}


def _find_misconceptions(front: FrontMatter) -> Mapping[str, str] | None:
    """Return tag to sentence; None where a fault of the front matter may have hidden them."""
    found = _read_texts(front, "misconceptions")
    is_broken = front.complaints.has_errors_between(1, front.last_line)
    return None if is_broken and not found else found


class Outline(NamedTuple):
    """A file as banks and lessons have it alike: `blocks` are its parts, each with its `## `."""

    front: FrontMatter
    intro: Text | None
    blocks: tuple[Block, ...]


def read_outline(
    text: str,
    kind: str,
    keys: Sequence[str],
    boundary: re.Pattern[str],
    complaints: Complaints,
) -> Outline | None:
    """Take a file apart; None where it is not even that.

    Args:
        text: the file's content.
        kind: what it is, `bank` or `lesson`.
        keys: what its front matter may hold.
        boundary: matches the headings that no fence can swallow.
        complaints: where to complain.
    """
    texts = split_source(text, complaints)
    front = parse_front_matter(texts, keys, kind, complaints) if texts is not None else None
    if texts is None or front is None:
        return None
    body = texts[front.last_line :]
    lines = scan_lines(body, front.last_line + 1, boundary, complaints)
    lines = point_at_figures(lines, front.get_text("lesson"))
    before, blocks = split_blocks(lines, 2)
    intro, blocks = _read_intro(before, blocks, complaints)
    _check_prelude(front)
    return Outline(front, intro, blocks)


def _read_intro(
    before: Sequence[Line], blocks: Sequence[Block], complaints: Complaints
) -> tuple[Text | None, tuple[Block, ...]]:
    """Take the title and the text before the first part off; the blocks left start with `## `."""
    lines = list(before)
    kept: list[Block] = []
    has_title = False
    for block in blocks:
        if block.heading.level == 1:
            if has_title or kept:
                complaints.add(
                    block.heading.line,
                    "E122",
                    "a file has one `# ` heading, on top; use `####` in text.",
                )
            has_title = True
        if block.heading.level > 1:
            kept.append(block)
        elif not kept:
            lines.extend(block.lines)
    return _make_intro(lines, complaints), tuple(kept)


def _make_intro(lines: Sequence[Line], complaints: Complaints) -> Text | None:
    if lines and complaints.has_errors_between(lines[0].number, lines[-1].number):
        return None
    for line in lines:
        if line.role is Role.HEADING:
            name = read_heading(line).text
            complaints.add(
                line.number,
                "E126",
                f"`### {name}` stands before the first `## `; move it below one.",
            )
    shown, options = split_options(
        [line for line in lines if line.role is not Role.HEADING], complaints
    )
    if options:
        complaints.add(
            options[0].text.line,
            "E139",
            "this option stands before the first item; write `## id: Title` above.",
        )
    text = make_text(shown)
    check_text(text, complaints)
    check_no_variables(text, complaints)
    return text if text.source else None


def _read_items(
    front: FrontMatter, blocks: Sequence[Block], complaints: Complaints
) -> tuple[Item, ...]:
    defaults = read_defaults(front)
    misconceptions = _find_misconceptions(front)
    items: list[Item] = []
    lines_by_id: dict[str, int] = {}
    for block in blocks:
        if complaints.has_errors_between(block.heading.line, block.last_line):
            continue  # some line of it is not what it was meant to be, and others follow from that
        draft = read_item(block, complaints)
        check_places(draft, complaints)
        _check_duplicate(draft, lines_by_id, complaints)
        if complaints.has_errors_between(draft.line, draft.last_line):
            continue
        labels = read_labels(draft.chips, defaults, draft.line, complaints)
        key = check_item(draft, labels, misconceptions, complaints)
        if not complaints.has_errors_between(draft.line, draft.last_line):
            items.append(_make_item(front.get_text("bank"), draft, labels, key))
    return tuple(items)


def _check_duplicate(draft: Draft, lines_by_id: dict[str, int], complaints: Complaints) -> None:
    first = lines_by_id.setdefault(draft.id, draft.line)
    if first != draft.line and draft.id:
        message = (
            f"id `{draft.id[:64]}` is given twice, on lines {first} and {draft.line}; rename one."
        )
        complaints.add(draft.line, "E161", message)


def _make_item(bank: str, draft: Draft, labels: Labels, key: Key) -> Item:
    if labels.kind is None:  # refused before
        raise AssertionError(draft.id)
    return Item(
        key=f"{bank}/{draft.id}",
        bank=bank,
        id=draft.id,
        kind=labels.kind,
        title=draft.title,
        stem=draft.stem,
        line=draft.line,
        revision=_make_revision(draft, labels, key),
        options=key.options,
        blanks=key.blanks,
        output=key.output,
        orders=key.orders,
        answer=key.answer,
        exercise=labels.exercise,
        code=key.code,
        is_case_sensitive=labels.is_case_sensitive,
        time_s=labels.time_s,
        difficulty=labels.difficulty,
        points=labels.points,
        tags=labels.tags,
        modes=list_served(labels),
        shuffle=labels.shuffle,
        partial=labels.partial,
        objective=labels.objective,
        hints=tuple(section.text for section in draft.list_sections("Hint")),
        solution=_find_text(draft, "Solution"),
        mistakes=_find_text(draft, "Mistakes"),
        source=_find_text(draft, "Source") or labels.source,
        notes=_find_text(draft, "Notes"),
        fences=draft.fences,
        verify=draft.find_block("verify"),
        variants=draft.find_block("variants"),
    )


def _make_revision(draft: Draft, labels: Labels, key: Key) -> str:
    """Hash the meaning; what an item does not have must not move the revisions of old ones."""
    blocks = [(fence.role, fence.code) for _, fence in draft.blocks if fence.role in _KEY_ROLES]
    lines = [
        (option.key, option.value, option.correct)
        for option in key.options
        if labels.kind is Kind.PARSONS
    ]
    scores = [(option.key, option.score) for option in key.list_all_options() if option.score]
    further = (blocks, lines, scores, labels.exercise, labels.is_case_sensitive)
    kind = "" if labels.kind is None else labels.kind.value
    return make_revision(draft, kind, labels.partial, *(part for part in further if part))


def _find_text(draft: Draft, name: str) -> Text | None:
    section: Section | None = draft.find_section(name)
    return section.text if section else None
