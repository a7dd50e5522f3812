"""What an item must say, kind by kind. Runs only on items whose structure is sound."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from quizzer.banks.fences import BLANK
from quizzer.banks.items import Draft, Section
from quizzer.banks.labels import Labels
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Blank, Fence, Kind, Option
from quizzer.domain.ranges import EmptyRangeError, Range, parse_range
from quizzer.domain.scoring import normalise_output

_DECIMAL_COMMA = re.compile(r"\d,\d")


@dataclass(frozen=True, slots=True)
class Key:
    """What the key of an item consists of, whatever its kind."""

    options: tuple[Option, ...] = ()
    blanks: tuple[Blank, ...] = ()
    output: str | None = None


def check_item(
    draft: Draft, labels: Labels, tags: Mapping[str, str], complaints: Complaints
) -> Key:
    """Complain about what the item says; return its key.

    Args:
        draft: the item as written.
        labels: its labels.
        tags: the bank's misconceptions.
        complaints: where complaints go.
    """
    if not draft.stem.source:
        complaints.add(draft.line, "E167", "the item has no text between its labels and options.")
    _check_sections(draft, complaints)
    if labels.kind is None:
        return Key()
    key = _READERS[labels.kind](draft, complaints)
    for option in (*key.options, *(o for blank in key.blanks for o in blank.options)):
        _check_misconception(option, tags, complaints)
    for options in (key.options, *(blank.options for blank in key.blanks)):
        _check_same_text(options, complaints)
    return key


def _check_sections(draft: Draft, complaints: Complaints) -> None:
    seen: dict[tuple[str, str], int] = {}
    for section in draft.sections:
        name = f"### {section.name} {section.argument}".rstrip()
        key = (section.name, section.argument)
        if key in seen and section.name != "Hint":
            complaints.add(
                section.line, "E168", f"`{name}` stands twice, first on line {seen[key]}."
            )
        seen.setdefault(key, section.line)
        if not (section.text.source or section.options or section.fences):
            complaints.add(section.line, "E169", f"`{name}` is empty.")


def find_verify(draft: Draft) -> Fence | None:
    """Return the item's proof, or None."""
    check = draft.find_section("Check")
    return (
        next((fence for fence in check.fences if fence.role == "verify"), None) if check else None
    )


def _check_misconception(option: Option, tags: Mapping[str, str], complaints: Complaints) -> None:
    if option.misconception is not None and option.misconception not in tags:
        line = option.feedback.line if option.feedback else option.text.line
        complaints.add(
            line,
            "E171",
            f"misconception `{option.misconception[:60]}` is not in the front matter."
            f"{suggest(option.misconception, tags)}",
        )


def _check_same_text(options: Sequence[Option], complaints: Complaints) -> None:
    seen: dict[str, int] = {}
    for option in options:
        text = " ".join(option.text.source.split())
        if text in seen:
            complaints.add(option.text.line, "E170", f"the same text as on line {seen[text]}.")
        seen.setdefault(text, option.text.line)


# Kinds where the learner picks


def _read_choice(draft: Draft, complaints: Complaints) -> tuple[Option, ...]:
    """Return the options of a kind that picks, wherever they stand."""
    _refuse_section(draft, "Blank", complaints)
    answer = draft.find_section("Answer")
    if answer and draft.options and answer.options:
        complaints.add(answer.options[0].text.line, "E131", "the options already end the stem.")
    options = draft.options or (answer.options if answer else ())
    if len(options) < 2:  # noqa: PLR2004 - a choice needs two
        complaints.add(draft.line, "E173", "a choice needs two options or more.")
    return options


def _check_one_tick(draft: Draft, options: Sequence[Option], complaints: Complaints) -> None:
    ticked = [option for option in options if option.correct]
    if len(options) > 1 and len(ticked) != 1:
        line = ticked[1].text.line if ticked else draft.line
        complaints.add(line, "E174", f"tick exactly one option; {len(ticked)} are ticked.")


def _read_single(draft: Draft, complaints: Complaints) -> Key:
    options = _read_choice(draft, complaints)
    _check_one_tick(draft, options, complaints)
    return Key(options)


def _read_multi(draft: Draft, complaints: Complaints) -> Key:
    options = _read_choice(draft, complaints)
    if len(options) > 1 and not any(option.correct for option in options):
        complaints.add(draft.line, "E175", "tick at least one option.")
    return Key(options)


def _read_truefalse(draft: Draft, complaints: Complaints) -> Key:
    options = _read_choice(draft, complaints)
    if len(options) > 1 and sorted(option.text.source for option in options) != ["False", "True"]:
        complaints.add(
            options[0].text.line, "E176", "the options are `True` and `False`, in plain text."
        )
    else:
        _check_one_tick(draft, options, complaints)
    return Key(options)


# Kinds where the learner types


def _refuse_section(draft: Draft, name: str, complaints: Complaints) -> None:
    section = draft.find_section(name)
    if section:
        complaints.add(section.line, "E192", f"`### {name}` does not go with this kind.")


def _check_spans(options: Sequence[Option], complaints: Complaints) -> bool:
    """Whether every value is one code span; complains about those that are not."""
    bad = [option for option in options if not option.value]
    for option in bad:
        complaints.add(
            option.text.line, "E178", "write the value as one code span: `- [x] \\`1\\``."
        )
    return not bad


def _read_numeric(draft: Draft, complaints: Complaints) -> Key:
    _refuse_section(draft, "Blank", complaints)
    answer = draft.find_section("Answer")
    if answer and draft.options and answer.options:
        complaints.add(answer.options[0].text.line, "E131", "the values already end the stem.")
    options = draft.options or (answer.options if answer else ())
    if not any(option.correct for option in options):
        complaints.add(draft.line, "E177", "no ticked value says what is right.")
    elif _check_spans(options, complaints):
        _check_ranges(options, complaints)
    return Key(options)


def _check_ranges(options: Sequence[Option], complaints: Complaints) -> None:
    read = [(option, _read_range(option, complaints)) for option in options]
    right = [(option, value) for option, value in read if option.correct and value]
    for option, value in read:
        if option.correct or value is None:
            continue
        for other, wanted in right:
            if value.low <= wanted.high and wanted.low <= value.high:
                complaints.add(
                    option.text.line,
                    "E181",
                    f"this wrong value counts as right by the key on line {other.text.line}.",
                )


def _read_range(option: Option, complaints: Complaints) -> Range | None:
    try:
        return parse_range(option.value)
    except EmptyRangeError:
        complaints.add(option.text.line, "E180", "no number lies in this range.")
    except ValueError:
        comma = " Write decimals with a point." if _DECIMAL_COMMA.search(option.value) else ""
        complaints.add(
            option.text.line,
            "E179",
            f"`{option.value[:60]}` is no number; write `0.25`, `0.25 ± 0.01`, `0.25 ± 1%` or"
            f" `[0.2, 0.3]`.{comma}",
        )
    return None


def _read_output(draft: Draft, complaints: Complaints) -> Key:
    _refuse_section(draft, "Blank", complaints)
    runs = [fence for fence in draft.fences if fence.role == "run"]
    if len(runs) != 1:
        line = runs[1].line if runs else draft.line
        complaints.add(line, "E186", "show exactly one ```` ```python run ```` block.")
    output = _find_output(draft, complaints)
    if _check_spans(draft.options, complaints) and output is not None:
        _check_wrong_outputs(draft.options, output, complaints)
    return Key(draft.options, output=output)


def _find_output(draft: Draft, complaints: Complaints) -> str | None:
    answer = draft.find_section("Answer")
    if answer is None:
        complaints.add(draft.line, "E177", "add `### Answer` with an ```` ```output ```` block.")
        return None
    if answer.options:
        complaints.add(answer.options[0].text.line, "E131", "wrong outputs end the stem.")
    printed = [fence for fence in answer.fences if fence.language == "output"]
    if len(printed) != 1:
        complaints.add(answer.line, "E186", "give exactly one ```` ```output ```` block.")
        return None
    return printed[0].code.rstrip("\n")


def _check_wrong_outputs(options: Sequence[Option], output: str, complaints: Complaints) -> None:
    for option in options:
        if option.correct:
            complaints.add(
                option.text.line, "E187", "what is printed stands in `### Answer`; do not tick."
            )
        elif normalise_output(option.value) == normalise_output(output):
            complaints.add(option.text.line, "E187", "this wrong value is what is printed.")


def _read_blank(draft: Draft, complaints: Complaints) -> Key:
    _refuse_section(draft, "Answer", complaints)
    if draft.options:
        complaints.add(
            draft.options[0].text.line, "E192", "values stand in `### Blank name` sections."
        )
    sections = {section.argument: section for section in draft.list_sections("Blank")}
    names = _find_names(draft, sections, complaints)
    for name, section in sections.items():
        if name not in names:
            complaints.add(section.line, "E184", f"the stem has no `___{name}___`.")
    found = [name for name in names if name in sections]
    return Key(blanks=tuple(_read_values(name, sections[name], complaints) for name in found))


def _find_names(
    draft: Draft, sections: Mapping[str, Section], complaints: Complaints
) -> tuple[str, ...]:
    """Return the blanks of the stem in order of appearance."""
    names: list[str] = []
    for offset, text in enumerate(draft.stem.source.split("\n")):
        line = draft.stem.line + offset
        for name in BLANK.findall(text):
            if name in names:
                complaints.add(line, "E185", f"`___{name}___` stands twice; number them.")
            elif name not in sections:
                complaints.add(line, "E183", f"add `### Blank {name}`.{suggest(name, sections)}")
            names.append(name)
    if not names:
        complaints.add(draft.line, "E182", "mark what is to be filled in: `___name___`.")
    return tuple(dict.fromkeys(names))


def _read_values(name: str, section: Section, complaints: Complaints) -> Blank:
    if not any(option.correct for option in section.options):
        complaints.add(section.line, "E177", "no ticked value says what is right.")
    _check_spans(section.options, complaints)
    return Blank(name=name, options=section.options)


_READERS: Mapping[Kind, Callable[[Draft, Complaints], Key]] = {
    Kind.SINGLE: _read_single,
    Kind.MULTI: _read_multi,
    Kind.TRUEFALSE: _read_truefalse,
    Kind.NUMERIC: _read_numeric,
    Kind.OUTPUT: _read_output,
    Kind.BLANK: _read_blank,
}
