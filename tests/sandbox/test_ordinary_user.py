"""The attacks once more, started by an ordinary user: the way that most people will run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.users import list_become_arguments

ROOT = Path(__file__).resolve().parents[2]
# Every wall is asked at every level; what comes through the wire, and what is judged, is the same
# at all of them. Each run: levels, files, what is chosen of these.
USUAL = {
    "the walls at levels A, B and C": (
        "A B C",
        ("files", "network", "processes", "leftovers"),
        "",
    ),
    "forgeries at level A": ("A", ("forgery",), ""),
}
# What takes longer than the suite has: everything at every level.
THOROUGH = {
    "everything at every level": (
        "A A- B C",
        (
            *("files", "network", "processes", "resources", "leftovers", "victims", "frames"),
            "forgery",
        ),
        "",
    ),
}
IS_THOROUGH = bool(os.environ.get("QUIZZER_TEST_THOROUGH"))
RUNS = USUAL | (THOROUGH if IS_THOROUGH else {})


@pytest.mark.skipif(os.geteuid() != 0, reason="the whole suite runs as an ordinary user already")
@pytest.mark.timeout(1200 if IS_THOROUGH else 240)
@pytest.mark.parametrize("name", RUNS)
def test_the_attacks_fail_for_an_ordinary_user_as_well(name):
    levels, files, chosen = RUNS[name]
    suite = [str(ROOT / f"tests/sandbox/test_{file}.py") for file in files]
    words = ["-B", "-m", "pytest", "-q", "-x", "-rs", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*list_become_arguments(), sys.executable, *words, "-k", chosen, *suite],
        env={"PATH": os.environ["PATH"], "QUIZZER_TEST_LEVELS": levels, "HOME": "/nonexistent"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
    assert "this machine" not in done.stdout  # a reason to skip, of which there is none here
