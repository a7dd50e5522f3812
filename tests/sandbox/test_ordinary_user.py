"""The attacks once more, started by an ordinary user: the way that most people will run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from graders.jail.command import list_view_arguments
from graders.jail.mounts import Mount

ROOT = Path(__file__).resolve().parents[2]
UID = 64321
# Where being root could matter: not to deadlines, nor to what is written to a socket or claimed. One
# forgery of each kind is tried all the same, to see that nothing of the grading needs root.
SUITE = ("files", "network", "processes", "resources", "leftovers", "victims", "frames", "forgery")
LEFT_OUT = (
    "not deadline and not processor_time and not forged_frame and not half_a_frame"
    " and not (does_not_solve and not nothing_at_all) and not another_time and not do_nothing"
    " and not only_somewhere and not does_not_come_out"
)


@pytest.mark.skipif(os.geteuid() != 0, reason="the whole suite runs as an ordinary user already")
@pytest.mark.timeout(240)
def test_the_attacks_fail_for_an_ordinary_user_as_well():
    python = Path(sys.base_prefix).resolve()
    # Where Python lies in root's own folder, show it to the user; then become that user.
    view = list_view_arguments([Mount(python, python)])
    become = [
        "setpriv",
        f"--reuid={UID}",
        f"--regid={UID}",
        "--clear-groups",
        "--inh-caps=-all",
        "--",
    ]
    suite = [str(ROOT / f"tests/sandbox/test_{name}.py") for name in SUITE]
    pytest_words = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*view, *become, *pytest_words, "-k", LEFT_OUT, *suite],
        env={"PATH": os.environ["PATH"], "QUIZZER_TEST_LEVELS": "A", "HOME": "/nonexistent"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
    assert "this machine gives level" not in done.stdout  # which would have skipped them all
