"""Which calls of a submission are noticed while it runs."""

from __future__ import annotations

import sys
import types

import pytest
import torch

from graders import worker
from graders.checks.watch import Watch

NAMES = (
    "torch.optim.AdamW",
    "torch.nn.Flatten",
    "torch.nn.functional.dropout",
    "torch.softmax",
    "torch.Tensor.mul_",
    "torch.Tensor.backward",
    "torch.nn.init.zeros_",
    "torch.linalg",
    "torch.nn.Parameter",
    "statistics",
    "os",
    "",
    ".relative",
    "no.such.name",
    "torch.no_such_name",
)


def watch(body, *, names=NAMES, filename="submission.py"):
    """Run a module's code and then its `f` under a watch; return what was found."""
    module = types.ModuleType("solution")
    source = f"import statistics, torch\nfrom torch import nn\n{body}"
    seen = Watch(names, vars(module))
    with seen:
        exec(compile(source, filename, "exec"), vars(module))  # noqa: S102 - as the worker does
        if hasattr(module, "f"):
            module.f(torch.ones(2, 2, requires_grad=True))
    assert sys.getprofile() is None
    return seen.found


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("getattr(torch.optim, 'Ada' + 'mW')([torch.ones(1)])", "torch.optim.AdamW"),
        ("getattr(nn, 'Flat' + 'ten')()", "torch.nn.Flatten"),
        ("vars(nn.functional)['drop' + 'out'](torch.ones(1))", "torch.nn.functional.dropout"),
        ("getattr(torch, 'soft' + 'max')(torch.ones(1), 0)", "torch.softmax"),
        ("torch.ones(1).mul_(2)", "torch.Tensor.mul_"),
        ("torch.ones((), requires_grad=True).backward()", "torch.Tensor.backward"),
        ("nn.init.zeros_(torch.ones(1))", "torch.nn.init.zeros_"),
        ("getattr(torch.linalg, 'no' + 'rm')(torch.ones(1))", "torch.linalg"),
        ("statistics.mean([1, 2])", "statistics"),
        ("statistics.NormalDist()", "statistics"),
        ("nn.Parameter(torch.ones(1))", "torch.nn.Parameter"),
        ("class P(nn.Parameter): pass\n\n\nP(torch.ones(1))", "torch.nn.Parameter"),
        ("import os; os.getpid()", "os"),
        ("exec('import statistics; statistics.mean([1])', {})", "statistics"),
        ("exec('torch.nn.init.zeros_(torch.ones(1))')", "torch.nn.init.zeros_"),
        ("[statistics.mean([1]) for _ in range(2)]", "statistics"),
        ("(lambda: statistics.mean([1]))()", "statistics"),
        ("class A(torch.optim.AdamW): pass\n\n\nA([torch.ones(1)])", "torch.optim.AdamW"),
    ],
)
def test_a_call_is_noticed_with_its_line(body, name):
    assert watch(body) == {name: 3 + body.count("\n")}


def test_the_line_is_that_of_the_first_call_within_a_function():
    body = "def f(x):\n    y = x + 1\n    for _ in range(2):\n        torch.softmax(y, 0)\n"
    assert watch(body + "    torch.softmax(x, 0)\n") == {"torch.softmax": 6}


@pytest.mark.parametrize(
    "body",
    [
        "torch.optim.SGD([torch.ones(1)], 0.1)",
        "nn.Dropout()(torch.ones(1))",  # it calls functional.dropout on its own
        "torch.optim.Adam([torch.ones(1)])",  # the parent of AdamW
        "nn.Linear(2, 2); nn.Identity()",
        "nn.init.ones_(torch.ones(1))",
        "torch.ones(1).mul(2)",
        "x = torch.optim.AdamW",
        "torch.no_grad()(lambda: 1)()",
        "import math; math.sqrt(2)",  # statistics imports it
        "import sys; sys.modules.pop('wave', None); import wave",  # for which Python itself asks os for files
        "import sys; sys.modules.pop('wave', None); __import__('wave')",
    ],
)
def test_what_is_not_called_from_the_submission_is_not_noticed(body):
    assert watch(body) == {}


def test_a_method_of_what_a_submission_was_given_is_none_of_its_module_s_functions():
    assert watch("def f(x):\n    x.sum()\n", names=("torch",)) == {}


HOSTILE = """
class Name(str):
    def __str__(self): raise ValueError
    __hash__ = None
for name in (5, [], Name("statistics")):
    namespace = {"__name__": name, "torch": torch}
    exec(compile("def g(): return torch.ones(1).mul(2)", "x.py", "exec"), namespace)
    exec(compile("def h(): return torch.ones(1).mul_(2)", "<x>", "exec"), namespace)
    namespace["g"](), namespace["h"]()
"""


def test_no_name_of_a_namespace_makes_the_watch_fail():
    assert watch(HOSTILE) == {"torch.Tensor.mul_": 11}


def test_a_module_that_fails_to_be_imported_is_passed_over(tmp_path, monkeypatch):
    (tmp_path / "failing_module.py").write_text("raise RuntimeError('not here')")
    monkeypatch.syspath_prepend(tmp_path)
    names = ("failing_module.name", "statistics.mean")
    assert watch("statistics.mean([1])", names=names) == {"statistics.mean": 3}


def load(state, source, names):
    message = {"do": "load", "source": source, "filename": "submission.py", "watch": names}
    assert "ok" in worker.handle(state, message)
    checks = "def value(solution, draw):\n    return solution.f()\n"
    worker.handle(state, {"do": "checks", "source": checks, "filename": "checks.py"})
    message = {"do": "observe", "check": "value", "source": None, "seed": 1, "device": "cpu"}
    return worker.handle(state, message)


@pytest.fixture
def state(monkeypatch):
    for name in ("solution", "checks"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield {}
    for name in ("solution", "checks"):
        sys.modules.pop(name, None)


def test_a_worker_watches_from_loading_until_it_is_asked(state):
    source = (
        "import statistics\nstatistics.mean([1])\ndef f():\n    return statistics.median([1])\n"
    )
    names = ["statistics.mean", "statistics.median", "statistics.mode"]
    assert load(state, source, names) == {"ok": 1}
    reply = worker.handle(state, {"do": "remarks"})
    assert reply == {"ok": [[2, "statistics.mean"], [4, "statistics.median"]]}
    assert "watch" not in state


def test_a_submission_that_ends_the_watch_breaks_nothing(state):
    source = "import sys, statistics\nsys.setprofile(None)\ndef f():\n    sys.setprofile(None)\n    return statistics.mean([1])\n"
    assert load(state, source, ["statistics.mean"]) == {"ok": 1}
    assert worker.handle(state, {"do": "remarks"}) == {"ok": []}


def test_without_names_nothing_is_watched(state):
    assert load(state, "import sys\ndef f():\n    return sys.getprofile()\n", []) == {"ok": None}
