"""How large the pictures beside the lessons are, so that a page keeps their place free."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from quizzer.banks.fragments import FIGURES
from quizzer.domain.items import Lesson

_SVG = re.compile(r"<svg\b([^>]*)>")
_SVG_SIZE = re.compile(r'\b(width|height)="(\d+)(?:px)?"')
_BOTH = {"width", "height"}
_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD_BYTES = 2048
_IMAGE = re.compile(rf'(<img [^<>]*?src="({FIGURES}[^"]+)")')

Size = tuple[int, int]
"""Width and height in CSS pixels."""


def measure_pictures(lessons: Iterable[Lesson]) -> dict[str, Size]:
    """Return the size of each SVG and PNG beside a lesson's file, by its address on the site.

    One that does not say how large it is is left out.
    """
    sizes = {
        f"{FIGURES}{lesson.id}/{path.name}": _measure(path)
        for lesson in lessons
        for path in Path(lesson.path).resolve().parent.iterdir()
        if path.suffix in (".svg", ".png")
    }
    return {address: size for address, size in sizes.items() if size}


def size_pictures(rendered: str, sizes: Mapping[str, Size]) -> str:
    """Return HTML whose pictures have width and height: what follows one stays where it is."""
    return _IMAGE.sub(lambda found: found[1] + _write(sizes.get(found[2])), rendered)


def _write(size: Size | None) -> str:
    return f' width="{size[0]}" height="{size[1]}"' if size else ""


def _measure(path: Path) -> Size | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_PNG):
        return int.from_bytes(head[16:20], "big"), int.from_bytes(head[20:24], "big")
    tag = _SVG.search(head.decode(errors="replace"))
    said = dict(_SVG_SIZE.findall(tag[1])) if tag else {}
    return (int(said["width"]), int(said["height"])) if said.keys() == _BOTH else None
