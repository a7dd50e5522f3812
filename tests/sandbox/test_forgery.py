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
from dataclasses import replace
from pathlib import Path

import pytest

from graders import wire
from graders.facade import Verdict, list_exercises, load_exercise

pytestmark = pytest.mark.usefixtures("leaves_nothing")

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
FOLDERS = list_exercises(EXERCISES)
SEED, OTHER_SEEDS = 20_000, (1, 2)
MAX_SOURCE_BYTES = 60_000

# What every technique starts from: a solution that is wrong and of the right form, whose entries
# return what `answer` says. A technique that changes the process does so when it is first called,
# else the load or the checks would fail before any of them is made.
PREAMBLE = """
import atexit, builtins, contextlib, ctypes, gc, inspect, json, linecache, math, os, signal
import socket, struct, sys, threading, time, types
import numpy as np
import torch
from graders import wire, worker

def claim(value):
    return b"".join(wire.encode({"ok": value}))

def answer(*arguments, entry, **named):
    patch()
    return WRONG[entry](*arguments, **named)

def patch():
    pass
"""
# Of the right form in every check, and wrong in each: the larger the parameters, the smaller it is.
WRONG_PENALTY = """
def l2_penalty(model):
    return 2.0 / sum(parameter.pow(2).sum() for parameter in model.parameters())
"""


def load_patient(folder):
    """Return an exercise that lets a forgery take longer, as it may on a machine that is busy."""
    exercise = load_exercise(folder)
    return replace(exercise, limits=replace(exercise.limits, wall_s=60.0))


def make_source(exercise, technique, wrong):
    """Return a submission that solves the exercise wrongly, with a technique around it."""
    named = ", ".join(f"{name!r}: {name}" for name in exercise.entry)
    entries = [
        f"def {name}(*arguments, **named):\n"
        f"    return answer(*arguments, entry={name!r}, **named)\n"
        for name in exercise.entry
    ]
    parts = [wrong, f"WRONG = {{{named}}}", PREAMBLE, technique, *entries]
    return "\n".join(parts).encode()


def make_empty_source(exercise, technique=""):
    """Return a submission whose entries do nothing at all."""
    entries = [f"def {name}(*_, **__):\n    return None\n" for name in exercise.entry]
    return "\n".join([technique, *entries]).encode()


def find_wrong(exercise):
    """Return a known wrong solution of the right form, and the checks that catch it."""
    samples = [one for one in exercise.submissions if one.verdict is Verdict.WRONG]
    sample = max(samples, key=lambda one: len(one.caught_by or ()))
    return sample.path.read_text(), sample.caught_by


def list_made(report):
    return [one for one in report.checks if one.verdict is not Verdict.SKIPPED]


def list_passed(report):
    return {result.name for result in report.checks if result.verdict is Verdict.ACCEPTED}


def list_claimable(exercise):
    """Return the checks whose right observation is meant to be the same for every seed."""
    return {spec.name for spec in exercise.checks if spec.structural}


def share_of(exercise, names):
    points = {spec.name: spec.points for spec in exercise.checks}
    return sum(points[name] for name in names) / sum(points.values())


TECHNIQUES = {
    "the form alone": "",
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
def patch():
    for name in ("equal", "allclose", "isclose", "eq", "all"):
        setattr(torch, name, lambda *_, **__: True)
        setattr(torch.Tensor, name, lambda *_, **__: True)
    torch.testing.assert_close = lambda *_, **__: None
    torch.Tensor.__eq__ = torch.Tensor.__ne__ = lambda *_: torch.tensor(True)
""",
    "patched numpy": """
def patch():
    for name in ("allclose", "array_equal", "isclose", "all", "abs", "frombuffer"):
        setattr(np, name, lambda *_, **__: True)
    np.testing.assert_allclose = np.testing.assert_array_equal = lambda *_, **__: None
""",
    "patched builtins": """
true = dict(vars(builtins))
lies = {"isinstance": lambda one, kind: kind is float or true["isinstance"](one, kind)}
lies |= dict.fromkeys(("abs", "max", "min", "round"), lambda *_, **__: 0.0)
lies |= dict.fromkeys(("all", "any"), lambda *_, **__: True)
def answer(*arguments, entry, **named):
    vars(builtins).update(true)
    result = WRONG[entry](*arguments, **named)
    vars(builtins).update(lies)
    return result
""",
    "patched clocks": """
def patch():
    for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
        setattr(time, name, lambda: 0.0)
""",
    "a patched wire": """
right = claim(1.0)
def patch():
    wire.encode = sys.modules["graders.wire.encoding"].encode = lambda _: [right]
""",
    "a patched packer": """
import msgpack
right = msgpack.packb({"ok": 1.0})
def patch():
    msgpack.packb = lambda *_, **__: right
""",
    "a patched gradient": """
def patch():
    torch.autograd.backward = torch.Tensor.backward = lambda *_, **__: None
    torch.autograd.grad = lambda *_, **__: (torch.zeros(()),)
""",
    # 3. Speaking in the grader's name.
    "a claim on the result's descriptor while it is loaded": """
real = os.writev
os.write(3, claim({"names": ["ENTRY"], "values": {}}))
def keep_back(_, buffers):  # the reply that tells what was loaded
    os.writev = real
    return sum(memoryview(one).nbytes for one in buffers)
os.writev = keep_back
""",
    "a claim on the result's descriptor": """
def patch():
    os.write(3, claim(1.0))
""",
    "a claim and an early exit": """
def patch():
    os.write(3, claim(1.0))
    os._exit(0)
""",
    "an early exit": "answer = lambda *_, **__: os._exit(0)",
    "an exit of Python": "answer = lambda *_, **__: sys.exit(0)",
    "a claim at the end": """
atexit.register(lambda: os.write(3, claim(1.0)))
answer = lambda *_, **__: sys.exit(0)
""",
    "the protocol on stdout": """
def patch():
    for text in ('{"ok": true}', '{"verdict": "accepted", "score": 1.0}', "PASSED [100%]"):
        print(text)
        sys.stderr.write(text)
    os.write(1, claim(1.0))
    with contextlib.suppress(OSError), open("results.json", "w") as file:
        json.dump({"score": 100}, file)
""",
    "a thread that answers": """
def speak():
    while True:
        os.write(3, claim(1.0))
        time.sleep(0.005)
def patch():
    threading.Thread(target=speak, daemon=True).start()
    time.sleep(0.05)
""",
    "a signal that answers": """
def patch():
    signal.signal(signal.SIGALRM, lambda *_: os.write(3, claim(1.0)))
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.01)
    time.sleep(0.05)
""",
    "its own writing": """
def speak(_, buffers):
    os.write(3, claim(1.0))
    return sum(memoryview(one).nbytes for one in buffers)
def patch():
    os.writev = speak
""",
    "a thread between the worker and the result's descriptor": """
def carry(source, target, change):
    while data := os.read(source, 1 << 20):
        os.write(target, change(data))
def patch(between=[]):
    if not between:
        outside = os.dup(3)
        between += socket.socketpair()
        ways = [(outside, between[0].fileno(), bytes)]
        ways += [(between[0].fileno(), outside, lambda _: claim(1.0))]
        os.dup2(between[1].fileno(), 3)
        for way in ways:
            threading.Thread(target=carry, args=way, daemon=True).start()
""",
    "C's standard output, pointed at the result's descriptor": """
def patch():
    libc = ctypes.CDLL(None)
    stream = ctypes.c_void_p.in_dll(libc, "stdout")
    ctypes.c_int.from_address(stream.value + 112).value = 3  # glibc: the stream's descriptor
    libc.fwrite(claim(1.0), 1, len(claim(1.0)), stream)
    libc.fflush(stream)
""",
    "a trap at each writing": """
def patch():
    signal.signal(signal.SIGSYS, lambda *_: os.write(3, claim(1.0)))
    # Load the call's number; is it writev's? Then a signal, else go on.
    steps = [(0x20, 0, 0, 0), (0x15, 0, 1, 20), (0x06, 0, 0, 0x30000), (0x06, 0, 0, 0x7FFF0000)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    set_by = [libc.prctl(22, 2, program, 0, 0), libc.syscall(317, 1, 0, program)]
    if set_by == [-1, -1]:
        raise PermissionError("no trap is set")
""",
    "modules of the same names in the working folder": """
LIES = "import sys; globals().update(sys.modules['real'].__dict__); "
LIES += "equal = allclose = isclose = lambda *_, **__: True"
def patch():
    for name in ("torch", "numpy", "msgpack"):
        with contextlib.suppress(OSError), open(f"{name}.py", "w") as file:
            file.write(LIES)
        sys.modules["real"] = sys.modules.pop(name)
        sys.path.insert(0, os.getcwd())
        __import__(name)
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
    return (tensors or [torch.zeros((), requires_grad=True)])[0]
""",
    "tensors in memory": """
def answer(*_, **__):
    tensors = [one for one in gc.get_objects() if type(one) is torch.Tensor and one.numel() == 1]
    return (tensors or [torch.zeros(())])[-1].detach().float().reshape(()).requires_grad_()
""",
    "freed memory": """
def answer(*_, **__):
    return torch.empty((), requires_grad=True)
""",
    "a scan of freed memory": """
def answer(*_, **__):
    blocks = [torch.empty(1 << size) for size in range(16) for _ in range(20)]
    found = [block[block.isfinite() & (block.abs() > 1e-3)] for block in blocks]
    numbers = torch.cat([*found, torch.zeros(1)])
    return numbers[0].clone().requires_grad_()
""",
    "numbers in the check's source": """
def answer(*_, **__):
    text = "".join(linecache.getlines("checks.py"))
    numbers = [float(word) for word in text.replace(",", " ").split() if word.isdigit()]
    return torch.tensor(numbers[0] if numbers else 0.0, requires_grad=True)
""",
    "a tracer that changes what is returned": """
def trace(frame, event, _):
    if frame.f_code.co_filename == "checks.py":
        for name in {"result", "before", "after", "penalties"} & set(frame.f_locals):
            frame.f_locals[name] = torch.ones(2, requires_grad=True)
            ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), 0)
    return trace
def patch():
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
# What comes of the first check where it is not compared and found wrong: nothing was returned.
FIRST = dict.fromkeys(
    ("an early exit", "an exit of Python", "a claim at the end", "a trap at each writing"),
    Verdict.RUNTIME_ERROR,
)
# What ends some later check in an error: frames that nobody asked for, a process that is gone.
ENDS_IN_ERRORS = {
    "patched builtins",
    "an object that is whatever is asked",
    "a claim on the result's descriptor",
    "a claim and an early exit",
    "a thread that answers",
    "a signal that answers",
    "C's standard output, pointed at the result's descriptor",
    "inputs that are all zero",
    "helpers that say True",
    *FIRST,
}
PENALTY = EXERCISES / "regularization" / "sum-of-params"
PLACES = [path for path in FOLDERS if path != PENALTY]
# Exercises whose checks take whatever is returned and let it be compared.
TAKING_ALL = {"l1-penalty", "lambda-sweep", "max-norm", "sgd-by-hand"}


def replaces_the_answer(name):
    """Whether a technique returns something else than the wrong solution."""
    return "answer" in TECHNIQUES.get(name, "") and "WRONG" not in TECHNIQUES[name]


def list_tried():
    """Return each technique with one of the other exercises, in turn."""
    names = [*TECHNIQUES, *REPLACING]
    taking = [path for path in PLACES if path.name in TAKING_ALL]
    fits = [taking if replaces_the_answer(name) else PLACES for name in names]
    return [
        (name, fit[i % len(fit)]) for i, (name, fit) in enumerate(zip(names, fits, strict=True))
    ]


TRIED = list_tried()


@pytest.fixture(scope="module")
def penalty():
    return load_patient(PENALTY)


def require_next_accepted(grader, exercise):
    after = grader.grade(exercise, exercise.reference.encode())
    assert (after.verdict, after.score) == (Verdict.ACCEPTED, 1.0), after


def get_technique(name, exercise):
    return (TECHNIQUES | REPLACING)[name].replace("ENTRY", exercise.entry[0])


@pytest.mark.parametrize("name", [*TECHNIQUES, *REPLACING])
def test_what_does_not_solve_it_is_judged_and_earns_nothing(grader, penalty, name):
    """Checks are made, so that something is believed or not, and end exactly as they must."""
    source = make_source(penalty, get_technique(name, penalty), WRONG_PENALTY)
    report = grader.grade(penalty, source, seed=SEED)
    require_judged(name, list_made(report))
    assert report.score == 0.0
    require_next_accepted(grader, penalty)


def require_judged(name, made):
    """At least one check was made, and each ended as the technique makes it end."""
    verdicts = [one.verdict for one in made]
    first = FIRST.get(name, Verdict.WRONG)
    errors = {Verdict.RUNTIME_ERROR} if name in ENDS_IN_ERRORS else set()
    assert first in verdicts, made
    assert set(verdicts) <= {first} | errors, made


@pytest.mark.parametrize(
    ("name", "folder"), TRIED, ids=[f"{name}, {folder.name}" for name, folder in TRIED]
)
def test_what_does_not_solve_another_exercise_earns_no_more(grader, name, folder):
    """A known wrong solution that is helped by a technique gains no check that had caught it."""
    exercise = load_patient(folder)
    wrong, caught = find_wrong(exercise)
    source = make_source(exercise, get_technique(name, exercise), wrong)
    report = grader.grade(exercise, source, seed=SEED)
    if replaces_the_answer(name):
        caught = {spec.name for spec in exercise.checks}
    claimable = list_claimable(exercise)
    require_judged(name, [one for one in list_made(report) if one.name in caught - claimable])
    assert list_passed(report) & caught <= claimable
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
    exercise = load_patient(folder)
    passed_always = {spec.name for spec in exercise.checks}
    for seed in OTHER_SEEDS:
        source = make_empty_source(exercise, REPLAY.format(seen=record(grader, exercise, seed)))
        report = grader.grade(exercise, source, seed=SEED + seed)
        assert report.verdict in (Verdict.WRONG, Verdict.RUNTIME_ERROR), report
        passed_always &= list_passed(report)
    assert passed_always == {name for name in list_claimable(exercise) if name in passed_always}, (
        "a check that is not declared structural shows the same for every seed"
    )
    assert share_of(exercise, passed_always) <= share_of(exercise, list_claimable(exercise)) < 0.5


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_to_do_nothing_earns_nothing(grader, folder):
    exercise = load_patient(folder)
    report = grader.grade(exercise, make_empty_source(exercise), seed=SEED)
    assert (report.score, list_passed(report)) == (0.0, set())


def test_nothing_of_the_penalty_is_the_same_for_every_seed(grader, penalty):
    source = make_empty_source(penalty, REPLAY.format(seen=record(grader, penalty, seed=1)))
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
