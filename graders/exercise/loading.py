"""From a folder to an `Exercise`."""

from __future__ import annotations

import ast
import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from graders.errors import ExerciseError
from graders.exercise.check_settings import DEVICES, MOST_WALL_S
from graders.exercise.check_specs import ChecksFile, CheckSpec, parse_checks, parse_module
from graders.exercise.faults import Faults
from graders.exercise.front_matter import FrontMatter, split_front_matter
from graders.exercise.samples import Sample, load_samples
from graders.exercise.statement import Statement, parse_statement
from graders.model import Limits

FILES = ("exercise.md", "starter.py", "reference.py", "checks.py")
_CEILINGS = {"wall_s": MOST_WALL_S, "cpu_s": 300, "memory_mb": 16384, "output_kb": 1024}
_HARDEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise. Its repr shows neither the reference nor the checks' code.

    Attributes:
        key: `lesson/exercise`, unique.
        difficulty: 1 (easy) to 5.
        entry: names that a submission must define at its top level.
        devices: where it may be graded: cpu, cuda.
        forbid: dotted names that a submission may not use, such as `torch.optim.AdamW`.
        misconceptions: tag to the sentence that a learner is told.
        statement, solution, mistakes: Markdown; the last two may be empty.
        hints: Markdown, in the order in which they are given.
        checks: visible ones first, then hidden ones.
        checks_source: `checks.py` without its hidden checks.
        submissions: those whose verdict is known, which prove the checks.
        hash: of the four files that make the exercise; changes with any of them.
    """

    key: str
    id: str
    title: str
    lesson: str
    difficulty: int
    tags: tuple[str, ...]
    entry: tuple[str, ...]
    limits: Limits
    devices: tuple[str, ...]
    forbid: tuple[str, ...]
    misconceptions: Mapping[str, str]
    statement: str
    hints: tuple[str, ...]
    solution: str = field(repr=False)
    mistakes: str = field(repr=False)
    starter: str = field(repr=False)
    reference: str = field(repr=False)
    checks: tuple[CheckSpec, ...]
    checks_source: str = field(repr=False)
    submissions: tuple[Sample, ...] = field(repr=False)
    hash: str
    folder: Path

    def get_check(self, name: str) -> CheckSpec:
        """Return the check of this name.

        Raises:
            KeyError: if there is none.
        """
        for spec in self.checks:
            if spec.name == name:
                return spec
        raise KeyError(name)


def list_exercises(root: Path) -> tuple[Path, ...]:
    """Return the folders `root/<lesson>/<exercise>`, sorted; those of a missing root are none."""
    folders = (path for path in root.glob("*/*") if path.is_dir())
    visible = (path for path in folders if not path.name.startswith((".", "_")))
    return tuple(sorted(path for path in visible if not path.parent.name.startswith((".", "_"))))


def load_exercise(folder: Path) -> Exercise:
    """Read an exercise folder. Nothing in it is run.

    Raises:
        ExerciseError: with file and line of the first fault, and those of the first in each
            other file that could be read on its own.
    """
    folder = folder.resolve()
    texts = {name: _read(folder / name) for name in FILES}
    faults = Faults()
    told = faults.attempt(lambda: _read_text(folder, texts["exercise.md"]))
    checks = faults.attempt(lambda: parse_checks(folder / "checks.py", texts["checks.py"]))
    tree = faults.attempt(lambda: parse_module(folder / "reference.py", texts["reference.py"]))
    if told is None or checks is None or tree is None:
        raise faults.as_error()
    front, statement = told
    _require_entry(folder / "reference.py", tree, front.items("entry"))
    _require_devices(folder / "checks.py", checks, _devices(front))
    return _build(folder, texts, front, statement, checks)


def _read_text(folder: Path, text: str) -> tuple[FrontMatter, Statement]:
    front, body, line = split_front_matter(folder / "exercise.md", text)
    _require_place(front, folder)
    return front, parse_statement(folder / "exercise.md", body, line)


def _build(
    folder: Path,
    texts: Mapping[str, str],
    front: FrontMatter,
    statement: Statement,
    checks: ChecksFile,
) -> Exercise:
    misconceptions = front.mapping("misconceptions")
    return Exercise(
        key=f"{front.text('lesson')}/{front.text('id')}",
        id=front.text("id"),
        title=front.text("title"),
        lesson=front.text("lesson"),
        difficulty=_difficulty(front),
        tags=front.items("tags"),
        entry=front.items("entry"),
        limits=_limits(front),
        devices=_devices(front),
        forbid=front.items("forbid"),
        misconceptions=misconceptions,
        statement=statement.text,
        hints=statement.hints,
        solution=statement.solution,
        mistakes=statement.mistakes,
        starter=texts["starter.py"],
        reference=texts["reference.py"],
        checks=checks.checks,
        checks_source=checks.visible_source,
        submissions=load_samples(
            folder / "submissions",
            checks=[spec.name for spec in checks.checks],
            misconceptions=misconceptions,
        ),
        hash=_hash(texts),
        folder=folder,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ExerciseError(path, None, "this file is missing") from error
    except UnicodeDecodeError as error:
        raise ExerciseError(path, None, "this file is not UTF-8") from error


def _hash(texts: Mapping[str, str]) -> str:
    digest = hashlib.sha256()
    for name in sorted(texts):
        data = texts[name].encode()
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _require_place(front: FrontMatter, folder: Path) -> None:
    if front.text("format") != "1":
        raise front.fail("format", f"unknown format {front.text('format')}; this reads format 1")
    if front.text("id") != folder.name:
        raise front.fail("id", f"id must be the folder's name, {folder.name}")
    if front.text("lesson") != folder.parent.name:
        raise front.fail("lesson", f"lesson must be the folder above, {folder.parent.name}")
    if not front.text("title"):
        raise front.fail("title", "title is empty")
    for name in front.items("entry"):
        if not name.isidentifier():
            raise front.fail("entry", f"{name!r} is no Python name")


def _require_entry(path: Path, tree: ast.Module, entry: tuple[str, ...]) -> None:
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for name in entry:
        if name not in defined:
            raise ExerciseError(path, 1, f"the reference defines no {name}")


def _require_devices(path: Path, checks: ChecksFile, devices: tuple[str, ...]) -> None:
    """Refuse a check that is made nowhere, and one that waits for another where that is not made.

    Raises:
        ExerciseError: on the line of the check's `def`.
    """
    known = {spec.name: spec for spec in checks.checks}
    for spec in checks.checks:
        unlisted = [device for device in spec.devices if device not in devices]
        if unlisted:
            listed = ", ".join([*devices, *unlisted])
            message = (
                f"{spec.name} is to be made on {unlisted[0]}, which the exercise does not list; "
                f"say `devices: [{listed}]` in exercise.md, or leave it out here"
            )
            raise ExerciseError(path, spec.line, message)
        for name in spec.after:
            alone = [one for one in spec.devices or devices if not known[name].runs_on(one)]
            if alone:
                message = (
                    f"{spec.name} waits for {name}, which is not made on {alone[0]}; "
                    f"give both the same devices="
                )
                raise ExerciseError(path, spec.line, message)


def _difficulty(front: FrontMatter) -> int:
    text = front.text("difficulty", "2")
    if not text.isdecimal() or not 1 <= int(text) <= _HARDEST:
        raise front.fail("difficulty", f"difficulty must be 1 to {_HARDEST}, not {text}")
    return int(text)


def _devices(front: FrontMatter) -> tuple[str, ...]:
    devices = front.items("devices") or ("cpu",)
    for device in devices:
        if device not in DEVICES:
            raise front.fail("devices", f"unknown device {device}; there are {', '.join(DEVICES)}")
    return devices


def _limits(front: FrontMatter) -> Limits:
    types: dict[str, Callable[[str], float]] = {
        entry.name: float if entry.name == "wall_s" else int for entry in fields(Limits)
    }
    chosen: dict[str, float] = {}
    for name, text in front.mapping("limits").items():
        if name not in types:
            raise front.fail("limits", f"unknown limit {name}; there are {', '.join(types)}")
        try:
            chosen[name] = types[name](text)
        except ValueError as error:
            raise front.fail("limits", f"{name} must be a number, not {text}") from error
        if not (math.isfinite(chosen[name]) and 0 < chosen[name] <= _CEILINGS[name]):
            raise front.fail("limits", f"{name} must lie above 0 and at most {_CEILINGS[name]:g}")
    return Limits(**chosen)  # type: ignore[arg-type]  # whole numbers where whole ones are meant
