r"""Formulas: `$…$` in a line and `$$…$$` on its own, from LaTeX to MathML.

The converter is native code that dies on deep nesting, so what it is given is bounded first. Its
result is checked against a list of tags and attributes, and its inline styles become classes: pages
are served without permission for inline style.
"""

from __future__ import annotations

import html
import re
import threading
from functools import lru_cache

from math_core import LatexError, LatexToMathML

MAX_CHARACTERS = 2_000
MAX_DEPTH = 50
MAX_UNCLOSED = 10
# A formula starts and ends beside something that is no space, and no digit follows it: "$5 or $6".
# \x02 marks a place where Python-Markdown has already put something else, such as code.
_LATEX = r"((?:[^$\\\n\x02]++|\\.|\n(?! *\n))++)"  # nothing given back: there is one way only
_INLINE = rf"(?![\s$]){_LATEX}(?<!\s)\$(?![\d$])"
_DISPLAY = rf"\${_LATEX}\$\$(?!\$)"
FORMULA = re.compile(rf"\$(?<![\\$]\$)(?:{_DISPLAY}|{_INLINE})", re.DOTALL)

_CLASS_BY_STYLE = {
    "text-align:left": "math-left",
    "text-align:right": "math-right",
    "text-align:center": "math-center",
    "padding-left:0": "math-tight-left",
    "padding-right:0": "math-tight-right",
    "padding-left:1em": "math-wide-left",
    "padding-right:1em": "math-wide-right",
    "border-left:0.05em solid currentcolor": "math-rule-left",
    "border-right:0.05em solid currentcolor": "math-rule-right",
    "border-top:0.05em solid currentcolor": "math-rule-top",
    "border-bottom:0.05em solid currentcolor": "math-rule-bottom",
}
# `justify-items` repeats what `text-align` says; the classes' style sheet sets both.
_STYLE = re.compile(r' style="([^"]*)"')
_COLOUR = re.compile(r"color:(#[0-9A-Fa-f]{6})\Z")
_TAG = re.compile(r"<[^>]*>")
_SAFE_TAG = re.compile(
    r"</?(?:math|m[a-z]+)(?: (?:display|displaystyle|scriptlevel|mathvariant|stretchy|symmetric"
    r"|minsize|maxsize|lspace|rspace|form|fence|separator|largeop|movablelimits|accent|accentunder"
    r"|linethickness|width|height|depth|voffset|columnspan|rowspan|class|mathcolor|mathbackground"
    r'|mathsize|intent|arg|columnalign|rowspacing|columnspacing)="[^"<>]*")*/?>'
)
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|.", re.DOTALL)
_GROUP_STARTS = frozenset({"{", r"\begin", r"\left"})
_GROUP_ENDS = frozenset({"}", r"\end", r"\right"})
_LINKS = frozenset("^_ 1234567890")  # between two commands they do not end a chain
_OPENING = re.compile(
    r"[(\[\u27e6\u27e8\u27ea\u27ee\u2308\u230a\u231c\u231e]|\\[{(\[]|\\(?:l(?:paren|br|[bB]rack|brace|angle"
    r"|Angle|floor|ceil|vert|Vert|group|moustache|l)|[ul]lcorner|mathopen|[A-Za-z]*open)[A-Za-z]*"
)
_CLOSING = re.compile(
    r"[)\]\u27e7\u27e9\u27eb\u27ef\u2309\u230b\u231d\u231f]|\\[})\]]|\\(?:r(?:paren|br|[bB]rack|brace|angle"
    r"|Angle|floor|ceil|vert|Vert|group|moustache|r)|[ul]rcorner|mathclose)[A-Za-z]*"
)
# Definitions could nest deeper, when expanded, than what is written shows.
_DEFINITION = re.compile(
    r"\\(?:[A-Za-z]*def|let|futurelet|[A-Za-z]*newcommand\*?"
    r"|providecommand|DeclareMathOperator)(?![A-Za-z])"
)
_PLACE = re.compile(r"^\d+: ")
_local = threading.local()


class FormulaError(ValueError):
    """A formula that cannot be shown; the text says why."""


def check_formula(latex: str) -> str | None:
    """Return why the formula cannot be shown, or None."""
    try:
        render_formula(latex, is_display=False)
    except FormulaError as error:
        return str(error)
    return None


@lru_cache(maxsize=20_000)
def render_formula(latex: str, *, is_display: bool) -> str:
    """Convert LaTeX to MathML.

    Raises:
        FormulaError: if it is too long, nested too deeply or not understood.
    """
    if len(latex) > MAX_CHARACTERS:
        raise FormulaError(f"a formula has at most {MAX_CHARACTERS:,} characters; split it")
    if count_depth(latex) > MAX_DEPTH:
        raise FormulaError(f"a formula nests at most {MAX_DEPTH} deep; split it")
    if count_unclosed(latex) > MAX_UNCLOSED:
        raise FormulaError("a formula closes its brackets; add what is missing")
    if found := _DEFINITION.search(latex):
        raise FormulaError(f"a formula defines no commands: {found[0]}")
    try:
        mathml = _get_converter().convert_with_local_state(latex, displaystyle=is_display)
    except LatexError as error:
        reason = _PLACE.sub("", str(error).splitlines()[0]).rstrip(".")
        raise FormulaError(f"formula: {reason}; mend it") from error
    return _require_safe(_STYLE.sub(_to_classes, mathml))


def count_depth(latex: str) -> int:
    r"""Return an upper bound of the nesting: braces, `\left`, `\begin`, and chained commands.

    `\sqrt\sqrt\sqrt x` nests without a brace; commands with nothing between them count one each.
    """
    depth = deepest = run = 0
    for token in _tokenise(latex):
        if token in _GROUP_STARTS:
            depth += 1
        elif token in _GROUP_ENDS:
            depth = max(depth - 1, 0)
        if token[0] == "\\" and token[1:].isalpha():
            run += 1
        elif token not in _LINKS:
            run = 0
        deepest = max(deepest, depth + run)
    return deepest


def count_unclosed(latex: str) -> int:
    """Return how many opening brackets at most stay open to the end of their group.

    The converter looks for the end of each of them twice over: its time doubles with every one.
    """
    groups = [0]
    most = 0
    for token in _tokenise(latex):
        if token in _GROUP_STARTS:
            groups.append(0)
        elif token in _GROUP_ENDS or token in ("&", r"\\"):
            most = max(most, groups[-1])
            groups[-1] = 0
            if token in _GROUP_ENDS and len(groups) > 1:
                groups.pop()
        elif _OPENING.fullmatch(token):
            groups[-1] += 1
        elif _CLOSING.fullmatch(token):
            groups[-1] = max(groups[-1] - 1, 0)
    return max(most, *groups)


def _tokenise(latex: str) -> list[str]:
    return _TOKEN.findall(latex)


def _get_converter() -> LatexToMathML:
    """Return this thread's converter; one converter is not made for two threads."""
    if not hasattr(_local, "converter"):
        _local.converter = LatexToMathML(fancy_error=False)
    converter: LatexToMathML = _local.converter
    return converter


def _to_classes(found: re.Match[str]) -> str:
    classes: list[str] = []
    colour = ""
    for declaration in html.unescape(found[1]).split(";"):
        bare = re.sub(r"\s*:\s*", ":", declaration.strip())
        if bare in _CLASS_BY_STYLE:
            classes.append(_CLASS_BY_STYLE[bare])
        elif hue := _COLOUR.match(bare):
            colour = f' mathcolor="{hue[1]}"'
    names = " ".join(dict.fromkeys(classes))
    return (f' class="{names}"' if names else "") + colour


def _require_safe(mathml: str) -> str:
    for tag in _TAG.findall(mathml):
        if not _SAFE_TAG.fullmatch(tag):
            raise FormulaError(f"formula: it may not contain {tag[:40]}")
    return mathml
