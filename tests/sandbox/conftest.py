"""Pools to attack and graders to deceive: one sandbox per level, shared by all tests."""

from __future__ import annotations

import contextlib
import inspect
import os
import textwrap

import pytest

from graders.doctor import diagnose
from graders.facade import Grader
from graders.model import Limits
from graders.policy import Level
from graders.pool import Pool
from graders.runner import References
from tests.sandbox.traces import look_at_rest, require_nothing_left

# A submission must not find this, wherever it looks.
os.environ["QUIZZER_TEST_SECRET"] = "the-answer-key-of-the-test"

LIMITS = Limits(wall_s=10, cpu_s=5, memory_mb=256, output_kb=64)
# Each level needs all that the ones after it need.
BUILDABLE = {
    Level.A: ("A",),
    Level.A_MINUS: ("A", "A-"),
    Level.B: ("A", "B"),
    Level.B0: ("A", "A-", "B", "B0"),
    Level.C: ("A", "B", "C"),
}
FOUND = diagnose().level
# A worker of B0 takes seconds to start: the attacks meet it where the variable names it.
USUAL = " ".join(level for level in BUILDABLE if level is not Level.B0)
LEVELS = os.environ.get("QUIZZER_TEST_LEVELS", USUAL).split()


@pytest.fixture(scope="session")
def pools():
    """Every pool that tests share, as it comes to be."""
    return []


@pytest.fixture(scope="session")
def pool_at(pools):
    """How to get the pool of a level: a sandbox takes seconds to start, so each is made once."""
    with contextlib.ExitStack() as stack:
        made = {}

        def get(level):
            if FOUND.value not in BUILDABLE.get(level, ()):
                pytest.skip(f"this machine gives level {FOUND}, which does not include {level}")
            if level not in made:
                made[level] = stack.enter_context(Pool(level=level, limits=LIMITS))
                pools.append(made[level])
            return made[level]

        yield get


@pytest.fixture(scope="session", params=LEVELS)
def pool(request, pool_at):
    return pool_at(Level(request.param))


@pytest.fixture(scope="session")
def best_pool(pool_at):
    return pool_at(FOUND)


@pytest.fixture(scope="session")
def grader(pools):
    if FOUND is Level.NONE:
        pytest.skip("this machine cannot contain submissions")
    with Grader() as made:
        pools.append(made._pool)
        yield made


@pytest.fixture(scope="session")
def grader_at(pool_at):
    """How to get a grader of a level that is not the best one, over that level's pool."""
    with contextlib.ExitStack() as stack:

        def get(level):
            made = Grader.__new__(Grader)
            made._pool = pool_at(Level(level))
            made._references = stack.enter_context(contextlib.closing(References(made._pool)))
            return made

        yield get


def make_source(function):
    """Return the source of a program whose `main` is the function."""
    source = textwrap.dedent(inspect.getsource(function))
    return f"{source}\nmain = {function.__name__}\n"


def ask_worker(worker, function, arguments=None, *, wall_s=10.0):
    """Run a function of a test as a program's main and return the reply."""
    message = {
        "do": "run",
        "source": make_source(function),
        "filename": "attack.py",
        "arguments": arguments,
        "seed": 0,
    }
    return worker.call(message, wall_s=wall_s)


def honest(numbers):
    import torch

    return torch.tensor(numbers).pow(2).sum()


def require_next_is_honest(pool):
    """The next submission is graded as if nothing had been."""
    with pool.take() as worker:
        reply = ask_worker(worker, honest, [1.0, 2.0, 3.0])
        assert reply["ok"].array == 14.0, reply
        assert worker.output() == b""


@pytest.fixture(scope="session")
def ask():
    return ask_worker


@pytest.fixture(scope="session")
def require_honest():
    return require_next_is_honest


@pytest.fixture
def leaves_nothing(request, pools):
    """After the test the next submission is graded as ever, and nothing of the attack is left."""
    used = {"pool", "best_pool"} & set(request.fixturenames)
    attacked = [request.getfixturevalue(name) for name in sorted(used)]
    before = look_at_rest(pools)
    yield
    for pool in attacked:
        require_next_is_honest(pool)
    require_nothing_left(before, pools)


# How a wall says no: the names of OSError and its kin, of limits reached, of a name not found.
REFUSALS = {
    "BlockingIOError",
    "ConnectionRefusedError",
    "FileNotFoundError",
    "ModuleNotFoundError",
    "NotADirectoryError",
    "OSError",
    "PermissionError",
    "ProcessLookupError",
}


@pytest.fixture
def hold(leaves_nothing):  # noqa: ARG001 - whoever attacks also looks at what is left
    """Run an attack, which returns what it got hold of, and require that this is nothing."""

    def run_attack(pool, attack, arguments=None):
        with pool.take() as worker:
            reply = ask_worker(worker, attack, arguments)
        if "error" in reply:
            assert reply["error"]["type"] in REFUSALS, reply
        else:
            assert reply["ok"] == [], reply

    return run_attack
