"""The judges of the library: what passes, what does not, in which words, and no trick."""

from __future__ import annotations

import inspect
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.checks import judges as declared
from graders.exercise.judge_specs import LIBRARY, JudgeSpec
from graders.judge import KINDS, UnjudgeableError, find_misfit, judge
from graders.judge.judges import _LIBRARY
from graders.judge.own import frame_own, is_too_much, read_own_verdict
from graders.wire import Opaque, TensorValue
from tests.unit.graders.test_judge import make_meta, make_tensor, observations

quick = settings(max_examples=15, deadline=None)
nan, inf = math.nan, math.inf

CLASSES = {
    "predictions": make_tensor([0, 1, 2, 1], "int64"),
    "labels": make_tensor([0, 1, 2, 1], "int64"),
}
ERRORS = {"predictions": make_tensor([1.0, 2.0]), "targets": make_tensor([1.0, 2.5])}
GROUPS = [["a", "b"], ["c"]]
CASES = {
    "close": ([1.0, make_tensor([2.0])], {"relative": 0.1, "absolute": 0.0}),
    "at_most": ([1.0, make_tensor([2.0])], {"factor": 1.1}),
    "at_least": ({"a": 3, "b": "x"}, {"factor": 0.9}),
    "accuracy_at_least": (CLASSES, {"share": 0.75}),
    "error_at_most": (ERRORS, {"factor": 1.1, "absolute": 0.0}),
    "in_any_order": ([1.0, "x", make_tensor([1.0])], {}),
    "same_partition": (GROUPS, {}),
}


def ask(name, expected, got, tolerance=None, **arguments):
    defaults = {one.name: one.default for one in LIBRARY[name]}
    spec = JudgeSpec(name=name, arguments={**defaults, **arguments})
    return judge(spec, expected, got, tolerance)


def predict(values, dtype="int64", **more):
    return {**CLASSES, "predictions": make_tensor(values, dtype), **more}


def test_what_is_declared_read_and_carried_out_is_the_same():
    functions = {
        name: function
        for name, function in vars(declared).items()
        if inspect.isfunction(function) and not name.startswith("_")
    }
    assert set(functions) == set(LIBRARY) == {*_LIBRARY, "close"} == set(CASES)
    for name, function in functions.items():
        told = inspect.signature(function).parameters.values()
        read = [
            (one.name, inspect.Parameter.empty if one.default is None else one.default)
            for one in LIBRARY[name]
        ]
        assert [(one.name, one.default) for one in told] == read, name


@pytest.mark.parametrize("name", CASES)
def test_the_reference_satisfies_its_own_judge(name):
    expected, arguments = CASES[name]
    assert ask(name, expected, expected, **arguments) is None


@pytest.mark.parametrize("name", CASES)
@quick
@given(got=observations | st.builds(Opaque, st.text(max_size=5)))
def test_whatever_comes_is_judged_and_the_words_stay_small(name, got):
    expected, arguments = CASES[name]
    difference = ask(name, expected, got, **arguments)
    if difference is not None:
        assert difference.kind in KINDS
        assert max(map(len, (difference.where, difference.expected, difference.got))) <= 120
        assert all(text.isprintable() for text in (difference.got, difference.note))


@pytest.mark.parametrize("name", CASES)
@quick
@given(expected=observations)
def test_whatever_a_reference_shows_is_judged_or_refused_with_a_reason(name, expected):
    spec = JudgeSpec(name=name, arguments=CASES[name][1])
    reason = find_misfit(spec, expected)
    if reason:
        assert reason.startswith(f"judges.{name} needs")
        with pytest.raises(UnjudgeableError):
            judge(spec, expected, expected)
    else:
        judge(spec, expected, expected)


@pytest.mark.parametrize(
    ("name", "factor", "expected", "got", "passes"),
    [
        ("at_most", 1.05, 2.0, 2.1, True),
        ("at_most", 1.05, 2.0, 2.11, False),
        ("at_most", 1.05, 2.0, -5.0, True),
        ("at_most", 1.05, -2.0, -1.9, True),
        ("at_most", 1.05, -2.0, -1.8, False),
        ("at_most", 1.0, 3, 3, True),
        ("at_most", 1.0, make_tensor([1.0, 2.0]), make_tensor([1.0, 2.5]), False),
        ("at_least", 0.9, 2.0, 1.8, True),
        ("at_least", 0.9, 2.0, 1.7, False),
        ("at_least", 0.9, -2.0, -2.2, True),
        ("at_least", 0.9, -2.0, -2.3, False),
        ("at_least", 0.9, [1, "x", True], [1, "x", True], True),
        ("at_least", 0.9, [1, "x", True], [1, "y", True], False),
        ("at_least", 0.9, [1, "x", True], [1, "x", False], False),
        ("at_least", 0.9, make_tensor([3, 3], "uint8"), make_tensor([3, 2], "uint8"), False),
    ],
)
def test_bounds(name, factor, expected, got, passes):
    assert (ask(name, expected, got, factor=factor) is None) is passes


@pytest.mark.parametrize("name", ["at_most", "at_least"])
@pytest.mark.parametrize("value", [nan, inf, -inf])
def test_what_is_no_finite_number_passes_no_bound(name, value):
    assert ask(name, 1.0, value).kind == "nonfinite"
    got = make_tensor([1.0, value])
    assert ask(name, make_tensor([1.0, 1.0]), got).where == "[1]"


@pytest.mark.parametrize(
    ("expected", "got", "kind"),
    [
        (make_tensor([1.0, 1.0]), make_tensor(1.0), "shape"),
        (make_tensor([1.0, 1.0]), make_tensor([[1.0, 1.0]]), "shape"),
        (make_tensor([1.0]), make_tensor([1.0], "float64"), "dtype"),
        (make_tensor([1.0]), 1.0, "structure"),
        (1.0, make_tensor(1.0), "structure"),
        (1.0, True, "structure"),
        ([1.0], [1.0, 1.0], "structure"),
        ({"a": 1.0}, {"b": 1.0}, "structure"),
    ],
)
def test_a_bound_broadcasts_nothing(expected, got, kind):
    assert ask("at_most", expected, got, factor=5.0).kind == kind


def test_a_missed_bound_is_told_with_the_bound():
    difference = ask(
        "at_most", {"loss": make_tensor([1.0, 2.0])}, {"loss": make_tensor([9.0, 2.0])}, factor=1.5
    )
    assert (difference.kind, difference.where) == ("judged", "['loss'][0]")
    assert (difference.expected, difference.got) == ("at most 1.5", "9")
    assert difference.note == "1 of 2 elements miss it"


def test_close_replaces_both_tolerances_and_nothing_else():
    assert ask("close", 100.0, 104.0, relative=0.05) is None
    assert ask("close", 100.0, 106.0, relative=0.05).kind == "values"
    assert ask("close", 0.0, 0.01, relative=0.05).kind == "values"
    assert ask("close", 0.0, 0.01, absolute=0.05) is None
    assert (
        ask("close", make_tensor(1.0, requires_grad=True), make_tensor(1.0), relative=1).kind
        == "requires_grad"
    )
    assert ask("close", 1.0, nan, relative=1e9).kind == "nonfinite"


def test_accuracy_counts_here_what_is_right():
    assert ask("accuracy_at_least", CLASSES, predict([0, 1, 2, 0]), share=0.75) is None
    difference = ask("accuracy_at_least", CLASSES, predict([0, 0, 0, 0]), share=0.75)
    assert (difference.kind, difference.got) == ("judged", "0.25")
    assert difference.expected == "at least 0.75 of the predictions right"
    assert difference.note == "1 of 4 are right"


def test_the_submission_s_own_labels_are_not_looked_at():
    got = predict([3, 3, 3, 3], labels=make_tensor([3, 3, 3, 3], "int64"), share=1.0)
    assert ask("accuracy_at_least", CLASSES, got, share=0.5).kind == "judged"
    assert (
        ask("accuracy_at_least", CLASSES, {"predictions": CLASSES["predictions"]}, share=1.0)
        is None
    )
    got = {"predictions": ERRORS["predictions"], "targets": "none of your business"}
    assert ask("error_at_most", ERRORS, got, factor=1.0) is None
    got = {"predictions": make_tensor([7.0, 7.0]), "targets": make_tensor([7.0, 7.0])}
    assert ask("error_at_most", ERRORS, got, factor=1.0).kind == "judged"


def test_scores_stand_for_their_largest_class_and_those_that_are_no_numbers_for_none():
    scores = make_tensor([[0.1, 0.9], [0.8, 0.2], [0.5, 0.6]])
    expected = {"predictions": scores, "labels": make_tensor([1, 0, 1], "int64")}
    assert ask("accuracy_at_least", expected, expected, share=1.0) is None
    for bad in (nan, inf):
        got = {"predictions": make_tensor([[0.1, 0.9], [bad, 0.2], [bad, bad]])}
        assert ask("accuracy_at_least", expected, got, share=0.5).note == "1 of 3 are right"


def test_a_row_without_a_class_does_not_meet_a_label_of_the_same_number():
    labels = make_tensor([-1, -(2**63)], "int64")
    scores = make_tensor([[1.0, 0.0], [1.0, 0.0]])
    spec = JudgeSpec(name="accuracy_at_least", arguments={"share": 0.5})
    assert "numbers" in find_misfit(spec, {"predictions": scores, "labels": labels})
    labels = make_tensor([-1, -1], "int64")
    got = {"predictions": make_tensor([[nan, nan]] * 2)}
    expected = {"predictions": scores, "labels": labels}
    assert ask("accuracy_at_least", expected, got, share=0.5).got == "0"


def test_bare_predictions_are_judged_by_the_reference_s():
    expected = make_tensor([0, 1, 1, 1], "int64")
    assert (
        ask("accuracy_at_least", expected, make_tensor([0, 1, 1, 0], "int64"), share=0.75) is None
    )
    assert (
        ask("accuracy_at_least", expected, make_tensor([0, 1, 0, 0], "int64"), share=0.75).kind
        == "judged"
    )


@pytest.mark.parametrize(
    ("got", "kind"),
    [
        (CLASSES["predictions"], "structure"),
        ({}, "structure"),
        ({"predictions": [0, 1, 2, 1]}, "structure"),
        (predict([0, 1, 2]), "shape"),
        (predict([[0, 1, 2, 1]]), "shape"),
        (predict(1), "shape"),
        (predict([0, 1, 2, 1], "float32"), "dtype"),
        ({"predictions": make_meta(4, dtype="int64")}, "device"),
        ({"predictions": Opaque("torch.Tensor of int64, sparse")}, "structure"),
    ],
)
def test_predictions_have_the_reference_s_form(got, kind):
    assert ask("accuracy_at_least", CLASSES, got, share=0.1).kind == kind


def test_an_error_is_worked_out_here():
    assert (
        ask("error_at_most", ERRORS, {"predictions": make_tensor([1.0, 1.98])}, factor=1.1) is None
    )
    difference = ask("error_at_most", ERRORS, {"predictions": make_tensor([3.0, 2.5])}, factor=1.1)
    assert difference.expected == "a mean squared error of at most 0.1375"
    assert difference.got == "2"
    for bad in (nan, inf, 3e38):
        got = {"predictions": make_tensor([1.0, bad])}
        assert ask("error_at_most", ERRORS, got, factor=1.1).kind == "judged"
    perfect = {**ERRORS, "targets": ERRORS["predictions"]}
    near = {"predictions": make_tensor([1.0, 2.1])}
    assert ask("error_at_most", perfect, near, factor=2.0).kind == "judged"
    assert ask("error_at_most", perfect, near, factor=2.0, absolute=0.1) is None


def test_items_match_in_any_order_but_each_once():
    expected = [1.0, "x", make_tensor([1.0, 2.0])]
    assert ask("in_any_order", expected, [make_tensor([1.0, 2.0]), 1.0, "x"]) is None
    difference = ask("in_any_order", ["a", "b", "c"], ["a", "a", "c"])
    assert (difference.kind, difference.expected) == ("judged", "'b'")
    assert difference.note == "in any order; 1 of 3 items are missing"
    assert ask("in_any_order", expected, tuple(expected)).kind == "structure"
    assert ask("in_any_order", expected, expected[:2]).kind == "structure"
    assert ask("in_any_order", [1.0, 2.0], [nan, 2.0]).kind == "judged"
    assert ask("in_any_order", [make_tensor([1.0, 1.0])], [make_tensor(1.0)]).kind == "judged"


def test_a_partner_is_found_although_a_greedy_choice_would_take_it_away():
    # With a tolerance of 0.2 the first item fits both, the second only one of them.
    assert ask("in_any_order", [1.0, 0.8], [0.9, 1.2], 0.2) is None
    assert ask("in_any_order", [1.0, 0.8], [0.9, 1.9], 0.2).kind == "judged"


@pytest.mark.parametrize(
    ("got", "passes"),
    [
        ([["c"], ["b", "a"]], True),
        ((("c",), ["b", "a"], []), True),
        ([["a"], ["b"], ["c"]], False),
        ([["a", "b", "c"]], False),
        ([["a", "c"], ["b"]], False),
        ([["a", "b"]], False),
        ([["a", "b"], ["c"], ["d"]], False),
        ([["a", "b"], ["c", "a"]], False),
        ([["a", "b"], ["c", "c"]], False),
        ([["a", "b"], ["c", None]], False),
        (["ab", "c"], False),
        ([["a", "b"], ["c", nan]], False),
        (make_tensor([0, 0, 1], "int64"), False),
        ({"a": 1}, False),
    ],
)
def test_which_groupings_are_the_same(got, passes):
    assert (ask("same_partition", GROUPS, got) is None) is passes


@quick
@given(st.lists(st.integers(0, 3), min_size=1, max_size=8), st.permutations(range(4)), st.randoms())
def test_labels_may_have_any_names(labels, names, chance):
    expected = make_tensor(labels, "int64")
    assert (
        ask("same_partition", expected, make_tensor([names[one] for one in labels], "int64"))
        is None
    )
    other = [chance.randrange(4) for _ in labels]
    together = lambda values: [[a == b for a in values] for b in values]  # noqa: E731
    difference = ask("same_partition", expected, make_tensor(other, "int64"))
    assert (difference is None) is (together(labels) == together(other))


@pytest.mark.parametrize(
    ("got", "expected", "told"),
    [
        ([["a"], ["b", "c"]], "'a' and 'b' in the same group", "in two groups"),
        ([["a", "b", "c"]], "'b' and 'c' in two groups", "in the same group"),
        ([["a", "b"]], "'c' in one group", "not at all"),
        ([["a", "b"], ["c", "b"]], "'b' in one group", "2 times"),
        ([["a", "b"], ["c", "\x1b[0m"]], "no others", "'\\x1b[0m' as well"),
    ],
)
def test_what_is_wrong_with_a_grouping_is_told(got, expected, told):
    difference = ask("same_partition", GROUPS, got)
    assert (difference.kind, difference.expected, difference.got) == ("judged", expected, told)


@pytest.mark.parametrize(
    ("expected", "got", "where"),
    [
        ({"a": 1}, {"b": 1}, "['a']"),
        ({"a": 1}, {"a": 1, "b": 1}, "['b']"),
        ({"a": 1}, [1], ""),
        ([1], (1,), ""),
        (1.0, "x", ""),
        ([1], [Opaque("x.Y")], ""),
        ([1], ["x" * 10**6], ""),
        ([1], [[]] * 60_000, ""),
        ([1], [2**4000] * 1000, ""),
        ([1], [make_tensor(np.zeros(7 << 20))], ""),
        ({"a": {"b": 1}}, {"a": {"b": "x"}}, "['a']['b']"),
    ],
)
def test_an_author_s_judge_is_not_asked_about_another_structure(expected, got, where):
    difference = frame_own(expected, got)
    assert (difference.kind, difference.where) == ("structure", where)


@pytest.mark.parametrize(
    ("expected", "got", "kind", "where"),
    [
        (make_tensor([1.0]), make_tensor(1.0), "shape", ""),
        ({"w": make_tensor([1.0])}, {"w": make_tensor([[1.0]])}, "shape", "['w']"),
        ({"w": make_tensor([1.0])}, {"w": make_tensor([1.0], "float64")}, "dtype", "['w']"),
        ({"w": make_tensor([1.0])}, {"w": make_tensor([nan])}, "nonfinite", "['w']"),
        ([1.0], [1.0, [{"x": inf}]], "nonfinite", "[1][0]['x']"),
        (1, nan, "nonfinite", ""),
    ],
)
def test_an_author_s_judge_need_not_think_of_broadcasting_and_nan(expected, got, kind, where):
    difference = frame_own(expected, got)
    assert (difference.kind, difference.where) == (kind, where)


def test_an_author_s_judge_is_asked_about_plain_data_of_the_expected_form():
    assert frame_own({"a": [1], "b": None}, {"b": None, "a": [1, 2, {"c": "x"}]}) is None
    assert frame_own(1, 2.5) is None
    assert frame_own([make_tensor([1.0])], [make_tensor([[2.0]])]) is None
    assert frame_own([1.0, nan], [nan]) is None
    assert not is_too_much([0.5] * 10_000)


def test_what_an_author_s_judge_says_is_cut_and_cleaned():
    assert read_own_verdict(None) is None
    difference = read_own_verdict("bad \x1b[31m\n" + "x" * 10_000)
    assert (difference.kind, difference.expected, difference.got) == ("judged", "", "")
    assert difference.note.startswith("bad \N{REPLACEMENT CHARACTER}[31m xxx")
    assert len(difference.note) <= 400


@pytest.mark.parametrize("answer", [True, False, "", " \n", 0, ["x"], TensorValue])
def test_an_author_s_judge_says_none_or_a_sentence(answer):
    with pytest.raises(ValueError, match="must return None or a sentence"):
        read_own_verdict(answer)
