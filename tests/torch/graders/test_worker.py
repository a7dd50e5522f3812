"""What a worker does with a message, tried in a process of its own as the jail does."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch

from graders import wire, worker

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
    assert load(state) == {"ok": {"names": ["torch", "double"], "values": {"torch": "module"}}}


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


JUDGE = "\n\ndef fits(expected, got):\n    return helper(expected, got)\n"


def judge(state, expected, got, *, source=JUDGE):
    """Send both as the judge's process does: through the wire."""
    message = {"do": "judge", "judge": "fits", "source": source, "expected": expected, "got": got}
    frame = b"".join(wire.encode(message))
    return worker.handle(state, wire.decode(frame))


def test_an_author_s_judge_sees_tensors_again_and_the_file_s_helpers(state):
    helper = """
def helper(expected, got):
    assert type(expected["w"]) is torch.Tensor and expected["w"].dtype is torch.bfloat16
    assert expected["w"].requires_grad and expected["m"].is_meta
    got[0][0] = 9  # it is a copy that may be changed
    return f"{got[0].tolist()} {got[1]} {tuple(expected['m'].shape)}"
"""
    load(state, checks=f"import torch\n{CHECKS}{helper}")
    weight = torch.ones(2, dtype=torch.bfloat16, requires_grad=True)
    expected = {"w": weight, "m": torch.ones(3, device="meta")}
    reply = judge(state, expected, (torch.zeros(2, dtype=torch.int64), None))
    assert reply == {"ok": "[9, 0] None (3,)"}


@pytest.mark.parametrize("dtype", wire.form.NAMES)
def test_every_dtype_that_travels_comes_back_as_it_was(state, dtype):
    load(state, checks=f"{CHECKS}\ndef helper(expected, got):\n    return got\n")
    sent = torch.tensor([[0, 1, 3]]).to(getattr(torch, dtype))
    (back,) = judge(state, None, [sent])["ok"]
    assert back.dtype is sent.dtype
    assert torch.equal(back, sent)


def test_a_judge_that_fails_tells_its_line(state):
    load(state)
    error = judge(state, 1, [], source="\n\ndef fits(expected, got):\n    return got[0]\n")["error"]
    assert error["type"] == "IndexError"
    assert error["frames"] == [["checks.py", 4, "fits", "return got[0]"]]
