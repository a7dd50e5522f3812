from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.domain.scoring import score_response
from quizzer.domain.wellformed import require_well_formed
from quizzer.errors import InvalidResponseError
from tests.factories import (
    make_blank,
    make_card,
    make_code,
    make_item,
    make_option,
    make_options,
    make_sequence,
)

SINGLE = make_item()
MULTI = make_item(kind=Kind.MULTI, options=make_options("ab", "c"))
NUMERIC = make_item(kind=Kind.NUMERIC, options=(make_option(value="0.25 ± 1%"),))
OUTPUT = make_item(kind=Kind.OUTPUT, output="1")
BLANK = make_item(kind=Kind.BLANK, blanks=(make_blank("x"), make_blank("y")))
LINES = make_sequence(foreign="x")
SHORT = make_item(kind=Kind.SHORT, options=(make_option(value="eval"),))


@pytest.mark.parametrize(
    ("item", "chosen"),
    [
        (SINGLE, Chosen()),
        (SINGLE, Chosen(keys=("z",))),
        (SINGLE, Chosen(keys=("a", "b"))),
        (SINGLE, Chosen(text="a")),
        (SINGLE, Chosen(keys=("a",), blanks=(("x", "1"),))),
        (MULTI, Chosen(keys=("a", "a"))),
        (MULTI, Chosen(keys=("a", "0"))),
        (NUMERIC, Chosen()),
        (NUMERIC, Chosen(text="  ")),
        (NUMERIC, Chosen(text="0,5")),
        (NUMERIC, Chosen(text="about 3")),
        (NUMERIC, Chosen(text="1" * 65)),
        (NUMERIC, Chosen(keys=("a",))),
        (OUTPUT, Chosen(text="x" * 4001)),
        (OUTPUT, Chosen(text="\0")),
        (OUTPUT, Chosen(text="\ud800")),
        (OUTPUT, Chosen(text="\n")),
        (BLANK, Chosen(text="x")),
        (BLANK, Chosen(blanks=(("x", "1"),))),
        (BLANK, Chosen(blanks=(("x", "1"), ("x", "2")))),
        (BLANK, Chosen(blanks=(("x", "1"), ("y", "2"), ("z", "3")))),
        (BLANK, Chosen(blanks=(("x", ""), ("y", " ")))),
        (BLANK, Chosen(blanks=(("x", "1" * 201), ("y", "1")))),
        (LINES, Chosen()),
        (LINES, Chosen(keys=("a", "a"))),
        (LINES, Chosen(keys=("a", "z"))),
        (LINES, Chosen(keys=("a",), text="b")),
        (SHORT, Chosen(text=" ")),
        (SHORT, Chosen(text="x" * 201)),
        (SHORT, Chosen(keys=("a",))),
        (make_card(), Chosen()),
        (make_card(), Chosen(keys=("knew", "forgot"))),
        (make_card(), Chosen(keys=("a",))),
        (make_card(), Chosen(keys=("knew",), text="x")),
        (make_code(), Chosen()),
        (make_code(), Chosen(text="seven")),
        (make_code(), Chosen(text="\N{ARABIC-INDIC DIGIT SEVEN}")),
        (make_code(), Chosen(text="9" * 19)),
        (make_code(), Chosen(text="7", keys=("a",))),
    ],
)
def test_what_cannot_be_a_response_is_refused(item, chosen):
    with pytest.raises(InvalidResponseError):
        require_well_formed(item, chosen)


@pytest.mark.parametrize(
    ("item", "chosen", "stored"),
    [
        (SINGLE, Chosen(keys=("b",)), Chosen(keys=("b",))),
        (MULTI, Chosen(keys=("c", "a")), Chosen(keys=("a", "c"))),
        (MULTI, Chosen(), Chosen()),
        (NUMERIC, Chosen(text=" 0.5"), Chosen(text=" 0.5")),
        (OUTPUT, Chosen(text="1\r\n2"), Chosen(text="1\n2")),
        (
            BLANK,
            Chosen(blanks=(("y", ""), ("x", "1"))),
            Chosen(blanks=(("x", "1"), ("y", ""))),
        ),
        (LINES, Chosen(keys=("c", "a")), Chosen(keys=("c", "a"))),
        (SHORT, Chosen(text=" Eval "), Chosen(text=" Eval ")),
        (make_card(), Chosen(keys=("partly",)), Chosen(keys=("partly",))),
        (make_code(), Chosen(text="007"), Chosen(text="7")),
    ],
)
def test_a_response_takes_its_stored_form(item, chosen, stored):
    assert require_well_formed(item, chosen) == stored


def test_no_refusal_quotes_the_key():
    with pytest.raises(InvalidResponseError) as refused:
        require_well_formed(SINGLE, Chosen(keys=("z",)))
    assert "value_a" not in str(refused.value)


WORDS = st.text(st.characters(exclude_categories=()), max_size=6) | st.sampled_from(
    ["a", "b", "x", "knew", "0.25", "eval", "1e999", "-0", "\0", "±", "[1, 2]"]
)
FORMS = st.builds(
    Chosen,
    keys=st.lists(WORDS, max_size=3).map(tuple),
    text=st.just("") | WORDS,
    blanks=st.lists(st.tuples(st.sampled_from("xyz"), WORDS), max_size=3).map(tuple),
)


ITEMS = [SINGLE, MULTI, NUMERIC, OUTPUT, BLANK, LINES, SHORT, make_card(), make_code()]


@given(st.sampled_from(ITEMS), FORMS)
def test_whatever_a_form_sends_is_refused_or_scored(item, chosen):
    try:
        stored = require_well_formed(item, chosen)
    except InvalidResponseError:
        return
    assert require_well_formed(item, stored) == stored
    assert 0.0 <= score_response(item, stored).score <= 1.0
    repr(stored).encode()
