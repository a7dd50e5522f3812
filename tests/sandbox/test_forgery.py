"""Ways to look right without being right, through a whole grading: none of them earns a point.

A submission is never asked whether it is right, only what it shows. What it can still do is show
something else than the scenario asked for; that earns a point only where the right observation is
the same for every seed, in a check that its author declared `structural`. How many points that are
is counted here, exercise by exercise.
"""

from __future__ import annotations

import ast
import base64
import json
import zlib
from pathlib import Path

import pytest

from graders import wire
from graders.facade import Verdict, list_exercises, load_exercise

pytestmark = pytest.mark.usefixtures("leaves_nothing")

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
FOLDERS = list_exercises(EXERCISES)
SEED, OTHER_SEEDS = 20_000, (1, 2)
MAX_SOURCE_BYTES = 60_000

# What every technique starts from: an entry of any exercise that returns what `answer` says.
PREAMBLE = """
import atexit, builtins, gc, inspect, json, linecache, math, os, signal, sys, threading, time, types
import numpy as np
import torch
from graders import wire, worker

def answer(*arguments, **named):
    return None
"""


def make_source(exercise, technique):
    """Return a submission that does not solve the exercise, with a technique around it."""
    entries = [
        f"def {name}(*arguments, **named):\n    return answer(*arguments, **named)\n"
        for name in exercise.entry
    ]
    return "\n".join([PREAMBLE, technique, *entries]).encode()


def list_passed(report):
    return {result.name for result in report.checks if result.verdict is Verdict.ACCEPTED}


def list_claimable(exercise):
    """Return the checks whose right observation is meant to be the same for every seed."""
    return {spec.name for spec in exercise.checks if spec.structural}


def share_of(exercise, names):
    points = {spec.name: spec.points for spec in exercise.checks}
    return sum(points[name] for name in names) / sum(points.values())


TECHNIQUES = {
    "nothing at all": "",
    # 1. Values that lie about themselves.
    "a number that equals everything": """
class Liar(float):
    __eq__ = __ge__ = __le__ = __lt__ = __gt__ = lambda *_: True
    __ne__ = lambda *_: False
    __hash__ = float.__hash__
    __sub__ = __rsub__ = lambda *_: 0.0
answer = lambda *_, **__: Liar(1)
""",
    "an object that is whatever is asked": """
class Anything:
    __class__ = property(lambda self: torch.Tensor)
    __eq__ = lambda *_: True
    __hash__ = lambda *_: 0
    __getattr__ = lambda self, name: self
    __call__ = __getitem__ = lambda self, *_, **__: self
    __iter__ = lambda self: iter([self])
    __float__ = lambda self: 1.0
    __int__ = __index__ = __len__ = lambda self: 1
answer = lambda *_, **__: Anything()
""",
    "a tensor subclass that answers every function": """
class Sly(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, kinds, arguments=(), named=None):
        name = getattr(function, "__name__", "")
        if name in ("item", "__float__", "tolist"):
            return 1.0
        if name in ("equal", "allclose", "__eq__", "isclose"):
            return True
        return super().__torch_function__(function, kinds, arguments, named or {})
answer = lambda *_, **__: torch.ones(()).as_subclass(Sly)
""",
    "a tensor that computes only when it is looked at": """
class Lazy(torch.Tensor):
    @property
    def shape(self):
        return torch.Size([])
    def detach(self):
        raise StopIteration
    __eq__ = lambda *_: torch.tensor(True)
    __hash__ = lambda *_: 0
answer = lambda *_, **__: torch.empty(10**6, device="meta").as_subclass(Lazy)
""",
    "something that a pickle would run": """
class Bomb:
    def __reduce__(self):
        return os.system, ("true",)
    __reduce_ex__ = lambda self, _: self.__reduce__()
    __getstate__ = __reduce__
answer = lambda *_, **__: Bomb()
""",
    "a structure without an end": """
def answer(*_, **__):
    endless = {}
    endless["again"] = [endless] * 1000
    return [endless] * 1000
""",
    "a huge structure": "answer = lambda *_, **__: {str(n): [0.0] * 9 for n in range(60_000)}",
    "a huge tensor": "answer = lambda *_, **__: torch.zeros(1, 1, 8 << 20)",
    "NaN": "answer = lambda *_, **__: torch.tensor(float('nan'), requires_grad=True)",
    "infinity": "answer = lambda *_, **__: torch.tensor(float('inf'), requires_grad=True)",
    "zero": "answer = lambda *_, **__: torch.zeros((), requires_grad=True) * -1.0",
    "True": "answer = lambda *_, **__: True",
    "a verdict": "answer = lambda *_, **__: {'verdict': 'accepted', 'score': 1.0, 'ok': True}",
    "the check itself": "answer = lambda *_, **__: sys.modules['checks']",
    # 2. Patches, as they help against graders that compare where the submission runs.
    "patched comparisons of torch": """
for name in ("equal", "allclose", "isclose", "eq", "all"):
    setattr(torch, name, lambda *_, **__: True)
    setattr(torch.Tensor, name, lambda *_, **__: True)
torch.testing.assert_close = lambda *_, **__: None
torch.Tensor.__eq__ = torch.Tensor.__ne__ = lambda *_: torch.tensor(True)
""",
    "patched numpy": """
for name in ("allclose", "array_equal", "isclose", "all", "abs", "frombuffer"):
    setattr(np, name, lambda *_, **__: True)
np.testing.assert_allclose = np.testing.assert_array_equal = lambda *_, **__: None
""",
    "patched builtins": """
builtins.abs = builtins.max = builtins.sum = lambda *_, **__: 0.0
builtins.all = builtins.any = builtins.isinstance = lambda *_, **__: True
""",
    "patched clocks": """
for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
    setattr(time, name, lambda: 0.0)
""",
    "a patched wire": """
right = b"".join(wire.encode({"ok": True}))
wire.encode = sys.modules["graders.wire.encoding"].encode = lambda _: [right]
""",
    "a patched packer": """
import msgpack
right = msgpack.packb({"ok": 1.0})
msgpack.packb = lambda *_, **__: right
""",
    "a patched gradient": """
torch.autograd.backward = torch.Tensor.backward = lambda *_, **__: None
torch.autograd.grad = lambda *_, **__: (torch.zeros(()),)
""",
    # 3. Speaking in the grader's name.
    "a claim on the result's descriptor while it is loaded": """
os.write(3, b"".join(wire.encode({"ok": 1.0})))
""",
    "a claim on the result's descriptor": """
def answer(*_, **__):
    os.write(3, b"".join(wire.encode({"ok": 1.0})))
""",
    "a claim and an early exit": """
def answer(*_, **__):
    os.write(3, b"".join(wire.encode({"ok": True})))
    os._exit(0)
""",
    "an early exit": "answer = lambda *_, **__: os._exit(0)",
    "an exit of Python": "answer = lambda *_, **__: sys.exit(0)",
    "a claim at the end": """
atexit.register(lambda: os.write(3, b"".join(wire.encode({"ok": True}))))
answer = lambda *_, **__: sys.exit(0)
""",
    "the protocol on stdout": """
def answer(*_, **__):
    for text in ('{"ok": true}', '{"verdict": "accepted", "score": 1.0}', "PASSED [100%]"):
        print(text)
        sys.stderr.write(text)
    os.write(1, b"".join(wire.encode({"ok": True})))
    with open("results.json", "w") as file:
        json.dump({"score": 100}, file)
""",
    "a thread that answers": """
def speak():
    claim = b"".join(wire.encode({"ok": 1.0}))
    while True:
        os.write(3, claim)
        time.sleep(0.005)
def answer(*_, **__):
    threading.Thread(target=speak, daemon=True).start()
    time.sleep(0.05)
""",
    "a signal that answers": """
signal.signal(signal.SIGALRM, lambda *_: os.write(3, b"".join(wire.encode({"ok": 1.0}))))
signal.setitimer(signal.ITIMER_REAL, 0.02, 0.01)
answer = lambda *_, **__: time.sleep(0.05)
""",
    "its own writing": """
claim = b"".join(wire.encode({"ok": 1.0}))
os.writev = lambda *_: os.write(3, claim)
""",
    # 4. Looking for the right answer.
    "what the callers hold": """
def answer(*_, **__):
    frame, found = sys._getframe(), []
    while frame:
        for scope in (frame.f_locals, frame.f_globals):
            found += [value for name, value in list(scope.items()) if "expect" in name or "ref" in name]
        frame = frame.f_back
    tensors = [value for value in found if isinstance(value, torch.Tensor)]
    return tensors[0] if tensors else None
""",
    "tensors in memory": """
def answer(*_, **__):
    tensors = [one for one in gc.get_objects() if type(one) is torch.Tensor and one.numel() == 1]
    return tensors[-1].clone() if tensors else None
""",
    "freed memory": """
def answer(*_, **__):
    return torch.empty(())
""",
    "numbers in the check's source": """
def answer(*_, **__):
    text = "".join(linecache.getlines("checks.py"))
    numbers = [float(word) for word in text.replace(",", " ").split() if word.isdigit()]
    return torch.tensor(numbers[0] if numbers else 0.0, requires_grad=True)
""",
    "a tracer that changes what is returned": """
def trace(frame, event, value):
    if event == "return" and frame.f_code.co_filename == "checks.py":
        frame.f_locals.update(result=1.0, value=1.0, model=None)
    return trace
sys.settrace(trace)
threading.settrace(trace)
""",
    # 5. Inputs.
    "inputs that are changed": """
def answer(*arguments, **__):
    for one in arguments:
        tensors = [one] if isinstance(one, torch.Tensor) else []
        tensors += one.parameters() if isinstance(one, torch.nn.Module) else []
        for tensor in tensors:
            tensor.data.zero_()
    return torch.zeros((), requires_grad=True)
""",
    "inputs that are all zero": """
from graders.checks.draw import Draw
Draw._normal = Draw._uniform = lambda self, shape: torch.zeros(tuple(shape), dtype=torch.float64)
Draw.tensor = lambda self, *shape, **__: torch.zeros(shape)
Draw.number = lambda *_: 0.0
Draw.integer = lambda self, low, high: low
Draw.module = lambda self, module: module
answer = lambda *_, **__: torch.zeros((), requires_grad=True)
""",
    "the same inputs each time": """
from graders.checks.draw import Draw
first = Draw.__init__
Draw.__init__ = lambda self, seed, device="cpu": first(self, 1, device)
""",
    "a known seed": """
from graders.checks.draw import Draw
def answer(*_, **__):
    frame = sys._getframe()
    while "message" not in frame.f_locals:
        frame = frame.f_back
    draw = Draw(frame.f_locals["message"]["seed"])
    return draw.tensor(2, 5).pow(2).sum().requires_grad_()
""",
}

REPLACING = {
    "scenarios that say 1.0": """
def after(state, message, real=worker.handle):
    reply = real(state, message)
    if message["do"] == "checks":
        for name, one in list(state["scenarios"].items()):
            if inspect.isfunction(one):
                state["scenarios"][name] = lambda *_, **__: 1.0
    return reply
worker.handle = after
""",
    "helpers that say True": """
from graders.checks import observe
for name, one in list(vars(observe).items()):
    if inspect.isfunction(one):
        setattr(observe, name, lambda *_, **__: True)
""",
    "a worker that says yes": """
real = worker.handle
def handle(state, message):
    return {"ok": True} if message["do"] == "observe" else real(state, message)
worker.handle = handle
""",
}
PENALTY = EXERCISES / "regularization" / "sum-of-params"
# Each technique on the penalty and, in turn, on one of all the others.
PLACES = [path for path in FOLDERS if path != PENALTY]
TRIED = [(name, PENALTY) for name in (*TECHNIQUES, *REPLACING)]
TRIED += [(name, PLACES[i % len(PLACES)]) for i, name in enumerate((*TECHNIQUES, *REPLACING))]


@pytest.fixture(scope="module")
def penalty():
    return load_exercise(PENALTY)


def require_next_accepted(grader, exercise):
    after = grader.grade(exercise, exercise.reference.encode())
    assert (after.verdict, after.score) == (Verdict.ACCEPTED, 1.0), after


@pytest.mark.parametrize(
    ("name", "folder"), TRIED, ids=[f"{name}, {folder.name}" for name, folder in TRIED]
)
def test_what_does_not_solve_it_earns_nothing(grader, name, folder):
    """Nothing but points for a form that is the same for every seed, which it may well have."""
    exercise = load_exercise(folder)
    technique = TECHNIQUES.get(name, "") or REPLACING.get(name, "")
    report = grader.grade(exercise, make_source(exercise, technique), seed=SEED)
    assert report.verdict is not Verdict.ACCEPTED
    assert report.verdict.counts_as_try, report
    assert list_passed(report) <= list_claimable(exercise)
    assert report.score <= share_of(exercise, list_claimable(exercise))
    require_next_accepted(grader, exercise)


REPLAY = """
import zlib, base64
from graders import wire, worker
SEEN = {seen!r}
real = worker.handle

def handle(state, message):
    if message["do"] == "observe" and message["check"] in SEEN:
        return {{"ok": wire.decode(zlib.decompress(base64.b85decode(SEEN[message["check"]])))}}
    return real(state, message)

worker.handle = handle
"""


def record(grader, exercise, seed):
    """Return what the right solution showed in an earlier grading, as a submission can carry it."""
    seen = {}
    for spec in exercise.checks:
        value = grader.observe_reference(exercise, spec, seed=seed).value
        frame = b"".join(wire.encode(value))
        seen[spec.name] = base64.b85encode(zlib.compress(frame, 9)).decode()
    while len(repr(seen)) > MAX_SOURCE_BYTES:  # more than a submission may be long
        del seen[max(seen, key=lambda name: len(seen[name]))]
    return seen


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_right_answers_of_another_time_earn_only_what_never_changes(grader, folder):
    """The strongest forgery there is: each observation that the right solution made, replayed."""
    exercise = load_exercise(folder)
    passed_always = {spec.name for spec in exercise.checks}
    for seed in OTHER_SEEDS:
        source = make_source(exercise, REPLAY.format(seen=record(grader, exercise, seed)))
        report = grader.grade(exercise, source, seed=SEED + seed)
        assert report.verdict in (Verdict.WRONG, Verdict.RUNTIME_ERROR), report
        passed_always &= list_passed(report)
    assert passed_always == {name for name in list_claimable(exercise) if name in passed_always}, (
        "a check that is not declared structural shows the same for every seed"
    )
    assert share_of(exercise, passed_always) <= share_of(exercise, list_claimable(exercise)) < 0.5


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_to_do_nothing_earns_nothing(grader, folder):
    exercise = load_exercise(folder)
    report = grader.grade(exercise, make_source(exercise, ""), seed=SEED)
    assert (report.score, list_passed(report)) == (0.0, set())


def test_nothing_of_the_penalty_is_the_same_for_every_seed(grader, penalty):
    source = make_source(penalty, REPLAY.format(seen=record(grader, penalty, seed=1)))
    report = grader.grade(penalty, source, seed=SEED)
    assert (report.score, list_passed(report)) == (0.0, set())
    assert report.verdict is Verdict.WRONG


# What is right somewhere and is not done everywhere: expression, what comes before, checks it fails.
SHORTCUTS = {
    "low precision": ("result.half().to(result.dtype)", "", {"precision"}),
    "half of that": ("result.bfloat16().to(result.dtype)", "", {"value", "precision"}),
    "single for double precision": ("result.float().to(result.dtype)", "", {"precision"}),
    "a number instead of a tensor": ("result.item()", "", {"zero_dim", "gradient"}),
    "an integer": ("int(result)", "", {"value", "zero_dim"}),
    "another dtype": ("result.double()", "", {"zero_dim"}),
    "a broadcastable shape": ("result.reshape(1)", "", {"zero_dim"}),
    "a stretched shape": ("result.expand(3)", "", {"value", "zero_dim"}),
    "without its graph": ("result.detach().requires_grad_()", "", {"gradient"}),
    "another device": ("result.to('meta')", "", {"value"}),
    "a part of the data": (
        "sum(p.flatten()[:-1].pow(2).sum() * p.numel() / max(p.numel() - 1, 1) for p in parameters)",
        "",
        {"value", "gradient"},
    ),
    "the first result again": (
        "kept.setdefault('result', result)",
        "kept = {}",
        {"every_parameter", "nested", "gradient"},
    ),
    "the same result for the same shapes": (
        "kept.setdefault(str([p.shape for p in parameters]), result)",
        "kept = {}",
        {"growth"},
    ),
    "the same result for the same object": (
        "kept.setdefault(id(model), result)",
        "kept = {}",
        {"growth"},
    ),
    "what is visible only": (
        "result if len(list(model.modules())) < 6 else result * 0",
        "",
        {"unusual"},
    ),
    "right until it is asked for the last time": (
        "calls.append(1) or (result if len(calls) < 19 else result * 0)",
        "calls = []",
        {"unusual"},
    ),
    "computed later": (
        "Later(lambda: result)",
        "class Later:\n    def __init__(self, f): self.f = f\n    item = __float__ = lambda s: s.f()",
        {"value", "zero_dim"},
    ),
}


@pytest.mark.parametrize("name", SHORTCUTS)
def test_what_is_right_only_somewhere_is_caught(grader, penalty, name):
    expression, before, caught = SHORTCUTS[name]
    source = (
        f"import torch\n{before}\n\ndef l2_penalty(model):\n"
        "    parameters = list(model.parameters())\n"
        "    result = sum(p.pow(2).sum() for p in parameters)\n"
        f"    return {expression}\n"
    ).encode()
    report = grader.grade(penalty, source, seed=SEED)
    assert report.verdict in (Verdict.WRONG, Verdict.RUNTIME_ERROR)
    assert caught <= {spec.name for spec in penalty.checks} - list_passed(report)
    require_next_accepted(grader, penalty)


SEED_SPY = """
import sys, torch
from torch import nn
from graders.checks.draw import Draw

def l2_penalty(model):
    frame = sys._getframe()
    while "message" not in frame.f_locals:
        frame = frame.f_back
    if isinstance(model, nn.Linear) and not model.weight.is_meta:
        again = Draw(frame.f_locals["message"]["seed"]).module(nn.Linear(3, 4, bias=False))
        print("the same inputs:", torch.equal(again.weight, model.weight))
    return sum(p.abs().sum() for p in model.parameters())
"""


def test_who_knows_the_seed_has_the_inputs_and_still_needs_the_answer(grader, penalty):
    report = grader.grade(penalty, SEED_SPY.encode(), seed=SEED)
    results = {result.name: result for result in report.checks}
    assert "the same inputs: True" in results["value"].output
    assert results["value"].verdict is Verdict.WRONG
    assert report.verdict is Verdict.WRONG


def test_the_seed_of_one_check_tells_nothing_of_another(grader, penalty):
    """Each check has a seed of its own, which a hash makes of the grading's."""
    spy = SEED_SPY.replace(
        "torch.equal(again.weight, model.weight)", "frame.f_locals['message']['seed']"
    )
    report = grader.grade(penalty, spy.encode(), seed=SEED)
    seeds = [result.output for result in report.checks if "the same inputs" in result.output]
    assert len(set(seeds)) == len(seeds) >= 2
    assert not any(str(SEED) in text for text in seeds)


HIDDEN_SPY = """
import linecache, os, sys, threading, time
from graders import worker

caught = []
real = worker.handle

def handle(state, message):
    if message["do"] == "observe" and message["source"]:
        caught.append(message["source"])
        for text in message["source"].splitlines():
            print(text)
            sys.stderr.write(text + "\\n")
        {way}
    return real(state, message)

worker.handle = handle

def l2_penalty(model):
    return sum(p.pow(2).sum() for p in model.parameters())
"""
WAYS_OUT = {
    "what is returned": "return {'ok': caught[0]}",
    "a key of what is returned": "return {'ok': {caught[0]: 1.0}}",
    "the message of an error": "raise ValueError(caught[0])",
    "the name of an error": "raise type(caught[0][:79], (Exception,), {})()",
    "a forged error": (
        "return {'error': {'type': caught[0], 'message': caught[0], 'kind': 'exception',"
        " 'frames': [['submission.py', 1, caught[0], caught[0]]]}}"
    ),
    "an exit": "os._exit(caught[0].encode()[20])",
    "a frame that is none": "os.write(3, caught[0].encode())",
    "a thread that prints": "threading.Timer(0.01, print, caught).start(); time.sleep(0.05)",
}


def list_secret_lines(exercise):
    """Return the lines of the hidden checks' code, but for sentences, which learners may read."""
    secret = []
    for spec in exercise.checks:
        if spec.hidden:
            function = ast.parse(spec.source).body[0]
            lines = spec.source.splitlines()
            for statement in function.body[1:]:
                secret += lines[statement.lineno - 1 : statement.end_lineno]
    return [line.strip() for line in secret if len(line.strip()) > 15]


@pytest.mark.parametrize("name", WAYS_OUT)
def test_the_text_of_a_hidden_check_does_not_come_out(grader, penalty, name):
    source = HIDDEN_SPY.format(way=WAYS_OUT[name]).encode()
    report = grader.grade(penalty, source, seed=SEED)
    told = json.dumps(report.to_dict())
    secret = list_secret_lines(penalty)
    assert len(secret) >= 5
    assert [line for line in secret if line in told] == []
    hidden = next(result for result in report.checks if result.hidden)
    assert (hidden.output, hidden.traceback, hidden.wall_s) == ("", "", 0.0)


# How somebody ends a hidden check to tell a letter of it.
SAYINGS = [
    *("result * 2", "float('nan')", "[result]", "result.reshape(1, 1)", "'x'", "{}[0]", "1 / 0"),
    "exit(result > 0)",
]


def test_a_hidden_check_tells_a_kind_and_no_more(grader, penalty):
    """What a learner can get out of it by trying: which kind of thing went wrong."""
    kinds = set()
    for expression in SAYINGS:
        source = (
            "def l2_penalty(model):\n    result = sum(p.pow(2).sum() for p in model.parameters())\n"
            f"    return {expression} if hasattr(model, 'keys') else result\n"
        )
        report = grader.grade(penalty, source.encode(), seed=SEED)
        hidden = next(result for result in report.checks if result.hidden)
        told = hidden.difference
        if told is not None:
            assert (told.where, told.expected, told.got, told.note) == ("", "", "", "")
            kinds.add(told.kind)
        assert hidden.message in ("", "Your code raised an error here.")
        assert hidden.wall_s == 0.0
    assert kinds <= {"structure", "shape", "dtype", "nonfinite", "values"}
