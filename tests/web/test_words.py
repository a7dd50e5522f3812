"""The templates' filters."""

from __future__ import annotations

import pytest

from quizzer.web.words import drop_right, format_left, mark_up_sentence, name_skill


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a `b`", "a <code>b</code>"),
        ("`a` and `b`", "<code>a</code> and <code>b</code>"),
        ("`<b>` & <i>", "<code>&lt;b&gt;</code> &amp; &lt;i&gt;"),
        ("<code>`x`</code>", "&lt;code&gt;<code>x</code>&lt;/code&gt;"),
        ("one ` alone", "one ` alone"),
    ],
)
def test_back_ticks_become_code_and_nothing_else_becomes_markup(text, html):
    assert str(mark_up_sentence(text)) == html


def test_a_skill_is_named_in_words():
    names = ["weight-decay", "l2-penalty", "l1-sparsity", "label-noise"]
    assert [name_skill(name) for name in names] == [
        "weight decay",
        "L2 penalty",
        "L1 sparsity",
        "label noise",
    ]


def test_code_in_a_check_is_code_on_the_page(learner):
    assert "A <code>small</code> number is doubled." in learner.open("/exercises/canary/double")


@pytest.mark.parametrize(
    ("html", "once"),
    [
        ("<p>Right: it adds up.</p>\n", "<p>It adds up.</p>\n"),
        ("<p>Right. <code>sum</code> adds.</p>", "<p><code>sum</code> adds.</p>"),
        ("<p>Right, and no wonder.</p>", "<p>Right, and no wonder.</p>"),
        ("<p>Rightly so.</p>", "<p>Rightly so.</p>"),
    ],
)
def test_what_a_mark_says_is_not_said_again(html, once):
    assert drop_right(html) == once


def test_a_time_that_is_left_is_never_told_longer_than_it_is():
    told = [format_left(seconds) for seconds in (0, 59, 119, 120, 179, 1200)]
    assert told == ["0 s", "59 s", "119 s", "2 min", "2 min", "20 min"]
