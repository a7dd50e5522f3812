"""From the lines of one item to a draft of it: headings, sections, labels, options.

What is wrong with what it says, as against how it is written, is the business of `rules.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quizzer.banks.chips import ITEM_LABELS, Chip, read_chips
from quizzer.banks.fences import read_fences
from quizzer.banks.fragments import check_text, make_text
from quizzer.banks.front_matter import is_id
from quizzer.banks.lines import Line, Role
from quizzer.banks.options import read_options
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Fence, Option, Text

SECTIONS = ("Hint", "Answer", "Solution", "Mistakes", "Check", "Source", "Notes", "Blank")
STEM = ""
WITH_OPTIONS = ("Answer", "Blank")
_CLOSING_HASHES = re.compile(r"(?:^| )#+$")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 to 3."""

    level: int
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """A heading and the lines below it, up to the next heading that ends it."""

    heading: Heading
    lines: tuple[Line, ...]

    @property
    def last_line(self) -> int:
        """Number of the block's last line."""
        return self.lines[-1].number if self.lines else self.heading.line


@dataclass(frozen=True, slots=True)
class Section:
    """A `### ` section of an item: its text, its code blocks and its options."""

    name: str
    argument: str
    line: int
    text: Text
    fences: tuple[Fence, ...]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item as written, before its meaning is checked.

    Attributes:
        fences: the code blocks of the stem.
        blocks: (name of the section, code block), for all that stand outside options; the stem's
            name is empty.
    """

    id: str
    title: str
    line: int
    last_line: int
    chips: Mapping[str, Chip]
    stem: Text
    fences: tuple[Fence, ...]
    options: tuple[Option, ...]
    sections: tuple[Section, ...]
    blocks: tuple[tuple[str, Fence], ...]

    def list_sections(self, name: str) -> tuple[Section, ...]:
        """Return the sections of that name in order."""
        return tuple(section for section in self.sections if section.name == name)

    def find_section(self, name: str) -> Section | None:
        """Return the first section of that name, or None."""
        return next(iter(self.list_sections(name)), None)

    def list_blocks(self, role: str) -> tuple[Fence, ...]:
        """Return the code blocks of that role, wherever they stand."""
        return tuple(fence for _, fence in self.blocks if fence.role == role)

    def find_block(self, role: str) -> Fence | None:
        """Return the first code block of that role, or None."""
        return next(iter(self.list_blocks(role)), None)


def read_heading(line: Line) -> Heading:
    """Take a heading line apart."""
    text = line.text.lstrip("#")
    title = _CLOSING_HASHES.sub("", text.strip(" "))
    return Heading(len(line.text) - len(text), title.strip(" "), line.number)


def split_blocks(lines: Sequence[Line], level: int) -> tuple[tuple[Line, ...], tuple[Block, ...]]:
    """Cut lines at the headings of `level` and above.

    Returns:
        The lines before the first such heading, and one block per heading.
    """
    deeper = "#" * (level + 1)
    starts = [
        index
        for index, line in enumerate(lines)
        if line.role is Role.HEADING and not line.text.startswith(deeper)
    ]
    ends = [*starts[1:], len(lines)]
    before = tuple(lines[: starts[0]] if starts else lines)
    return before, tuple(
        Block(read_heading(lines[start]), tuple(lines[start + 1 : end]))
        for start, end in zip(starts, ends, strict=False)  # one end too many without a start
    )


def read_item(block: Block, complaints: Complaints) -> Draft:
    """Read the lines of one item."""
    identifier, title = _read_title(block.heading, complaints)
    stem_lines, section_blocks = split_blocks(block.lines, 3)
    chips, taken = read_chips(stem_lines, ITEM_LABELS, complaints)
    shown, options = split_options(stem_lines[taken:], complaints)
    stem = make_text(shown)
    check_text(stem, complaints)
    fences = read_fences(shown, complaints)
    sections = tuple(_read_section(one, complaints) for one in section_blocks)
    return Draft(
        id=identifier,
        title=title,
        line=block.heading.line,
        last_line=block.last_line,
        chips=chips,
        stem=stem,
        fences=fences,
        options=options,
        sections=sections,
        blocks=(
            *((STEM, fence) for fence in fences),
            *((section.name, fence) for section in sections for fence in section.fences),
        ),
    )


def split_options(
    lines: Sequence[Line], complaints: Complaints
) -> tuple[tuple[Line, ...], tuple[Option, ...]]:
    """Return the lines before the first option, and the options."""
    start = next((i for i, line in enumerate(lines) if line.role is Role.OPTION), len(lines))
    options = read_options(lines[start:], complaints) if start < len(lines) else ()
    return tuple(lines[:start]), options


def _read_title(heading: Heading, complaints: Complaints) -> tuple[str, str]:
    identifier, colon, title = heading.text.partition(":")
    identifier, title = identifier.strip(" "), title.strip(" ")
    if not colon:
        if is_id(heading.text):
            complaints.add(heading.line, "E124", f"write `## {heading.text}: Title`.")
        else:
            complaints.add(heading.line, "E125", "an item's heading is `## its-id: Its title`.")
    elif " " in identifier or not identifier:
        complaints.add(heading.line, "E125", "an item's heading is `## its-id: Its title`.")
    elif not is_id(identifier):
        complaints.add(
            heading.line, "E123", "an id has small letters, digits and single hyphens, at most 64."
        )
    elif not title:
        complaints.add(heading.line, "E124", f"write `## {identifier}: Title`.")
    return identifier, title


def _read_section(block: Block, complaints: Complaints) -> Section:
    heading = block.heading
    name, argument = _read_section_name(heading, complaints)
    shown, options = split_options(block.lines, complaints)
    if options and name in SECTIONS and name not in WITH_OPTIONS:
        complaints.add(
            options[0].text.line,
            "E131",
            f"no options in `### {name}`; move them to the end of the stem.",
        )
    text = make_text(shown)
    check_text(text, complaints)
    fences = read_fences(shown, complaints)
    return Section(name, argument, heading.line, text, fences, options)


def _read_section_name(heading: Heading, complaints: Complaints) -> tuple[str, str]:
    name, _, argument = heading.text.partition(" ")
    if name not in SECTIONS:
        complaints.add(
            heading.line,
            "E127",
            f"unknown section `{heading.text[:60]}`.{suggest(heading.text, SECTIONS)}",
        )
    elif name == "Blank":
        if not _IDENTIFIER.match(argument):
            complaints.add(heading.line, "E129", "write `### Blank name`, as in `___name___`.")
    elif argument:
        complaints.add(
            heading.line, "E128", f"`### {name}` takes nothing after it; write its name alone."
        )
    return name, argument


def make_revision(draft: Draft, *parts: object) -> str:
    """Hash what bears on the meaning of a response: the stem, the options, the keys.

    Titles, hints and feedback may be reworded without making a new revision.
    """
    digest = hashlib.sha256()
    meaning: list[object] = [draft.stem.source, *parts]
    meaning += [(o.key, o.text.source, o.correct) for o in draft.options]
    for section in draft.sections:
        if section.name in WITH_OPTIONS:
            meaning.append((section.argument, section.text.source))
            meaning += [(o.key, o.text.source, o.correct) for o in section.options]
    for part in meaning:
        digest.update(repr(part).encode() + b"\n")
    return digest.hexdigest()[:16]
