"""What each operator makes of a small source, and what no operator touches."""

from __future__ import annotations

import ast
import textwrap

import libcst as cst
import pytest

from graders.errors import GraderError
from graders.verify.mutants import make_mutants, normalise, render_diff
from graders.verify.operators import OPERATORS, walk

# Per operator: a source, and all that the operator makes of it. `before ⇒ after` changes a line.
CASES = {
    "comparison": [
        ("a < b", ["a <= b", "a >= b"]),
        ("a >= b", ["a > b", "a < b"]),
        ("a == b", ["a != b"]),
        ("a is None", ["a is not None"]),
        ("a not in b", ["a in b"]),
        ("a < b < c", ["a <= b < c", "a >= b < c", "a < b <= c", "a < b >= c"]),
    ],
    "arithmetic": [
        ("y = a + b", ["y = a - b"]),
        ("y = a * b", ["y = a / b", "y = a + b"]),
        ("y = a @ b", ["y = a * b"]),
        ("y = (a * b).sum()", ["y = (a / b).sum()", "y = (a + b).sum()"]),
        ("y = c - a * b", ["y = c + a * b", "y = c - (a / b)", "y = c - (a + b)"]),
        ("y -= a", ["y += a"]),
    ],
    "operand": [
        ("y = a - b", ["y = a", "y = b"]),
        ("y = a / b", ["y = a"]),
        ("y = a or b", ["y = a", "y = b"]),
        ("y = (a * b + c).sum()", ["y = (a * b).sum()", "y = c.sum()", "y = (a + c).sum()", "y = (b + c).sum()"]),
    ],
    "boolean": [("y = a and b", ["y = a or b"]), ("y = not (a or b)", ["y = not (a and b)"])],
    "sign": [("y = -x", ["y = x"]), ("y = not x", ["y = x"])],
    "negation": [
        ("if a:\n    b()", ["if not a:\n    b()"]),
        ("if a or b:\n    c()", ["if not (a or b):\n    c()"]),
        ("y = [a for a in b if a.ok()]", ["y = [a for a in b if not a.ok()]"]),
        ("while a:\n    b()", ["while not a:\n    b()"]),
        ("y = b if a else c", ["y = b if not a else c"]),
        ("if a < b:\n    c()", []),
        ("if not a:\n    c()", []),
    ],
    "condition": [
        ("if a:\n    b()", ["if True:\n    b()"]),
        ("if a:\n    b()\nelse:\n    c()", []),
        ("y = [a for a in b if c if d]", ["y = [a for a in b if d]", "y = [a for a in b if c]"]),
        ("y = b if a else c", ["y = b", "y = c"]),
    ],
    "slice": [
        ("y = x[1:-1]", ["y = x[:-1]", "y = x[1:]"]),
        ("y = x[::2]", ["y = x[:]"]),
        ("y = x[1, :n]", ["y = x[1, :]"]),
        ("y = x[0]", []),
    ],
    "number": [
        ("y = 2", ["y = 3", "y = 1"]),
        ("y = 0", ["y = 1"]),
        ("y = 0.5", ["y = 1.0", "y = 0.0"]),
        ("y = 0.0", ["y = 1.0"]),
    ],
    "truth": [("y = True", ["y = False"]), ("f(keepdim=False)", ["f(keepdim=True)"])],
    "string": [
        ("y = a['key']", ["y = a['key_changed']"]),
        ("f(reduction='sum')", ["f(reduction='mean')"]),
        ("print('words')", []),
        ("f(b'bytes')", []),
    ],
    "element": [
        ("y = (a, b, c)", ["y = (b, c)", "y = (a, c)", "y = (a, b)"]),
        ("y = [a, b]", ["y = [b]", "y = [a]"]),
        ("y = (a, b)", ["y = (b,)", "y = (a,)"]),
        ("y = {'k': a, 'l': b}", ["y = {'l': b}", "y = {'k': a}"]),
        ("a, b = c", []),
        ("for a, b in c:\n    pass", []),
        ("y = [a]", []),
    ],
    "order": [("return a, b", ["return b, a"]), ("return [a, b]", ["return [b, a]"]), ("y = a, b", [])],
    "call": [
        ("y = p.abs().sum()", ["y = p.abs()", "y = p.sum()"]),
        ("y = sum(x)", ["y = x"]),
        ("import torch\ny = torch.abs(x)", ["import torch\ny = x"]),
        ("import torch.nn.functional as F\ny = F.relu(x, True)", ["import torch.nn.functional as F\ny = x"]),
        ("y = sum(a for a in b)", ["y = (a for a in b)"]),
        ("y = abs(a + b) ** 2", ["y = (a + b) ** 2"]),
        ("y = f()", []),
        ("optimizer.step()", []),
        ("y = super().forward(x)", []),
    ],
    "arguments": [
        ("f(a, b)", ["f(b, a)"]),
        ("f(a, x=b, y=c)", ["f(a, x=c, y=b)"]),
        ("f(*a, b)", []),
    ],
    "argument": [
        ("f(a, dim=1)", ["f(a)"]),
        ("f(a, b, c=d)", ["f(a, c=d)", "f(a, b)"]),
        ("f(a)", []),
        ("f(a, *b)", []),
    ],
    "mixed-up": [
        ("y = x.mean()", ["y = x.sum()"]),
        ("y = max(a, b)", ["y = min(a, b)"]),
        ("y = model.modules()", ["y = model.children()"]),
        ("y = x.unheard_of()", []),
    ],
    "off-by-one": [
        ("range(n)", ["range(n - 1)", "range(n + 1)"]),
        ("range(1, a + b)", ["range(1, (a + b) - 1)", "range(1, (a + b) + 1)"]),
        ("range(3)", []),
    ],
    "removal": [
        ("a = 1\nb()", ["b()", "a = 1\n"]),
        ("def f():\n    return 1", ["def f():\n    pass"]),
        ("for a in b:\n    c()", ["pass"]),
        ("if a:\n    b()\nelse:\n    c()", ["pass", "if a:\n    pass\nelse:\n    c()", "if a:\n    b()\nelse:\n    pass"]),
        ("# why\na()\nb()", ["# why\nb()", "# why\na()\n"]),
        ("import torch\nfrom torch import nn\nclass A:\n    pass", []),
    ],
    "with": [
        ("with torch.no_grad():\n    a()\n    b()\nc()", ["a()\nb()\nc()"]),
        ("with a: b()", ["b()\n"]),
        ("with open(p) as f:\n    a(f)", []),
    ],
    "else": [
        ("if a:\n    b()\nelse:\n    c()", ["if a:\n    b()\n"]),
        (
            "if a:\n    b()\nelif c:\n    d()\nelse:\n    e()",
            ["if a:\n    b()\nelse:\n    e()", "if a:\n    b()\nelif c:\n    d()\n"],
        ),
    ],
    "exit": [
        ("for a in b:\n    continue", ["for a in b:\n    break"]),
        ("for a in b:\n    break", ["for a in b:\n    continue"]),
    ],
    "early-return": [
        (
            "def f():\n    for a in b:\n        c()\n    return d",
            ["def f():\n    for a in b:\n        c()\n        return d"],
        ),
        ("def f():\n    a()\n    return d", []),
    ],
    "decorator": [
        ("@torch.no_grad()\ndef f():\n    pass", ["def f():\n    pass"]),
        ("@a\n@b\ndef f():\n    pass", ["@b\ndef f():\n    pass", "@a\ndef f():\n    pass"]),
    ],
    "rebinding": [
        ("def f(x):\n    x += y", ["def f(x):\n    x = x + y"]),
        ("p *= a + b", ["p = p * (a + b)"]),
        ("def f():\n    n = 0\n    n += y", []),
    ],
    "overwriting": [("x += y", ["x = y"])],
    "in-place": [
        ("x.mul_(2)", ["x.mul(2)"]),
        ("y = x.mul(2)", ["y = x.mul_(2)"]),
        ("y = (a + b).mul(2)", []),
        ("import torch\ny = torch.mul(x, 2)", []),
        ("def f():\n    t = a + b\n    return t.abs()", []),
        ("def f():\n    t = a + b\n    return t.abs() + t", ["def f():\n    t = a + b\n    return t.abs_() + t"]),
        ("x.requires_grad_(True)", []),
    ],
    "attribute": [
        ("y = p.grad + 1", ["y = p + 1"]),
        ("y = x.T @ x", ["y = x @ x"]),
        ("p.grad = y", []),
    ],
    "detach": [
        ("return a * b", ["return (a * b).detach()"]),
        ("y = x.sum()", ["y = x.sum().detach()"]),
        ("y = [a.pow(2) for a in b]", ["y = [a.pow(2).detach() for a in b]"]),
        ("kept.append(x)", ["kept.append(x.detach())"]),
        ("y = name.lower()", []),
        ("with torch.no_grad():\n    y = x.sum()", []),
        ("@torch.no_grad()\ndef f(x):\n    return x.sum()", []),
    ],
    "item": [
        ("y = x.sum()", ["y = x.sum().item()"]),
        ("return total", ["return total.item()"]),
        ("y = x.abs()", []),
        ("with torch.no_grad():\n    y = x.sum()", []),
    ],
    "clone": [
        ("return x", ["return x.clone()"]),
        ("kept.append(x)", ["kept.append(x.clone())"]),
        ("y = x", []),
    ],
    "no-grad": [
        (
            "import torch\ndef f(x):\n    return x.sum()",
            ["import torch\n@torch.no_grad()\ndef f(x):\n    return x.sum()"],
        ),
        ("import torch\ndef f(name):\n    return name.lower()", []),
        (
            "import torch\ndef f(x):\n    with torch.no_grad():\n        a()\n    return x.sum()",
            ["import torch\n@torch.no_grad()\ndef f(x):\n    with torch.no_grad():\n        a()\n    return x.sum()"],
        ),
        ("def f(x):\n    return x.sum()", []),
        ("import torch\ndef f(x):\n    with torch.no_grad():\n        return x.sum()", []),
    ],
}  # fmt: skip
FLAT = [(name, source, made) for name, cases in CASES.items() for source, made in cases]


def apply(operator, source):
    """Return what one operator makes of a source, in order; everything must be Python."""
    module = cst.parse_module(source)
    sites = walk(module)
    made = [
        module.deep_replace(site.node, node).code
        for site in sites
        for node in OPERATORS[operator](site)
    ]
    for code in made:
        ast.parse(code)
    return made


@pytest.mark.parametrize(("operator", "source", "made"), FLAT)
def test_an_operator_makes_these_mutants_and_no_others(operator, source, made):
    assert [code.strip() for code in apply(operator, source)] == [code.strip() for code in made]


def test_every_operator_has_a_case_in_which_it_makes_something():
    active = {name for name, cases in CASES.items() if any(made for _, made in cases)}
    assert active == set(OPERATORS)


def test_what_explains_or_imports_is_left_alone():
    source = '''
    """Module, 1 + 1."""
    import os
    from typing import Literal

    def f(x: Literal["a", "b"], n: "int | None" = None) -> list[int]:
        """Doc, 2 * 2."""
        if x.bad:
            raise ValueError("no" + str(1 + 1))
        assert x, "words" + "more"


    if __name__ == "__main__":
        print(f("a") + 1)
    '''
    mutants = make_mutants(textwrap.dedent(source).lstrip())
    assert [(mutant.name, mutant.before, mutant.after) for mutant in mutants] == [
        ("removal:7", 'if x.bad: raise ValueError("no" + str(1 + 1))', ""),
        ("negation:7", "if x.bad:", "if not x.bad:"),
        ("condition:7", "if x.bad:", "if True:"),
        ("removal:9", 'assert x, "words" + "more"', ""),
    ]


def test_mutants_that_mean_the_same_are_made_once():
    # Dropping the call and dropping the other operand both leave `return x`.
    mutants = make_mutants("def f(x):\n    return abs(x) + x\n")
    lines = [mutant.after for mutant in mutants]
    assert lines.count("return x") == 1
    assert len(lines) == len(set(lines))


def test_a_mutant_that_means_the_same_as_the_original_is_none():
    # `-0` is still zero to Python, but another tree; `(x)` would be the same tree.
    sources = [mutant.source for mutant in make_mutants("def f(x, y):\n    return f(x, x)\n")]
    assert "def f(x, y):\n    return f(x, x)\n" not in sources


def test_the_same_source_gives_the_same_mutants_in_the_order_of_its_lines():
    source = "def f(x):\n    y = x * 2\n    for z in y:\n        y += z\n    return y.sum()\n"
    mutants = make_mutants(source)
    assert mutants == make_mutants(source)
    assert [mutant.line for mutant in mutants] == sorted(mutant.line for mutant in mutants)
    assert len({mutant.name for mutant in mutants}) == len(mutants) > 15


def test_a_mutant_tells_its_place_and_its_change():
    source = "def f(x):\n    # twice\n    y = x * 2  # as many\n    return y\n"
    (mutant,) = [entry for entry in make_mutants(source) if entry.after == "y = x / 2"]
    assert (mutant.name, mutant.line, mutant.before) == ("arithmetic:3", 3, "y = x * 2")
    assert render_diff(source, mutant).splitlines() == [
        "@@ -2,3 +2,3 @@",
        "     # twice",
        "-    y = x * 2  # as many",
        "+    y = x / 2  # as many",
        "     return y",
    ]


def test_a_block_that_only_moves_is_not_told_as_changed():
    source = "def f(x):\n    with a():\n        b()\n        c()\n    return x\n"
    (mutant,) = [entry for entry in make_mutants(source) if entry.name.startswith("with")]
    assert (mutant.before, mutant.after) == ("with a():", "")
    source = "def f(x):\n    for a in x:\n        b()\n    return x\n"
    (mutant,) = [entry for entry in make_mutants(source) if entry.name.startswith("early")]
    assert (mutant.before, mutant.after) == ("return x", "return x")


def test_code_is_compared_without_layout_and_comments():
    assert (
        normalise("    a = [\n        1,  # one\n        '#',\n    ]\n# end") == "a = [ 1, '#', ]"
    )


def test_python_that_cannot_be_read_is_told_with_its_line():
    with pytest.raises(GraderError, match=r"reference.py:2: no mutants of this: "):
        make_mutants("x = 1\nx = = 2\n")
