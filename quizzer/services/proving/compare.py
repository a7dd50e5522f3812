"""What the proof showed against what the author ticked. Pure; nothing here runs anything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from quizzer.banks.lines import CODE_SPAN
from quizzer.domain.items import Item, Kind, Option
from quizzer.domain.ranges import Range, parse_range
from quizzer.domain.scoring import normalise_output, normalise_short
from quizzer.services.proving.asking import WITH_CODE, Trial, shorten
from quizzer.services.proving.findings import Finding
from quizzer.services.proving.observed import Answer, Observed
from quizzer.services.proving.printed import join, tell_apart, tidy

# Rounding of single precision: a computed 0.3 is 0.30000001192...
_ROUNDING = 1e-6


def compare_item(
    item: Item, trials: Sequence[Trial], observed: Sequence[Observed]
) -> Iterator[Finding]:
    """Yield what is wrong with an item, given what its proof showed under each random state."""
    first = observed[0]
    stopped = next((one.error for one in observed if one.error), None)
    if stopped is not None:
        yield Finding(code="P301", message=f"the proof raised {stopped.message}", raised=stopped)
        return
    if item.kind is Kind.OUTPUT:
        yield from _compare_output(item, observed)
    if item.verify is None:
        return
    misfit = _find_misfit(item, trials, first)
    if misfit:
        yield Finding(code="P306", message=misfit)
        return
    moved = _find_move(trials, observed)
    if moved:
        yield Finding(code="P303", message=moved)
    elif "ok" in first.names:
        yield from _compare_trials(trials, first)
    elif first.answer is not None:
        yield from _compare_answer(item, first.answer)
    else:
        yield from _compare_truth(item, first)


def judge_options(
    item: Item, trials: Sequence[Trial], observed: Observed
) -> Mapping[str, bool | None]:
    """Return, by option key, what one run says of each option; None where it says nothing."""
    if item.blanks or item.kind.is_sequence:
        return {}
    if observed.passes and len(trials) == len(observed.passes):
        pairs = zip(trials, observed.passes, strict=True)
        return {trial.options[0].key: ok for trial, ok in pairs}
    if observed.answer is not None:
        return {option.key: _matches(item, option, observed.answer) for option in item.options}
    if isinstance(observed.truth, dict):
        said = {option.key: observed.truth.get(option.key) for option in item.options}
        return {key: one if isinstance(one, bool) else None for key, one in said.items()}
    if item.kind is Kind.OUTPUT:
        shown = normalise_output(join(observed.printed))
        return {option.key: normalise_output(option.value) == shown for option in item.options}
    return {option.key: None for option in item.options}


def _compare_output(item: Item, observed: Sequence[Observed]) -> Iterator[Finding]:
    shown = [join(one.printed) for one in observed]
    if len(set(shown)) > 1:
        message = "what is printed moves with the random state: set a seed in the code"
        yield Finding(code="P303", message=message, line=item.line)
        return
    raised = next((printed.raised for printed in observed[0].printed if printed.raised), None)
    if tidy(item.output or "") != shown[0]:
        if raised is not None:
            message = f"the code raised {raised.message}"
            yield Finding(code="P301", message=message, raised=raised)
        else:
            message = tell_apart(item.output or "", shown[0])
            yield Finding(code="P304", message=message, line=item.line)
    for option in item.options:
        is_printed = normalise_output(option.value) == normalise_output(shown[0])
        if is_printed is not option.correct:
            why = f"the code prints {shorten(shown[0])}"
            yield _contradict(option, is_right=is_printed, why=why)


# What the proof set


def _find_misfit(item: Item, trials: Sequence[Trial], observed: Observed) -> str:
    """Why the proof cannot be compared with this kind of item, or an empty text."""
    if len(observed.names) != 1:
        found = " and ".join(observed.names) or "none"
        return f"a proof sets exactly one of answer, truth and ok; this one sets {found}"
    name = observed.names[0]
    needs_ok = bool(item.blanks) or item.kind.is_sequence
    if name == "ok" and not trials and item.kind in WITH_CODE:
        return "ok(code) needs code in every option: one code span or one python block"
    if (name == "ok" and not trials) or (name != "ok" and needs_ok):
        wanted = "ok(code)" if needs_ok else "answer or truth"
        return f"the proof of a {item.kind} item sets {wanted}, not {name}"
    if item.kind is Kind.RECALL and name != "answer":
        return f"the proof of a card sets answer, not {name}"
    if isinstance(observed.truth, str):
        return f"truth is a dict with one entry per option, not {shorten(observed.truth)}"
    return ""


def _find_move(trials: Sequence[Trial], observed: Sequence[Observed]) -> str:
    """How the outcome depends on the random state, or an empty text."""
    first = observed[0]
    hint = "set a seed in the code that is shown, or in the proof"
    for other in observed[1:]:
        if not _are_same(first.answer, other.answer) and first.answer and other.answer:
            pair = f"{shorten(first.answer.code)} and {shorten(other.answer.code)}"
            return f"the answer moves with the random state, between {pair}: {hint}"
        if first.names != other.names or first.truth != other.truth:
            return f"truth moves with the random state: {hint}"
        for trial, one, two in zip(trials, first.passes, other.passes, strict=False):
            if one is not two:
                return f"whether {trial.name} passes moves with the random state: {hint}"
    return ""


def _are_same(one: Answer | None, other: Answer | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.number is not None and other.number is not None:
        return math.isclose(one.number, other.number, rel_tol=_ROUNDING, abs_tol=1e-12)
    return one.code == other.code


# An answer


def _compare_answer(item: Item, answer: Answer) -> Iterator[Finding]:
    if item.kind is Kind.RECALL:
        yield from _compare_card(item, answer)
    if item.kind is Kind.NUMERIC and answer.number is None:
        message = f"answer must be one number, not {shorten(answer.code)}: try `.item()`"
        yield Finding(code="P306", message=message)
        return
    for option in item.options:
        is_right = _matches(item, option, answer)
        if is_right is not option.correct:
            yield _contradict(
                option, is_right=is_right, why=f"the proof gives {shorten(answer.code)}"
            )
    if item.kind is Kind.OUTPUT and tidy(item.output or "") != tidy(answer.text):
        message = f"the output block is not the answer, {shorten(answer.code)}"
        yield Finding(code="P302", message=message)


def _compare_card(item: Item, answer: Answer) -> Iterator[Finding]:
    """The back of a card must name the answer, as one of its code spans."""
    back = item.answer.source if item.answer else ""
    spans = [found[0].strip("`").strip() for found in CODE_SPAN.finditer(back)]
    if not any(_is_text_of(span, answer) or _is_number_of(span, answer) for span in spans):
        message = f"no code span on the back of the card is the answer, {shorten(answer.code)}"
        yield Finding(code="P302", message=message, line=item.answer.line if item.answer else None)


def _matches(item: Item, option: Option, answer: Answer) -> bool:
    shown = option.value or option.text.source.strip()
    if item.kind is Kind.SHORT:
        wanted = normalise_short(shown, is_case_sensitive=item.is_case_sensitive)
        given = (
            normalise_short(text, is_case_sensitive=item.is_case_sensitive)
            for text in (answer.text, answer.code)
        )
        return wanted in given
    if item.kind is not Kind.NUMERIC and answer.number is None:
        return _is_text_of(shown, answer)  # there `[0, 1]` is a list, not a range
    try:
        values = parse_range(shown)
    except ValueError:
        return _is_text_of(shown, answer)
    return answer.number is not None and _lies_in(answer.number, values)


def _is_text_of(shown: str, answer: Answer) -> bool:
    wanted = normalise_output(shown)
    return wanted in (normalise_output(answer.text), normalise_output(answer.code))


def _is_number_of(shown: str, answer: Answer) -> bool:
    try:
        return answer.number is not None and _lies_in(answer.number, parse_range(shown))
    except ValueError:
        return False


def _lies_in(number: float, values: Range) -> bool:
    if not math.isfinite(number):
        return False
    if Decimal(number) in values:
        return True
    ends = (float(values.low), float(values.high))
    return any(math.isclose(number, end, rel_tol=_ROUNDING, abs_tol=1e-12) for end in ends)


# A truth


def _compare_truth(item: Item, observed: Observed) -> Iterator[Finding]:
    truth = observed.truth if isinstance(observed.truth, dict) else {}
    keys = [option.key for option in item.options]
    if unknown := sorted(set(truth) - set(keys)):
        yield Finding(code="P302", message=f"truth has entries of no option: {', '.join(unknown)}")
    for option in item.options:
        said = truth.get(option.key)
        if said is None:
            message = f"truth has no entry for option {option.key}"
            yield Finding(code="P302", message=message, line=option.text.line)
        elif isinstance(said, str):
            message = f"truth[{option.key!r}] is {shorten(said)}, neither True nor False"
            yield Finding(code="P302", message=message, line=option.text.line)
        elif said is not option.correct:
            yield _contradict(option, is_right=said, why="truth says otherwise")


# What ok was asked


def _compare_trials(trials: Sequence[Trial], observed: Observed) -> Iterator[Finding]:
    outcomes = list(zip(trials, observed.passes, strict=True))
    proven = {option.text.line for trial, ok in outcomes if ok for option in trial.options}
    told: set[int] = set()
    for index, (trial, ok) in enumerate(outcomes):
        if ok is trial.is_right:
            continue
        blamed = _blame(trial, proven, passes=ok)
        if blamed.text.line not in told:
            told.add(blamed.text.line)
            verb = "passes" if ok else "does not pass"
            why = observed.find_why(index)
            reason = f" ({shorten(why)})" if why else ""
            message = f"{trial.name} {verb}{reason}, and {trial.claim}"
            yield Finding(code="P302", message=message, line=blamed.text.line)


def _blame(trial: Trial, proven: set[int], *, passes: bool) -> Option:
    """The option that is most likely ticked wrongly."""
    if passes:
        suspects = [option for option in trial.options if not option.correct]
    else:
        suspects = [option for option in trial.options if option.text.line not in proven]
    return (suspects or list(trial.options))[0]


def _contradict(option: Option, *, is_right: bool, why: str) -> Finding:
    """Say that running disagrees with a tick; `why` names what running showed."""
    shown = option.value or option.text.source.strip().partition("\n")[0]
    ticked = "ticked" if option.correct else "not ticked"
    verdict = "right" if is_right else "wrong"
    message = f"option {option.key}, {shorten(shown)}, is {ticked}, but {why}: it is {verdict}"
    return Finding(code="P302", message=message, line=option.text.line)
