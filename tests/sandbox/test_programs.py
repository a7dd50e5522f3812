"""Author's code that stands alone, run by the facade: values, errors and limits."""

from __future__ import annotations

import pytest

from graders.facade import Limits, TensorValue, Verdict


def test_the_value_of_main_comes_back_with_what_it_printed(grader):
    source = "import torch\ndef main(n):\n    print('n is', n)\n    return {'t': torch.ones(n), 'n': (n, None)}\n"
    result = grader.run(source, arguments=3)
    assert result.error is None
    assert result.output == "n is 3\n"
    assert result.value["n"] == (3, None)
    assert isinstance(result.value["t"], TensorValue)
    assert result.value["t"].array.tolist() == [1.0, 1.0, 1.0]


def test_the_seed_is_that_of_all_global_generators(grader):
    source = """
import random, numpy, torch
def main(_):
    return [torch.rand(1).item(), random.random(), numpy.random.rand()]
"""
    one, same, other = (grader.run(source, seed=seed).value for seed in (1, 1, 2))
    assert one == same
    assert all(mine != theirs for mine, theirs in zip(one, other, strict=True))


@pytest.mark.parametrize(
    ("source", "error_type", "line", "words"),
    [
        ("def main(a):\n    return 1 / a\n", "ZeroDivisionError", 2, "division by zero"),
        ("x = 1\nraise KeyError('k')\n", "KeyError", 2, "'k'"),
        ("def main(a:\n    pass\n", "SyntaxError", 1, "never closed"),
        ("def other(a): pass\n", "AttributeError", None, "main"),
        ("import os\ndef main(a):\n    os._exit(5)\n", "", None, "exit status 5"),
    ],
)
def test_an_error_has_its_type_and_line(grader, source, error_type, line, words):
    error = grader.run(source, arguments=0).error
    assert (error.verdict, error.type, error.line) == (Verdict.RUNTIME_ERROR, error_type, line)
    assert words in error.message


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("while True: pass", Verdict.TIME_LIMIT),
        ("return bytearray(2**40)", Verdict.MEMORY_LIMIT),
        ("print('x' * 10**5)", Verdict.OUTPUT_LIMIT),
    ],
)
def test_a_limit_has_its_verdict_and_keeps_what_was_printed(grader, body, verdict):
    source = f"def main(a):\n    print('before')\n    {body}\n"
    result = grader.run(source, limits=Limits(wall_s=2, output_kb=8))
    assert result.error.verdict is verdict
    assert result.output.startswith("before\n")
    assert result.value is None


@pytest.mark.parametrize("level", ["A-", "B", "C"])
def test_programs_run_at_every_level_that_this_machine_can_build(level, grader_at):
    grader = grader_at(level)
    assert grader.level == level
    assert grader.run("def main(a):\n    return a + 1\n", arguments=1).value == 2
