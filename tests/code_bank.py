"""A bank with both forms of kind code: an exercise named, and one that the item brings."""

from __future__ import annotations

from quizzer.banks.bank import parse_bank
from quizzer.domain.items import Bank

KEY = "lesson/penalties--shrink"
SECRETS = ("SECRET-SOLUTION", "SECRET-HIDDEN", "SECRET-WRONG", "SECRET-RIGHT", "SECRET-JUDGE")
"""Marks in what no learner, and no jail that holds a submission, may come to see."""

BANK = """\
---
bank: penalties
lesson: lesson
title: Penalties
format: 1
modes: practice
misconceptions:
  no-strength: The strength scales the penalty.
---

## shrink: Add the penalty

`kind: code` `difficulty: 3` `tags: l2`

Write `penalize(loss, weights, strength)`: the loss plus `strength` times the sum of squares.

```python starter
def penalize(loss, weights, strength):
    return loss
```

- [ ] The strength left out:

  ```python
  # SECRET-WRONG
  def penalize(loss, weights, strength):
      return loss + weights.square().sum()
  ```
  > `misconception: no-strength`
  > How strong it is must matter.
- [ ] The graph cut off, and the weights changed:

  ```python
  def penalize(loss, weights, strength):
      return (loss + strength * weights.square().sum()).detach()
  ```
  > Nothing flows back.
- [x] With a product:

  ```python
  # SECRET-RIGHT
  def penalize(loss, weights, strength):
      return loss + strength * (weights * weights).sum()
  ```

### Hint

HINT-OF-THE-ITEM

### Solution

NOTES-ON-THE-SOLUTION

### Check

```python solution
# SECRET-SOLUTION
def penalize(loss, weights, strength):
    return loss + strength * weights.pow(2).sum()
```

```python tests
from graders import check, observe


def near(expected, got):
    "SECRET-JUDGE"
    if not abs(got - expected) <= 1e-4 * abs(expected):
        return "the value is another one"


@check(points=2, judge=near)
def value(solution, draw):
    \"\"\"The penalty is added to the loss, times the strength.\"\"\"
    weights = draw.tensor(3, 2)
    return observe.number(solution.penalize(draw.number(0.5, 1.0), weights, 0.3))


@check(after=value)
def gradient(solution, draw):
    \"\"\"Gradients flow back to the weights.\"\"\"
    weights = draw.tensor(3, 2).requires_grad_()
    return observe.gradient(solution.penalize(0.0, weights, draw.number(0.1, 1.0)), weights)


@check(hidden=True)
def wide(solution, draw):
    \"\"\"It works for more weights as well.\"\"\"
    mark = "SECRET-HIDDEN"
    return [observe.number(solution.penalize(0.0, draw.tensor(50), 0.1)), mark]
```

## all-parameters: Sum over all parameters

`kind: code` `exercise: lesson/l2-sum`

Solve the exercise on the L2 penalty.
"""


def parse_text(text: str = BANK, path: str = "questions/lesson/penalties.md") -> Bank:
    """Return the bank that a text holds, which must be free of errors."""
    parsed = parse_bank(text, path)
    assert parsed.value is not None, parsed.problems
    return parsed.value


def find_line(text: str, words: str, after: str = "") -> int:
    """Return the number of the first line that holds `words`, from the one that holds `after`."""
    lines = text.split("\n")
    start = next(index for index, line in enumerate(lines) if after in line)
    return next(n for n, line in enumerate(lines[start:], start + 1) if words in line)
