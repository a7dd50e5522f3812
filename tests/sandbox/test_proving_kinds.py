"""Proofs of sequences, code options, short answers, cards and items with variables, in the jail."""

from __future__ import annotations

import pytest

from quizzer.domain.proofs import Found
from quizzer.services.proving import ProofCache
from tests.sandbox.items_to_prove import (
    SHORT,
    STEP,
    VARIANTS,
    WORDS,
    drawn,
    lines,
    options,
)
from tests.sandbox.items_to_prove import prove_item as find


def test_other_right_orders_of_lines_are_found(grader):
    # The gradients may be set to zero before or after the loss, but not after backward().
    told, found = find(grader, lines(*STEP, "loss.step()  #! distractor: A loss has no step()."))
    assert told == []
    assert found == Found(orders=(("b", "a", "c", "d"),))


def test_an_order_that_does_not_work_is_caught(grader):
    told, _ = find(grader, lines(STEP[1], STEP[2], STEP[0], STEP[3]))
    ((line, code, message),) = told
    assert (line, code) == (STEP[1], "P302")
    assert message == "the order as it is written does not pass, and it is the key"


def test_a_distractor_that_does_no_harm_is_caught_once(grader):
    harmless = "loss.item()  #! distractor: Not needed."
    ((line, code, message),), _ = find(grader, lines(*STEP, harmless))
    assert (line, code) == (harmless, "P302")
    assert "the order with 'loss.item()' at place 3 passes" in message
    assert message.endswith("take another line, or let `ok` refuse it")


def test_a_line_whose_absence_nobody_notices_is_caught(grader):
    told, _ = find(grader, lines(*STEP, "model.train()"))
    assert told == []  # it does no harm, and it is said to belong
    optional = "model.train()  #! distractor: It trains already."
    assert [code for _, code, _ in find(grader, lines(*STEP, optional))[0]] == ["P302"]


def test_lines_of_which_any_order_will_do_are_refused(grader):
    item = lines("a = 1", "b = 2", "c = 3", "d = 4", "e = 5")
    ((line, code, message),), found = find(
        grader,
        item[: item.index("def ok")] + "def ok(code):\n        exec(code)\n        "
        "return True\n    ```\n",
    )
    assert (line, code, found) == ("```python verify", "P307", Found())
    assert message == "over 100 other orders pass: the order does not matter"


BLOCK = """
    ## loop: A loop

    `kind: parsons`

    Add up.

    ### Answer

    ```python parsons
    total = 0
    for number in numbers:
        total += number
        count += 1
    mean = total / count
    ```

    ### Check

    ```python verify
    def ok(code):
        names = dict(numbers=[1, 2, 6], count=0)
        exec(code, names)
        return names["mean"] == 3 and names["total"] == 9
    ```
    """


def test_orders_within_a_block_are_found_though_most_orders_are_no_python(grader):
    told, found = find(grader, BLOCK)
    assert told == []
    assert found.orders == (("a", "b", "d", "c", "e"),)


EIGHT = """
    ## eight: Eight assignments

    `kind: order`

    Which order works?

    {options}

    ### Check

    ```python verify
    def ok(code):
        names = dict(a0=1)
        exec(code, names)
        return names["a8"] == 9 and names["a7"] == 8
    ```
    """


def test_of_many_steps_swaps_and_moves_are_tried(grader):
    steps = [f"- [x] `a{i + 1} = a{i} + 1`" for i in range(7)] + ["- [x] `a8 = a0 + 8`"]
    told, found = find(grader, EIGHT.format(options="\n    ".join(steps)))
    assert told == []
    # The last step needs none of the others: it may move to each of seven places before.
    keys = "abcdefg"
    assert sorted(found.orders) == sorted(
        tuple(keys[:place] + "h" + keys[place:]) for place in range(7)
    )


def test_a_failing_step_says_nothing_of_orders_whose_beginning_never_ran(grader):
    # Run twice, a step fails the second time because of what came after it the first time.
    item = """
    ## twice: Twice

    `kind: order`

    In which order can it be run twice?

    - [x] `names.append(1)`
    - [x] `assert len(names) < 2`
    - [x] `names.clear()`

    ### Check

    ```python verify
    def ok(code):
        names = []
        for _ in range(2):
            exec(code, {"names": names})
        return True
    ```
    """
    told, found = find(grader, item)
    assert told == []
    assert sorted(found.orders) == [
        ("a", "c", "b"),
        ("b", "a", "c"),
        ("b", "c", "a"),
        ("c", "a", "b"),
        ("c", "b", "a"),
    ]


def test_steps_in_words_are_known_by_their_keys(grader):
    assert find(grader, WORDS.format(value=-2)) == ([], Found())
    ((line, code, _),), _ = find(grader, WORDS.format(value=-7))
    assert (line, code) == ("- [x] Clear the gradients.", "P302")


def test_a_sequence_whose_proof_moves_with_the_random_state(grader):
    item = WORDS.format(value="-2 or torch.rand(1) < 0.6")
    assert [code for _, code, _ in find(grader, item)[0]] == ["P303"]


def test_an_order_that_passes_by_luck_is_not_accepted(grader):
    lucky = WORDS.format(value="(-2 if code != 'b\\na\\nc' else w.item() + (torch.rand(1) < 0.5))")
    told, found = find(grader, lucky)
    assert (told, found) == ([], Found())


def test_options_that_are_code_are_tried(grader):
    assert find(grader, options()) == ([], Found())
    ((line, code, message),), _ = find(grader, options(c="x"))
    assert (line, code) == ("- [x] `y = (x * 2).requires_grad_(True)`", "P302")
    assert message.endswith("does not pass, and it is ticked")
    ((line, code, message),), _ = find(grader, options(b=" "))
    assert (line, code) == ("- [ ] This:", "P302")
    assert message == "option b, 'with torch.no_grad():', passes, and it is not ticked"
    why = options().replace("- [ ] `y = x.no_such", "- [x] `y = x.no_such")
    assert "AttributeError" in find(grader, why)[0][0][2]


@pytest.mark.parametrize(
    ("right", "proof", "codes"),
    [
        ("Backward", 'answer = "".join(["back", "ward"])', []),
        ("forward", 'answer = "".join(["back", "ward"])', ["P302"]),
        ("3", "answer = 1 + 2", []),
        ("3.0", "answer = 1 + 2", ["P302"]),  # learners type text: what is keyed is what counts
        ("backward", "def ok(code):\n        return hasattr(torch.ones(1), code)", []),
        ("backwards", "def ok(code):\n        return hasattr(torch.ones(1), code)", ["P302"]),
    ],
)
def test_short_answers(grader, right, proof, codes):
    told, _ = find(grader, SHORT.format(case="", right=right, proof=proof))
    assert [code for _, code, _ in told] == codes


def test_capitals_count_where_the_author_says_so(grader):
    proof = 'answer = "back" + "ward"'
    told, _ = find(grader, SHORT.format(case=" `case: yes`", right="Backward", proof=proof))
    assert [code for _, code, _ in told] == ["P302"]


CARD = """
    ## card: Twice backward

    `kind: recall` `modes: review`

    What does `w.grad` hold after `(2 * w).backward()` and `(3 * w).backward()`?

    ### Answer

    The sum, {back}.

    ### Check

    ```python verify
    w = torch.tensor(1.0, requires_grad=True)
    (2 * w).backward()
    (3 * w).backward()
    {proof}
    ```
    """


@pytest.mark.parametrize(
    ("back", "proof", "codes"),
    [
        ("`2 + 3`, which is `5`", "answer = w.grad", []),
        ("`tensor(5.)`", "answer = w.grad", []),
        ("`3`", "answer = w.grad", ["P302"]),
        ("5", "answer = w.grad", ["P302"]),
        ("`5`", "truth = {'a': w.grad == 5}", ["P306"]),
    ],
)
def test_the_back_of_a_card_names_the_answer(grader, back, proof, codes):
    told, _ = find(grader, CARD.format(back=back, proof=proof))
    assert [code for _, code, _ in told] == codes


def test_variables_are_drawn_twenty_times(grader):
    told, found = find(grader, drawn())
    assert told == []
    assert len(found.draws) == 20
    assert set(found.draws[0]) == {"n", "m", "sum", "mean"}
    for draw in found.draws:
        n, m = int(draw["n"]), int(draw["m"])
        assert float(draw["mean"]) == round((2 * n + 4 * m) / (n + m), 4)
    assert len({draw["n"] for draw in found.draws}) > 3
    assert find(grader, drawn())[1] == found  # the same seeds draw the same


def test_what_was_drawn_is_kept_with_a_proof_that_is_known(grader, tmp_path):
    path = tmp_path / "proofs.json"
    _, found = find(grader, drawn(), cache=ProofCache(path))
    assert find(None, drawn(), cache=ProofCache(path)) == ([], found)  # nothing is run


def test_a_key_that_is_wrong_under_one_drawing_is_told_with_it(grader):
    wrong = VARIANTS + "\nif n == 7:\n    mean = 1.5"
    ((line, code, message),), found = find(grader, drawn(wrong))
    assert (line, code) == ("- [x] `{{mean}} ± 0.001`", "P302")
    assert "(with m = " in message
    assert "n = 7" in message
    assert found == Found()


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ("m += torch.randint(3, ()).item()", "P303", "move with the random state"),
        ("import random\nm += random.randint(0, 9)", "P303", "move with the random state"),
        ("import time\nm += time.perf_counter_ns() % 99", "P303", "move with the random state"),
        ("n = torch.tensor(3)", "P308", "`n` is a Tensor"),
        ("m = 'a\\nb'", "P308", "`m` is no single line"),
        ("m = '`'", "P308", "`m` holds a back-tick"),
        ("m = 'x' * 201", "P308", "`m` is no single line of at most 200"),
        ("mean = float('nan')", "P308", "`mean` is nan"),
        ("if n > 3: del m", "P308", "`m` is shown, but was not set"),
        ("sum = mean", "P308", "the wrong value b counts as right by a"),
        ("mean = 'a lot'", "P308", "is no number"),
        ("1 / 0", "P301", "ZeroDivisionError"),
    ],
)
def test_variables_that_cannot_be_used(grader, more, code, words):
    told, found = find(grader, drawn(f"{VARIANTS}\n{more}"))
    assert [one for _, one, _ in told] == [code]
    assert words in told[0][2]
    assert found == Found()


def test_options_must_differ_under_every_drawing(grader):
    item = drawn().replace("kind: numeric", "kind: single").replace(" ± 0.001", "")
    item = item.replace("`{{sum}}`", "`{{n}}`").replace("answer =", 'truth = {"b": False, "a": 0 <')
    item = item.replace("values.mean()", "values.mean().item()}")
    assert find(grader, item)[0] == []
    ((line, code, message),), _ = find(grader, item.replace("mean = round(", "mean = n #"))
    assert (line, code) == ("- [ ] `{{n}}`", "P308")
    assert message.startswith("options a and b are the same (with ")


def test_a_proof_with_variables_that_moves_with_the_random_state(grader):
    told, _ = find(grader, drawn(proof="answer = values.mean() + torch.rand(1).item()"))
    assert [code for _, code, _ in told] == ["P303"]


def test_generators_of_their_own_are_found_too(grader):
    proof = "import numpy\n    answer = values.mean() + numpy.random.default_rng().random()"
    assert [code for _, code, _ in find(grader, drawn(proof=proof))[0]] == ["P303"]
    proof = "import random\n    answer = random.Random().random()"
    told, _ = find(grader, SHORT.format(case="", right="0.5", proof=proof))
    assert [code for _, code, _ in told] == ["P303"]


def test_braces_without_variables_are_text(grader):
    item = SHORT.format(case="", right="{{n}}", proof='answer = "{{" + "n}}"')
    assert find(grader, item) == ([], Found())
