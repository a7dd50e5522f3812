"""What makes an item right, read from its draft, and the rules that several kinds share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quizzer.banks.items import Draft, Section
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Blank, CodeBlocks, Option, Text
from quizzer.domain.variants import VARIABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What the key of an item consists of, whatever its kind; see `Item` for the fields."""

    options: tuple[Option, ...] = ()
    blanks: tuple[Blank, ...] = ()
    output: str | None = None
    orders: tuple[tuple[str, ...], ...] = ()
    answer: Text | None = None
    code: CodeBlocks | None = None

    def list_all_options(self) -> tuple[Option, ...]:
        """Return the options and those of the blanks."""
        return (*self.options, *(option for blank in self.blanks for option in blank.options))


def refuse_section(draft: Draft, name: str, complaints: Complaints) -> None:
    """Complain about a section that does not go with the item's kind."""
    section = draft.find_section(name)
    if section:
        complaints.add(section.line, "E192", f"`### {name}` does not go with this kind; remove it.")


def find_options(draft: Draft, complaints: Complaints) -> tuple[Option, ...]:
    """Return the options, which end the stem or are all that `### Answer` holds."""
    answer = draft.find_section("Answer")
    if answer is None:
        return draft.options
    if draft.options and answer.options:
        complaints.add(answer.options[0].text.line, "E131", "the options already end the stem.")
    else:
        refuse_text(answer, complaints)
    return draft.options or answer.options


def refuse_text(section: Section, complaints: Complaints) -> None:
    """Complain about text that nobody would ever see, in a section that holds the key only."""
    if section.text.source:
        complaints.add(
            section.text.line,
            "E192",
            "this text would never be shown; explain in the stem or in `### Solution`.",
        )


def check_spans(options: Sequence[Option], complaints: Complaints) -> bool:
    """Whether every value is one code span; complains about those that are not."""
    bad = [option for option in options if not option.value.strip()]
    for option in bad:
        complaints.add(
            option.text.line,
            "E178",
            "write the value as one code span, with nothing beside it: ``- [x] `1` ``.",
        )
    return not bad


def has_variable(option: Option) -> bool:
    """Whether the option says something else each time that it is drawn."""
    return bool(VARIABLE.search(option.text.source))


def check_same_text(options: Sequence[Option], complaints: Complaints) -> None:
    """Complain about options that cannot be told apart."""
    seen: dict[str, int] = {}
    for option in options:
        source = option.text.source
        text = source if "\n" in source else " ".join(source.split())
        line = option.text.line
        if text in seen and not complaints.has_errors_between(line, line):
            complaints.add(line, "E170", f"the same text as on line {seen[text]}; reword one.")
        seen.setdefault(text, line)
