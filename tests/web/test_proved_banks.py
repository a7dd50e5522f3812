"""Banks that change under the running site, with a real worker: what fails its proof never serves."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from quizzer.app import create_app, open_site
from quizzer.errors import GradingUnavailableError
from quizzer.services.levels import choose_level
from tests.web.conftest import CONTENT
from tests.web.test_author import list_problems

BANK = """---
bank: {name}
title: Sums
format: 1
lesson: canary
modes: practice
prelude: import torch
---

## sum: A sum

`kind: numeric`

What is `torch.ones(2).sum()`?

- [x] `{value}`

### Check

```python verify
answer = torch.ones(2).sum()
```
"""
LINE_OF_KEY = 16
DRAWN = """---
bank: drawn
title: Drawn
format: 1
lesson: canary
modes: practice
prelude: import torch
---

## sum: A sum of {{n}} ones

`kind: numeric`

What is the sum of {{n}} ones?

- [x] `{{n}}.0`

### Check

```python variants
n = rng.randint(2, 99)
```

```python verify
answer = torch.ones(n).sum()
```

## steps: Two that do not depend on each other

`kind: order`

Which order?

- [x] `a = 1`
- [x] `b = 2`
- [x] `c = a + b`

### Check

```python verify
def ok(code):
    names = {}
    exec(code, names)
    return names["c"] == 3
```
"""


@pytest.fixture
def settings(settings, tmp_path):
    """The site reads a copy of the content that a test may change."""
    shutil.copytree(CONTENT / "questions", tmp_path / "questions")
    return replace(settings, questions=tmp_path / "questions")


@pytest.fixture
def app(settings):
    """The site as it is served, with the shelf that asks for proofs."""
    app = create_app(settings)
    app.testing = True
    yield app
    app.extensions["quizzer"].database.close()


@pytest.fixture
def worker(settings):
    """A worker process, which must stop in good order in the end."""
    try:
        choose_level(settings.allow_level)
    except GradingUnavailableError:
        pytest.skip("this machine cannot contain submissions")
    environ = {
        **os.environ,
        "QUIZZER_HOME": str(settings.home),
        "QUIZZER_QUESTIONS": str(settings.questions),
        "QUIZZER_EXERCISES": str(settings.exercises),
    }
    command = [sys.executable, "-m", "quizzer", "worker"]
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.terminate()
        _, errors = process.communicate(timeout=20)
    # Before its jail is ready there is nothing to finish, and the signal itself ends it.
    assert process.returncode in (0, -signal.SIGTERM)
    assert errors == ""


@pytest.fixture
def write(settings):
    """Write a bank; returns its place in the folder of questions."""

    def write(value, name="sums"):
        path = settings.questions / "canary" / f"{name}.md"
        path.write_text(BANK.format(name=name, value=value))
        return path.relative_to(settings.questions)

    return write


@pytest.fixture
def find_value(site):
    """Return what a bank's one item counts as right, or None where it is not in service."""

    def find(name="sums"):
        item = site.library.current().items.get(f"{name}/sum")
        return item.options[0].value if item else None

    return find


def wait_for(condition, *, for_s=30.0):
    give_up_at = time.monotonic() + for_s
    while not (value := condition()):
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.1)
    return value


def is_told(author, line):
    return any(told.startswith(line) for told in list_problems(author.open("/author")))


@pytest.mark.usefixtures("worker")
def test_a_wrong_key_never_replaces_a_proved_one_and_a_mended_one_does(author, write, find_value):
    path = write("2")
    wait_for(lambda: find_value() == "2")

    write("3")
    wrong = f"{path}:{LINE_OF_KEY}: P302 option a, '3', is ticked, but the proof gives "
    served = set()
    wait_for(lambda: served.add(find_value()) or is_told(author, wrong))
    assert (served, find_value()) == ({"2"}, "2")

    write("2.0")
    started_at = time.monotonic()
    wait_for(lambda: find_value() == "2.0")
    assert time.monotonic() - started_at < 10
    assert not is_told(author, wrong)


@pytest.mark.usefixtures("worker")
def test_a_new_bank_serves_if_its_proofs_hold_and_only_then(
    author, write, find_value, settings, site
):
    write("2", "right")
    (settings.questions / "canary" / "drawn.md").write_text(DRAWN)
    wrong = write("3", "wrong")
    served = set()
    wait_for(lambda: served.add(find_value("wrong")) or is_told(author, f"{wrong}:16: P302 "))
    assert served == {None}
    wait_for(lambda: find_value("right") == "2")

    # What the worker found out comes with it: values of variables, and other right orders.
    wait_for(lambda: "drawn/sum" in site.library.current().items)
    items = site.library.current().items
    draws = items["drawn/sum"].draws
    assert len(draws) == 20
    assert all(2 <= int(draw["n"]) <= 99 for draw in draws)
    assert items["drawn/steps"].orders == (("a", "b", "c"), ("b", "a", "c"))


@pytest.mark.usefixtures("worker")
def test_what_is_wrong_when_the_site_starts_is_withdrawn(settings, write):
    write("3")
    site = open_site(settings)
    assert "sums" in site.library.current().banks  # the start waits for nobody; see README.md
    wait_for(lambda: "sums" not in site.library.current().banks)
    site.database.close()


def test_without_a_worker_the_author_is_told_what_waits(author, write, find_value):
    waits = f"{write('2')}:1: W220 waits for its proofs; not in service yet."
    wait_for(lambda: is_told(author, waits), for_s=5)
    assert find_value() is None
