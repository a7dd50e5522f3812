"""What a worker does with a message, tried in a process of its own as the jail does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from graders import worker

SOLUTION = "import torch\n\ndef double(x):\n    return x + x\n"
CHECKS = '''\
from graders import check, observe

@check
def value(solution, draw):
    """Twice."""
    return solution.double(draw.tensor(2))
'''
HIDDEN = "\n\n\ndef secret(solution, draw):\n    return [solution.double(1), helper()]\n"


@pytest.fixture
def state():
    before = dict(sys.modules)
    yield {}
    for name in ("solution", "checks", "program"):
        sys.modules.pop(name, None)
        if name in before:
            sys.modules[name] = before[name]


def load(state, source=SOLUTION, checks=CHECKS):
    loaded = worker.handle(state, {"do": "load", "source": source, "filename": "submission.py"})
    worker.handle(state, {"do": "checks", "source": checks, "filename": "checks.py"})
    return loaded


def observe(state, check="value", *, source=None, seed=1):
    message = {"do": "observe", "check": check, "source": source, "seed": seed, "device": "cpu"}
    return worker.handle(state, message)


def test_a_submission_is_loaded_and_its_names_are_told(state):
    assert load(state) == {"ok": {"names": ["torch", "double"]}}


def test_a_scenario_is_observed_with_inputs_of_its_seed(state):
    load(state)
    one, same, other = (observe(state, seed=seed)["ok"] for seed in (1, 1, 2))
    assert one.tolist() == same.tolist() != other.tolist()


def test_a_hidden_scenario_arrives_with_its_message_and_sees_the_file_s_helpers(state):
    load(state, checks=CHECKS + "\ndef helper():\n    return 7\n")
    assert "error" in observe(state, "secret")
    assert observe(state, "secret", source=HIDDEN) == {"ok": [2, 7]}


@pytest.mark.parametrize(
    ("body", "kind", "error_type"),
    [
        ("raise ValueError('bad')", "exception", "ValueError"),
        ("raise SystemExit(0)", "exit", "SystemExit"),
        ("raise KeyboardInterrupt", "exit", "KeyboardInterrupt"),
        ("raise MemoryError", "memory", "MemoryError"),
        ("return torch.empty(10**15)", "memory", "RuntimeError"),
        ("raise GeneratorExit", "exception", "GeneratorExit"),
        ("eval('1 +')", "exception", "SyntaxError"),
    ],
)
def test_whatever_is_raised_becomes_an_error(state, body, kind, error_type):
    load(state, f"import torch\ndef double(x):\n    {body}\n")
    error = observe(state)["error"]
    assert (error["kind"], error["type"]) == (kind, error_type)
    assert error["frames"][0][:3] == ["checks.py", 6, "value"]
    assert error["frames"][-1] == ["submission.py", 3, "double", body]
    assert len(error["frames"]) <= 30


def test_endless_recursion_is_an_error_with_its_innermost_frames(state):
    load(state, "def double(x):\n    return double(x)\n")
    error = observe(state)["error"]
    assert error["type"] == "RecursionError"
    assert error["frames"] == [["submission.py", 2, "double", "return double(x)"]] * 30


def test_an_error_that_resists_description_is_described_nevertheless(state):
    source = """
class Evil(Exception):
    def __str__(self):
        raise RuntimeError("no words")
def double(x):
    raise Evil
"""
    load(state, source)
    assert observe(state)["error"] == {
        "type": "Exception",
        "message": "",
        "frames": [],
        "kind": "exception",
    }


def test_frames_of_torch_are_left_out(state):
    load(state, "import torch\ndef double(x):\n    return torch.nn.Linear(1, 1)(x)\n")
    files = {frame[0] for frame in observe(state)["error"]["frames"]}
    assert files == {"checks.py", "submission.py"}


def test_a_submission_can_use_dataclasses_and_find_itself(state):
    source = """
from __future__ import annotations
import sys
from dataclasses import dataclass
@dataclass
class Box:
    value: int
assert sys.modules[__name__].Box is Box
def double(x):
    return 2 * Box(1).value
"""
    load(state, source)
    assert observe(state) == {"ok": 2}


def test_a_program_returns_the_value_of_its_main(state):
    message = {"do": "run", "filename": "proof.py", "arguments": {"n": 3}, "seed": 5}
    source = "import torch\ndef main(a):\n    return a['n'], torch.rand(1).item()\n"
    one, same = (worker.handle(state, {**message, "source": source}) for _ in range(2))
    assert one == same
    assert one["ok"][0] == 3


def test_a_program_with_an_error_tells_its_line(state):
    source = "def main(a):\n    return 1 / a\n"
    message = {"do": "run", "source": source, "filename": "p.py", "arguments": 0, "seed": 0}
    error = worker.handle(state, message)["error"]
    assert error["frames"] == [["p.py", 2, "main", "return 1 / a"]]


def test_an_unknown_message_is_an_error(state):
    assert worker.handle(state, {"do": "dance"})["error"]["type"] == "KeyError"


FRESH = """
import json, sys
from graders import worker
worker.warm_up()
before = set(sys.modules)
worker.warm_up()
print(json.dumps([sorted(set(sys.modules) - before), [n for n in ("solution", "checks") if n in sys.modules]]))
"""


def test_warming_up_leaves_no_module_behind_and_nothing_to_import(root):
    result = subprocess.run(
        [sys.executable, "-c", FRESH], capture_output=True, text=True, check=True, cwd=root
    )
    assert json.loads(result.stdout) == [[], []]


LIGHT = """
import sys
from graders import check
import graders.judge, graders.source_checks, graders.verify, graders.cli, graders.facade
print([name for name in ("torch", "graders.checks.observe") if name in sys.modules])
"""


def test_no_trusted_module_loads_torch(root):
    result = subprocess.run(
        [sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True, cwd=root
    )
    assert result.stdout == "[]\n"
