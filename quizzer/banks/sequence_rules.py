"""What an item must say whose learner puts steps or lines of code in order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from quizzer.banks.fences import check_syntax
from quizzer.banks.items import Draft
from quizzer.banks.keys import Key, find_options, refuse_section, refuse_text
from quizzer.banks.labels import Labels
from quizzer.banks.lines import Line, Role
from quizzer.banks.options import MAX_OPTIONS, check_keys, make_key, read_feedback
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Fence, Option, Text

FEWEST, MOST = 3, 12
_DISTRACTOR = re.compile(r"(?P<code>.*?\S) *#! *distractor: *(?P<why>.*)$")
_NEAR_DISTRACTOR = re.compile(r"(?:^|\s)#\s*(?:!(?!/)|distract)", re.IGNORECASE)


def read_order(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the steps: the ticked ones in their order, the others do not belong."""
    refuse_section(draft, "Blank", complaints)
    options = find_options(draft, complaints)
    count = sum(option.correct for option in options)
    if not FEWEST <= count <= MOST:
        complaints.add(
            draft.line,
            "E189",
            f"list {FEWEST} to {MOST} steps as `- [x] step`, in their right order; {count} are.",
        )
    return _make_key(options)


def read_parsons(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the lines of the `parsons` block, those that belong in their order."""
    refuse_section(draft, "Blank", complaints)
    fence = _find_parsons(draft, complaints)
    if fence is None:
        return Key()
    lines = tuple(_read_lines(fence, complaints))
    _check_same_lines(lines, complaints)
    options = tuple(_make_option(line, position, complaints) for position, line in enumerate(lines))
    if len(lines) > MAX_OPTIONS:
        complaints.add(fence.line, "E193", f"over {MAX_OPTIONS} lines; leave some out.")
    else:
        check_keys(options, complaints)
    kept = [line for line in lines if not line.is_distractor]
    if not FEWEST <= len(kept) <= MOST:
        complaints.add(
            fence.line, "E188", f"{FEWEST} to {MOST} lines may belong; {len(kept)} do here."
        )
    _check_code(fence, kept, complaints)
    return _make_key(options)


def _make_key(options: tuple[Option, ...]) -> Key:
    return Key(options=options, orders=(tuple(one.key for one in options if one.correct),))


# Lines of code


@dataclass(frozen=True, slots=True, kw_only=True)
class _CodeLine:
    """A line of a `parsons` block: its code with the indent, and why it does not belong."""

    number: int
    code: str
    why: str
    is_distractor: bool


def _find_parsons(draft: Draft, complaints: Complaints) -> Fence | None:
    """Return the one block of lines; complains about none, several, and what stands beside it."""
    blocks = draft.list_blocks("parsons")
    answer = draft.find_section("Answer")
    options = (*draft.options, *(answer.options if answer else ()))
    if len(blocks) == 1 and answer and not options:
        refuse_text(answer, complaints)
        return blocks[0]
    plain = [fence.line for fence in answer.fences if not fence.role] if answer else []
    line = next(
        iter((*(fence.line for fence in blocks[1:]), *(one.text.line for one in options), *plain)),
        draft.line,
    )
    complaints.add(
        line, "E188", "give all lines in one ```` ```python parsons ```` block in `### Answer`."
    )
    return None


def _read_lines(fence: Fence, complaints: Complaints) -> Iterator[_CodeLine]:
    for offset, text in enumerate(fence.code.split("\n"), start=1):
        if not text.strip():
            continue
        number = fence.line + offset
        found = _DISTRACTOR.match(text)
        code = found["code"] if found else text.rstrip()
        if found is None and _NEAR_DISTRACTOR.search(text):
            complaints.add(number, "E188", "mark a line as `code  #! distractor: why not`.")
        elif code.lstrip().startswith("#"):
            complaints.add(
                number, "E188", "a comment alone has no right place; put it behind code."
            )
        yield _CodeLine(
            number=number, code=code, why=found["why"] if found else "", is_distractor=bool(found)
        )


def _check_same_lines(lines: Sequence[_CodeLine], complaints: Complaints) -> None:
    seen: dict[str, int] = {}
    for line in lines:
        if line.code in seen:
            complaints.add(
                line.number,
                "E188",
                f"the same as line {seen[line.code]}; write one of them differently.",
            )
        seen.setdefault(line.code, line.number)


def _make_option(line: _CodeLine, position: int, complaints: Complaints) -> Option:
    quote = [Line(line.number, line.why, Role.TEXT)] if line.why else []
    labels, feedback = read_feedback(quote, complaints)
    return Option(
        key=labels.key or make_key(position),
        text=Text(source=f"```python\n{line.code}\n```", line=line.number),
        value=line.code,
        correct=not line.is_distractor,
        feedback=feedback,
        misconception=labels.misconception,
        score=labels.score,
    )


def _check_code(fence: Fence, kept: Sequence[_CodeLine], complaints: Complaints) -> None:
    """Complain about Python that cannot be read although its lines are in order."""
    by_number = {line.number: line.code for line in kept}
    numbers = range(fence.line + 1, fence.line + fence.code.count("\n") + 1)
    code = "".join(f"{by_number.get(number, '')}\n" for number in numbers)
    check_syntax(replace(fence, code=code), complaints)
