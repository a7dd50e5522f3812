"""`quizzer new`: begin a lesson, a bank or an item from a small true example."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import click

import quizzer
from quizzer.cli.telling import say
from quizzer.config import load_settings
from quizzer.domain.items import Kind
from quizzer.services.scaffolding import (
    ScaffoldError,
    add_item,
    make_bank,
    make_lesson,
    render_item,
)

_KEY_PARTS = 2
_title_option = click.option("--title", help="What learners see; by default one is made up.")


@click.group("new")
def new_command() -> None:
    """Begin an item, a bank or a lesson.

    What is written is a small true example that passes `quizzer check` as it is: change it bit by
    bit, with `quizzer preview` beside your editor.
    """


@new_command.command("lesson")
@click.argument("name", metavar="LESSON")
@_title_option
def new_lesson_command(name: str, title: str | None) -> None:
    """Begin the lesson LESSON: a name below the folder of questions, or a path."""
    path = make_lesson(_place(name, parts=1), title=title)
    say(f"Made {path}\n{_tell_next(path)}")


@new_command.command("bank")
@click.argument("name", metavar="LESSON/BANK")
@_title_option
def new_bank_command(name: str, title: str | None) -> None:
    """Begin a bank: LESSON/BANK below the folder of questions, or the path of a new .md file."""
    path = _place(name, parts=_KEY_PARTS)
    if path.suffix != ".md":
        path = path.with_name(f"{path.name}.md")
    lesson = path.absolute().parent
    is_in_lesson = not _is_path(name) or (lesson / "lesson.md").is_file()
    identifier = f"{lesson.name}-{path.stem}" if is_in_lesson else path.stem
    make_bank(path, id=identifier, title=title)
    say(f"Made {path}\n{_tell_next(path)}")
    if is_in_lesson and not (lesson / "lesson.md").is_file():
        say(f"There is no lesson {lesson.name} yet: quizzer new lesson {lesson.name}")


@new_command.command("item")
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]), metavar="KIND")
@click.argument(
    "file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--id", "identifier", help="The item's id; by default its kind.")
@_title_option
def new_item_command(
    kind: str, file: Path | None, identifier: str | None, title: str | None
) -> None:
    """Begin an item of KIND at the end of the bank FILE; without FILE, print it.

    KIND is single, multi, truefalse, numeric, output, blank, order, parsons, short, code or recall.
    """
    if file is None:
        click.echo(render_item(Kind(kind), id=identifier, title=title), nl=False)
        return
    item = add_item(file, Kind(kind), id=identifier, title=title)
    say(f"Added {file}:{item.line}: {item.id}\n{_tell_next(file)}")


def _place(name: str, *, parts: int) -> Path:
    """Return the path that is meant; what has the form of a key lies below the questions."""
    if _is_path(name):
        return Path(name).expanduser()
    if len(Path(name).parts) != parts:
        wanted = "LESSON" if parts == 1 else "LESSON/BANK"
        raise ScaffoldError(f"{name!r} is not {wanted}; begin a path with ./ or /.")
    questions = load_settings(os.environ).questions
    own = Path(quizzer.__file__).resolve().parent
    if questions.is_relative_to(own):
        raise ScaffoldError(
            f"{questions} came with the program: set QUIZZER_QUESTIONS to a folder of your own, "
            f"or give a path, such as ./{name}."
        )
    return questions / name


def _is_path(name: str) -> bool:
    return name.startswith((".", "/", "~")) or name.endswith(".md")


def _tell_next(path: Path) -> str:
    place = shlex.quote(str(path))
    return (
        "It passes as it is. Change it bit by bit, and look:\n"
        f"  quizzer preview {place}\n"
        f"  quizzer check {place}"
    )
