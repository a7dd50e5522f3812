"""What docs/grading.md shows is what the commands print."""

from __future__ import annotations

import contextlib
import re
import shlex
import shutil
from dataclasses import dataclass

import pytest
from click.testing import CliRunner

from graders import cli
from graders.cli import opening

# What may differ from run to run and from machine to machine: times, seeds that were not asked for,
# versions, levels.
_VARYING = (
    (re.compile(r"\d+ ms|\d+\.\d s"), "TIME"),
    (re.compile(r"seed \d{3,}"), "seed SEED"),
    (re.compile(r"torch \S+"), "torch VERSION"),
    (re.compile(r"level [ABC]-?0?"), "level LEVEL"),
)


@dataclass(frozen=True)
class Command:
    """A command of the page and the lines below it; no lines where it says `...`."""

    words: list[str]
    shown: str


def _read_commands(page):
    for block in re.findall(r"```console\n(.*?)```", page, flags=re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, _, shown = part.partition("\n")
            yield Command(shlex.split(line), shown.strip("\n"))


def _make_alike(text):
    for varying, name in _VARYING:
        text = varying.sub(name, text)
    # The facts behind a sentence may be shorter or longer, and so wrapped otherwise.
    return [" ".join(line.split()) for line in re.sub(r"\s+\(", " (", text).splitlines()]


@pytest.fixture
def run(tmp_path, grader, monkeypatch):
    monkeypatch.setattr(opening, "start_grader", lambda _level, **_: contextlib.nullcontext(grader))
    monkeypatch.chdir(tmp_path)
    return lambda words: CliRunner().invoke(cli.main, words).output


def _hand_in(folder, page):
    """Write the files that the page talks of."""
    (mine,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    (folder / "my.py").write_text(mine)
    handed_in = folder / "handed-in"
    handed_in.mkdir()
    (handed_in / "ada.py").write_text(mine)
    (handed_in / "eve.py").write_text("def penalized_loss(loss, model, strength:\n")
    return handed_in


def test_every_command_of_the_page_prints_what_the_page_shows(run, root, tmp_path):
    page = (root / "docs" / "grading.md").read_text()
    handed_in = _hand_in(tmp_path, page)
    commands = list(_read_commands(page))
    assert len(commands) >= 6
    for command in commands:
        program, *words = command.words
        assert program == "graders"
        printed = run(words).strip("\n")
        if command.shown != "...":
            assert _make_alike(printed) == _make_alike(command.shown)
        if words[0] == "new":
            shutil.copy("exercises/regularization/my-idea/reference.py", handed_in / "ben.py")
