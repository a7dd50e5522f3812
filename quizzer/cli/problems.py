"""Complaints as text, as JSON and as annotations of code hosts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from quizzer.banks.problems import Problem

FORMATS = ("text", "json", "github")


def render_lines(problems: Sequence[Problem], style: str) -> tuple[str, ...]:
    """Return one line per problem, as people or as code hosts read it."""
    write = annotate if style == "github" else str
    return tuple(write(problem) for problem in problems)


def render_json(problems: Sequence[Problem], more: Mapping[str, object]) -> str:
    """Return the problems as a JSON list; with more to tell, as one entry of an object."""
    found = [asdict(problem) for problem in problems]
    return json.dumps({"problems": found, **more} if more else found, indent=1)


def annotate(problem: Problem) -> str:
    """Return a problem as code hosts show it beside the line."""
    kind = "error" if problem.is_error else "warning"
    place = f"file={_escape_property(problem.path)},line={problem.line},title={problem.code}"
    return f"::{kind} {place}::{_escape(problem.message)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
