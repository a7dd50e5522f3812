"""What earlier responses are worth by a key that was mended since.

A response is scored anew only where its question was the same but for the key: what a learner
answered to something else says nothing of the question as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from quizzer.domain.attempts import Presentation, Response
from quizzer.domain.items import Item, Kind
from quizzer.domain.questions import Question
from quizzer.domain.revisions import ItemRevision, describe_item, fill_revision, match_options
from quizzer.domain.scoring import score_response, score_try
from quizzer.domain.variants import draw_item

_HAVE_NO_KEY = frozenset({Kind.CODE, Kind.RECALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """The item of today as it would have been drawn for somebody who met an earlier revision.

    Attributes:
        values: (name, text) of its variables, sorted by name: those that were seen are the same.
        keys: present key of each option by the one that it had.
    """

    item: Item
    values: tuple[tuple[str, str], ...]
    keys: Mapping[str, str]


def has_key(item: Item) -> bool:
    """Whether a key says what is right: code is graded, and a card judged by its learner."""
    return item.kind not in _HAVE_NO_KEY


def find_twin(item: Item, met: ItemRevision, values: tuple[tuple[str, str], ...]) -> Twin | None:
    """Return the item as it would have been drawn, or None if it asks something else now.

    Values that only the key uses are taken from the item's draws of today: a mended formula counts.
    """
    seen = fill_revision(met, dict(values))
    for draw in _list_draws(item, met, dict(values)):
        drawn = draw_item(item, draw)
        keys = match_options(seen, describe_item(drawn))
        if keys is not None:
            return Twin(item=drawn, values=tuple(sorted(draw.items())), keys=keys)
    return None


class TwinFinder:
    """Finds twins of an item; learners who met the same have the same."""

    def __init__(self, item: Item, met: Mapping[str, ItemRevision]) -> None:
        self.item = item
        self._met = met
        self._found: dict[object, Twin | None] = {}

    def find(self, revision: str, values: tuple[tuple[str, str], ...]) -> Twin | None:
        """Return the item as it would have been drawn, or None."""
        met = self._met.get(revision)
        if met is None:
            return None
        if (revision, values) not in self._found:
            self._found[revision, values] = find_twin(self.item, met, values)
        return self._found[revision, values]


def score_anew(question: Question, twin: Twin) -> Question:
    """Return an answered question as it stands by the key of today.

    Each try keeps its number and its hints. What came after the question's own clock had run out
    stays missed.
    """
    drawn = replace(
        question.presentation,
        option_order=_rename(question.presentation.option_order, twin),
        values=twin.values,
        key_revision=_name_key(question.presentation, twin.item),
    )
    today = replace(question, item=twin.item, presentation=drawn)
    return replace(today, responses=_score_tries(today, twin))


def _list_draws(
    item: Item, met: ItemRevision, values: Mapping[str, str]
) -> Iterable[Mapping[str, str]]:
    if item.variants is None:
        return ({},)
    if met.revision == item.revision:
        return (values,)
    return sorted(item.draws, key=lambda draw: dict(draw) != values)


def _rename(keys: Iterable[str], twin: Twin) -> tuple[str, ...]:
    return tuple(twin.keys[key] for key in keys)


def _name_key(presentation: Presentation, item: Item) -> str | None:
    return None if presentation.item_revision == item.revision else item.revision


def _score_tries(question: Question, twin: Twin) -> tuple[Response, ...]:
    scored: list[Response] = []
    earned = 0.0
    for response in question.responses:
        chosen = replace(response.chosen, keys=_rename(response.chosen.keys, twin))
        # How long its clock runs may have been changed since: what was worth something was in time.
        is_late = response.score == 0.0 and question.is_late(response.at)
        score = 0.0 if is_late else score_response(twin.item, chosen).score
        earned = score_try(
            question.mode,
            score=score,
            try_no=response.try_no,
            hint_count=response.hint_count,
            before=earned,
        )
        scored.append(replace(response, chosen=chosen, score=score, earned=earned))
    return tuple(scored)
