"""Pictures: the words of a row lie inside the picture, however long they are."""

from __future__ import annotations

import re

from quizzer.web.charts import Bar, draw_bars

LONG = "The penalty that will not add up, and what it takes to make it do so after all"


def test_a_long_label_keeps_its_beginning() -> None:
    picture = str(draw_bars([Bar(label=LONG, share=0.5, note="50 %")], name="x", title="X"))
    x, shown = re.search(
        r'<text class="on-paper" x="(\d+)" y="\d+">([^<]+)</text>', picture
    ).groups()
    assert shown.endswith("…")
    assert LONG.startswith(shown[:-1])
    assert 0 <= int(x) < 20
    assert LONG in picture  # in the description, for those who cannot see the picture


def test_a_bar_is_as_long_as_its_share() -> None:
    bars = [Bar(label="a", share=share, note="") for share in (0.0, 0.5, 1.0)]
    picture = str(draw_bars(bars, name="x", title="X"))
    widths = [float(width) for width in re.findall(r'bar-fill"[^>]* width="([\d.]+)"', picture)]
    assert widths[0] == 0
    assert widths[2] == 2 * widths[1] > 0
