"""What comes out of a sound bank and a sound lesson."""

from quizzer.banks.bank import parse_bank
from quizzer.banks.fences import list_fences
from quizzer.banks.lessons import parse_lesson
from quizzer.domain.items import Kind, PartKind, Text

BANK = """---
bank: autograd
title: Autograd
format: 1
lesson: basics
modes: practice
defaults: {difficulty: 3, points: 2}
prelude: |
  import torch
misconceptions: {replaced: backward() replaces the gradient}
---

# Autograd

Welcome. ![a plot](curve.svg)

<!-- An author's note. -->

## leaf: Which tensor has a gradient?

`kind: single` `tags: autograd, leaf` `difficulty: 1`
`modes: practice, test` · `shuffle: no`

```python
a = torch.ones(3, requires_grad=True)
```

Which?

- [ ] only `a`
  > `misconception: replaced` `key: only-a` No: `c` is one as well.
  > Look again.
- [x] `a` and `c`, as in

  ```python
  c = a
  ```

  > Right.
- [X] both

### Hint

First.

### Hint

Second.

### Solution

1. One.

### Mistakes

Many.

### Source

Lesson 4.

### Check

Words for authors.

```python verify
truth = {"only-a": a is None}
```

### Notes

For instructors.

## half: How much is it?

`kind: numeric`

- [x] `0.25 +- 1%`
- [ ] `[1, 2]`
  > Too much.

### Check

```python verify
answer = 1 / 4
```

## out: What is printed?

`kind: output`

```python run
print("a\\tb")
print()
```

- [ ] `a`
  > No.

### Answer

```output
a
b
```

## fill: Fill in

`kind: blank`

```python
model.___mode___()
loss ___sign___ 1
```

### Blank sign

- [x] `+`

### Blank mode

- [x] `eval`
- [x] `train`
"""


def parse():
    parsed = parse_bank(BANK.replace("`kind: single`", "`kind: multi`"), "autograd.md")
    assert [p for p in parsed.problems if p.is_error and p.code != "E167"] == []
    return parsed


def test_an_item_may_not_be_without_text():
    (problem,) = (problem for problem in parse().problems if problem.is_error)
    assert problem.code == "E167"
    assert BANK.split("\n")[problem.line - 1].startswith("## half")


def sound_bank():
    text = BANK.replace("`kind: single`", "`kind: multi`").replace(
        "`kind: numeric`\n", "`kind: numeric`\n\nHow much?\n"
    )
    parsed = parse_bank(text, "autograd.md")
    assert parsed.value is not None, parsed.problems
    return parsed.value


def test_the_front_matter_reaches_the_bank():
    bank = sound_bank()
    assert (bank.id, bank.title, bank.lesson, bank.path) == (
        "autograd",
        "Autograd",
        "basics",
        "autograd.md",
    )
    assert bank.prelude == "import torch\n"
    assert bank.misconceptions == {"replaced": "backward() replaces the gradient"}
    assert bank.intro == Text(source="Welcome. ![a plot](/figures/basics/curve.svg)", line=15)


def test_labels_reach_the_item_and_defaults_fill_the_gaps():
    leaf, half, *_ = sound_bank().items
    assert (leaf.key, leaf.id, leaf.bank, leaf.title) == (
        "autograd/leaf", "leaf", "autograd", "Which tensor has a gradient?",
    )  # fmt: skip
    assert (leaf.kind, leaf.difficulty, leaf.points) == (Kind.MULTI, 1, 2.0)
    assert (leaf.tags, leaf.modes, leaf.shuffle) == (
        ("autograd", "leaf"),
        ("practice", "test"),
        False,
    )
    assert (half.difficulty, half.modes, half.shuffle) == (3, ("practice",), True)


def test_options_have_keys_ticks_and_feedback():
    first, second, third = sound_bank().items[0].options
    assert (first.key, first.correct, first.misconception) == ("only-a", False, "replaced")
    assert first.feedback == Text(source="No: `c` is one as well.\nLook again.", line=31)
    assert (second.key, second.correct) == ("b", True)
    assert second.text.source == "`a` and `c`, as in\n\n```python\nc = a\n```"
    assert (third.key, third.correct, third.feedback) == ("c", True, None)


def test_sections_reach_the_item():
    leaf = sound_bank().items[0]
    assert [hint.source for hint in leaf.hints] == ["First.", "Second."]
    assert (leaf.solution.source, leaf.mistakes.source) == ("1. One.", "Many.")
    assert leaf.source.source == "Lesson 4."
    assert leaf.verify.code == 'truth = {"only-a": a is None}\n'
    assert BANK.split("\n")[leaf.verify.line - 1] == "```python verify"


def test_what_learners_must_not_see_is_in_no_fragment():
    for item in sound_bank().items:
        assert "verify" not in item.stem.source
        assert all("truth" not in hint.source for hint in item.hints)
        assert "Notes" not in repr(item)
        assert "author's note" not in repr(sound_bank())


def test_a_role_is_not_shown_and_its_code_is_kept():
    out = sound_bank().items[2]
    assert out.stem.source.startswith("```python\nprint")
    (fence,) = out.fences
    assert (fence.language, fence.role) == ("python", "run")
    assert fence.code == 'print("a\\tb")\nprint()\n'
    assert out.output == "a\nb"


def test_blanks_come_in_the_order_of_the_stem():
    fill = sound_bank().items[3]
    assert [blank.name for blank in fill.blanks] == ["mode", "sign"]
    assert [option.value for option in fill.blanks[0].options] == ["eval", "train"]


def test_a_revision_changes_with_the_meaning_only():
    def revision(old: str = "", new: str = "") -> str:
        text = BANK.replace("`kind: single`", "`kind: multi`").replace(
            "`kind: numeric`\n", "`kind: numeric`\n\nX\n"
        )
        return parse_bank(text.replace(old, new) if old else text, "a.md").value.items[0].revision

    assert revision("Second.", "Third.") == revision()
    assert revision("Right.", "Yes.") == revision()
    assert revision("Which?", "Which one?") != revision()
    assert revision("- [X] both", "- [ ] both") != revision()
    assert revision("both", "all") != revision()


def test_windows_line_ends_make_no_difference():
    unix = parse_bank(BANK, "a.md").problems
    assert parse_bank(BANK.replace("\n", "\r\n"), "a.md").problems == unix


LESSON = """---
lesson: decay
title: Weight decay
format: 1
order: 2
minutes: 25
requires: [regularization]
tags: l2, optimizers
prelude: import torch
---

# Weight decay

## Why

Because.

## Step: Pull the weights

`level: foundation` `predict: decay-core/first`

They shrink.

## Step: Decouple

`level: expert`

Like this.

## Myths

Four beliefs.

- `decay-core/a`
- decay-core/b

## Pitfall: Decayed twice

Careful.

### Wrong

```python
print(2)
```

```output
2
```

### Right

```python
print(1)
```

```output
1
```

### Cause

Both add it.

## Takeaways

- One.
"""


def test_a_lesson_keeps_its_parts_in_order():
    lesson = parse_lesson(LESSON, "lesson.md").value
    assert lesson is not None
    assert (lesson.id, lesson.title, lesson.order, lesson.minutes) == (
        "decay",
        "Weight decay",
        2,
        25,
    )
    assert (lesson.requires, lesson.tags) == (("regularization",), ("l2", "optimizers"))
    kinds = [part.kind for part in lesson.parts]
    assert kinds == [
        PartKind.WHY,
        PartKind.STEP,
        PartKind.STEP,
        PartKind.MYTHS,
        PartKind.PITFALL,
        PartKind.TAKEAWAYS,
    ]


def test_steps_have_levels_and_predictions():
    first, second = parse_lesson(LESSON, "lesson.md").value.parts[1:3]
    assert (first.title, first.level, first.predict) == (
        "Pull the weights",
        "foundation",
        "decay-core/first",
    )
    assert first.text == Text(source="They shrink.", line=22)
    assert (second.level, second.predict) == ("expert", None)


def test_myths_list_their_items():
    myths = parse_lesson(LESSON, "lesson.md").value.parts[3]
    assert myths.items == ("decay-core/a", "decay-core/b")
    assert myths.text.source == "Four beliefs."


def test_a_pitfall_has_code_and_what_it_prints():
    pitfall = parse_lesson(LESSON, "lesson.md").value.parts[4]
    assert pitfall.text.source == "Careful."
    assert [name for name, _ in pitfall.sections] == ["Wrong", "Right", "Cause"]
    code, output = list_fences(dict(pitfall.sections)["Wrong"])
    assert (code.language, code.code, output.language, output.code) == (
        "python",
        "print(2)\n",
        "output",
        "2\n",
    )
    assert LESSON.split("\n")[code.line - 1] == "```python"
