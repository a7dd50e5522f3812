"""Installed beside its own answer keys, the package shows the jail none of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from graders.doctor import diagnose
from graders.policy import Level

ROOT = Path(__file__).resolve().parents[2]
SEARCH = """
import os

def main(folder):
    names = {"quizzer", "questions", "exercises", "exercise.md", "judge.py", "facade.py"}
    files = ["quizzer/errors.py", "graders/judge/comparing.py"]
    files.append("quizzer/content/exercises/regularization/sum-of-params/reference.py")
    got = []
    for top in ("/", "/site", folder):
        for place, folders, found in os.walk(top):
            got += [os.path.join(place, name) for name in folders + found if name in names]
        for file in files:
            try:
                got.append(open(os.path.join(top, file)).read())
            except OSError:
                pass
    for module in ("quizzer", "graders.judge", "graders.facade"):
        try:
            file = getattr(__import__(module, fromlist=["x"]), "__file__", None)
            got += [file] if file else []  # a folder's bare name is nothing
        except (ImportError, OSError):
            pass
    return got
"""
PROGRAM = """
import sys
import graders
from graders.policy import Level
from graders.pool import Pool
folder, level, source = sys.argv[1:]
assert graders.__file__.startswith(folder), graders.__file__
message = {"do": "run", "source": source, "filename": "x.py", "arguments": folder, "seed": 0}
with Pool(level=Level(level)) as pool, pool.take() as worker:
    print(worker.call(message, wall_s=30))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """A site-packages folder that holds both packages and the content, as a wheel fills it."""
    folder = tmp_path_factory.mktemp("installed") / "site-packages"
    for place in folder.parents[:3]:
        if place != Path("/tmp"):
            place.chmod(0o755)
    unwanted = shutil.ignore_patterns("__pycache__")
    for name in ("graders", "quizzer"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    for name in ("questions", "exercises"):
        shutil.copytree(ROOT / name, folder / "quizzer" / "content" / name, ignore=unwanted)
    reference = "quizzer/content/exercises/regularization/sum-of-params/reference.py"
    assert (folder / reference).is_file()
    return folder


@pytest.mark.skipif(diagnose().level is not Level.A, reason="this machine cannot build level A")
def test_installed_content_is_not_reachable_where_there_are_no_mounts(packages):
    # With mounts: test_installed.py, from a real wheel.
    level = "C"
    search_path = os.pathsep.join([str(packages), sysconfig.get_path("purelib")])
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROGRAM, str(packages), level, SEARCH],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": search_path},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == "{'ok': []}"
