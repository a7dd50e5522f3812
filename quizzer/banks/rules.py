"""What an item must say, whatever its kind. Runs only on items whose structure is sound."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from quizzer.banks.choice_rules import read_multi, read_single, read_truefalse
from quizzer.banks.items import Draft
from quizzer.banks.keys import Key, check_same_text
from quizzer.banks.labels import Labels, check_label_kinds
from quizzer.banks.problems import Complaints, suggest
from quizzer.banks.roles import check_kind
from quizzer.banks.sequence_rules import read_order, read_parsons
from quizzer.banks.task_rules import read_code, read_recall
from quizzer.banks.typed_rules import read_blank, read_numeric, read_output, read_short
from quizzer.banks.variables import check_variables
from quizzer.domain.items import Kind, Option

_WITH_OWN_RULE = (Kind.PARSONS, Kind.TRUEFALSE)  # of which texts may stand there, and how often
WITH_SCORE = (Kind.SINGLE, Kind.NUMERIC, Kind.OUTPUT, Kind.BLANK, Kind.SHORT)


def check_item(
    draft: Draft, labels: Labels, tags: Mapping[str, str] | None, complaints: Complaints
) -> Key:
    """Complain about what the item says; return its key.

    Args:
        draft: the item as written.
        labels: its labels.
        tags: the bank's misconceptions, None if unknown.
        complaints: where complaints go.
    """
    if not draft.stem.source:
        complaints.add(
            draft.line,
            "E167",
            "the item has no text; say what is asked between its labels and options.",
        )
    _check_sections(draft, complaints)
    _check_source(draft, labels, complaints)
    check_variables(draft, complaints)
    if labels.kind is None:
        return Key()
    check_label_kinds(draft.chips, labels.kind, complaints)
    if not check_kind(draft, labels.kind, complaints):
        return Key()
    key = _READERS[labels.kind](draft, labels, complaints)
    for option in key.list_all_options():
        if tags is not None:
            _check_misconception(option, tags, complaints)
        _check_score(option, labels.kind, complaints)
    if labels.kind not in _WITH_OWN_RULE:
        for options in (key.options, *(blank.options for blank in key.blanks)):
            check_same_text(options, complaints)
    return key


def _check_sections(draft: Draft, complaints: Complaints) -> None:
    seen: dict[tuple[str, str], int] = {}
    for section in draft.sections:
        name = f"### {section.name} {section.argument}".rstrip()
        key = (section.name, section.argument)
        if key in seen and section.name != "Hint":
            complaints.add(
                section.line,
                "E168",
                f"`{name}` stands twice, first on line {seen[key]}; join them.",
            )
        seen.setdefault(key, section.line)
        if not (section.text.source or section.options or section.fences):
            complaints.add(section.line, "E169", f"`{name}` is empty; fill it or remove it.")


def _check_source(draft: Draft, labels: Labels, complaints: Complaints) -> None:
    section = draft.find_section("Source")
    if section and labels.source:
        message = f"label `source` on line {labels.source.line} says it already; remove one."
        complaints.add(section.line, "E168", message)


def _check_misconception(option: Option, tags: Mapping[str, str], complaints: Complaints) -> None:
    if option.misconception is not None and option.misconception not in tags:
        line = option.feedback.line if option.feedback else option.text.line
        complaints.add(
            line,
            "E171",
            f"misconception `{option.misconception[:60]}` is not in the front matter."
            f"{suggest(option.misconception, tags)}",
        )


def _check_score(option: Option, kind: Kind, complaints: Complaints) -> None:
    if not option.score:
        return
    line = option.feedback.line if option.feedback else option.text.line
    if kind not in WITH_SCORE:
        kinds = ", ".join(WITH_SCORE)
        complaints.add(line, "E192", f"label `score` goes with {kinds}; remove it.")
    elif option.correct:
        complaints.add(line, "E143", "a ticked option earns everything; `score` is for the others.")


_READERS: Mapping[Kind, Callable[[Draft, Labels, Complaints], Key]] = {
    Kind.SINGLE: read_single,
    Kind.MULTI: read_multi,
    Kind.TRUEFALSE: read_truefalse,
    Kind.NUMERIC: read_numeric,
    Kind.OUTPUT: read_output,
    Kind.BLANK: read_blank,
    Kind.ORDER: read_order,
    Kind.PARSONS: read_parsons,
    Kind.SHORT: read_short,
    Kind.CODE: read_code,
    Kind.RECALL: read_recall,
}
