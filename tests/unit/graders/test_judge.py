"""The comparison of observations: exact where it must be, and deaf to every trick."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.judge import (
    CUDA_TOLERANCES,
    KINDS,
    TOLERANCES,
    Tolerance,
    compare,
    find_opaque,
    is_guessable,
    withhold,
)
from graders.judge.places import GENERATOR_BYTES, INPUTS, OBSERVED, STATE
from graders.wire import Opaque, TensorValue

quick = settings(max_examples=50, deadline=None)
DTYPES = ("float32", "float64", "float16", "int64", "uint8", "bool", "complex64")


def make_tensor(values, dtype="float32", *, device="cpu", requires_grad=False):
    array = np.asarray(values, dtype="float32" if dtype == "bfloat16" else dtype)
    return TensorValue(
        dtype=dtype,
        shape=array.shape,
        device=device,
        requires_grad=requires_grad,
        array=array,
    )


def make_meta(*shape, dtype="float32"):
    return TensorValue(dtype=dtype, shape=shape, device="meta", requires_grad=False, array=None)


@st.composite
def tensors(draw):
    dtype = draw(st.sampled_from(DTYPES))
    shape = tuple(draw(st.lists(st.integers(0, 3), max_size=3)))
    size = math.prod(shape)
    values = draw(st.lists(st.integers(0, 1) | st.integers(0, 9), min_size=size, max_size=size))
    array = np.asarray(values, dtype=dtype).reshape(shape)
    return TensorValue(
        dtype=dtype,
        shape=shape,
        device=draw(st.sampled_from(("cpu", "cuda:0"))),
        requires_grad=draw(st.booleans()),
        array=array,
    )


plain = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=300)
    | st.binary(max_size=5)
)
leaves = plain | tensors()
observations = st.recursive(
    leaves,
    lambda children: (
        st.lists(children, max_size=3)
        | st.lists(children, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 5), children, max_size=3)
    ),
    max_leaves=8,
)


@quick
@given(observations)
def test_an_observation_agrees_with_itself(value):
    assert compare(value, value) is None
    assert compare(value, value, 0.0) is None


@quick
@given(observations, observations)
def test_any_two_observations_can_be_compared_and_the_difference_stays_small(expected, got):
    difference = compare(expected, got)
    if difference is not None:
        assert difference.kind in KINDS
        assert max(map(len, (difference.where, difference.expected, difference.got))) <= 120
        assert all(text.isprintable() for text in (difference.expected, difference.got))


@quick
@given(observations, observations)
def test_whether_structures_differ_does_not_depend_on_the_side(one, other):
    there, back = compare(one, other), compare(other, one)
    for kind in ("structure", "shape", "dtype", "device", "requires_grad"):
        assert (there is not None and there.kind == kind) == (
            back is not None and back.kind == kind
        )


@quick
@given(tensors(), st.data())
def test_one_changed_element_is_found_where_it_is(tensor, data):
    if not tensor.array.size:
        return
    index = data.draw(st.sampled_from(list(np.ndindex(tensor.shape))))
    changed = tensor.array.copy()
    changed[index] = not changed[index] if tensor.dtype == "bool" else changed[index] + 1
    got = TensorValue(
        dtype=tensor.dtype,
        shape=tensor.shape,
        device=tensor.device,
        requires_grad=tensor.requires_grad,
        array=changed,
    )
    difference = compare({"weight": tensor}, {"weight": got})
    assert difference.kind == "values"
    assert difference.where == "['weight']" + (str(list(index)) if index else "")


@quick
@given(observations.filter(lambda value: not isinstance(value, Opaque)))
def test_what_could_not_be_sent_agrees_with_nothing(value):
    assert compare(value, Opaque("liar.AlwaysEqual")).kind == "structure"


@pytest.mark.parametrize(
    ("expected", "got", "kind", "where"),
    [
        (make_tensor(1.0), 1.0, "structure", ""),
        ([1, 2], (1, 2), "structure", ""),
        ([1, 2], [1], "structure", ""),
        (True, 1, "structure", ""),
        (None, 0.0, "structure", ""),
        ({"a": 1, "b": 2}, {"a": 1}, "structure", "['b']"),
        ({"a": 1}, {"a": 1, "b": 2}, "structure", "['b']"),
        ({"a": [1, {"b": "x"}]}, {"a": [1, {"b": 3}]}, "structure", "['a'][1]['b']"),
        (make_tensor([1.0, 1.0]), make_tensor([1.0]), "shape", ""),
        (make_tensor(2.0), make_tensor([2.0]), "shape", ""),
        (make_tensor([[1.0]]), make_tensor([1.0]), "shape", ""),
        (make_tensor(1.0), make_tensor(1.0, "float64"), "dtype", ""),
        (make_tensor(1.0, "float16"), make_tensor(1.0, "bfloat16"), "dtype", ""),
        (make_tensor(1.0, device="cuda:0"), make_tensor(1.0), "device", ""),
        (make_meta(2), make_tensor([1.0, 2.0]), "device", ""),
        (make_tensor(1.0, requires_grad=True), make_tensor(1.0), "requires_grad", ""),
        (make_tensor([1.0, 2.0]), make_tensor([1.0, math.nan]), "nonfinite", "[1]"),
        (make_tensor([1.0, math.nan]), make_tensor([1.0, 2.0]), "nonfinite", "[1]"),
        (make_tensor([math.inf]), make_tensor([-math.inf]), "nonfinite", "[0]"),
        (1.5, math.nan, "nonfinite", ""),
        (make_tensor([[1.0, 2.0]]), make_tensor([[1.0, 2.1]]), "values", "[0, 1]"),
        (make_tensor([1, 2], "int64"), make_tensor([1, 3], "int64"), "values", "[1]"),
        (make_tensor([True], "bool"), make_tensor([False], "bool"), "values", "[0]"),
        (2**60, 2**60 + 1, "values", ""),
        (0.1, 0.2, "values", ""),
        ("one", "two", "values", ""),
        ("x" * 500, "x" * 499 + "y", "values", ""),
        (b"a", b"b", "values", ""),
        (True, False, "values", ""),
    ],
)
def test_what_differs_is_named(expected, got, kind, where):
    difference = compare(expected, got)
    assert (difference.kind, difference.where) == (kind, where)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (2.0, 2),
        (0.0, -0.0),
        (make_tensor([math.nan, math.inf]), make_tensor([math.nan, math.inf])),
        (make_tensor([], "float32"), make_tensor([], "float32")),
        (make_tensor(1.0), make_tensor(1.00005)),
        (make_tensor(1.0, "bfloat16"), make_tensor(1.0078125, "bfloat16")),
        (make_meta(2, 3), make_meta(2, 3)),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (100.0, 100.0001),
    ],
)
def test_what_agrees(expected, got):
    assert compare(expected, got) is None


def test_a_wrong_shape_anywhere_is_told_before_a_wrong_value():
    expected = [make_tensor([1.0]), make_tensor([1.0])]
    got = [make_tensor([5.0]), make_tensor([1.0, 1.0])]
    difference = compare(expected, got)
    assert (difference.kind, difference.where) == ("shape", "[1]")
    assert (difference.expected, difference.got) == ("(1,)", "(2,)")


def test_a_tolerance_of_the_check_replaces_that_of_the_dtype():
    near = make_tensor(1.0), make_tensor(1.00005)
    assert compare(*near, 1e-7).kind == "values"
    assert compare(make_tensor(1.0), make_tensor(1.05), 0.1) is None
    assert compare(make_tensor(3, "int64"), make_tensor(4, "int64"), 0.9).kind == "values"


def test_the_note_says_how_many_differ_and_by_how_much():
    difference = compare(make_tensor([1.0, 2.0, 3.0]), make_tensor([1.0, 2.5, 5.0]))
    assert difference.note == "2 of 3 elements differ, by up to 2 at [2]"
    assert (difference.expected, difference.got) == ("2", "2.5")


def test_numbers_are_written_so_that_they_can_be_told_apart():
    difference = compare(make_tensor(1.0, "float64"), make_tensor(1.0 + 1e-8, "float64"))
    assert difference.expected != difference.got


def test_texts_that_differ_further_on_say_so():
    assert compare("x" * 500, "x" * 499 + "y").note == "they differ further on"


def test_a_hidden_check_tells_the_kind_only():
    difference = withhold(compare(make_tensor([1.0, 2.0]), make_tensor([1.0, 3.0])))
    assert difference.kind == "values"
    assert (difference.where, difference.expected, difference.got, difference.note) == ("",) * 4


def test_control_characters_do_not_reach_the_report():
    difference = compare("plain", "\x1b[2J\u202egnp.exe")
    assert "\x1b" not in difference.got
    assert "\u202e" not in difference.got


def test_opaque_values_of_an_author_are_found_with_their_place():
    assert find_opaque({"a": [1, Opaque("module.Class")]}) == "['a'][1] is of type module.Class"
    assert find_opaque([1, None, "x"]) is None


@pytest.mark.parametrize("value", [True, None, [False], {"ok": True}, []])
def test_a_lone_bool_is_guessable(value):
    assert is_guessable(value)


@pytest.mark.parametrize("value", [1.5, "text", make_tensor(True, "bool"), [True, False]])
def test_numbers_texts_and_tensors_are_not(value):
    assert not is_guessable(value)


@pytest.mark.parametrize(
    ("expected", "got", "note"),
    [
        (make_tensor(2.0), make_tensor(2.5), "off by 0.5"),
        (2, 2.25, "off by 0.25"),
        (make_tensor(1.0), make_tensor(math.inf), ""),
        (make_tensor(True, "bool"), make_tensor(False, "bool"), ""),
        (
            make_tensor([1, 5], "int64"),
            make_tensor([1, 9], "int64"),
            "1 of 2 elements differ, by up to 4",
        ),
        (
            make_tensor([1, 5], "uint8"),
            make_tensor([9, 0], "uint8"),
            "2 of 2 elements differ, by up to 8 at [0]",
        ),
        (make_tensor([[0.0, 0.0]]), make_tensor([[1.0, math.nan]]), "1 of 2 elements differ"),
        (
            make_tensor([1.0, -3.0]),
            make_tensor([2.0, -6.0]),
            "2 of 2 elements differ, by up to 3 at [1]; 2 times what is expected everywhere",
        ),
        (
            make_tensor([1.0, -3.0]),
            make_tensor([-1.0, 3.0]),
            "2 of 2 elements differ, by up to 6 at [1]; minus what is expected everywhere",
        ),
        (make_tensor(4.0), make_tensor(2.0), "off by 2; half what is expected"),
    ],
)
def test_the_note_says_how_far_off_it_is(expected, got, note):
    assert compare(expected, got).note == note


def observed_state(**changes):
    parts = {
        "parameters": {"w": make_tensor([1.0, 2.0], requires_grad=True)},
        "buffers": {"n": make_tensor(3, "int64")},
        "gradients": {"w": None},
        "training": {"": True},
    }
    return {**parts, **changes, OBSERVED: STATE}


CHANGES = [
    (
        {"parameters": {"w": make_tensor([1.0, 0.0], requires_grad=True)}},
        "values",
        "parameters are not left",
    ),
    ({"parameters": {"w": make_tensor([1.0, 2.0])}}, "requires_grad", "parameters are not left"),
    ({"buffers": {"n": make_tensor(4, "int64")}}, "values", "buffers are not left"),
    ({"gradients": {"w": make_tensor([0.0, 0.0])}}, "structure", "gradients (.grad) are not left"),
    ({"training": {"": False}}, "values", "mode is not left"),
    ({"parameters": {}}, "structure", "parameters are not left"),
]


@pytest.mark.parametrize(("changes", "kind", "words"), CHANGES)
def test_what_was_changed_of_a_model_is_told_in_words(changes, kind, words):
    difference = compare([1, observed_state()], [1, observed_state(**changes)])
    assert difference.kind == kind
    assert words in difference.note
    expected, got = ({"net": observed_state(**these), OBSERVED: INPUTS} for these in ({}, changes))
    assert "the input 'net' is not left as it must be" in compare(expected, got).note
    assert words in compare(expected, got).note


def test_a_changed_input_and_a_used_generator_are_told_in_words():
    before, after = ({"x": make_tensor([value]), OBSERVED: INPUTS} for value in (1.0, 2.0))
    words = "the input 'x' is not left as it must be: was it changed in place?"
    assert words in compare(before, after).note
    state = np.arange(GENERATOR_BYTES) % 256
    difference = compare(make_tensor(state, "uint8"), make_tensor(state[::-1], "uint8"))
    assert "the random generator is not left as it must be" in difference.note
    assert withhold(difference).note == ""


def test_what_was_looked_at_is_the_reference_s_to_say():
    got = {"x": make_tensor([2.0]), OBSERVED: "all is well"}
    difference = compare({"x": make_tensor([1.0]), OBSERVED: INPUTS}, got)
    assert "the input 'x'" in difference.note
    got = {"x": make_tensor([2.0]), OBSERVED: INPUTS}
    difference = compare({"x": make_tensor([1.0]), OBSERVED: "x"}, got)
    assert "input" not in difference.note


def test_a_device_has_tolerances_of_its_own_and_none_is_narrower_there():
    assert set(CUDA_TOLERANCES) == set(TOLERANCES)
    for dtype, narrow in TOLERANCES.items():
        wide = CUDA_TOLERANCES[dtype]
        assert wide.relative >= narrow.relative
        assert wide.absolute >= narrow.absolute
    near = [make_tensor(1.0, device="cuda:0"), make_tensor(1.0002, device="cuda:0")]
    assert compare(*near, device="cuda") is None
    assert compare(make_tensor(1.0), make_tensor(1.0002)).kind == "values"
    assert compare(1.0, 1.00005, device="cuda") is None
    assert compare(1.0, 1.00005).kind == "values"
    assert compare(*near, Tolerance(1e-5, 0.0), device="cuda").kind == "values"


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        ([], ["x"], ("a list of length 0", "a list of length 1: ['x']")),
        ((1, None), 2, ("a tuple of length 2: (1, None)", "the int 2")),
        ([[1]], [1] * 5, ("a list of length 1", "a list of length 5")),
        ([make_tensor(1.0)], {"a": 1}, ("a list of length 1", "a dict of 1 key")),
    ],
)
def test_another_structure_is_told_with_what_little_is_in_it(expected, got, told):
    difference = compare(expected, got)
    assert (difference.expected, difference.got) == told


@pytest.mark.parametrize(
    ("expected", "got", "told"),
    [
        (1.25, None, ("the float 1.25", "None", True)),
        (1.25, "NoneType (no tensor)", ("the float 1.25", "None", True)),
        ([1.25], ["NoneType (no tensor)"], ("the float 1.25", "None", True)),
        ([1.25], [None], ("the float 1.25", "None", False)),
        (
            {"grad": make_tensor(1.0)},
            {"grad": None},
            ("a float32 tensor of shape ()", "None", False),
        ),
        (1.25, "list (no tensor)", ("the float 1.25", "a list", False)),
        (1.25, "int (no tensor)", ("the float 1.25", "an int", False)),
        (1.25, "a text", ("the float 1.25", "'a text'", False)),
        (
            "float32 tensor of shape () on cpu, with a graph",
            "NoneType (no tensor)",
            ("a float32 tensor of shape () on cpu, with a graph", "None", True),
        ),
    ],
)
def test_what_is_not_there_is_told_in_the_learner_s_words(expected, got, told):
    difference = compare(expected, got)
    note = "a function without `return` returns None"
    assert (difference.expected, difference.got, difference.note == note) == told


@pytest.mark.parametrize(
    ("got", "told"),
    [
        ("no gradient: the result has 3 elements", "no gradient: the result has 3 elements"),
        ("no gradient: the result is a NoneType (no tensor)", "no gradient: the result is None"),
        ("no ratio: first 0.0, then 0.0", "no ratio: first 0.0, then 0.0"),
        ("no gradient: \x1b[2J", "no gradient: \ufffd[2J"),
    ],
)
def test_why_there_is_nothing_to_observe_is_the_whole_sentence(got, told):
    difference = compare({"w": make_tensor([1.0])}, got)
    assert (difference.kind, difference.expected, difference.got) == ("structure", "", "")
    assert difference.note == told
    assert len(compare(1.0, f"no gradient: {'x' * 10_000}").note) <= 400


def test_a_reason_is_only_one_where_no_text_was_expected():
    difference = compare("no gradient: the result has 3 elements", "no gradient: none")
    assert difference.got == "'no gradient: none'"


def test_a_signalling_nan_is_compared_like_any_other():
    signalling = np.frombuffer(b"\x00\x00\x81\x7f", dtype=np.float32).reshape(())
    value = TensorValue("float32", (), "cpu", requires_grad=False, array=signalling)
    assert compare(value, value) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.0, 1.5])
def test_tensors_of_the_same_bytes_agree_whatever_they_hold(value):
    assert compare(make_tensor([value, 1.0]), make_tensor([value, 1.0])) is None


def test_the_same_bytes_of_another_dtype_or_shape_do_not_agree():
    assert compare(make_tensor([1.0, 2.0]), make_tensor([[1.0, 2.0]])).kind == "shape"
    zeros = make_tensor([0.0], dtype="float32")
    assert compare(zeros, make_tensor([0], dtype="int32")).kind == "dtype"
