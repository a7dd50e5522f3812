"""Something to begin with: small true items, banks and lessons, to be changed bit by bit.

`templates/` holds them as they are written, with `{{id}}`, `{{title}}` and `{{heading}}` in place
of what a command is told; other names in braces are an item's own variables and stay.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from quizzer.banks.front_matter import MAX_ID_LENGTH, is_id
from quizzer.banks.library import load_problems
from quizzer.domain.items import Kind
from quizzer.errors import QuizzerError

LONGEST_TITLE = 100
_TEMPLATES = files(__name__).joinpath("templates")
# Then nobody knows where an item would be.
_UNREADABLE = ("E100", "E101", "E106", "E110", "E111", "E112")
_SLOT = re.compile(r"\{\{(id|title|heading)\}\}")
_ITEM_ID = re.compile(r"^## ([a-z][a-z0-9-]*): ", re.MULTILINE)
_TITLES = {
    Kind.SINGLE: "What is the sum?",
    Kind.MULTI: "Which require a gradient?",
    Kind.TRUEFALSE: "Calling `backward()` twice",
    Kind.NUMERIC: "Derivative of a square",
    Kind.OUTPUT: "What is printed?",
    Kind.BLANK: "Evaluate a model",
    Kind.ORDER: "One update in order",
    Kind.PARSONS: "Build a training loop",
    Kind.SHORT: "Where the gradient is",
    Kind.CODE: "Write the penalty",
    Kind.RECALL: "Clearing the gradients",
}


class ScaffoldError(QuizzerError):
    """Something new that cannot be made; its message says what to choose instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """An item that was added to a bank, and the line of its heading."""

    id: str
    line: int


def make_lesson(folder: Path, *, title: str | None = None) -> Path:
    """Write `lesson.md` into a lesson's folder, which is made where it is missing.

    Args:
        folder: its name is the lesson's id.
        title: what readers see; None for one made of the id.

    Raises:
        ScaffoldError: for a name or title that cannot be used, or a lesson that exists.
    """
    _require_id("lesson", folder.name)
    text = _fill("lesson.md", id=folder.name, title=_choose_title(title, folder.name))
    return _write_new(folder / "lesson.md", text)


def make_bank(path: Path, *, id: str, title: str | None = None) -> Path:  # noqa: A002 - the format's word
    """Write a new bank with one item in it.

    Args:
        path: the file; its folder is made where it is missing.
        id: the bank's id, unique among all banks.
        title: what readers see; None for one made of the file's name.

    Raises:
        ScaffoldError: for a name or title that cannot be used, or a file that exists.
    """
    _require_id("bank", id)
    if path.suffix != ".md" or path.name in ("lesson.md", "README.md"):
        raise ScaffoldError(f"{path.name} is no name for a bank: choose another that ends in .md.")
    return _write_new(path, _fill("bank.md", id=id, title=_choose_title(title, path.stem)))


def add_item(
    path: Path,
    kind: Kind,
    *,
    id: str | None = None,  # noqa: A002 - the format's word
    title: str | None = None,
) -> NewItem:
    """Write a new item at the end of a bank; what stands there stays as it is.

    Args:
        path: the bank's file.
        kind: the item's kind.
        id: the item's id; None for the kind's name, with a number where that is taken.
        title: what learners see; None for one that fits the example.

    Raises:
        ScaffoldError: for an id or title that cannot be used, or a file that is no bank.
    """
    if path.name == "lesson.md":
        raise ScaffoldError(f"{path} is a lesson; items stand in the banks beside it.")
    problem = next((one for one in load_problems(path) if one.code in _UNREADABLE), None)
    if problem is not None:
        raise ScaffoldError(f"No item can be added before this is mended: {problem}")
    text = path.read_text(encoding="utf-8")
    chosen = _choose_id(kind, id, set(_ITEM_ID.findall(text)))
    gap = "\n" if text.endswith("\n") else "\n\n"
    with path.open("a", encoding="utf-8") as file:
        file.write(gap + render_item(kind, id=chosen, title=title))
    return NewItem(id=chosen, line=(text + gap).count("\n") + 1)


def render_item(
    kind: Kind,
    *,
    id: str | None = None,  # noqa: A002 - the format's word
    title: str | None = None,
) -> str:
    """Return a small true item of a kind, as Markdown.

    Raises:
        ScaffoldError: for an id or title that cannot be used.
    """
    chosen = kind.value if id is None else id
    _require_id("item", chosen)
    return _fill(f"items/{kind.value}.md", id=chosen, title=title or _TITLES[kind])


def _choose_id(kind: Kind, wanted: str | None, taken: set[str]) -> str:
    if wanted is not None and wanted in taken:
        raise ScaffoldError(f"The bank has an item `{wanted}` already; choose another --id.")
    names = (kind.value if number == 1 else f"{kind.value}-{number}" for number in range(1, 10_000))
    return wanted or next(name for name in names if name not in taken)


def _choose_title(title: str | None, name: str) -> str:
    return title if title is not None else name.replace("-", " ").capitalize()


def _require_id(kind: str, text: str) -> None:
    if is_id(text):
        return
    close = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789")[:MAX_ID_LENGTH]
    article = "an" if kind == "item" else "a"
    raise ScaffoldError(
        f"{text!r} is no id for {article} {kind}: use small letters and digits joined by hyphens, "
        f"such as {close.rstrip('-') or f'my-{kind}'}."
    )


def _fill(template: str, *, id: str, title: str) -> str:  # noqa: A002 - the format's word
    """Put values in place of the slots, in one go: a value that holds a slot stays as it is."""
    if not title.strip() or not title.isprintable() or len(title) > LONGEST_TITLE:
        raise ScaffoldError(f"A title is one line of 1 to {LONGEST_TITLE} characters.")
    is_file = not template.startswith("items/")
    values = {"id": id, "title": title.strip(), "heading": title.strip()}
    if is_file:
        values["title"] = json.dumps(title.strip(), ensure_ascii=False)  # as YAML takes anything
    text = _TEMPLATES.joinpath(template).read_text(encoding="utf-8")
    return _SLOT.sub(lambda slot: values[slot[1]], text)


def _write_new(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ScaffoldError(f"{path} exists already; choose another name.") from error
    return path
