"""Pictures keep their place on a page before they have come."""

from __future__ import annotations

import pytest

from quizzer.banks.library import load_library
from quizzer.banks.pictures import size_pictures
from quizzer.domain.items import Text

SVG = '<?xml version="1.0"?>\n<svg viewBox="0 0 4 3" width="520" height="390px" role="img"></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (640).to_bytes(4, "big") + (48).to_bytes(4, "big")
LESSON = "---\nlesson: plain\ntitle: Plain\nformat: 1\n---\n## Why\n\nBecause.\n"


@pytest.fixture
def library(tmp_path):
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "lesson.md").write_text(LESSON)
    (folder / "wide.svg").write_text(SVG)
    (folder / "small.png").write_bytes(PNG)
    (folder / "silent.svg").write_text('<svg viewBox="0 0 4 3"></svg>')
    found = load_library(tmp_path)
    assert not found.problems
    return found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("wide.svg", ' width="520" height="390"'),
        ("small.png", ' width="640" height="48"'),
        ("silent.svg", ""),
        ("gone.svg", ""),
    ],
)
def test_a_picture_says_how_large_it_is(library, name, said):
    shown = library.html(Text(source=f"![a > b](/figures/plain/{name}) and on", line=1))
    assert f'src="/figures/plain/{name}"{said}' in shown
    assert ("width" in shown) is bool(said)


def test_words_that_look_like_a_picture_are_left_alone():
    words = '<p>Write src="/figures/plain/wide.svg" there.</p>'
    assert size_pictures(words, {"/figures/plain/wide.svg": (4, 3)}) == words
