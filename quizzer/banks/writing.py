"""A `Bank` back to the Markdown that it would be read from.

What is written reads well, and `parse_bank` makes the same bank of it again; only the places of
things in the file differ. Comments and text that no item keeps are not written, nor is anything
that a proof has found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import yaml

from quizzer.banks.chips import Chip, split_chips
from quizzer.banks.fences import list_fences
from quizzer.banks.fragments import FIGURES
from quizzer.banks.front_matter import FORMAT, split_words
from quizzer.banks.labels import LABEL_KINDS, Labels, read_labels
from quizzer.banks.lines import CODE_SPAN, LIST_MARKER
from quizzer.banks.options import make_key
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Bank, Fence, Item, Kind, Option, Text

_RUN = re.compile(r"`{3,}")
_PLAIN_START = re.compile(r"[A-Za-z0-9\"'(*$]|`[^`]")
_YES_NO = {True: "yes", False: "no"}


def write_bank(bank: Bank) -> str:
    """Return the Markdown of a bank.

    Raises:
        ValueError: if the code blocks of an item are not those of its stem.
    """
    writer = _Writer(bank)
    parts = [_write_front(bank), f"# {' '.join(bank.title.split())}"]
    if bank.intro:
        parts.append(writer.write_text(bank.intro))
    for item in bank.items:
        parts += writer.write_item(item)
    return "\n\n".join(parts) + "\n"


# Front matter


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as it is read: as a block."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def _write_front(bank: Bank) -> str:
    entries = {
        "bank": bank.id,
        "title": bank.title,
        "format": int(FORMAT),
        "lang": bank.lang,
        "license": bank.license,
        "source": bank.source,
        "authors": list(bank.authors),
        "description": bank.description,
        "lesson": bank.lesson,
        "modes": _write_words(bank.modes),
        "tags": _write_words(bank.tags),
        "defaults": dict(bank.defaults),
        "prelude": bank.prelude,
        "misconceptions": dict(bank.misconceptions),
    }
    given = {name: value for name, value in entries.items() if value}
    text = yaml.dump(given, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{text}---"


def _write_words(words: Sequence[str]) -> str | list[str]:
    text = ", ".join(words)
    return text if split_words(text) == tuple(words) else list(words)


# Items


class _Writer:
    """Writes the items of one bank: its defaults need not be said again."""

    def __init__(self, bank: Bank) -> None:
        self._address = f"]({FIGURES}{bank.lesson}/"
        self._defaults = {name: Chip(value, 1) for name, value in bank.defaults.items()}
        for name, words in (("tags", bank.tags), ("modes", bank.modes)):
            if words:
                self._defaults[name] = Chip(", ".join(words), 1)

    def write_item(self, item: Item) -> Iterator[str]:
        """Yield the parts of an item, between which empty lines belong."""
        yield f"## {item.id}: {item.title}"
        yield self._write_labels(item)
        yield self._write_stem(item)
        is_apart = _has_list(item.stem) and item.kind is not Kind.OUTPUT
        if item.options and item.kind is not Kind.PARSONS and not is_apart:
            yield self._write_options(item.options)
        yield from self._write_answer(item, is_apart=is_apart)
        for blank in item.blanks:
            yield f"### Blank {blank.name}"
            yield self._write_options(blank.options)
        yield from self._write_sections(item)

    def write_text(self, text: Text) -> str:
        """Return a fragment with its images named as beside the lesson."""
        if self._address not in text.source:
            return text.source
        code = set(_list_code_offsets(text))
        return "\n".join(
            line if offset in code else self._shorten(line)
            for offset, line in enumerate(text.source.split("\n"))
        )

    def _shorten(self, line: str) -> str:
        """Take the address off the images of a line, but not within its code."""
        pieces: list[str] = []
        done = 0
        for span in CODE_SPAN.finditer(line):
            pieces += [line[done : span.start()].replace(self._address, "]("), span[0]]
            done = span.end()
        return "".join((*pieces, line[done:].replace(self._address, "](")))

    def _write_labels(self, item: Item) -> str:
        """Return the labels that the bank's defaults do not give the item already."""
        complaints = Complaints("")
        kind = {"kind": Chip(item.kind.value, 1)}
        usual = _list_labels(read_labels(kind, self._defaults, 1, complaints))
        labels = _list_labels(item)
        shown = {
            name: value
            for name, value in labels.items()
            if (complaints.has_errors() or value != usual[name]) and _means_something(name, item)
        }
        shown = {"kind": item.kind.value, **shown}
        return " ".join(_write_label(name, value) for name, value in shown.items())

    def _write_stem(self, item: Item) -> str:
        """Return the stem with the roles of its code blocks, which its text does not show."""
        lines = self.write_text(item.stem).split("\n")
        shown = list_fences(item.stem)
        if len(shown) != len(item.fences):
            raise ValueError(f"{item.key}: the stem has {len(shown)} code blocks")
        for place, fence in zip(shown, item.fences, strict=True):
            if fence.role:
                lines[place.line - item.stem.line] += f" {fence.role}"
        return "\n".join(lines)

    def _write_answer(self, item: Item, *, is_apart: bool) -> Iterator[str]:
        parts: list[str] = []
        if item.kind is Kind.PARSONS:
            lines = [_write_line(option, place) for place, option in enumerate(item.options)]
            parts.append(_write_code("python parsons", "".join(lines)))
        elif item.options and is_apart:
            parts.append(self._write_options(item.options))
        if item.output is not None:
            parts.append(_write_code("output", f"{item.output}\n" if item.output else ""))
        if item.answer is not None:
            parts.append(self.write_text(item.answer))
        if parts:
            yield "### Answer"
            yield from parts

    def _write_sections(self, item: Item) -> Iterator[str]:
        sections = [("Hint", hint) for hint in item.hints]
        named = {"Solution": item.solution, "Mistakes": item.mistakes, "Source": item.source}
        sections += [(name, text) for name, text in named.items() if text]
        for name, text in sections:
            yield f"### {name}"
            yield self.write_text(text)
        if blocks := _list_check_blocks(item):
            yield "### Check"
            yield from (_write_code(f"python {one.role}", one.code) for one in blocks)
        if item.notes:
            yield "### Notes"
            yield self.write_text(item.notes)

    # Options

    def _write_options(self, options: Sequence[Option]) -> str:
        written = [
            "\n".join(self._write_option(option, position))
            for position, option in enumerate(options)
        ]
        is_long = any("\n" in option.text.source for option in options)
        return ("\n\n" if is_long else "\n").join(written)

    def _write_option(self, option: Option, position: int) -> Iterator[str]:
        first, *others = self.write_text(option.text).split("\n")
        yield f"- [{'x' if option.correct else ' '}] {first}"
        yield from (f"  {line}" if line else "" for line in others)
        feedback = list(self._write_feedback(option, position))
        if others and feedback:
            yield ""
        yield from (f"  > {line}".rstrip(" ") for line in feedback)

    def _write_feedback(self, option: Option, position: int) -> Iterator[str]:
        """Yield the labels of an option and what is said about it, without the quote's marks."""
        labels = _write_option_labels(option, position)
        text = self.write_text(option.feedback) if option.feedback else ""
        starts_plainly = bool(_PLAIN_START.match(text)) and not LIST_MARKER.match(text)
        looks_like_label = bool(split_chips(text.split("\n")[0])[0])
        if (labels and not starts_plainly) or looks_like_label:
            yield labels
        elif labels:
            text = f"{labels} {text}"
        if text:
            yield from text.split("\n")


def _list_labels(source: Item | Labels) -> Mapping[str, str]:
    """Return the values of all labels but the kind, as they would be written."""
    return {
        "difficulty": str(source.difficulty),
        "points": repr(source.points).removesuffix(".0"),
        "tags": ", ".join(source.tags),
        "modes": ", ".join(source.modes),
        "time": "" if source.time_s is None else str(source.time_s),
        "shuffle": _YES_NO[source.shuffle],
        "partial": _YES_NO[source.partial],
        "case": _YES_NO[source.is_case_sensitive],
        "objective": source.objective,
        "exercise": source.exercise,
    }


def _means_something(name: str, item: Item) -> bool:
    if name == "modes" and item.kind is Kind.RECALL:
        return False  # a card serves one mode, said or unsaid
    return item.kind in LABEL_KINDS.get(name, (item.kind,))


def _write_label(name: str, value: str) -> str:
    return f"`{name}: {value}`" if value else f"`{name}:`"


def _write_option_labels(option: Option, position: int) -> str:
    labels = {
        "misconception": option.misconception,
        "key": option.key if option.key != make_key(position) else None,
        "score": f"{option.score:g}" if option.score else None,
    }
    return " ".join(_write_label(name, value) for name, value in labels.items() if value)


def _write_code(info: str, code: str) -> str:
    """Return a code block whose marks are longer than any within it."""
    longest = max((len(run) for run in _RUN.findall(code)), default=2)
    marker = "`" * (longest + 1)
    return f"{marker}{info}\n{code}{marker}"


def _write_line(option: Option, position: int) -> str:
    """Return a line of a `parsons` block, with why it does not belong."""
    if option.correct:
        return f"{option.value}\n"
    labels = _write_option_labels(option, position)
    why = option.feedback.source if option.feedback else ""
    return " ".join(filter(None, (f"{option.value}  #! distractor:", labels, why))) + "\n"


def _list_check_blocks(item: Item) -> list[Fence]:
    blocks: list[Fence | None] = []
    if item.code:
        is_shown = any(fence.role == "starter" for fence in item.fences)
        blocks += [None if is_shown else item.code.starter, item.code.solution, item.code.tests]
    blocks += [item.variants, item.verify]
    return [block for block in blocks if block]


def _has_list(text: Text) -> bool:
    """Whether options right below the text could be taken for more of a list in it."""
    return any(LIST_MARKER.match(line.lstrip(" ")) for line in text.source.split("\n"))


def _list_code_offsets(text: Text) -> Iterator[int]:
    """Yield the lines, from 0, that code blocks take."""
    for fence in list_fences(text):
        first = fence.line - text.line
        yield from range(first, first + fence.code.count("\n") + 2)
