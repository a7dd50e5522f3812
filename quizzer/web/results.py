"""The result of an attempt as its page lists it: a line for each question, and what can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from quizzer.domain.attempts import AttemptResult, ShownQuestion, SkillResult
from quizzer.domain.items import Kind
from quizzer.domain.mastery import SkillEstimate
from quizzer.domain.modes import Feedback, Mode, Scoring
from quizzer.domain.results import TOO_FEW, WEAK, name_strength
from quizzer.domain.showing import WITHDRAWN
from quizzer.web.words import RECALL_WORDS, format_number

_RIGHT, _MISSED, _LEFT = "✓", "✗", "○"
_MOST_NAMED = 3  # skills, where none of them is known to be weak
_NEW_ROUND = {Scoring.SCORE: "New test", Scoring.BADGE: "New challenge"}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsaidSkill:
    """A skill of which an attempt asked too little.

    Attributes:
        label: strong, developing or weak by all answers so far; empty where these are too few too.
        n: how many these are.
    """

    skill: str
    label: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one question of a closed attempt.

    Attributes:
        number: as the learner reads it, from 1.
        sign: ✓, ✗ or ○.
        words: the same in words, with the points and what comes of it.
        is_readable: whether there is more to read than this line; what was never reached is not
            shown, for it can come again.
        is_open: whether that is unfolded when the page comes.
    """

    question: ShownQuestion
    number: int
    sign: str
    words: str
    is_readable: bool
    is_open: bool


def describe_result(
    result: AttemptResult,
    mode: Mode,
    *,
    comes_back: Mapping[str, str],
    wanted: str | None,
    believed: Mapping[str, SkillEstimate],
) -> dict[str, object]:
    """Return what the page of a result shows beside its attempt.

    Args:
        result: of a closed attempt.
        mode: the rules that it began with.
        comes_back: when an item is asked again, in words, by its key; empty outside review.
        wanted: position of the question that the reader was at, or None.
        believed: what all answers say of the learner's skills, by skill.
    """
    attempt, questions = result.shown.attempt, result.shown.questions
    missed = [question for question in questions if _is_missed(question)]
    left = [each for each in missed if not (each.chosen or each.is_revealed)]
    return {
        "result": result,
        "outcomes": list_outcomes(questions, mode, comes_back=comes_back, wanted=wanted),
        "missed": missed,
        "right_count": len(questions) - len(missed),
        "left": left if mode.scoring is Scoring.POINTS else [],
        **describe_skills(result.skills, believed),
        "can_retry": any(_can_practise(each) for each in missed),
        "new_round": _NEW_ROUND.get(mode.scoring, "New round"),
        "was_time_up": attempt.closed_at is not None and attempt.closed_at == attempt.ends_at,
    }


def describe_skills(
    skills: Sequence[SkillResult], believed: Mapping[str, SkillEstimate]
) -> dict[str, object]:
    """Return what can be said of the skills of an attempt, and which to practise next.

    Of most skills an attempt asks too little; there all answers so far may say more.
    """
    unsaid = [
        UnsaidSkill(skill=one.skill, label=_name_belief(estimate), n=estimate.n if estimate else 0)
        for one in skills
        if one.label == TOO_FEW
        for estimate in [believed.get(one.skill)]
    ]
    shaky = sorted((one for one in skills if one.score < 1.0), key=lambda one: one.score)
    return {
        "rated": [one for one in skills if one.label != TOO_FEW],
        "unsaid": unsaid,
        "weak_here": [one.skill for one in skills if one.label == WEAK],
        "weak_before": [one.skill for one in unsaid if one.label == WEAK],
        "shaky": [one.skill for one in shaky[:_MOST_NAMED]],
    }


def _name_belief(estimate: SkillEstimate | None) -> str:
    """Return strong, developing or weak by all answers; empty where these are too few as well."""
    if estimate is None:
        return ""
    label = name_strength(estimate.expected, estimate.low, estimate.high, items=estimate.n)
    return "" if label == TOO_FEW else label


def list_outcomes(
    questions: Sequence[ShownQuestion],
    mode: Mode,
    *,
    comes_back: Mapping[str, str],
    wanted: str | None,
) -> tuple[Outcome, ...]:
    """Return a line for each question; the first that was missed and can be read is unfolded."""
    to_read = [each for each in questions if _is_readable(each, mode)]
    first = next((each.position for each in to_read if _is_missed(each)), None)
    open_ones = {str(first), wanted}
    return tuple(
        Outcome(
            question=question,
            number=number,
            sign=_sign(question),
            words=", ".join(_word(question, mode, comes_back.get(question.item.key, ""))),
            is_readable=question in to_read,
            is_open=str(question.position) in open_ones,
        )
        for number, question in enumerate(questions, start=1)
    )


def _is_missed(question: ShownQuestion) -> bool:
    return question.is_revealed or not question.is_right


def _can_practise(question: ShownQuestion) -> bool:
    return question.notice != WITHDRAWN and question.item.kind is not Kind.RECALL


def _is_readable(question: ShownQuestion, mode: Mode) -> bool:
    """Return whether it was answered, given up or lost to the clock; a test tells of all."""
    is_played = bool(question.chosen) or question.is_revealed or question.ran_out
    return is_played or mode.feedback is Feedback.AT_END


def _sign(question: ShownQuestion) -> str:
    if not _is_missed(question):
        return _RIGHT
    return _MISSED if question.chosen and not question.is_revealed else _LEFT


def _word(question: ShownQuestion, mode: Mode, comes_back: str) -> Iterable[str]:
    yield _name_outcome(question, mode)
    if question.earned is not None and question.chosen:
        points = question.item.points
        unit = "point" if points == 1 else "points"
        yield f"{format_number(question.earned * points)} of {format_number(points)} {unit}"
    if question.is_flagged:
        yield "flagged by you"
    if comes_back:
        yield f"comes back {comes_back}"


def _name_outcome(question: ShownQuestion, mode: Mode) -> str:
    if question.item.kind is Kind.RECALL and question.chosen:
        return RECALL_WORDS[question.chosen.keys[0]].lower()
    if not _is_missed(question):
        return "known" if mode.scoring is Scoring.SCHEDULE else "right"
    if question.is_revealed:
        return "answer shown"
    if question.ran_out:
        return "the time was up"
    return _name_miss(mode) if question.chosen else _name_gap(question, mode)


def _name_miss(mode: Mode) -> str:
    if mode.scoring is Scoring.SCHEDULE:
        return "not known"
    return "not right yet" if mode.tries is None else "not right"


def _name_gap(question: ShownQuestion, mode: Mode) -> str:
    """Return the words for a question to which nothing was sent."""
    if not question.is_opened:
        return "not reached"
    return "not answered" if mode.feedback is Feedback.AT_END else "left open"
