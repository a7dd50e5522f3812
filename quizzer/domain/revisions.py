"""What is kept of an item as it read when somebody met it."""

from __future__ import annotations

from quizzer.domain.items import Item


def describe_item(item: Item) -> tuple[str, str, str, str]:
    """Return an item's key, revision, kind and text as Markdown with its ticks."""
    options = (*item.options, *(option for blank in item.blanks for option in blank.options))
    lines = [
        f"- [{'x' if option.correct else ' '}] `key: {option.key}` {option.text.source}"
        for option in options
    ]
    parts = [f"## {item.id}: {item.title}", item.stem.source, "\n".join(lines)]
    if item.output is not None:
        parts.append(f"```output\n{item.output}\n```")
    if item.answer is not None:
        parts.append(item.answer.source)
    code = (item.code.starter, item.code.solution, item.code.tests) if item.code else ()
    fences = (fence for fence in (*code, item.variants) if fence is not None)
    parts += [f"```python {fence.role}\n{fence.code}\n```" for fence in fences]
    return item.key, item.revision, item.kind.value, "\n\n".join(parts)
