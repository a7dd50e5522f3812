"""Checking content: banks, lessons and exercises, and their proofs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from quizzer.banks.bank import parse_bank
from quizzer.banks.files import IGNORED, LESSON_FILE
from quizzer.banks.lessons import parse_lesson
from quizzer.banks.library import load_library
from quizzer.banks.problems import Problem, suggest
from quizzer.domain.items import Bank, Item, Lesson
from quizzer.errors import NotFoundError
from quizzer.services.inline import (
    find_exercise_key,
    find_lesson,
    list_code_problems,
    list_inline_items,
)
from quizzer.services.submitting import ExerciseError, list_exercises, load_exercise

EXERCISE_FILE = "exercise.md"
EXERCISE_CODE = "E200"  # exercises have no codes of their own


@dataclass(slots=True)
class Content:
    """What was read, and what is wrong with it."""

    banks: list[Bank] = field(default_factory=list)
    lessons: list[Lesson] = field(default_factory=list)
    exercise_count: int = 0
    problems: set[Problem] = field(default_factory=set)

    def list_problems(self, more: Iterable[Problem] = ()) -> tuple[Problem, ...]:
        """Return all problems, those of proofs included, by file and line.

        Files below the working folder are named from there, as editors and code hosts expect.
        """
        found = {replace(one, path=_shorten(one.path)) for one in (*self.problems, *more)}
        return tuple(sorted(found))

    def find_item(self, name: str) -> tuple[Bank, Item]:
        """Return an item and its bank by `bank/item`, or by its id where only one has it.

        Raises:
            NotFoundError: if there is none, or more than one; says what there is instead.
        """
        every = [(bank, item) for bank in self.banks for item in bank.items]
        found = [pair for pair in every if name in (pair[1].key, pair[1].id)]
        if len(found) == 1:
            return found[0]
        if found:
            keys = " and ".join(item.key for _, item in found)
            raise NotFoundError(f"There are several items `{name}`: say {keys}.")
        broken = next((one for one in self.list_problems() if one.is_error), None)
        if broken is not None:
            raise NotFoundError(f"There is no item `{name}`; mend this first, perhaps: {broken}")
        raise NotFoundError(f"There is no item `{name}`.{suggest(name, [i.key for _, i in every])}")


def _shorten(path: str) -> str:
    here, absolute = Path.cwd(), Path(path).absolute()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else path


def load_content(paths: Sequence[Path], *, questions: Path, exercises: Path) -> Content:
    """Read files and folders of banks, lessons and exercises.

    Files below `questions` are read together with their library, so that what they refer to is
    looked up; files elsewhere stand for themselves. The exercises that items name are looked up
    below `exercises`.

    Raises:
        NotFoundError: for a path that does not exist.
    """
    content = Content()
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise NotFoundError(f"There is no {path}.")
        folders = _list_exercise_folders(path)
        for folder in folders:
            _load_exercise(folder, content)
        found = _list_markdown(path)
        if path.is_file() and not (folders or found):
            raise NotFoundError(f"{path} is no bank, lesson or exercise: those end in .md.")
        files += [file for file in found if file.parent not in folders]
    inside = {file.resolve() for file in files if file.resolve().is_relative_to(questions)}
    if inside:
        _load_from_library(questions, inside, content)
    for file in files:
        if file.resolve() not in inside:
            _load_file(file, content)
    content.problems.update(list_code_problems(content.banks, _find_named(content, exercises)))
    return content


def _find_named(content: Content, root: Path) -> frozenset[str]:
    """Return the keys of the exercises that items name and that there are."""
    named = {item.exercise for bank in content.banks for item in bank.items if item.exercise}
    inline = {
        find_exercise_key(item, find_lesson(bank))
        for bank in content.banks
        for item in list_inline_items(bank)
    }
    return frozenset((named & inline) | {key for key in named if _can_load(root / key)})


def _can_load(folder: Path) -> bool:
    try:
        load_exercise(folder)
    except ExerciseError:
        return False
    return True


def _list_exercise_folders(path: Path) -> tuple[Path, ...]:
    if path.is_file():
        is_part = (path.parent / EXERCISE_FILE).is_file()
        return (path.parent,) if is_part else ()
    if (path / EXERCISE_FILE).is_file():
        return (path,)
    # A folder of exercises, or a folder of folders of exercises.
    return (*(found.parent for found in sorted(path.glob(f"*/{EXERCISE_FILE}"))),) or tuple(
        folder for folder in list_exercises(path) if (folder / EXERCISE_FILE).is_file()
    )


def _list_markdown(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix == ".md" else []
    found = sorted(path.rglob("*.md"))
    return [file for file in found if not (file.name in IGNORED or _is_in_exercise(file, path))]


def _is_in_exercise(file: Path, root: Path) -> bool:
    folders = [folder for folder in file.parents if folder.is_relative_to(root)]
    return any((folder / EXERCISE_FILE).is_file() for folder in folders)


def _load_exercise(folder: Path, content: Content) -> None:
    try:
        load_exercise(folder)
    except ExerciseError as error:
        place = (str(error.path), error.line or 1)
        content.problems.add(Problem(*place, EXERCISE_CODE, error.message))
    else:
        content.exercise_count += 1


def _load_from_library(root: Path, wanted: set[Path], content: Content) -> None:
    library = load_library(root)

    def is_wanted(path: str) -> bool:
        return (root / path).resolve() in wanted

    content.banks += [bank for bank in library.banks.values() if is_wanted(bank.path)]
    content.lessons += [one for one in library.lessons.values() if is_wanted(one.path)]
    content.problems |= {problem for problem in library.problems if is_wanted(problem.path)}


def _load_file(path: Path, content: Content) -> None:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        content.problems.add(Problem(str(path), line, "E100", "this is not UTF-8."))
        return
    if path.name == LESSON_FILE:
        lesson = parse_lesson(text, str(path))
        content.lessons += [lesson.value] if lesson.value else []
        content.problems |= set(lesson.problems)
    else:
        bank = parse_bank(text, str(path))
        content.banks += [bank.value] if bank.value else []
        content.problems |= set(bank.problems)
