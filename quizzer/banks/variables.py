"""Variables, `{{name}}`: which ones a `variants` block draws, and which ones an item uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from quizzer.banks.formulas import FORMULA
from quizzer.banks.fragments import outside_code, outside_fences
from quizzer.banks.items import Draft
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Fence, Option, Text
from quizzer.domain.variants import VARIABLE

# What these give values to is theirs.
_OWN_NAMES = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
_EXPRESSION = re.compile(r"\{\{( *[A-Za-z_]\w* *[^\w{} ][^{}]*)\}\}")
_SHOWN_SECTIONS = ("Hint", "Answer", "Solution", "Mistakes", "Source", "Blank")


def list_assigned(code: str) -> frozenset[str]:
    """Return the names that a block of Python gives a value to, outside its functions."""
    names: set[str] = set()
    nodes: list[ast.AST] = [ast.parse(code)]
    while nodes:  # no recursion: a long sum is a deep tree
        node = nodes.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, _OWN_NAMES):
            nodes.extend(ast.iter_child_nodes(node))
    return frozenset(names)


def check_variables(draft: Draft, complaints: Complaints) -> None:
    """Complain about variables that nothing draws, and about a block that draws none."""
    block = draft.find_block("variants")
    if block is None:
        for text in (Text(source=draft.title, line=draft.line), *_list_texts(draft)):
            check_no_variables(text, complaints)
        return
    known = list_assigned(block.code)
    used = [use for text in _list_texts(draft) for use in _list_uses(text)]
    used += [(name, draft.line) for name in VARIABLE.findall(draft.title)]
    used += [use for fence in draft.list_blocks("parsons") for use in _list_fence_uses(fence)]
    for name, line in used:
        if not name.isidentifier():
            complaints.add(
                line, "E154", "only a name stands in braces; compute in the `variants` block."
            )
        elif name not in known:
            complaints.add(
                line,
                "E154",
                f"`{name[:40]}` has no value; give it one in `variants`.{suggest(name, known)}",
            )
    if not used:
        complaints.add(
            block.line, "E154", "nothing uses what this block draws; write `{{name}}` in the text."
        )


def check_no_variables(text: Text, complaints: Complaints) -> None:
    """Complain about a variable in prose where nothing draws one; in code braces mean nothing."""
    if "{{" not in text.source:
        return
    prose = FORMULA.sub(lambda found: "\n" * found[0].count("\n"), outside_code(text.source))
    for offset, line in enumerate(prose.split("\n")):
        if found := VARIABLE.search(line):
            complaints.add(
                text.line + offset,
                "E154",
                f"nothing draws {found[0]}; give `### Check` a ```` ```python variants ```` block.",
            )


def _list_texts(draft: Draft) -> Iterator[Text]:
    """Yield the fragments in which variables are filled in."""
    yield draft.stem
    yield from _list_option_texts(draft.options)
    for section in draft.sections:
        if section.name in _SHOWN_SECTIONS:
            yield section.text
            yield from _list_option_texts(section.options)


def _list_option_texts(options: tuple[Option, ...]) -> Iterator[Text]:
    for option in options:
        yield option.text
        if option.feedback:
            yield option.feedback


def _list_uses(text: Text) -> Iterator[tuple[str, int]]:
    """Yield names, and outside code blocks expressions as well, with their lines."""
    if "{{" not in text.source:
        return
    for offset, line in enumerate(text.source.split("\n")):
        yield from ((name, text.line + offset) for name in VARIABLE.findall(line))
    for offset, line in enumerate(outside_fences(text.source).split("\n")):
        yield from ((found, text.line + offset) for found in _EXPRESSION.findall(line))


def _list_fence_uses(fence: Fence) -> Iterator[tuple[str, int]]:
    for offset, line in enumerate(fence.code.split("\n"), start=1):
        yield from ((name, fence.line + offset) for name in VARIABLE.findall(line))
