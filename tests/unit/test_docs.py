"""The docs cannot lie: settings, commands and links that they name exist, and none is left out."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from graders.cli import main as graders
from graders.cli.grade import FORMATS
from graders.cli.opening import INTERRUPTED, NOT_ACCEPTED, NOT_GRADED, USAGE
from quizzer.cli import main as quizzer
from quizzer.domain.modes import MODES

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _read(name: str) -> str:
    return (ROOT / name).read_text()


def _commands_of(group: click.Group) -> dict[str, click.Command]:
    """Return the commands by name, those included that are imported when they are asked for."""
    context = click.Context(group)
    commands = {name: group.get_command(context, name) for name in group.list_commands(context)}
    return {name: command for name, command in commands.items() if command is not None}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    targets = re.findall(
        r"\]\((?!https?:)([^)#\s]+)",
        re.sub(r"```.*?```|`[^`]*`", "", document.read_text(), flags=re.DOTALL),
    )
    missing = [target for target in targets if not (document.parent / target).exists()]
    assert missing == []


def test_every_setting_is_documented() -> None:
    read = set(re.findall(r'"(QUIZZER_[A-Z_]+)"', _read("quizzer/config.py")))
    told = set(
        re.findall(r"^\| `(QUIZZER_[A-Z_]+)`", _read("docs/deployment.md"), flags=re.MULTILINE)
    )
    assert told == read


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_exist(document: Path) -> None:
    for program, group in (("quizzer", quizzer), ("graders", graders)):
        assert isinstance(group, click.Group)
        used = set(
            re.findall(rf"(?:^|`){program} ([a-z]+)", document.read_text(), flags=re.MULTILINE)
        )
        assert used <= set(_commands_of(group)), program


def test_the_options_of_the_grader_are_those_of_its_page() -> None:
    assert isinstance(graders, click.Group)
    options = {
        name: {flag for parameter in command.params for flag in parameter.opts if "--" in flag}
        | {flag for parameter in command.params for flag in parameter.secondary_opts}
        for name, command in _commands_of(graders).items()
    }
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _read("docs/grading.md")))
    assert told <= set().union(*options.values())
    for name in ("grade", "replay", "new", "doctor"):
        assert options[name] <= told, name


def test_the_formats_of_a_report_are_those_of_the_table() -> None:
    section = _read("docs/grading.md").split("## Formats")[1]
    rows = re.findall(r"^\| `(\w+)` \|", section, flags=re.MULTILINE)
    assert rows == list(FORMATS)


def test_the_exit_statuses_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| (\d+) \|", _read("docs/grading.md"), flags=re.MULTILINE)
    assert list(map(int, rows)) == [0, NOT_ACCEPTED, USAGE, NOT_GRADED, INTERRUPTED]


def test_make_targets_in_the_docs_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", _read("Makefile"), flags=re.MULTILINE))
    used = {
        name
        for document in DOCUMENTS
        for name in re.findall(r"\bmake ([a-z]+)\b[^,. ]*(?=`|\s{2,}#)", document.read_text())
    }
    assert used
    assert used <= targets


def test_every_mode_is_in_the_table() -> None:
    rows = re.findall(r"^\| (\w+) \|", _read("docs/practice-modes.md"), flags=re.MULTILINE)
    assert rows[1:] == [mode.name for mode in MODES]


def test_the_glossary_is_in_order() -> None:
    words = re.findall(r"^\| (\w+) \|", _read("docs/glossary.md"), flags=re.MULTILINE)[1:]
    assert words == sorted(words)


def test_no_place_of_one_machine_is_named() -> None:
    foreign = re.compile(r"/(root|home/\w+)/", flags=re.IGNORECASE)
    paths = [
        path
        for folder in ("quizzer", "graders", "docs", "exercises", "questions")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".md", ".html", ".js", ".css"} and path.name != "editor.js"
    ]
    guilty = [str(path.relative_to(ROOT)) for path in paths if foreign.search(path.read_text())]
    assert guilty == []


def test_the_page_of_figures_has_the_goals_that_the_benchmark_prints() -> None:
    source = _read("graders/bench/sections.py")
    goals = {
        goal.replace("<=", "≤").replace(">=", "≥")
        for goal in re.findall(r'"((?:<=|>=|<) [\d.]+)"', source)
    }
    assert len(goals) == 7
    assert {goal for goal in goals if goal not in _read("docs/figures.md")} == set()
