"""An item, what was drawn of it and what was sent, made into what a page may show now.

The key of a question is seen once it is done, in a mode that answers at once; in one that answers
at the end, once the attempt is closed. Until then the value that a page gets does not hold it.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from quizzer.domain.attempts import Chosen, Judgement, Presentation, Response, ShownQuestion
from quizzer.domain.items import Item, Kind, Option, Renderer, ShownItem, ShownOption, Text
from quizzer.domain.modes import Feedback, Mode, Scoring
from quizzer.domain.scoring import list_right_blanks, score_response

WITHDRAWN = "This question was withdrawn; it no longer counts unless you had answered it."
CHANGED = "This question has been changed since; what you earned with it stays."
STANDS = "Your first answer stands: this question was answered before, and that is what counts."
REDRAWN = "This question was changed in the meantime. Nothing was stored: please look at it anew."


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question of an attempt with all that bears on it.

    Attributes:
        item: as it is in the library now; None if it was withdrawn.
        responses: in order of their tries.
        misconceptions: of the item's bank, tag to sentence.
        is_open: whether the attempt is.
    """

    item: Item | None
    presentation: Presentation
    responses: Sequence[Response]
    misconceptions: Mapping[str, str]
    mode: Mode
    is_open: bool

    @property
    def latest(self) -> Response | None:
        """The last response, if there is one."""
        return self.responses[-1] if self.responses else None

    @property
    def earned(self) -> float:
        """Share of the points earned so far."""
        latest = self.latest
        return latest.earned if latest else 0.0

    @property
    def is_current(self) -> bool:
        """Whether the item is what it was when it was drawn."""
        return self.item is not None and self.item.revision == self.presentation.item_revision

    @property
    def is_settled(self) -> bool:
        """Whether the mode allows no further try at it."""
        if self.presentation.is_revealed or not (self.is_current or self.responses):
            return True
        if self.mode.tries is not None and len(self.responses) >= self.mode.tries:
            return True
        latest = self.latest
        # In a mode that tells at the end, being done early would tell that it was right.
        return latest is not None and (
            not self.is_current or (self.mode.feedback is Feedback.AT_ONCE and latest.score >= 1.0)
        )

    @property
    def shows_verdict(self) -> bool:
        """Whether it may be said how it went."""
        return self.mode.feedback is Feedback.AT_ONCE or not self.is_open

    @property
    def shows_key(self) -> bool:
        """Whether the key may be seen."""
        if self.mode.feedback is Feedback.AT_END:
            return not self.is_open
        return self.is_settled

    @property
    def counts(self) -> bool:
        """Whether it belongs to the points possible: a withdrawn one only if it was answered."""
        return self.item is not None or bool(self.responses)


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
        chosen=latest.chosen if latest else None,
        is_right=latest.score >= 1.0 if latest and question.shows_verdict else None,
        is_done=question.is_settled or not question.is_open,
        is_revealed=question.presentation.is_revealed,
        earned=question.earned if _shows_points(question) else None,
        feedback_html=_list_feedback(question, spoken, render),
        misconceptions=tuple(
            question.misconceptions[tag]
            for tag in spoken.misconceptions
            if tag in question.misconceptions
        ),
        tries_left=None if tries is None else max(0, tries - len(question.responses)),
        right_blanks=_list_right_blanks(question),
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
    )


def _shows_points(question: Question) -> bool:
    return question.shows_verdict and question.mode.scoring is not Scoring.RECORDED


def _judge_latest(question: Question) -> Judgement:
    latest = question.latest
    if latest is None or question.item is None or not question.is_current:
        return Judgement(score=0.0)
    return score_response(question.item, latest.chosen)


def _find_notice(question: Question) -> str:
    if question.item is None:
        return WITHDRAWN
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
    allows_hints = question.mode.scoring is Scoring.POINTS
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
        hint_total=len(item.hints) if allows_hints else 0,
        solution_html=_render_if(shows_key, item.solution, render),
        mistakes_html=_render_if(shows_key, item.mistakes, render),
        expected_html=_show_expected(item, render) if shows_key else "",
    )


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
    if not (item.kind.is_choice or question.shows_key):
        return ()
    chosen = question.latest.chosen if question.latest else Chosen()
    picked = frozenset(chosen.keys if item.kind.is_choice else judgement.matched)
    options = {option.key: option for option in item.options}
    order = question.presentation.option_order or tuple(options)
    return tuple(
        _show_option(options[key], question, is_chosen=key in picked, render=render)
        for key in order
    )


def _show_option(
    option: Option, question: Question, *, is_chosen: bool, render: Renderer
) -> ShownOption:
    errs = is_chosen and not option.correct and question.shows_verdict
    speaks = question.shows_key or errs
    return ShownOption(
        key=option.key,
        html=render(option.text),
        correct=option.correct if question.shows_key else None,
        feedback_html=_render_if(speaks, option.feedback, render),
        chosen=is_chosen,
    )


def _show_expected(item: Item, render: Renderer) -> str:
    """Return the right value of a typed kind as HTML; empty for choices."""
    if item.kind is Kind.OUTPUT:
        return f"<pre><code>{html.escape(item.output or '')}</code></pre>"
    if item.kind is Kind.NUMERIC:
        return "".join(render(option.text) for option in item.options if option.correct)
    if item.kind is Kind.BLANK:
        rows = "".join(_show_blank_key(blank.name, blank.options) for blank in item.blanks)
        return f"<dl>{rows}</dl>"
    return ""


def _show_blank_key(name: str, options: Sequence[Option]) -> str:
    values = " or ".join(
        f"<code>{html.escape(option.value)}</code>" for option in options if option.correct
    )
    return f"<dt><code>{html.escape(name)}</code></dt><dd>{values}</dd>"


def _render_if(allowed: bool, text: Text | None, render: Renderer) -> str:  # noqa: FBT001 - a guard
    return render(text) if allowed and text is not None else ""
