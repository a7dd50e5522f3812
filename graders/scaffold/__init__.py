"""A new exercise that verifies at once: a small real one to be changed bit by bit.

`templates/<lesson>/` holds one for each lesson of the default content, as files whose names end in
`.template`, so that nothing takes them for code of this package.
"""

from __future__ import annotations

import contextlib
import json
import keyword
import re
import shutil
import tempfile
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from graders.errors import GraderError
from graders.exercise import load_exercise

_SLUG = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*\Z")
_SUFFIX = ".template"
_TITLE_CHARS = 100


class ScaffoldError(GraderError):
    """A new exercise that cannot be made; its message says what to choose instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Example:
    """One of the templates and what its function is called where nobody asks otherwise."""

    folder: str
    entry: str


_EXAMPLES = {
    "regularization": _Example(folder="regularization", entry="penalized_loss"),
    "weight-decay": _Example(folder="weight-decay", entry="decay_parameters"),
}
_FOR_OTHER_LESSONS = "regularization"


def make_exercise(
    folder: Path, *, title: str | None = None, entry: str | None = None
) -> tuple[str, ...]:
    """Make the folder of a new exercise, whole or not at all.

    Args:
        folder: `.../<lesson>/<exercise>`, both in lower-case words joined by hyphens.
        title: what learners see; None for one made of the folder's name.
        entry: the function that is to be written; None for the example's own.

    Returns:
        the files that were made, relative to the folder.

    Raises:
        ScaffoldError: for a name, title or entry that cannot be used, or a folder that exists.
    """
    lesson, name = folder.parent.name, folder.name
    example = _EXAMPLES.get(lesson, _EXAMPLES[_FOR_OTHER_LESSONS])
    files = _read_templates(example)
    for kind, text in (("lesson", lesson), ("exercise", name)):
        _require_slug(kind, text)
    values = {
        "id": name,
        "lesson": lesson,
        "title": _quote_title(title if title is not None else name.replace("-", " ").capitalize()),
        "entry": _require_entry(entry, files) if entry is not None else example.entry,
    }
    filled = {path: _fill(text, values) for path, text in files.items()}
    try:
        _write(folder, filled)
    except OSError as error:
        raise ScaffoldError(f"{folder} cannot be made: {error.strerror}.") from error
    return tuple(sorted(filled))


def _read_templates(example: _Example) -> dict[str, str]:
    """Return path and text of each file of an example."""
    top = resources.files(__name__) / "templates" / example.folder
    return dict(_walk(top, ""))


def _walk(folder: Traversable, prefix: str) -> list[tuple[str, str]]:
    files = []
    for child in folder.iterdir():
        if child.is_dir():
            files += _walk(child, f"{prefix}{child.name}/")
        elif child.name.endswith(_SUFFIX):
            name = prefix + child.name.removesuffix(_SUFFIX)
            files.append((name, child.read_text(encoding="utf-8")))
    return files


def _require_slug(kind: str, text: str) -> None:
    if not _SLUG.match(text):
        close = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789") or f"my-{kind}"
        raise ScaffoldError(
            f"{text!r} is no name for {'an' if kind == 'exercise' else 'a'} {kind}: use lower-case "
            f"letters and digits joined by hyphens, such as {close}."
        )


def _quote_title(title: str) -> str:
    """Return a title as YAML takes it, whatever it holds."""
    if not title.strip() or not title.isprintable() or len(title) > _TITLE_CHARS:
        raise ScaffoldError(f"a title is one line of 1 to {_TITLE_CHARS} characters.")
    return json.dumps(title.strip(), ensure_ascii=False)


def _require_entry(entry: str, files: dict[str, str]) -> str:
    if not entry.isidentifier() or keyword.iskeyword(entry):
        raise ScaffoldError(f"{entry!r} is no name that a function can have in Python.")
    code = "\n".join(text for path, text in files.items() if path.endswith(".py"))
    if entry in re.findall(r"\w+", code.replace("{{entry}}", "")):
        message = f"the example uses the name {entry} for something else; choose another entry."
        raise ScaffoldError(message)
    return entry


def _fill(text: str, values: dict[str, str]) -> str:
    """Put values in place of {{names}}, in one go: a value that holds {{entry}} stays as it is."""
    return re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], text)


def _write(folder: Path, files: dict[str, str]) -> None:
    """Write everything beside its place, read it as the grader will, and move it there."""
    if folder.is_symlink() or folder.exists():
        raise ScaffoldError(f"{folder} exists already; choose another name or delete it first.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
    try:
        draft = workshop / folder.parent.name / folder.name
        for path, text in files.items():
            target = draft / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        load_exercise(draft)
        draft.rename(folder)
    finally:
        with contextlib.suppress(OSError):
            shutil.rmtree(workshop)
