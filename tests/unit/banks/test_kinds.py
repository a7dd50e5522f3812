"""What comes out of sound items of every kind: keys, orders, blocks, and what is hidden."""

import pytest

from quizzer.banks.bank import parse_bank
from quizzer.banks.variables import list_assigned
from quizzer.domain.items import Fence, Kind, Text

FRONT = """---
bank: demo
title: Demo
format: 1
defaults: {time: 60, shuffle: no, partial: yes, difficulty: 4}
modes: practice
misconceptions: {swapped: It is the other way round}
---
"""
ORDER = """
## steps: Order them

`kind: order`

Put them in order.

- [x] zero
- [ ] sleep
  > Never.
- [x] backward
  > `key: back`
- [x] step
"""
PARSONS = """
## lines: Put the lines in order

`kind: parsons`

Build a loop.

### Answer

```python parsons
for loss in losses:

    loss.backward()
    loss.step(  #! distractor: `misconception: swapped` `key: no` A loss has no `step()`.
  print()#!distractor:
    optimizer.step()  # last
```
"""
SHORT = """
## word: Which word?

`kind: short` `case: yes` `time: 90 s` `source: A *book*`

Which?

### Answer

- [x] `SGD`
- [ ] `sgd`
  > `score: 0.25` Nearly.
"""
CARD = """
## card: The front

`kind: recall`

What is it?

### Answer

It is *this*.

### Notes

Ask them why.
"""
CODE = """
## double: Twice

`kind: code`

Write it.

```python starter
def double(x): ...
```

- [ ] Wrong:

  ```python
  def double(x): return x
  ```

### Check

```python solution
def double(x): return 2 * x
```

```python tests
from graders import check
```
"""
NAMED = """
## named: Twice

`kind: code` `exercise: lesson/double`

Write it.
"""
DRAWN = """
## drawn: With {{n}}

`kind: numeric`

What is $2 \\cdot {{n}}$?

```python
x = step_{{n}} = {{n}}
```

- [x] `{{twice}} ± 1%`
- [ ] `-1`
  > Not {{n}} times.

### Check

```python variants
n = rng.randint(1, 9)
twice = 2 * n
```

```python verify
answer = 2 * n
```
"""
ALL = (ORDER, PARSONS, SHORT, CARD, CODE, NAMED, DRAWN)


def parse(body: str):
    parsed = parse_bank(FRONT + body, "demo.md")
    assert parsed.value is not None, parsed.problems
    (item,) = parsed.value.items
    return item


def at(body: str, line: int) -> str:
    return (FRONT + body).split("\n")[line - 1]


def test_the_ticked_steps_are_the_order_and_keys_may_be_given():
    item = parse(ORDER)
    assert (item.kind, item.kind.is_sequence) == (Kind.ORDER, True)
    assert [(option.key, option.correct) for option in item.options] == [
        *(("a", True), ("b", False), ("back", True), ("d", True)),
    ]
    assert item.orders == (("a", "back", "d"),)


def test_defaults_reach_the_kinds_that_they_mean_something_for():
    order, word = parse(ORDER), parse(SHORT)
    assert (order.shuffle, order.partial, order.time_s, order.difficulty) == (True, True, 60, 4)
    assert (word.shuffle, word.partial, word.time_s, word.difficulty) == (True, False, 90, 4)


def test_lines_keep_their_indent_and_distractors_their_reasons():
    item = parse(PARSONS)
    assert [(option.key, option.value, option.correct) for option in item.options] == [
        ("a", "for loss in losses:", True),
        ("b", "    loss.backward()", True),
        ("no", "    loss.step(", False),
        ("d", "  print()", False),
        ("e", "    optimizer.step()  # last", True),
    ]
    assert item.orders == (("a", "b", "e"),)
    wrong = item.options[2]
    assert (wrong.misconception, wrong.feedback.source) == ("swapped", "A loss has no `step()`.")
    assert item.options[3].feedback is None


def test_a_line_is_shown_as_code_and_complaints_find_it():
    item = parse(PARSONS)
    assert item.options[1].text.source == "```python\n    loss.backward()\n```"
    assert all(option.value in at(PARSONS, option.text.line) for option in item.options)
    assert at(PARSONS, item.options[2].feedback.line).endswith("A loss has no `step()`.")


def test_a_short_answer_knows_about_capitals_and_half_right_values():
    item = parse(SHORT)
    assert item.is_case_sensitive
    assert [(option.value, option.score) for option in item.options] == [
        ("SGD", 0.0),
        ("sgd", 0.25),
    ]
    assert item.source == Text(source="A *book*", line=12)
    assert not parse(SHORT.replace(" `case: yes`", "").replace("`sgd`", "`Adam`")).is_case_sensitive


def test_a_card_has_a_back_and_serves_review_whatever_the_bank_says():
    item = parse(CARD)
    assert item.answer == Text(source="It is *this*.", line=18)
    assert (item.modes, item.options) == (("review",), ())
    assert item.notes.source == "Ask them why."


def test_a_small_exercise_brings_its_blocks():
    item = parse(CODE)
    assert item.code.starter == Fence(
        language="python", role="starter", code="def double(x): ...\n", line=16
    )
    assert item.code.solution.code == "def double(x): return 2 * x\n"
    assert item.code.tests.code == "from graders import check\n"
    assert at(CODE, item.code.tests.line) == "```python tests"
    assert "```python\ndef double(x): ...\n```" in item.stem.source
    assert [option.correct for option in item.options] == [False]
    assert item.exercise == ""


def test_an_item_may_name_the_exercise_that_grades_it():
    item = parse(NAMED)
    assert (item.exercise, item.code) == ("lesson/double", None)


def test_variables_stay_in_the_text_until_they_are_drawn():
    item = parse(DRAWN)
    assert item.waits_for_draws
    assert (item.title, item.options[0].value) == ("With {{n}}", "{{twice}} ± 1%")
    assert item.variants.code == "n = rng.randint(1, 9)\ntwice = 2 * n\n"
    assert at(DRAWN, item.variants.line) == "```python variants"
    assert [fence.role for fence in item.fences] == [""]


@pytest.mark.parametrize("body", ALL)
def test_nothing_hidden_is_in_what_learners_are_shown_first(body):
    item = parse(body)
    shown = item.stem.source + item.title
    for secret in ("rng", "return 2 * x", "graders", "optimizer", "this", "Ask them"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("body", "old", "new"),
    [
        (ORDER, "- [x] step", "- [ ] step\n  > No.\n- [x] stop"),
        (PARSONS, "    optimizer.step()", "optimizer.step()"),
        (PARSONS, "print()#!", "prints()#!"),
        (SHORT, " `case: yes`", ""),
        (SHORT, "score: 0.25", "score: 0.5"),
        (SHORT, "- [x] `SGD`", "- [x] `RMSprop`"),
        (CARD, "It is *this*.", "It is that."),
        (CODE, "2 * x", "x + x"),
        (CODE, "import check", "import check  # more"),
        (NAMED, "lesson/double", "lesson/triple"),
        (DRAWN, "randint(1, 9)", "randint(1, 8)"),
    ],
)
def test_a_change_of_meaning_makes_a_new_revision(body, old, new):
    changed = body.replace(old, new)
    if "case" in old:
        changed = changed.replace("`sgd`", "`Adam`")
        body = body.replace("`sgd`", "`Adam`")
    assert changed != body
    assert parse(changed).revision != parse(body).revision


@pytest.mark.parametrize(
    ("body", "old", "new"),
    [
        (PARSONS, "A loss has no", "Losses have no"),
        (CARD, "Ask them", "Tell them"),
        (SHORT, "90", "9"),
    ],
)
def test_other_words_for_the_same_make_none(body, old, new):
    assert body.replace(old, new) != body
    assert parse(body.replace(old, new)).revision == parse(body).revision


def test_names_are_found_wherever_a_block_gives_them_a_value():
    code = """
import math
a, (b, *c) = 1, (2, 3)
d: int = 4
for e in range(3):
    if (f := e):
        g = [h for h in range(2)]
with open("x") as i:
    pass
def j(k):
    l = 1
m += 1
n.o = p[0] = 1
"""
    assert list_assigned(code) == frozenset("abcdefgim")


def test_a_bank_keeps_what_its_front_matter_says():
    text = FRONT.replace(
        "title: Demo\n",
        'title: Demo\nlang: de-CH\nlicense: MIT\nsource: x\nauthors: [A B, "C, D"]\ndescription: y\ntags: one, two\n',
    )
    bank = parse_bank(text + ORDER, "demo.md").value
    assert bank is not None
    assert (bank.lang, bank.license, bank.source, bank.description) == ("de-CH", "MIT", "x", "y")
    assert (bank.authors, bank.tags, bank.modes) == (("A B", "C, D"), ("one", "two"), ("practice",))
    assert bank.defaults == {"time": "60", "shuffle": "no", "partial": "yes", "difficulty": "4"}


def test_a_long_sum_is_read_without_running_out_of_stack():
    total = "+".join(["1"] * 2_000)
    item = parse(DRAWN.replace("twice = 2 * n", f"twice = 2 * n\ntotal = {total}"))
    assert item.variants is not None


def test_a_line_of_nothing_but_spaces_behind_a_mark_is_read_at_once():
    marked = "".join(f"f({n})  #{' ' * 4_900}x\n" for n in range(12))
    body = PARSONS.split("```python parsons", maxsplit=1)[0] + f"```python parsons\n{marked}```\n"
    assert len(parse(body).options) == 12
