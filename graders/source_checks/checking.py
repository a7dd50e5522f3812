"""What can be said of a submission before any of it runs, from its bytes and its syntax tree.

These findings inform the learner. They are not the security: the jail is.
"""

from __future__ import annotations

import ast
import threading
import warnings
from dataclasses import dataclass

from graders.model import Verdict
from graders.source_checks.names import find_disguised, find_forbidden
from graders.text import printable

MAX_BYTES = 64 * 1024  # the parser may need a second for it: its time grows with the square
_TOLD_BYTES = 16 << 20  # whoever reads a file may read no more than one byte beyond this
_PARSE = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFinding:
    """What was found.

    Attributes:
        verdict: ACCEPTED where the submission may run.
        message: why it may not, in words for the learner.
        text: the decoded source; empty where it could not be decoded.
        information: remarks that change no verdict.
    """

    verdict: Verdict = Verdict.ACCEPTED
    message: str = ""
    text: str = ""
    information: tuple[str, ...] = ()


def check_source(
    source: bytes,
    *,
    entry: tuple[str, ...],
    forbid: tuple[str, ...] = (),
) -> SourceFinding:
    """Look at a submission's source without running it.

    Args:
        source: the file as it was handed in.
        entry: names that it must define at its top level.
        forbid: dotted names that it may not use.
    """
    if len(source) > MAX_BYTES:
        message = (
            f"The file is {_say_size(len(source))} long; at most {MAX_BYTES // 1024} kB are read."
        )
        return SourceFinding(verdict=Verdict.FORBIDDEN, message=message)
    text, message = _decode(source)
    if message:
        return SourceFinding(verdict=Verdict.SYNTAX_ERROR, message=message)
    tree, message = _parse(text)
    if tree is None:
        return SourceFinding(verdict=Verdict.SYNTAX_ERROR, message=message, text=text)
    return _look_at(tree, text, entry, forbid)


def _say_size(size: int) -> str:
    if size > _TOLD_BYTES:
        return f"more than {_TOLD_BYTES >> 20} MB"
    return f"{size / 1024:.0f} kB"


def _decode(source: bytes) -> tuple[str, str]:
    """Return the text and an empty message, or why it could not be decoded."""
    try:
        return source.decode("utf-8-sig"), ""
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        bad = source[error.start]
        return "", f"The file is not UTF-8 text: byte 0x{bad:02x} on line {line}. Save it as UTF-8."


def _parse(text: str) -> tuple[ast.Module | None, str]:
    """Return the syntax tree and an empty message, or None and the error with its line."""
    try:
        # The filters are the process's: one parse at a time, so that they are put back right.
        with _PARSE, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text), ""
    except SyntaxError as error:
        place = f"Line {error.lineno}: " if error.lineno else ""
        shown = f"\n    {_quote(error.text)}" if error.text else ""
        return None, f"{place}{printable(error.msg)}.{shown}"
    except (RecursionError, MemoryError):
        return None, "The code is nested too deeply for Python's parser."
    except ValueError as error:
        return None, f"Python cannot read the file: {error}."


def _quote(line: str) -> str:
    return printable(line.strip()[:200])


def _look_at(
    tree: ast.Module,
    text: str,
    entry: tuple[str, ...],
    forbid: tuple[str, ...],
) -> SourceFinding:
    if not tree.body:
        message = "The file is empty: there is no code in it."
        return SourceFinding(verdict=Verdict.WRONG, message=message, text=text)
    used = find_forbidden(tree, forbid)
    if used is not None:
        name, line = used
        message = f"Line {line} uses {name}, which this exercise asks you to do without."
        return SourceFinding(verdict=Verdict.FORBIDDEN, message=message, text=text)
    missing = sorted(set(entry) - defined_names(tree))
    if missing and not _may_define_anything(tree):
        return SourceFinding(verdict=Verdict.WRONG, message=say_missing(missing), text=text)
    remarks = tuple(say_disguised(*found) for found in find_disguised(tree, forbid))
    return SourceFinding(text=text, information=remarks)


def say_disguised(name: str, line: int) -> str:
    """Return the remark about a forbidden name that is used, but not under that name."""
    return (
        f"Line {line} gets at {name} in another way; this exercise asks you to do without it. "
        "This is only a remark: it changes no points."
    )


def say_missing(names: list[str]) -> str:
    """Return the message about names that a submission does not define."""
    return f"The file defines no {' and no '.join(names)} at its top level; the name must match."


def say_no_function(name: str, type_name: str) -> str:
    """Return the message about a name that must be defined and stands for something else."""
    article = "an" if type_name.startswith(("a", "e", "i", "o", "u")) else "a"
    what = "None" if type_name == "NoneType" else f"{article} {type_name}"
    return f"The name {name} is {what}, not a function or class: is it assigned a value somewhere?"


def defined_names(tree: ast.Module) -> set[str]:
    """Return the names that the module's own statements bind, outside functions and classes."""
    names: set[str] = set()
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
        elif not isinstance(node, ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return names


def _may_define_anything(tree: ast.Module) -> bool:
    """Whether names can come from where the syntax tree does not show them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.alias) and node.name == "*":
            return True
        if isinstance(node, ast.Name) and node.id in ("globals", "vars", "exec", "setattr"):
            return True
    return False
