"""What a preview shows: each item as learners meet it, each complaint beside its lines.

The author looks at a file of their own, so nothing is kept back here, the key included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from quizzer.banks.problems import Problem
from quizzer.banks.rendering import render_text
from quizzer.domain.attempts import Chosen, Presentation, Response, ShownQuestion
from quizzer.domain.items import Bank, Item, Kind
from quizzer.domain.modes import Mode, find_mode
from quizzer.domain.naming import find_keys
from quizzer.domain.proofs import complete_bank
from quizzer.domain.questions import Question
from quizzer.domain.scoring import score_response
from quizzer.domain.showing import show_question
from quizzer.domain.variants import draw_item
from quizzer.domain.wellformed import require_well_formed
from quizzer.errors import InvalidResponseError
from quizzer.services.previewing import Outcome, Sight, cut_lines, list_spans
from quizzer.services.sitting import draw

_AROUND = 1  # lines shown above and below the one that a complaint is about


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLine:
    """What is wrong with one line, and the lines around it: number and text."""

    line: int
    problems: tuple[Problem, ...]
    around: tuple[tuple[int, str], ...]

    @property
    def is_error(self) -> bool:
        """Whether one of the complaints is an error."""
        return any(problem.is_error for problem in self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the author asked to see of one item.

    Attributes:
        item: the item's id, or empty for none.
        seed: which shuffling of the options, and which draw of the variables.
        chosen: an answer to try, or None.
        is_turned: whether a card shows its back.
    """

    item: str = ""
    seed: int = 0
    chosen: Chosen | None = None
    is_turned: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDraft:
    """One item of the file.

    Attributes:
        item: with its variables drawn, key and all.
        question: as a learner meets it.
        lines: first and last line in the file.
        problems: what is wrong on these lines.
        outcome: of its proof, or None where that was not run since the item changed.
        seed: which shuffling and draw this is.
        refusal: why the answer could not be taken, or empty.
    """

    item: Item
    question: ShownQuestion
    mode: Mode
    lines: tuple[int, int]
    problems: tuple[ShownLine, ...]
    outcome: Outcome | None
    seed: int
    refusal: str = ""

    @property
    def waits_for_draws(self) -> bool:
        """Whether its variables still stand there by name."""
        return self.item.waits_for_draws

    @property
    def can_redraw(self) -> bool:
        """Whether another seed shows it otherwise."""
        is_shuffled = self.item.kind in (Kind.SINGLE, Kind.MULTI) and self.item.shuffle
        return is_shuffled or self.item.kind.is_sequence or bool(self.item.draws)


def list_drafts(sight: Sight, wish: Wish) -> tuple[ShownDraft, ...]:
    """Return the items of the last version without errors."""
    good = sight.good
    if good is None or not isinstance(good.value, Bank):
        return ()
    found = {name: outcome.explanation.found for name, outcome in sight.outcomes.items()}
    bank = complete_bank(good.value, found)
    items = {item.id: item for item in bank.items}
    drafts: list[ShownDraft] = []
    for place, (item, lines) in enumerate(list_spans(good), start=1):
        own = wish if wish.item == item.id else Wish()
        shown, refusal = _show(bank, items[item.id], place, own)
        outcome = sight.outcomes.get(item.id)
        problems = _list_own(sight, item, lines, outcome)
        drafts.append(
            ShownDraft(
                item=shown.item or item,
                question=show_question(shown, render_text),
                mode=shown.mode,
                lines=(lines.start, lines.stop - 1),
                problems=show_problems(good.text, problems),
                outcome=outcome,
                seed=own.seed,
                refusal=refusal,
            )
        )
    return tuple(drafts)


def list_general(sight: Sight) -> tuple[ShownLine, ...]:
    """Return the complaints about no item in particular; about a broken file, all there are."""
    if sight.is_broken or sight.good is None:
        return show_problems(sight.text, sight.problems)
    owned = {line for _, lines in list_spans(sight.good) for line in lines}
    return show_problems(sight.text, [one for one in sight.problems if one.line not in owned])


def show_problems(text: str, problems: Iterable[Problem]) -> tuple[ShownLine, ...]:
    """Return complaints, sorted by line, with the lines around each."""
    by_line: dict[int, list[Problem]] = {}
    for problem in problems:
        by_line.setdefault(problem.line, []).append(problem)
    return tuple(_show_line(text, line, by_line[line]) for line in sorted(by_line))


def _show_line(text: str, line: int, problems: Iterable[Problem]) -> ShownLine:
    around = cut_lines(text, range(line - _AROUND, line + _AROUND + 1))
    return ShownLine(line=line, problems=tuple(problems), around=around)


def _list_own(sight: Sight, item: Item, lines: range, outcome: Outcome | None) -> list[Problem]:
    """Return the complaints on an item's lines, those of its proof included."""
    proved = list(outcome.list_problems(item.line)) if outcome else []
    if sight.is_broken:  # its complaints are about another text than this item's
        return proved
    return sorted([*(one for one in sight.problems if one.line in lines), *proved])


def _show(bank: Bank, item: Item, place: int, wish: Wish) -> tuple[Question, str]:
    """Return an item as it is asked, and why an answer to it could not be taken."""
    plain = replace(item, variants=None) if item.waits_for_draws else item
    drawn = replace(draw(plain, position=place, seed=wish.seed), is_revealed=wish.is_turned)
    shown = draw_item(item, dict(drawn.values))
    question = Question(
        item=shown,
        presentation=drawn,
        responses=(),
        misconceptions=bank.misconceptions,
        mode=_find_mode(item),
        is_open=True,
    )
    if wish.chosen is None:
        return question, ""
    try:
        response = _answer(shown, drawn, wish.chosen)
    except InvalidResponseError as error:
        return question, str(error)
    return replace(question, responses=(response,)), ""


def _find_mode(item: Item) -> Mode:
    mode = find_mode("review" if item.kind is Kind.RECALL else "practice")
    if mode is None:
        raise AssertionError(item.kind)
    return mode


def _answer(item: Item, drawn: Presentation, chosen: Chosen) -> Response:
    if item.kind is Kind.CODE:
        raise InvalidResponseError("Here no code is graded; prove the item to try its solution.")
    chosen = replace(chosen, keys=find_keys(item, drawn.option_order, chosen.keys))
    taken = require_well_formed(item, chosen)
    score = score_response(item, taken).score
    return Response(
        position=drawn.position,
        try_no=1,
        chosen=taken,
        score=score,
        earned=score,
        hint_count=0,
        at=datetime.now(UTC),
    )
