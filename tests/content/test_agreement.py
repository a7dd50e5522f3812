"""The scanner and a CommonMark parser see the same headings, options and code blocks.

Whatever the scanner accepts, both must read alike; so sound files are damaged in many ways, and
whatever is still accepted is compared.
"""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzer.banks.agreement import find_disagreements
from quizzer.banks.bank import ITEM_HEADING, parse_bank
from quizzer.banks.lessons import PART_HEADING, parse_lesson

FILES = sorted(Path("questions").glob("*/*.md"))
SEED_BANK = """---
bank: seed
title: Seed
format: 1
---
# Seed

Intro with a list:

1. one

   ```python
   # a comment
   ## two: hidden
   ```

2. two

## one: One

`kind: single` `tags: a`

> quote
> more

```text
# comment
- [ ] no option
```

| a | b |
|---|---|
| 1 | 2 |

<!-- note
## three: hidden
-->

Which `<b>`?

- [ ] wrong

  ```python
  x = 1

  y = 2
  ```

  > No: `x`.
  > - a
  > - b
- [x] right
  more text
  > Yes.

### Hint

- a
  - b

    ```text
    deep
    ```
- c

#### Free heading

***

### Check

~~~python verify
x = {}
truth = {"a": x is None, "b": not x}
~~~

## two: Two

`kind: truefalse`

It is $x_i$.

- [ ] True
  > No.
- [x] False
"""
SNIPPETS = (
    *("```", "````", "~~~", "```python", "   ```", "  ```", "    ```", " ```", "``` a ` b"),
    *(
        "- [ ] new",
        "- [x] new",
        "  - [ ] nested",
        "* [x] star",
        "- plain",
        "1. item",
        "2) item",
        "10. ten",
    ),
    *(
        "## four: Four",
        "# Top",
        "### Hint",
        "####",
        "#### deep",
        "## ",
        "---",
        "===",
        "***",
        "- - -",
        "--",
    ),
    *(
        "<div>",
        "</div>",
        "<b>",
        "<!-- c -->",
        "<!-- c",
        "-->",
        "<pre>",
        "<a",
        "<https://x.y>",
        "<x-y>",
    ),
    *(
        "",
        "  ",
        "  > quote",
        "> quote",
        ">",
        "    code",
        "     code",
        "text",
        " text",
        "  text",
        "   text",
    ),
    *(
        "[a]: b",
        "[a]:",
        "| a |",
        "|---|",
        "\\",
        "`",
        "``",
        "$x$",
        "- ",
        "-",
        "+",
        "1.",
        "  - x",
        "   - x",
    ),
    *(
        "- ```",
        "- > a",
        "> - a",
        "> ```",
        "  > ```",
        "- - a",
        "-     five",
        "&",
        "   ## no",
        "  ## no",
    ),
)


# Small banks, so that each damage is likely to meet something, and many can be tried.
SMALL_BANKS = {
    "list with code": """
## one: One

`kind: truefalse`

1. first

   ```python
   # a comment
   ```

2. second
   - deep

- [ ] True
- [x] False
""",
    "quote and table": """
## one: One

`kind: multi` `tags: a`

> quote
> - more

| a | b |
|---|---|
| 1 | 2 |

- [ ] wrong
- [x] right
  more text

### Hint

Look.
""",
    "options with code": """
## one: One

`kind: single`

Which `<b>`?

- [ ] wrong

  ```python
  x = 1

  y = 2
  ```

  > No: `x`.
  > - a
- [x] right
  > Yes.
""",
    "comment and headings": """
# Seed

Words.

<!-- note
## three: hidden
-->

## one: One

`kind: truefalse`

#### Free heading

***

- [ ] True
  > No.
- [x] False

### Check

~~~python verify
truth = {"a": 1 > 2}
~~~
""",
    "blanks": """
## one: One

`kind: blank`

```python
___a___(1)
```

### Blank a

- [x] `f`
- [ ] `g`
  > No.

### Solution

1. `f`
""",
    "lines to order": """
## one: One

`kind: parsons`

Order it.

### Answer

```python parsons
x = 1
y = x
z = y
```

### Hint

- a
  - b

    ```text
    deep
    ```
- c
""",
    "output": """
## one: One

`kind: output`

```python run
print(1)
```

- [ ] `2`
  > No.

### Answer

```output
1
```

## two: Two

`kind: short`

Name it.

- [x] `x`
""",
}
SMALL = tuple(SMALL_BANKS.values())
FRONT = "---\nbank: seed\ntitle: Seed\nformat: 1\n---\n"
DAMAGED = 20_500


def mutate(text: str, chooser: random.Random) -> str:
    lines = text.split("\n")
    for _ in range(chooser.choice((1, 1, 2, 3))):
        at = chooser.randrange(len(lines))
        action = chooser.randrange(6)
        if action == 0:
            lines.insert(at, chooser.choice(SNIPPETS))
        elif action == 1 and len(lines) > 8:
            del lines[at]
        elif action == 2:
            lines[at] = " " * chooser.randrange(1, 5) + lines[at]
        elif action == 3:
            lines[at] = lines[at][chooser.randrange(1, 4) :]
        elif action == 4:
            other = chooser.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        else:
            lines[at] = chooser.choice(SNIPPETS) + lines[at]
    return "\n".join(lines)


def assert_agreement(text: str) -> bool:
    """Compare if the bank is accepted; return whether it was."""
    if parse_bank(text, "x.md").value is None:
        return False
    assert find_disagreements(text, ITEM_HEADING) == (), text
    return True


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_content_is_read_alike(path):
    text = path.read_text(encoding="utf-8")
    boundary = PART_HEADING if path.name == "lesson.md" else ITEM_HEADING
    assert find_disagreements(text, boundary) == ()


def test_the_seed_is_sound():
    parsed = parse_bank(SEED_BANK, "x.md")
    assert parsed.value is not None, parsed.problems
    assert len(parsed.value.items) == 2


@pytest.mark.parametrize("name", SMALL_BANKS)
def test_the_small_banks_are_sound(name):
    parsed = parse_bank(FRONT + SMALL_BANKS[name], "x.md")
    assert parsed.value is not None, parsed.problems


@pytest.mark.parametrize("seed", range(10))
def test_damaged_banks_that_are_accepted_are_read_alike(seed):
    chooser = random.Random(seed)  # noqa: S311 - the same damage every time
    whole = {f"{FRONT}{text}\n<!-- {seed} -->\n" for text in SMALL}
    damaged: set[str] = set()
    while len(damaged) < DAMAGED // 10:  # each one damaged, and none of them twice
        text = chooser.choice(SMALL)
        damaged |= {f"{FRONT}{mutate(text, chooser)}\n<!-- {seed} -->\n"} - whole
    accepted = sum(assert_agreement(text) for text in sorted(damaged))
    assert accepted > DAMAGED // 10 // 5  # enough are left to compare


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(SNIPPETS), max_size=12))
def test_stems_of_odd_lines_that_are_accepted_are_read_alike(lines):
    stem = "\n".join(lines)
    assert_agreement(SEED_BANK.replace("Which `<b>`?", f"Which?\n\n{stem}\n\nSo?"))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.text(max_size=300))
def test_any_text_is_parsed_or_refused_without_a_crash(text):
    for parse in (parse_bank, parse_lesson):
        parsed = parse(text, "x.md")
        assert parsed.value is None
        assert parsed.problems
    assert_agreement(SEED_BANK + text)
