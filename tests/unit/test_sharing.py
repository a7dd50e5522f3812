"""How the suite is dealt out to processes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = ("tests/unit/domain/test_spacing.py", "tests/golden/banks/test_rendering.py")


def test_a_group_of_tests_is_run_by_one_process() -> None:
    environ = {name: value for name, value in os.environ.items() if "PYTEST" not in name}
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "loadgroup", "-v"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", *FILES],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    processes = defaultdict(set)
    for process, file in re.findall(r"\[(gw\d)\] \[ *\d+%\] PASSED ([\w/.]+)", done.stdout):
        processes[file].add(process)
    assert sorted(processes) == sorted(FILES)
    assert set.union(*processes.values()) == {"gw0", "gw1"}
    assert [len(found) for found in processes.values()] == [1, 1]
