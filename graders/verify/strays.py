"""What lies in an exercise's folder and belongs to nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from graders.exercise import Exercise

_JUDGES = ["expected", "got"]


def find_stray_files(exercise: Exercise) -> Iterator[str]:
    """Yield a problem for each file below submissions/ that is not tried."""
    folder = exercise.folder / "submissions"
    known = {sample.path for sample in exercise.submissions}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.is_dir() or path in known or any(part.startswith((".", "__")) for part in parts):
            continue
        name = path.relative_to(exercise.folder)
        yield (
            f"{name}: this file is not tried; move it to submissions/<verdict>/*.py, such as "
            f"submissions/wrong/{path.stem}.py, or remove it"
        )


def tell_idle_judges(exercise: Exercise) -> Iterator[str]:
    """Yield a remark for each function that looks like a judge and is named by nothing."""
    path = exercise.folder / "checks.py"
    if not path.exists():
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef) or node.name in used:
            continue
        if [argument.arg for argument in node.args.args] == _JUDGES:
            yield (
                f"checks.py:{node.lineno}: {node.name} judges no check; "
                f"say judge={node.name} where it is meant to, or remove it"
            )
