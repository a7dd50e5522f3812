"""Bad input: each gets its verdict in its own words, and the next one is graded as if nothing was."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from graders.facade import Limits, Verdict, load_exercise

EXERCISES = Path(__file__).resolve().parents[2] / "exercises"
LIMITS = Limits(wall_s=2, cpu_s=1, memory_mb=256, output_kb=64)
RIGHT = b"def l2_penalty(model):\n    return sum(p.pow(2).sum() for p in model.parameters())\n"
SECRET = "the-reference-knows-this"


@pytest.fixture(scope="module")
def exercise():
    loaded = load_exercise(EXERCISES / "regularization" / "sum-of-params")
    return replace(
        loaded, limits=LIMITS, reference=f"{loaded.reference}\n# {SECRET}\n", hash="for-these-tests"
    )


def make_source(body, *, before="import os, sys, time, torch"):
    """Return a submission whose entry runs `body` and then gives the right result."""
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    right = "    return sum(p.pow(2).sum() for p in model.parameters())"
    return f"{before}\n\ndef l2_penalty(model):\n{lines}\n{right}\n".encode()


def make_result(expression, *, before="import torch"):
    """Return a submission that gives back `expression` of the right `result`."""
    return (
        f"{before}\n\ndef l2_penalty(model):\n"
        "    result = sum(p.pow(2).sum() for p in model.parameters())\n"
        f"    return {expression}\n"
    ).encode()


def grade(grader, exercise, source):
    """Grade a submission, then an honest one right after it."""
    start = time.monotonic()
    report = grader.grade(exercise, source)
    assert time.monotonic() - start < 15
    after = grader.grade(exercise, RIGHT)
    assert (after.verdict, after.score) == (Verdict.ACCEPTED, 1.0), after
    return report


def say(report):
    """Return everything that the learner is told."""
    parts = [report.message]
    for result in report.checks:
        parts += [result.message, result.traceback, result.output]
        if result.difference:
            parts += [str(result.difference)]
    return "\n".join(parts)


NEVER_RUN = [
    ("empty", b"", Verdict.WRONG, "The file is empty"),
    ("not UTF-8", b"\xff\xfe\x00", Verdict.SYNTAX_ERROR, "not UTF-8"),
    ("one megabyte", RIGHT + b"#" * 2**20, Verdict.FORBIDDEN, "1024 kB"),
    ("syntax error", b"def l2_penalty(model)\n", Verdict.SYNTAX_ERROR, "Line 1: expected ':'"),
    ("no entry", b"def penalty(model): pass\n", Verdict.WRONG, "defines no l2_penalty"),
]


@pytest.mark.parametrize(
    ("source", "verdict", "words"),
    [row[1:] for row in NEVER_RUN],
    ids=[row[0] for row in NEVER_RUN],
)
def test_what_is_not_run(grader, exercise, source, verdict, words):
    report = grade(grader, exercise, source)
    assert (report.verdict, report.score) == (verdict, 0.0)
    assert words in report.message
    assert {result.verdict for result in report.checks} == {Verdict.SKIPPED}


LIMITED = [
    ("loop in Python", "while True: pass", Verdict.TIME_LIMIT, "Stopped after"),
    ("loop in C", "sum(range(10**12))", Verdict.TIME_LIMIT, "Stopped after"),
    ("sleep", "time.sleep(60)", Verdict.TIME_LIMIT, "Stopped after 2 s"),
    (
        "ignored signals",
        "import signal\nfor n in (2, 15, 24): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
        Verdict.TIME_LIMIT,
        "Stopped after",
    ),
    ("one huge tensor", "torch.empty(10**12)", Verdict.MEMORY_LIMIT, "not enough memory"),
    (
        "memory bit by bit",
        "kept = []\nwhile True: kept.append(torch.ones(2**22))",
        Verdict.MEMORY_LIMIT,
        "not enough memory",
    ),
    ("a huge list", "x = [0] * 10**10", Verdict.MEMORY_LIMIT, "not enough memory"),
    (
        "ten gigabytes printed",
        "for _ in range(10**4): print('x' * 10**6)",
        Verdict.OUTPUT_LIMIT,
        "64 kB",
    ),
    ("noise on stderr", "sys.stderr.write('x' * 10**5)", Verdict.OUTPUT_LIMIT, "64 kB"),
    (
        "noise past Python",
        "try:\n    while True: os.write(1, b'x' * 10**6)\nexcept OSError: pass",
        Verdict.OUTPUT_LIMIT,
        "64 kB",
    ),
]


@pytest.mark.parametrize(
    ("body", "verdict", "words"), [row[1:] for row in LIMITED], ids=[row[0] for row in LIMITED]
)
def test_what_uses_too_much(grader, exercise, body, verdict, words):
    report = grade(grader, exercise, make_source(body))
    assert report.verdict is verdict
    assert words in say(report)
    assert len(str(report.to_dict())) < 100_000


def test_a_want_of_memory_is_told_once_and_costs_no_more(grader, exercise):
    report = grade(grader, exercise, make_source("x = [0] * 10**10"))
    verdicts = [result.verdict for result in report.checks]
    assert verdicts.count(Verdict.MEMORY_LIMIT) == 1
    assert set(verdicts[1:]) == {Verdict.SKIPPED}


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (b"l2_penalty = 3\n", "l2_penalty is an int, not a function"),
        (b"def l2_penalty(model): ...\nl2_penalty = None\n", "l2_penalty is None, not a function"),
        (b"class int_(int): ...\nl2_penalty = int_()\n", "l2_penalty is an int_, not a function"),
    ],
)
def test_what_cannot_be_called_is_told_once_like_what_is_missing(grader, exercise, source, told):
    report = grade(grader, exercise, source)
    assert (report.verdict, report.score) == (Verdict.WRONG, 0.0)
    assert told in report.message
    assert {result.verdict for result in report.checks} == {Verdict.SKIPPED}


@pytest.mark.parametrize(
    "source",
    [b"class l2_penalty:\n    pass\n", b"import functools\nl2_penalty = functools.partial(sum)\n"],
)
def test_whatever_can_be_called_is_called(grader, exercise, source):
    report = grade(grader, exercise, source)
    assert report.message == ""
    assert {result.verdict for result in report.checks} > {Verdict.SKIPPED}


ESCAPES = [
    ("sys.exit", "sys.exit(0)", "asked Python to exit (SystemExit)"),
    ("os._exit", "os._exit(0)", "ended itself with exit status 0"),
    ("abort", "os.abort()", "was ended by SIG"),
    ("its descriptors closed", "os.closerange(3, 100)", "lost the connection"),
    ("input", "input()", "There is no keyboard here: do not call input()."),
    ("a missing library", "import tensorflow", "What can be imported is torch, numpy and"),
    ("segfault", "import ctypes; ctypes.string_at(0)", "SIGSEGV"),
    ("fork", "os.fork()", "PermissionError"),
    ("another program", "os.execv('/bin/true', ['true'])", "Error"),
    ("subprocess", "import subprocess; subprocess.run(['true'])", "Error"),
    ("kill everybody", "os.kill(-1, 9)", ""),
    ("kill the parent", "os.kill(os.getppid(), 9)", ""),
    ("a socket", "import socket; socket.create_connection(('127.0.0.1', 80))", "PermissionError"),
    ("a unix socket", "import socket; socket.socket(socket.AF_UNIX)", "PermissionError"),
    ("/etc/passwd", "open('/etc/passwd').read()", "Error"),
    ("/proc", "open('/proc/self/environ').read()", "Error"),
    ("a file elsewhere", "open('/site/torch/__init__.py', 'w')", "Error"),
    ("recursion", "l2_penalty(model)", "RecursionError"),
    ("its own wrong error", "raise KeyError('mine')", "KeyError: 'mine'"),
]


@pytest.mark.parametrize(
    ("body", "words"), [row[1:] for row in ESCAPES], ids=[row[0] for row in ESCAPES]
)
def test_what_tries_to_leave(grader, exercise, body, words):
    report = grade(grader, exercise, make_source(body))
    assert report.verdict is Verdict.RUNTIME_ERROR
    assert report.score < 1.0
    assert words in say(report)


def test_what_fails_while_it_is_loaded_is_told_with_its_line(grader, exercise):
    report = grade(grader, exercise, b"import torch\n\nx = torch.ones(2) @ torch.ones(3)\n" + RIGHT)
    assert report.verdict is Verdict.RUNTIME_ERROR
    assert "line 3\n    x = torch.ones(2) @ torch.ones(3)" in report.message
    assert {result.verdict for result in report.checks} == {Verdict.SKIPPED}


@pytest.mark.parametrize("word", ["exit(0)", "while True: pass", "import os; os._exit(0)"])
def test_what_ends_while_it_is_loaded(grader, exercise, word):
    report = grade(grader, exercise, RIGHT + word.encode())
    assert report.verdict in (Verdict.RUNTIME_ERROR, Verdict.TIME_LIMIT)
    assert report.score == 0.0
    assert report.message


def test_the_reference_is_nowhere_to_be_found(grader, exercise):
    body = """
found = []
for folder, _, files in os.walk('/'):
    for name in files:
        path = os.path.join(folder, name)
        if name in ('reference.py', 'checks.py', 'exercise.md') and 'torch' not in folder:
            found.append(path)
import gc, linecache
texts = [o for o in gc.get_objects() if isinstance(o, str)]
texts += [str(line) for entry in linecache.cache.values() for line in entry]
texts += [str(dict(os.environ)), str([vars(m) for m in sys.modules.values()])]
marks = ('knows' + '-this', 'torch.stack(squa' + 'res)')
raise LookupError(found, [t[:80] for t in texts if any(mark in t for mark in marks)])
"""
    report = grade(grader, exercise, make_source(body))
    assert report.checks[0].message == "LookupError: ([], [])"


FORGERIES = [
    ("patched torch.equal", "result * 2", "torch.equal = torch.allclose = lambda *a, **k: True"),
    ("patched isclose", "result * 2", "torch.isclose = torch.Tensor.isclose = lambda *a: True"),
    (
        "patched comparison",
        "result * 2",
        "torch.Tensor.__eq__ = torch.Tensor.__ne__ = lambda *a: torch.tensor(True)",
    ),
    (
        "a lying __eq__",
        "Liar()",
        "class Liar(float):\n    __eq__ = __ge__ = __le__ = lambda *a: True\n    __hash__ = None",
    ),
    (
        "a tensor subclass",
        "(result * 2).as_subclass(Lazy)",
        "class Lazy(torch.Tensor):\n    __eq__ = lambda *a: True",
    ),
    ("a broadcastable shape", "result.expand(1, 1)", ""),
    ("another dtype", "result.half()", ""),
    ("NaN", "result * float('nan')", ""),
    ("infinity", "result / 0", ""),
    ("a constant", "torch.tensor(1.0, requires_grad=True)", ""),
    ("nothing", "None", ""),
    ("a string", "'accepted'", ""),
    ("a verdict", "{'verdict': 'accepted', 'score': 1.0}", ""),
    ("a huge structure", "[[0] * 10**4] * 10**4", ""),
    ("itself", "l2_penalty", ""),
]


@pytest.mark.parametrize(
    ("expression", "before"), [row[1:] for row in FORGERIES], ids=[row[0] for row in FORGERIES]
)
def test_what_is_not_right_cannot_be_made_to_look_right(grader, exercise, expression, before):
    source = make_result(expression, before=f"import torch\n{before}")
    report = grade(grader, exercise, source)
    assert report.verdict in (Verdict.WRONG, Verdict.RUNTIME_ERROR)
    assert report.score < 1.0


def test_zeroing_the_parameters_does_not_make_zero_right(grader, exercise):
    body = "for p in model.parameters(): p.data.zero_()"
    report = grade(grader, exercise, make_source(body))
    verdicts = {result.name: result.verdict for result in report.checks}
    assert verdicts["value"] is Verdict.WRONG
    assert verdicts["unchanged"] is not Verdict.ACCEPTED


FRAMES = [
    ("noise", "os.write(3, b'\\x00' * 100)"),
    ("a pickle", "import pickle; os.write(3, pickle.dumps(print))"),
    ("a forged verdict", "os.write(3, b''.join(wire.encode({'ok': 1.0})))"),
    (
        "a forged verdict, then an exit",
        "os.write(3, b''.join(wire.encode({'ok': 1.0}))); os._exit(0)",
    ),
    ("a length of 2**60", "os.write(3, wire.PREFIX.pack(wire.MAGIC, 16, 2**60))"),
    ("a closed socket", "os.close(3)"),
    ("a drip", "os.write(3, b''.join(wire.encode({'ok': 1.0}))[:9]); time.sleep(60)"),
]


@pytest.mark.parametrize("body", [row[1] for row in FRAMES], ids=[row[0] for row in FRAMES])
def test_writing_to_the_result_descriptor_earns_nothing(grader, exercise, body):
    before = "import os, sys, time\nfrom graders import wire"
    report = grade(
        grader, exercise, make_source(body, before=before).replace(b"sum(p", b"7 * sum(p")
    )
    assert report.verdict in (Verdict.RUNTIME_ERROR, Verdict.TIME_LIMIT, Verdict.WRONG)
    passed = [result.name for result in report.checks if result.verdict is Verdict.ACCEPTED]
    assert passed == []


def test_a_replaced_scenario_earns_only_what_is_the_same_for_every_input(grader, exercise):
    body = """
checks = sys.modules['checks']
for name in list(vars(checks)):
    if callable(getattr(checks, name)): setattr(checks, name, lambda *a: 1.0)
"""
    report = grade(grader, exercise, make_source(body).replace(b"sum(p", b"7 * sum(p"))
    passed = {result.name for result in report.checks if result.verdict is Verdict.ACCEPTED}
    assert passed <= {spec.name for spec in exercise.checks if spec.structural}


def test_a_submission_that_breaks_the_checks_set_up_is_told_so(grader, exercise):
    before = "import sys\nsys.modules['graders'] = None"
    report = grade(grader, exercise, make_result("result", before=before))
    assert report.verdict is Verdict.RUNTIME_ERROR
    assert report.message.startswith("Once your file was loaded, the checks could not be set up")


def test_a_hidden_check_gives_nothing_away(grader, exercise):
    body = """
import inspect, linecache
text = ''.join(map(str, linecache.cache.get('checks.py', [''] * 3)[2]))
print('LEAK' + text[-3000:])
if 'def unusual' in text:
    raise type('LEAK_' + text[:50].strip(), (Exception,), {})('LEAK' + text)
"""
    report = grade(grader, exercise, make_source(body))
    hidden = next(result for result in report.checks if result.hidden)
    assert hidden.verdict is Verdict.RUNTIME_ERROR
    assert hidden.message == "Your code raised an error here."
    assert (hidden.output, hidden.traceback, hidden.difference) == ("", "", None)
    assert "def unusual" not in say(report)


TELLTALES = ["raise KeyError", "raise ZeroDivisionError", "time.sleep(0.3); raise KeyError"]


def test_of_what_is_raised_in_a_hidden_check_neither_the_class_nor_the_time_is_told(
    grader, exercise
):
    told = []
    for body in TELLTALES:
        source = make_source(f"if hasattr(model, 'keys'): {body}")
        *visible, hidden = grade(grader, exercise, source).checks
        assert hidden.message == "Your code raised an error here."
        assert (hidden.hidden, hidden.wall_s) == (True, 0.0)
        assert all(result.wall_s > 0 for result in visible)
        told.append(hidden)
    assert told == told[:1] * len(TELLTALES)


def test_no_time_in_the_report_goes_on_while_a_hidden_check_is_made(grader, exercise):
    """Else the sum would tell what the check itself does not."""
    body = """
print(time.process_time())
if hasattr(model, 'keys'):
    time.sleep(1)
    end = time.process_time() + 0.5
    while time.process_time() < end: pass
"""
    patient = replace(exercise, limits=replace(LIMITS, wall_s=20, cpu_s=5), hash="patient")
    start = time.perf_counter()
    report = grader.grade(patient, make_source(body))
    elapsed_s = time.perf_counter() - start
    assert report.verdict is Verdict.ACCEPTED
    used_s = float(report.checks[-2].output.split()[-1])
    assert 0 < report.wall_s <= elapsed_s - 1.5
    assert 0 < report.cpu_s < used_s + 0.5


SLEEPY = b"""
import time
from graders import worker

real = worker.handle

def handle(state, message):
    time.sleep(0.8)
    return real(state, message)

worker.handle = handle
"""


def test_who_sleeps_through_most_of_each_check_ends_at_the_total(grader, exercise):
    short = replace(exercise, limits=replace(LIMITS, wall_s=1.5), hash="short")
    report = grade(grader, short, SLEEPY + RIGHT)
    assert report.verdict is Verdict.TIME_LIMIT
    (result,) = [result for result in report.checks if result.verdict is Verdict.TIME_LIMIT]
    assert result.message.startswith("Stopped here: loading the file and all checks together may")
    assert "take 6 s" in result.message
    made = report.checks[: report.checks.index(result)]
    assert len(made) >= 3
    assert {one.verdict for one in made} == {Verdict.ACCEPTED}


def test_the_status_of_an_exit_carries_nothing_out_of_a_hidden_check(grader, exercise):
    report = grade(grader, exercise, make_source("if hasattr(model, 'keys'): os._exit(77)"))
    hidden = report.checks[-1]
    assert (hidden.hidden, hidden.verdict) == (True, Verdict.RUNTIME_ERROR)
    assert hidden.message == "The process ended here, or gave no valid reply."


def test_a_submission_that_does_nothing_earns_nothing(grader, exercise):
    report = grade(grader, exercise, b"def l2_penalty(model):\n    return None\n")
    assert report.verdict in (Verdict.WRONG, Verdict.RUNTIME_ERROR)
    assert report.score == 0.0


def test_a_wrong_value_in_a_hidden_check_names_its_kind_only(grader, exercise):
    source = b"def l2_penalty(m):\n    return sum(p.pow(2).sum() for p in m.parameters() if p.requires_grad)"
    report = grade(grader, exercise, source)
    hidden = report.checks[-1]
    assert (hidden.hidden, hidden.difference.kind) == (True, "values")
    assert (hidden.difference.expected, hidden.difference.got) == ("", "")
    assert report.misconception.startswith("Frozen parameters")


def test_nothing_is_kept_from_one_check_to_the_next_grading(grader, exercise):
    body = "import builtins; builtins.seen = getattr(builtins, 'seen', 0) + 1; print(builtins.seen)"
    first = grader.grade(exercise, make_source(body)).checks[0].output
    assert first == grader.grade(exercise, make_source(body)).checks[0].output == "1\n"


def test_output_belongs_to_the_check_in_which_it_was_printed(grader, exercise):
    report = grader.grade(exercise, make_source("print('\\x1b[31mred', type(model).__name__)"))
    assert report.verdict is Verdict.ACCEPTED
    outputs = {result.name: result.output for result in report.checks}
    assert outputs["value"] == "\ufffd[31mred Linear\n"
    assert outputs["every_parameter"] == "\ufffd[31mred Sequential\n"
    assert outputs["unusual"] == ""


def test_a_run_that_is_cut_short_keeps_what_was_judged_before(grader, exercise):
    body = "if not isinstance(model, torch.nn.Linear): os._exit(1)"
    report = grade(grader, exercise, make_source(body))
    verdicts = [result.verdict for result in report.checks]
    end = verdicts.index(Verdict.RUNTIME_ERROR)
    assert end >= 3
    assert set(verdicts[:end]) == {Verdict.ACCEPTED}
    assert set(verdicts[end + 1 :]) == {Verdict.SKIPPED}
    assert 0 < report.score < 1
    assert report.misconception == ""


def test_a_seed_repeats_a_grading_and_another_does_not(grader, exercise):
    source = make_result("result * 2")
    one, same, other = (grader.grade(exercise, source, seed=seed) for seed in (5, 5, 6))
    assert one.checks[0].difference == same.checks[0].difference != other.checks[0].difference
    assert one.seed == 5
    assert grader.grade(exercise, source).seed != grader.grade(exercise, source).seed


def test_one_check_can_be_made_alone(grader, exercise):
    report = grader.grade(exercise, RIGHT, check="gradient")
    assert [result.name for result in report.checks] == ["gradient"]
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)


def test_each_result_is_told_as_soon_as_there_is_one(grader, exercise):
    told = []
    report = grader.grade(exercise, RIGHT, on_check=told.append)
    assert tuple(told) == report.checks


def test_the_report_says_how_it_came_about(grader, exercise):
    report = grader.grade(exercise, RIGHT)
    assert report.level == grader.level
    assert report.torch_version == grader.torch_version
    assert report.cpu_s > 0
    assert report.wall_s >= max(result.wall_s for result in report.checks)


def test_a_broken_reference_is_the_author_s_fault_and_names_no_key(grader, exercise, caplog):
    broken = replace(exercise, reference="raise ValueError('the key')", hash="broken-reference")
    report = grader.grade(broken, RIGHT)
    assert report.verdict is Verdict.AUTHOR_ERROR
    assert not report.verdict.counts_as_try
    assert "the key" not in str(report.to_dict())
    fault = grader.observe_reference(broken, broken.checks[0], seed=1).fault
    assert fault == "reference.py:1: ValueError: the key"
    assert "the reference fails" in caplog.text
    assert "the key" not in caplog.text


def test_a_broken_check_is_the_author_s_fault(grader, exercise):
    broken = replace(exercise, checks_source="import no_such_module\n", hash="broken-checks")
    report = grader.grade(broken, RIGHT)
    assert report.verdict is Verdict.AUTHOR_ERROR
    assert "the author's fault" in report.message


def test_several_threads_can_grade_at_once(grader, exercise):
    verdicts = []

    def grade_some(source):
        verdicts.extend(grader.grade(exercise, source).verdict for _ in range(5))

    sources = [RIGHT, make_result("result * 2")] * 2
    threads = [threading.Thread(target=grade_some, args=(source,)) for source in sources]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(verdicts) == [Verdict.ACCEPTED] * 10 + [Verdict.WRONG] * 10


@pytest.mark.parametrize("level", ["A-", "B", "C"])
def test_bad_input_is_contained_at_every_level_that_this_machine_can_build(
    level, grader_at, exercise
):
    grader = grader_at(level)
    assert grader.level == level
    for body, verdict in [
        ("while True: pass", Verdict.TIME_LIMIT),
        ("torch.empty(10**12)", Verdict.MEMORY_LIMIT),
        ("for _ in range(10**4): print('x' * 10**6)", Verdict.OUTPUT_LIMIT),
        ("open('/etc/passwd').read()", Verdict.RUNTIME_ERROR),
        ("os.fork()", Verdict.RUNTIME_ERROR),
        ("os._exit(0)", Verdict.RUNTIME_ERROR),
    ]:
        assert grade(grader, exercise, make_source(body)).verdict is verdict


def test_a_sandbox_that_dies_is_replaced(grader, exercise):
    assert grader.grade(exercise, RIGHT).verdict is Verdict.ACCEPTED
    process = grader._pool._sandbox._process
    process.kill()
    process.wait()
    time.sleep(0.2)
    assert grader.grade(exercise, RIGHT).verdict is Verdict.ACCEPTED


def test_nothing_is_left_behind(grader, exercise):
    def count():
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    for _ in range(5):
        grader.grade(exercise, RIGHT)
    time.sleep(0.5)
    before = count()
    for _ in range(30):
        grader.grade(exercise, make_source("os._exit(3)"))
    time.sleep(0.5)
    after = count()
    assert after[0] <= before[0] + 3
    assert after[1] <= before[1] + 2
