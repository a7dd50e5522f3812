"""An item with variables, and one drawing of it: a plain item, in which nothing is left to draw."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from quizzer.domain.items import Blank, Fence, Item, Option, Text

VARIABLE = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_]*) *\}\}")


def fill_in(text: str, values: Mapping[str, str]) -> str:
    """Return the text with `{{name}}` replaced; names without a value stay as they are."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def draw_item(item: Item, values: Mapping[str, str]) -> Item:
    """Return the item as it reads with these values of its variables.

    An item without variables is returned as it is: braces in its text mean nothing.
    """
    if item.variants is None:
        return item
    return replace(
        item,
        title=fill_in(item.title, values),
        stem=_fill_text(item.stem, values),
        options=tuple(_fill_option(option, values) for option in item.options),
        blanks=tuple(_fill_blank(blank, values) for blank in item.blanks),
        output=None if item.output is None else fill_in(item.output, values),
        hints=tuple(_fill_text(hint, values) for hint in item.hints),
        solution=_fill_optional(item.solution, values),
        mistakes=_fill_optional(item.mistakes, values),
        source=_fill_optional(item.source, values),
        answer=_fill_optional(item.answer, values),
        fences=tuple(_fill_fence(fence, values) for fence in item.fences),
    )


def _fill_text(text: Text, values: Mapping[str, str]) -> Text:
    return replace(text, source=fill_in(text.source, values))


def _fill_optional(text: Text | None, values: Mapping[str, str]) -> Text | None:
    return None if text is None else _fill_text(text, values)


def _fill_option(option: Option, values: Mapping[str, str]) -> Option:
    return replace(
        option,
        text=_fill_text(option.text, values),
        value=fill_in(option.value, values),
        feedback=_fill_optional(option.feedback, values),
    )


def _fill_blank(blank: Blank, values: Mapping[str, str]) -> Blank:
    return replace(blank, options=tuple(_fill_option(one, values) for one in blank.options))


def _fill_fence(fence: Fence, values: Mapping[str, str]) -> Fence:
    return replace(fence, code=fill_in(fence.code, values))
