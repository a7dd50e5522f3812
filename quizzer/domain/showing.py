"""An item, what was drawn of it and what was sent, made into what a page may show now.

The key of a question is seen once it is done, in a mode that answers at once; in one that answers
at the end, once the attempt is closed. Until then the value that a page gets does not hold it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace

from quizzer.domain.attempts import Chosen, Judgement, ShownQuestion
from quizzer.domain.items import Item, Kind, Option, Renderer, ShownItem, ShownOption, Text
from quizzer.domain.naming import name_keys
from quizzer.domain.questions import Question
from quizzer.domain.scoring import list_right_blanks, score_response
from quizzer.domain.sequences import list_right_places, name_lines
from quizzer.domain.shuffling import draw_offered_values

_TICKS = re.compile("`+")

WITHDRAWN = "This question was withdrawn; it no longer counts unless you had answered it."
CHANGED = "This question has been changed since; what you earned with it stays."
STANDS = "Your first answer stands: this question was answered before, and that is what counts."
WITHHELD = "This question is in your running test. It comes back once the test is finished."
REDRAWN = "This question was changed in the meantime. Nothing was stored: please look at it anew."


def show_question(question: Question, render: Renderer) -> ShownQuestion:
    """Return the question as a page may show it now."""
    latest = question.latest
    judgement = _judge_latest(question)
    spoken = judgement if question.shows_verdict else Judgement(score=0.0)
    tries = question.mode.tries
    return ShownQuestion(
        position=question.presentation.position,
        item=_show_item(question, judgement, render),
        next_try=len(question.responses) + 1,
        chosen=_disguise(question, latest.chosen) if latest else None,
        is_right=latest.score >= 1.0 if latest and question.shows_verdict else None,
        is_done=question.is_settled or not question.is_open,
        is_revealed=question.is_given_up,
        earned=question.earned if _shows_points(question) else None,
        feedback_html=_list_feedback(question, spoken, render),
        misconceptions=tuple(
            question.misconceptions[tag]
            for tag in spoken.misconceptions
            if tag in question.misconceptions
        ),
        tries_left=None if tries is None else max(0, tries - len(question.responses)),
        right_blanks=_list_right_blanks(question),
        right_lines=_list_right_lines(question),
        best=question.best,
        time_s=question.time_s,
        seconds_left=question.seconds_left,
        ran_out=question.ran_out and not question.is_withheld,
        is_opened=question.time_s is None or question.presentation.shown_at is not None,
        is_flagged=question.presentation.is_flagged,
        is_withheld=question.is_withheld,
        rescored_at=question.presentation.rescored_at,
        notice=_find_notice(question),
    )


def forget_try(question: ShownQuestion) -> ShownQuestion:
    """Return an open question without the latest try and its verdict, for a fresh start at it."""
    if question.is_done:
        return question
    options = (replace(each, chosen=False, feedback_html="") for each in question.item.options)
    return replace(
        question,
        item=replace(question.item, options=tuple(options)),
        chosen=None,
        is_right=None,
        feedback_html=(),
        misconceptions=(),
        right_blanks=None,
        right_lines=None,
    )


def _disguise(question: Question, chosen: Chosen) -> Chosen:
    """Return a response as its page may have it: options under the names that the page gave."""
    item = question.item
    if item is None or not (item.kind.is_choice or item.kind.is_sequence):
        return chosen
    if not question.is_current:
        return Chosen()
    return replace(chosen, keys=name_keys(item, question.presentation.option_order, chosen.keys))


def _shows_points(question: Question) -> bool:
    return question.shows_verdict and question.mode.gives_points


def _judge_latest(question: Question) -> Judgement:
    latest = question.latest
    if latest is None or question.item is None or not question.is_current:
        return Judgement(score=0.0)
    return score_response(question.item, latest.chosen)


def _find_notice(question: Question) -> str:
    if question.item is None:
        return WITHDRAWN
    if question.is_withheld:
        return WITHHELD
    return "" if question.is_current else CHANGED


def _list_feedback(question: Question, spoken: Judgement, render: Renderer) -> tuple[str, ...]:
    """Return what the matched options say; while a try is left, the wrong ones only.

    To praise a part of an answer that is not right would let it be found by trying part by part.
    """
    if question.item is None:
        return ()
    options = _index_options(question.item)
    heard = (options[key] for key in spoken.matched)
    said = (option.feedback for option in heard if question.shows_key or not option.correct)
    return tuple(render(text) for text in said if text is not None)


def _list_right_blanks(question: Question) -> frozenset[str] | None:
    latest = question.latest
    if latest is None or question.item is None or not question.is_current:
        return None
    if question.item.kind is not Kind.BLANK or not question.shows_verdict:
        return None
    return list_right_blanks(question.item, latest.chosen)


def _list_right_lines(question: Question) -> frozenset[str] | None:
    latest = question.latest
    if latest is None or question.item is None or not question.is_current:
        return None
    if not (question.item.kind.is_sequence and question.shows_key):
        return None
    right = list_right_places(question.item, latest.chosen.keys)
    return frozenset(name_lines(question.presentation.option_order, tuple(right)))


def _index_options(item: Item) -> dict[str, Option]:
    """Return all options by the names that judgements use: key, or `blank.key`."""
    plain = {option.key: option for option in item.options}
    in_blanks = {
        f"{blank.name}.{option.key}": option for blank in item.blanks for option in blank.options
    }
    return plain | in_blanks


def _show_item(question: Question, judgement: Judgement, render: Renderer) -> ShownItem:
    if question.item is None or not question.is_current:
        return _show_stale(question)
    item = question.item
    shows_key = question.shows_key
    return ShownItem(
        key=item.key,
        kind=item.kind,
        title=item.title,
        stem_html=render(item.stem),
        difficulty=item.difficulty,
        points=item.points,
        tags=item.tags,
        options=_show_options(question, item, judgement, render),
        blanks=tuple(blank.name for blank in item.blanks),
        hints_html=tuple(render(hint) for hint in item.hints[: question.presentation.hint_count]),
        hint_total=len(item.hints) if question.mode.offers_hints else 0,
        solution_html=_render_if(shows_key, item.solution, render),
        mistakes_html=_render_if(shows_key, item.mistakes, render),
        expected_html=_show_expected(item, render) if shows_key else "",
        answer_html=_render_if(shows_key or question.is_turned, item.answer, render),
        exercise=question.exercise,
        offered=_list_offered(question, item),
    )


def _list_offered(question: Question, item: Item) -> tuple[str, ...]:
    """Return values to fill blanks from; as with a choice, the key is one of several."""
    if not question.mode.offers_values or question.shows_key or question.is_withheld:
        return ()
    return draw_offered_values(item, seed=question.seed)


def _show_stale(question: Question) -> ShownItem:
    """Return a placeholder: the key at hand is not that of what was shown."""
    item = question.item
    return ShownItem(
        key=question.presentation.item_key,
        kind=item.kind if item else Kind.SINGLE,
        title=item.title if item else "Withdrawn question",
        stem_html="",
        difficulty=item.difficulty if item else 1,
        points=item.points if item else 1.0,
        tags=item.tags if item else (),
        options=(),
        blanks=(),
        hints_html=(),
        hint_total=0,
        solution_html="",
        mistakes_html="",
        expected_html="",
    )


def _show_options(
    question: Question, item: Item, judgement: Judgement, render: Renderer
) -> tuple[ShownOption, ...]:
    kind = item.kind
    if kind is Kind.CODE or not (kind.is_choice or kind.is_sequence or question.shows_key):
        return ()  # the options of code are known submissions, of no use to a learner
    chosen = question.latest.chosen if question.latest else Chosen()
    picked = frozenset(chosen.keys if kind.is_choice or kind.is_sequence else judgement.matched)
    options = {option.key: option for option in item.options}
    order = question.presentation.option_order or tuple(options)
    return tuple(
        replace(
            _show_option(options[key], question, item, is_chosen=key in picked, render=render),
            key=name,
        )
        for key, name in zip(order, name_keys(item, order, order), strict=True)
    )


def _show_option(
    option: Option, question: Question, item: Item, *, is_chosen: bool, render: Renderer
) -> ShownOption:
    errs = is_chosen and not option.correct and question.shows_verdict
    speaks = question.shows_key or errs
    return ShownOption(
        key=option.key,
        # A code span would swallow the indentation.
        html=_show_code(option.value, render) if item.kind is Kind.PARSONS else render(option.text),
        correct=option.correct if question.shows_key else None,
        feedback_html=_render_if(speaks, option.feedback, render),
        chosen=is_chosen,
    )


def _show_expected(item: Item, render: Renderer) -> str:
    """Return the right value of a typed kind, the right order or the code; empty for the rest."""
    if item.kind is Kind.OUTPUT:
        return f"<pre><code>{html.escape(item.output or '')}</code></pre>"
    if item.kind is Kind.NUMERIC:
        return "".join(render(option.text) for option in item.options if option.correct)
    if item.kind is Kind.SHORT:
        return _join_values(item.options)
    if item.kind is Kind.BLANK:
        rows = "".join(_show_blank_key(blank.name, blank.options) for blank in item.blanks)
        return f"<dl>{rows}</dl>"
    if item.kind.is_sequence:
        return _show_right_order(item, render)
    return _show_code(item.code.solution.code, render) if item.code else ""


def _show_right_order(item: Item, render: Renderer) -> str:
    options = {option.key: option for option in item.options}
    right = [options[key] for key in item.orders[0]]
    if item.kind is Kind.PARSONS:
        return _show_code("\n".join(option.value for option in right), render)
    steps = "".join(f"<li>{render(option.text)}</li>" for option in right)
    return f"<ol>{steps}</ol>"


def _show_code(code: str, render: Renderer) -> str:
    """Return a program as HTML; its fence is longer than any that it may hold."""
    ticks = "`" * max(3, 1 + max((len(run) for run in _TICKS.findall(code)), default=0))
    return render(Text(source=f"{ticks}python\n{code.rstrip()}\n{ticks}", line=1))


def _show_blank_key(name: str, options: Sequence[Option]) -> str:
    return f"<dt><code>{html.escape(name)}</code></dt><dd>{_join_values(options)}</dd>"


def _join_values(options: Sequence[Option]) -> str:
    return " or ".join(
        f"<code>{html.escape(option.value)}</code>" for option in options if option.correct
    )


def _render_if(allowed: bool, text: Text | None, render: Renderer) -> str:  # noqa: FBT001 - a guard
    return render(text) if allowed and text is not None else ""
