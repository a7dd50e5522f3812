"""The templates' filters."""

from __future__ import annotations

import pytest

from quizzer.web.words import mark_up_sentence, name_skill


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
