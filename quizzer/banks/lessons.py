"""`lesson.md`, the reading side of a lesson, to a `Lesson`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from quizzer.banks.bank import read_outline
from quizzer.banks.chips import STEP_LABELS, Chip, read_chips
from quizzer.banks.fences import list_fences, read_fences
from quizzer.banks.fragments import check_text, make_text
from quizzer.banks.front_matter import LESSON_KEYS, FrontMatter, is_id
from quizzer.banks.items import Block, split_blocks
from quizzer.banks.lines import Line, Role
from quizzer.banks.problems import Complaints, Parsed, suggest
from quizzer.banks.variables import check_no_variables
from quizzer.domain.items import Lesson, LessonPart, PartKind, Text

PART_HEADING = re.compile(
    r"## (?:Why|Overview|Mental model|Step: |Under the hood|Myths|Pitfall: |Expert notes"
    r"|When not to|In production|Connections|Takeaways)"
)
PARTS: Mapping[str, PartKind] = {
    "Why": PartKind.WHY,
    "Overview": PartKind.OVERVIEW,
    "Mental model": PartKind.MENTAL_MODEL,
    "Step": PartKind.STEP,
    "Under the hood": PartKind.UNDER_THE_HOOD,
    "Myths": PartKind.MYTHS,
    "Pitfall": PartKind.PITFALL,
    "Expert notes": PartKind.EXPERT_NOTES,
    "When not to": PartKind.WHEN_NOT_TO,
    "In production": PartKind.IN_PRODUCTION,
    "Connections": PartKind.CONNECTIONS,
    "Takeaways": PartKind.TAKEAWAYS,
}
TITLED = ("Step", "Pitfall")
LEVELS = ("foundation", "intermediate", "advanced", "expert")
PITFALL_SECTIONS = ("Wrong", "Right", "Cause")
_ORDER = tuple(PartKind)
_ITEM_KEY = re.compile(r"([a-z][a-z0-9-]*)/([a-z][a-z0-9-]*)\Z")
_MYTH = re.compile(r"- `?([^`\s]+)`?\s*$")


def parse_lesson(text: str, path: str) -> Parsed[Lesson]:
    """Read a lesson.

    Args:
        text: the file's content.
        path: its name, for the complaints.
    """
    complaints = Complaints(path)
    return complaints.conclude(lambda: _read_lesson(text, complaints), text)


def _read_lesson(text: str, complaints: Complaints) -> Lesson | None:
    outline = read_outline(text, "lesson", LESSON_KEYS, PART_HEADING, complaints)
    if outline is None:
        return None
    front, _, blocks = outline
    sound = [
        block
        for block in blocks
        if not complaints.has_errors_between(block.heading.line, block.last_line)
    ]
    parts = [part for block in sound if (part := _read_part(block, complaints))]
    _check_order(parts, front.last_line, complaints)
    return _make_lesson(front, parts, complaints)


def _make_lesson(front: FrontMatter, parts: Sequence[LessonPart], complaints: Complaints) -> Lesson:
    for name in ("requires", "tags"):
        for word in front.get_words(name):
            if not is_id(word):
                complaints.add(front.get_line(name), "E166", f"`{word[:60]}` is no id.")
    return Lesson(
        id=front.get_text("lesson"),
        path=complaints.path,
        title=front.get_text("title"),
        order=front.get_number("order", 0),
        minutes=front.get_number("minutes", 0),
        requires=front.get_words("requires"),
        tags=front.get_words("tags"),
        parts=tuple(parts),
        prelude=front.get_text("prelude"),
        prelude_line=front.get_line("prelude"),
    )


def _check_order(parts: Sequence[LessonPart], line: int, complaints: Complaints) -> None:
    if not complaints.has_errors() and not any(part.kind is PartKind.WHY for part in parts):
        complaints.add(line, "E199", "a lesson starts with `## Why`.")
    highest = -1
    for part in parts:
        place = _ORDER.index(part.kind)
        repeats = place == highest and part.kind not in (PartKind.STEP, PartKind.PITFALL)
        if place < highest or repeats:
            names = ", ".join(PARTS)
            complaints.add(
                part.line, "E197", f"this part stands twice or too late; the order is {names}."
            )
        highest = max(place, highest)


def _read_part(block: Block, complaints: Complaints) -> LessonPart | None:
    """Read one `## ` section; None if its heading is none of a lesson."""
    name, title = _read_part_heading(block, complaints)
    if name not in PARTS:
        return None
    kind = PARTS[name]
    chips, taken = _read_step_chips(kind, block.lines, complaints)
    body, section_blocks = split_blocks(block.lines[taken:], 3)
    _refuse_options(block.lines, complaints)
    sections = tuple(_read_section(kind, one, complaints) for one in section_blocks)
    items, shown = _read_myths(body, complaints) if kind is PartKind.MYTHS else ((), body)
    text = _read_text(shown, complaints)
    is_sound = not complaints.has_errors_between(block.heading.line, block.last_line)
    if is_sound and not (text.source or items or sections):
        complaints.add(
            block.heading.line,
            "E169",
            f"`## {block.heading.text}` has no text; write it or remove the heading.",
        )
    if kind is PartKind.PITFALL:
        _check_pitfall(sections, block.heading.line, complaints)
    return LessonPart(
        kind=kind,
        title=title,
        text=text,
        line=block.heading.line,
        level=_read_level(chips, complaints),
        predict=_read_predict(chips, complaints),
        items=items,
        sections=sections,
    )


def _read_part_heading(block: Block, complaints: Complaints) -> tuple[str, str]:
    heading = block.heading
    name, _, title = heading.text.partition(":")
    name, title = name.strip(" "), title.strip(" ")
    if name not in PARTS:
        names = [f"{one}: Title" if one in TITLED else one for one in PARTS]
        complaints.add(
            heading.line,
            "E127",
            f"unknown part `{heading.text[:60]}` of a lesson.{suggest(heading.text, names)}",
        )
    elif name in TITLED and not title:
        complaints.add(heading.line, "E124", f"write `## {name}: Title`.")
    elif title and name not in TITLED:
        complaints.add(
            heading.line, "E128", f"`## {name}` takes nothing after it; write its name alone."
        )
    return name, title or name


def _read_text(lines: Sequence[Line], complaints: Complaints) -> Text:
    text = make_text(lines)
    check_text(text, complaints)
    check_no_variables(text, complaints)
    read_fences(lines, complaints)
    return text


def _refuse_options(lines: Sequence[Line], complaints: Complaints) -> None:
    for line in lines:
        if line.role is Role.OPTION:
            complaints.add(line.number, "E131", "a lesson has no options; put the item in a bank.")
            return


def _read_step_chips(
    kind: PartKind, lines: Sequence[Line], complaints: Complaints
) -> tuple[Mapping[str, Chip], int]:
    if kind is not PartKind.STEP:
        return {}, 0
    return read_chips(lines, STEP_LABELS, complaints)


def _read_level(chips: Mapping[str, Chip], complaints: Complaints) -> str:
    chip = chips.get("level")
    if chip and chip.value not in LEVELS:
        complaints.add(chip.line, "E143", f"the levels are {', '.join(LEVELS)}.")
    return chip.value if chip else ""


def _read_predict(chips: Mapping[str, Chip], complaints: Complaints) -> str | None:
    chip = chips.get("predict")
    if chip and not _ITEM_KEY.match(chip.value):
        complaints.add(chip.line, "E143", "`predict` names an item as `bank/item`.")
    return chip.value if chip else None


def _read_myths(
    lines: Sequence[Line], complaints: Complaints
) -> tuple[tuple[str, ...], tuple[Line, ...]]:
    """Return the item keys of the list, and the lines before it."""
    keys: list[str] = []
    shown: list[Line] = []
    for line in lines:
        found = _MYTH.match(line.text) if line.role is Role.TEXT else None
        if found and not _ITEM_KEY.match(found[1]):
            complaints.add(line.number, "E143", "a myth names an item as `bank/item`.")
        elif found and found[1] in keys:
            complaints.add(line.number, "E168", f"`{found[1]}` stands twice; remove one.")
        elif found:
            keys.append(found[1])
        elif keys and line.role not in (Role.BLANK, Role.COMMENT):
            complaints.add(line.number, "E138", "the list of items comes last; move this above it.")
        else:
            shown.append(line)
    return tuple(keys), tuple(shown)


# Pitfalls


def _read_section(kind: PartKind, block: Block, complaints: Complaints) -> tuple[str, Text]:
    heading = block.heading.text
    known = PITFALL_SECTIONS if kind is PartKind.PITFALL else ()
    if heading not in known:
        hint = suggest(heading, known) if known else " Use `####` for headings in the text."
        complaints.add(block.heading.line, "E127", f"unknown section `{heading[:60]}`.{hint}")
    text = _read_text(block.lines, complaints)
    if not text.source:
        complaints.add(block.heading.line, "E169", f"`### {heading}` is empty; fill it.")
    return heading, text


def _check_pitfall(sections: Sequence[tuple[str, Text]], line: int, complaints: Complaints) -> None:
    names = [name for name, _ in sections]
    for name in PITFALL_SECTIONS:
        if names.count(name) != 1:
            complaints.add(line, "E198", f"a pitfall has one section `### {name}`.")
    for name, text in sections:
        if name in ("Wrong", "Right") and text.source:
            _check_demonstration(name, text, complaints)


def _check_demonstration(name: str, text: Text, complaints: Complaints) -> None:
    languages = [fence.language for fence in list_fences(text)]
    if languages.count("python") != 1 or languages.count("output") != 1:
        complaints.add(
            text.line,
            "E198",
            f"`### {name}` has one ```` ```python ```` block and one ```` ```output ```` block.",
        )
