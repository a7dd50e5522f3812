"""What an item must say whose learner types: numbers, outputs, short answers, blanks."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from quizzer.banks.fences import BLANK
from quizzer.banks.items import Draft, Section
from quizzer.banks.keys import (
    Key,
    check_spans,
    find_options,
    has_variable,
    refuse_section,
    refuse_text,
)
from quizzer.banks.labels import Labels
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Blank, Option
from quizzer.domain.ranges import EmptyRangeError, Range, parse_range
from quizzer.domain.scoring import normalise_output, normalise_short

_DECIMAL_COMMA = re.compile(r"\d,\d")


def read_numeric(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the values of a numeric item."""
    options = _read_values(draft, complaints)
    _check_ranges([option for option in options if not has_variable(option)], complaints)
    if not draft.find_block("variants"):
        for option in filter(has_variable, options):
            complaints.add(
                option.text.line,
                "E154",
                "nothing draws this; give `### Check` a ```` ```python variants ```` block.",
            )
    return Key(options=options)


def _read_values(draft: Draft, complaints: Complaints) -> tuple[Option, ...]:
    """Return the values; those that are not even code spans draw no further complaints."""
    refuse_section(draft, "Blank", complaints)
    options = find_options(draft, complaints)
    if not any(option.correct for option in options):
        complaints.add(
            draft.line, "E177", "no ticked value says what is right; add `- [x] \\`value\\``."
        )
        return ()
    return options if check_spans(options, complaints) else ()


def _check_ranges(options: Sequence[Option], complaints: Complaints) -> None:
    read = [(option, _read_range(option, complaints)) for option in options]
    right = [(option, value) for option, value in read if option.correct and value]
    for option, value in read:
        if option.correct or value is None:
            continue
        for other, wanted in right:
            if value.overlaps(wanted):
                complaints.add(
                    option.text.line,
                    "E181",
                    f"this wrong value counts as right by the key on line {other.text.line};"
                    " change one.",
                )


def _read_range(option: Option, complaints: Complaints) -> Range | None:
    try:
        return parse_range(option.value)
    except EmptyRangeError:
        complaints.add(
            option.text.line, "E180", "no number lies in this range; write the smaller end first."
        )
    except ValueError:
        comma = " Write decimals with a point." if _DECIMAL_COMMA.search(option.value) else ""
        complaints.add(
            option.text.line,
            "E179",
            f"`{option.value[:60]}` is no number; write `0.25`, `0.25 ± 0.01`, `0.25 ± 1%` or"
            f" `[0.2, 0.3]`.{comma}",
        )
    return None


def read_short(draft: Draft, labels: Labels, complaints: Complaints) -> Key:
    """Read the values of a short answer."""
    options = _read_values(draft, complaints)
    is_exact = labels.is_case_sensitive
    remedy = "" if is_exact else " Capitals matter only with `case: yes`."
    right = {
        normalise_short(option.value, is_case_sensitive=is_exact): option.text.line
        for option in options
        if option.correct
    }
    for option in options:
        line = right.get(normalise_short(option.value, is_case_sensitive=is_exact))
        if line is not None and not option.correct:
            complaints.add(
                option.text.line,
                "E181",
                f"this wrong value counts as right by the key on line {line}.{remedy}",
            )
    return Key(options=options)


def read_output(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read what is printed, and the wrong outputs."""
    refuse_section(draft, "Blank", complaints)
    runs = [fence for fence in draft.fences if fence.role == "run"]
    if len(runs) != 1:
        line = runs[1].line if runs else draft.line
        complaints.add(line, "E186", "show exactly one ```` ```python run ```` block.")
    output = _find_output(draft, complaints)
    if check_spans(draft.options, complaints) and output is not None:
        _check_wrong_outputs(draft.options, output, complaints)
    return Key(options=draft.options, output=output)


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
            complaints.add(
                option.text.line, "E187", "this wrong value is what is printed; remove it."
            )


def read_blank(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the blanks in order of appearance, and their values."""
    refuse_section(draft, "Answer", complaints)
    if draft.options:
        complaints.add(
            draft.options[0].text.line, "E192", "values stand in `### Blank name` sections."
        )
    sections = {section.argument: section for section in draft.list_sections("Blank")}
    names = _find_names(draft, sections, complaints)
    for name, section in sections.items():
        if name not in names:
            complaints.add(
                section.line,
                "E184",
                f"the stem has no `___{name}___`; add the gap or remove this section.",
            )
    found = [name for name in names if name in sections]
    return Key(blanks=tuple(_read_blank_values(name, sections[name], complaints) for name in found))


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


def _read_blank_values(name: str, section: Section, complaints: Complaints) -> Blank:
    if not any(option.correct for option in section.options):
        complaints.add(
            section.line, "E177", "no ticked value says what is right; add `- [x] \\`value\\``."
        )
    check_spans(section.options, complaints)
    refuse_text(section, complaints)
    return Blank(name=name, options=section.options)
