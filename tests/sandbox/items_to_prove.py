"""Items to prove, of every kind, and what a proof says of one."""

from __future__ import annotations

import textwrap
from contextlib import nullcontext

from quizzer.banks.bank import parse_bank
from quizzer.domain.proofs import Found
from quizzer.services.proving import ProofCache, prove_and_find

FRONT = """\
---
bank: made-up
title: Made up
format: 1
modes: practice
prelude: import torch
---
"""


def prove_item(grader, item: str, *, cache=None, front: str = FRONT):
    """Prove one item; return (text of the line, code, message) of each problem, and the found."""
    text = front + "\n" + textwrap.dedent(item).strip("\n") + "\n"
    parsed = parse_bank(text, "bank.md")
    assert parsed.value is not None, parsed.problems
    lines = text.splitlines()
    cache = cache or ProofCache(None)
    proved = prove_and_find([parsed.value], [], lambda: nullcontext(grader), cache=cache)
    assert all(problem.path == "bank.md" for problem in proved.problems)
    told = [(lines[one.line - 1].strip(), one.code, one.message) for one in proved.problems]
    return told, proved.found.get(parsed.value.items[0].key, Found())


CHOICE = """
    ## mean-shape: Shape of a mean

    `kind: single`

    ```python
    x = torch.zeros(2, 3, 4).mean(dim=1)
    ```

    What is `x.shape`?

    - [{a}] `torch.Size([2, 4])`
      > So.
    - [{b}] `torch.Size([2, 1, 4])`
      > Only with keepdim.

    ### Check

    ```python verify
    {proof}
    ```
    """


def choice(proof: str, *, a: str = "x", b: str = " ") -> str:
    return CHOICE.format(a=a, b=b, proof=textwrap.indent(proof, "    ").strip())


NUMERIC = """
    ## grad: A gradient

    `kind: numeric`

    ```python
    w = torch.tensor(3.0, requires_grad=True)
    (w * 0.1).backward()
    ```

    What is `w.grad`?

    - [x] `{right}`
    - [ ] `{wrong}`
      > No.

    ### Check

    ```python verify
    answer = w.grad.item()
    ```
    """


OUTPUT = """
    ## printed: What is printed?

    `kind: output`

    ```python run
    {code}
    ```

    - [ ] `{wrong}`
      > No.

    ### Answer

    ```output
    {output}
    ```
    """


def output(code: str, shown: str, *, wrong: str = "tensor(9)") -> str:
    return OUTPUT.format(
        code=textwrap.indent(code, "    ").strip(),
        output=textwrap.indent(shown, "    ").strip(),
        wrong=wrong,
    )


BLANKS = """
    ## inference: Fill in the blanks

    `kind: blank`

    ```python
    model.___mode___()
    with torch.___context___():
        y = model(x)
    ```

    ### Blank mode

    - [{eval}] `eval`
    - [{train}] `train`
      > Switches dropout on.

    ### Blank context

    - [x] `no_grad`
    - [{inference}] `inference_mode`
      > Also.
    - [{enable}] `enable_grad`
      > The opposite.
    - [ ] `no_such_thing`
      > Raises.

    ### Check

    ```python verify
    def ok(code):
        model = torch.nn.Sequential(torch.nn.Linear(4, 64), torch.nn.Dropout(0.5))
        x = torch.ones(1, 4)
        names = dict(torch=torch, model=model, x=x)
        exec(code, names)
        return not names["y"].requires_grad and torch.equal(names["y"], model[0](x))
    ```
    """


def blanks(**ticks: str) -> str:
    return BLANKS.format(**{"eval": "x", "train": " ", "inference": "x", "enable": " "} | ticks)


LINES = """
    ## step: One training step

    `kind: parsons`

    Build one step.

    ### Answer

    ```python parsons
    {lines}
    ```

    ### Check

    ```python verify
    def ok(code):
        torch.manual_seed(0)
        model = torch.nn.Linear(2, 1)
        x, y = torch.ones(4, 2), torch.zeros(4, 1)
        criterion = torch.nn.MSELoss()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        grads = torch.autograd.grad(criterion(model(x), y), list(model.parameters()))
        want = [p.detach() - 0.1 * g for p, g in zip(model.parameters(), grads)]
        for p in model.parameters():
            p.grad = torch.ones_like(p)
        exec(code, dict(model=model, x=x, y=y, criterion=criterion, optimizer=optimizer))
        return all(torch.allclose(p, w) for p, w in zip(model.parameters(), want))
    ```
    """
STEP = (
    "optimizer.zero_grad()",
    "loss = criterion(model(x), y)",
    "loss.backward()",
    "optimizer.step()",
)


def lines(*texts: str) -> str:
    return LINES.format(lines="\n    ".join(texts))


WORDS = """
    ## words: Steps in words

    `kind: order`

    What comes first?

    - [x] Clear the gradients.
    - [x] Work out new ones.
    - [x] Move the weights.
    - [ ] Clear the weights.
      > Then all is lost.

    ### Check

    ```python verify
    def ok(code):
        w = torch.tensor(1.0, requires_grad=True)
        w.grad = torch.tensor(5.0)
        steps = {{
            "a": lambda: setattr(w, "grad", None),
            "b": lambda: (3 * w).backward(),
            "c": lambda: w.data.sub_(w.grad),
            "d": lambda: w.data.zero_(),
        }}
        for key in code.split("\\n"):
            steps[key]()
        return w.item() == {value}
    ```
    """


OPTIONS = """
    ## no-grad: Switch it off

    `kind: multi`

    Which of these make `y` without a gradient?

    - [x] `y = x.detach() * 2`
      > Yes.
    - [{b}] This:

      ```python
      with torch.no_grad():
          y = x * 2
      ```
      > Yes.
    - [{c}] `y = (x * 2).requires_grad_(True)`
      > No.
    - [ ] `y = x.no_such_thing()`
      > No.

    ### Check

    ```python verify
    def ok(code):
        names = dict(torch=torch, x=torch.ones(2, requires_grad=True))
        exec(code, names)
        return not names["y"].requires_grad
    ```
    """


def options(b: str = "x", c: str = " ") -> str:
    return OPTIONS.format(b=b, c=c)


SHORT = """
    ## name: A name

    `kind: short`{case}

    Which method adds to `.grad`?

    - [x] `{right}`
    - [ ] `step`
      > It moves the weights.

    ### Check

    ```python verify
    {proof}
    ```
    """


DRAWN = """
    ## mean: A mean of {{{{n}}}}

    `kind: numeric`

    What is the mean of {{{{n}}}} twos and {{{{m}}}} fours?

    ```python
    values = torch.tensor([2.0] * {{{{n}}}} + [4.0] * {{{{m}}}})
    ```

    - [x] `{{{{mean}}}} ± 0.001`
    - [ ] `{{{{sum}}}}`
      > That is the sum.

    ### Solution

    1. The sum is {{{{sum}}}}.

    ### Check

    ```python variants
    {variants}
    ```

    ```python verify
    {proof}
    ```
    """
VARIANTS = """n, m = rng.randint(1, 9), rng.randint(1, 9)
sum = 2 * n + 4 * m
mean = round(sum / (n + m), 4)"""


def drawn(variants: str = VARIANTS, proof: str = "answer = values.mean()") -> str:
    return DRAWN.format(variants=textwrap.indent(variants, "    ").strip(), proof=proof)
