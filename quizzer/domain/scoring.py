"""What a response is worth: one function per rule, a number in [0, 1].

Everything here expects a response that fits its item (see `wellformed`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType

from quizzer.domain.attempts import RECALL_KEYS, Chosen, Judgement
from quizzer.domain.items import Item, Kind, Option
from quizzer.domain.modes import Mode, Scoring
from quizzer.domain.ranges import parse_number, parse_range
from quizzer.domain.sequences import score_places

_SPACES = re.compile(r"\s+")
_SPACE_BY_MARK = re.compile(r" ?([,;:=()\[\]{}]) ?")


def score_response(item: Item, chosen: Chosen) -> Judgement:
    """Score one response. An empty one scores 0.

    What a submission is worth is for its grading to say: of kind code every response scores 0 here.
    """
    return _SCORERS[item.kind](item, chosen)


def score_exact(ticked: AbstractSet[str], right: AbstractSet[str]) -> float:
    """Return 1 if exactly the right ones are ticked, else 0."""
    return 1.0 if ticked == right else 0.0


def score_partial(ticked: AbstractSet[str], right: AbstractSet[str]) -> float:
    """Return (right ticked - wrong ticked) / right, never below 0."""
    if not right:
        return 0.0
    return max(0.0, (len(ticked & right) - len(ticked - right)) / len(right))


def score_try(mode: Mode, *, score: float, try_no: int, hint_count: int, before: float) -> float:
    """Return the share of the points that a try leaves the learner with.

    Args:
        mode: whose points by try and cost of a hint hold.
        score: the try's own, in [0, 1].
        try_no: from 1.
        hint_count: hints used so far.
        before: what was earned by earlier tries; a further try never lowers it.
    """
    if mode.scoring is not Scoring.POINTS:
        return max(before, score)
    share = mode.points_by_try[min(try_no, len(mode.points_by_try)) - 1]
    return max(before, score * share - mode.hint_cost * hint_count, 0.0)


def normalise_output(text: str) -> str:
    """Return printed text with its meaningless white space gone.

    Lines count, their inner spacing does not: runs of white space are one space, none is left at
    the ends or beside brackets, commas, colons, semicolons and equals signs; empty lines at the
    beginning and the end fall away. Two numbers stay two numbers.
    """
    lines = [_SPACES.sub(" ", line).strip() for line in text.strip().splitlines()]
    return "\n".join(_SPACE_BY_MARK.sub(r"\1", line) for line in lines)


def normalise_short(text: str, *, is_case_sensitive: bool) -> str:
    """Return a short answer with each run of white space as one space, and small letters.

    Args:
        text: as it was typed.
        is_case_sensitive: whether capitals stay.
    """
    words = " ".join(text.split())
    return words if is_case_sensitive else words.casefold()


def list_right_keys(options: Iterable[Option]) -> frozenset[str]:
    """Return the keys of the ticked options."""
    return frozenset(option.key for option in options if option.correct)


def list_right_blanks(item: Item, chosen: Chosen) -> frozenset[str]:
    """Return the names of the blanks that are filled in rightly."""
    values = dict(chosen.blanks)
    return frozenset(
        blank.name
        for blank in item.blanks
        if _judge_blank(blank.options, values.get(blank.name, "")).is_right
    )


def _judge(score: float, spoken: Collection[Option]) -> Judgement:
    named = [option.misconception for option in spoken if option.misconception]
    return Judgement(
        score=score,
        matched=tuple(option.key for option in spoken),
        misconceptions=tuple(dict.fromkeys(named)),
    )


def _score_choice(item: Item, chosen: Chosen) -> Judgement:
    ticked = frozenset(chosen.keys)
    spoken = [option for option in item.options if option.key in ticked]
    if item.kind is not Kind.MULTI:
        return _judge(max(map(_score_option, spoken), default=0.0), spoken)
    rule = score_partial if item.partial else score_exact
    return _judge(rule(ticked, list_right_keys(item.options)) if ticked else 0.0, spoken)


def _score_option(option: Option) -> float:
    return 1.0 if option.correct else option.score


def _score_numeric(item: Item, chosen: Chosen) -> Judgement:
    if not chosen.text.strip():
        return Judgement(score=0.0)
    number = parse_number(chosen.text)
    return _judge_typed(item.options, lambda option: number in parse_range(option.value))


def _score_output(item: Item, chosen: Chosen) -> Judgement:
    typed = normalise_output(chosen.text)
    if not typed:
        return Judgement(score=0.0)
    if item.output is not None and typed == normalise_output(item.output):
        return Judgement(score=1.0)
    return _judge_typed(item.options, lambda option: typed == normalise_output(option.value))


def _judge_typed(options: Iterable[Option], matches: Callable[[Option], bool]) -> Judgement:
    """Judge a typed value by the first option that anticipated it, ticked ones first."""
    ordered = sorted(options, key=lambda option: not option.correct)
    found = next((option for option in ordered if matches(option)), None)
    if found is None:
        return Judgement(score=0.0)
    return _judge(_score_option(found), [found])


def _score_blank(item: Item, chosen: Chosen) -> Judgement:
    """Score each blank by its own options; without part marks all of them must be right."""
    values = dict(chosen.blanks)
    parts = {
        blank.name: _judge_blank(blank.options, values.get(blank.name, "")) for blank in item.blanks
    }
    right = sum(part.score for part in parts.values())
    share = right / len(parts) if parts else 0.0
    return Judgement(
        score=share if item.partial else float(share == 1.0),
        matched=tuple(f"{name}.{key}" for name, part in parts.items() for key in part.matched),
        misconceptions=tuple(
            dict.fromkeys(tag for part in parts.values() for tag in part.misconceptions)
        ),
    )


def _judge_blank(options: Iterable[Option], value: str) -> Judgement:
    typed = normalise_output(value)
    if not typed:
        return Judgement(score=0.0)
    return _judge_typed(options, lambda option: typed == normalise_output(option.value))


def _score_short(item: Item, chosen: Chosen) -> Judgement:
    def normalise(text: str) -> str:
        return normalise_short(text, is_case_sensitive=item.is_case_sensitive)

    typed = normalise(chosen.text)
    if not typed:
        return Judgement(score=0.0)
    return _judge_typed(item.options, lambda option: typed == normalise(option.value))


def _score_sequence(item: Item, chosen: Chosen) -> Judgement:
    is_right = chosen.keys in item.orders
    score = score_places(item, chosen.keys) if item.partial and not is_right else float(is_right)
    options = {option.key: option for option in item.options}
    return _judge(score, [options[key] for key in chosen.keys])


def _score_recall(_: Item, chosen: Chosen) -> Judgement:
    """Score a card by the learner's own judgement."""
    return Judgement(score=max(map(_RECALLED.__getitem__, chosen.keys), default=0.0))


def _leave_to_grading(_item: Item, _chosen: Chosen) -> Judgement:
    return Judgement(score=0.0)


_RECALLED = MappingProxyType(dict(zip(RECALL_KEYS, (0.0, 0.5, 1.0), strict=True)))

_SCORERS: Mapping[Kind, Callable[[Item, Chosen], Judgement]] = MappingProxyType(
    {
        Kind.SINGLE: _score_choice,
        Kind.MULTI: _score_choice,
        Kind.TRUEFALSE: _score_choice,
        Kind.NUMERIC: _score_numeric,
        Kind.OUTPUT: _score_output,
        Kind.BLANK: _score_blank,
        Kind.ORDER: _score_sequence,
        Kind.PARSONS: _score_sequence,
        Kind.SHORT: _score_short,
        Kind.CODE: _leave_to_grading,
        Kind.RECALL: _score_recall,
    }
)
