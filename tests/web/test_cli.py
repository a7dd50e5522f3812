"""The command line: what it prints, its exit codes, and one line for every error."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

from graders.facade import Grader
from quizzer.banks.problems import Problem
from quizzer.cli import check, main
from quizzer.cli.problems import annotate
from quizzer.cli.progress import proof_bar
from quizzer.config import load_settings
from quizzer.services import accounts
from quizzer.store.db import open_database
from quizzer.store.migrations import upgrade
from quizzer.worker import get_now

ITEM = """\
---
bank: made-up
title: Made up
format: 1
modes: practice
prelude: import torch
---

## ones: How many?

`kind: numeric`

What is the sum of `torch.ones(3)`?

- [x] `{value}`
- [ ] `7`
  > No.

### Check

```python verify
answer = torch.ones(3).sum().item()
```
"""


@pytest.fixture(scope="module")
def grader():
    with Grader() as made:
        yield made


@pytest.fixture
def run(request, monkeypatch):
    """Run a command; returns its result. A jail takes seconds to start: all commands share one."""
    monkeypatch.setattr(check, "Grader", lambda: nullcontext(request.getfixturevalue("grader")))
    return lambda *arguments: CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def bank(tmp_path):
    """Write a bank and return its path."""

    def write(text):
        path = tmp_path / "bank.md"
        path.write_text(text)
        return path

    return write


def test_help_names_every_command(run):
    result = run("--help")
    assert result.exit_code == 0
    for command in ("serve", "check", "new", "preview", "worker", "upgrade", "backup", "promote"):
        assert command in result.output
        assert run(command, "--help").exit_code == 0


def test_python_m_is_the_same():
    result = subprocess.run(
        [sys.executable, "-m", "quizzer", "--help"], capture_output=True, text=True, check=True
    )
    assert "quizzer serve" in result.stdout


def test_check_prints_nothing_for_a_right_bank_and_exits_0(run, bank):
    result = run("check", bank(ITEM.format(value="3")))
    assert result.exit_code == 0
    assert result.stdout == ""
    assert result.stderr == "1 bank with 1 item, 0 lessons, 0 exercises: 0 errors, 0 warnings\n"


def test_check_catches_a_wrong_key_by_running_its_proof(run, bank):
    path = bank(ITEM.format(value="4"))
    result = run("check", path)
    assert result.exit_code == 1
    assert result.stdout.startswith(
        f"{path}:15: P302 option a, '4', is ticked, but the proof gives '3"
    )
    assert run("check", "--no-proofs", path).exit_code == 0


def test_check_says_what_it_could_not_prove(run, bank):
    result = run("check", bank(ITEM.format(value="4").replace("kind: ", "kin: ")))
    assert result.exit_code == 1
    assert "P302" not in result.stdout
    assert "(1 file not proved: mend the errors first)" in result.stderr


def test_check_sorts_by_line_and_knows_errors_from_warnings(run, bank):
    text = ITEM.format(value="3").replace("  > No.\n", "").replace("verify", "verifi")
    result = run("check", "--no-proofs", bank(text))
    lines = [int(line.split(":")[1]) for line in result.stdout.splitlines()]
    assert lines == sorted(lines)
    assert "E150" in result.stdout
    assert result.exit_code == 1
    only_warned = run("check", "--no-proofs", bank(ITEM.format(value="3").replace("  > No.\n", "")))
    assert "W201" in only_warned.stdout
    assert only_warned.exit_code == 0


def test_check_as_json_and_as_annotations(run, bank):
    path = bank(ITEM.format(value="4"))
    (problem,) = json.loads(run("check", "--format", "json", path).stdout)
    assert (problem["path"], problem["line"], problem["code"]) == (str(path), 15, "P302")
    annotated = run("check", "--format", "github", path).stdout
    assert annotated.startswith(f"::error file={path},line=15,title=P302::option a")


def test_check_counts_what_there_is(run, bank):
    path = bank(ITEM.format(value="3"))
    counted = run("check", "--stats", path).stdout
    rows = [" ".join(line.split()) for line in counted.splitlines()]
    assert "numeric 1 1" in rows
    assert "proven 1 1" in rows
    told = json.loads(run("check", "--stats", "--no-proofs", "--format", "json", path).stdout)
    assert told["problems"] == []
    (of_lesson,) = told["statistics"]["proofs"].values()
    assert (of_lesson["provable"], of_lesson["failed"]) == (1, None)


def test_check_explains_what_each_option_did(run, bank):
    path = bank(ITEM.format(value="4"))
    result = run("check", "--explain", "made-up/ones", path)
    assert result.exit_code == 1
    assert "made-up/ones: its proof fails" in result.stdout
    assert "answer   3.0" in result.stdout
    assert "→ [x] a  wrong         4\n" in result.stdout
    assert f"{path}:15: P302" in result.stdout
    told = json.loads(run("check", "--explain", "ones", "--format", "json", path).stdout)
    assert [one["key"] for one in told["runs"][0]["options"]] == ["a", "b"]


def test_check_explains_no_item_that_is_not_there(run, bank):
    path = bank(ITEM.format(value="3"))
    missing = run("check", "--explain", "made-up/one", path)
    assert missing.exit_code == 1
    assert missing.stderr == "Error: There is no item `made-up/one`. Did you mean `made-up/ones`?\n"
    broken = run("check", "--explain", "ones", bank(ITEM.format(value="3").replace("kind", "kin")))
    assert "mend this first, perhaps: " in broken.stderr
    assert "E140" in broken.stderr


def test_a_bar_shows_how_far_the_proofs_are_where_somebody_looks(monkeypatch):
    heard = io.StringIO()
    monkeypatch.setattr(heard, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stderr", heard)
    with proof_bar() as bar:
        for done in (1, 2, 3):
            bar(done, 3, f"bank/item-{done}")
    assert "3/3" in heard.getvalue()
    assert "bank/item-3" in heard.getvalue()


def test_nobody_looks_no_bar_is_drawn(capsys):
    with proof_bar() as bar:
        bar(1, 2, "bank/item")
    assert capsys.readouterr() == ("", "")


def test_a_place_with_a_colon_or_a_comma_does_not_end_an_annotation():
    told = annotate(Problem("a,b:c.md", 3, "E174", "50 % of\nit"))
    assert told == "::error file=a%2Cb%3Ac.md,line=3,title=E174::50 %25 of%0Ait"


def test_preview_takes_what_it_can_show(run, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    assert "they end in .md" in run("preview", tmp_path / "notes.txt").stderr
    assert run("preview", tmp_path / "none.md").exit_code == 2


def test_check_reads_folders_with_lessons_and_exercises(run, root, tmp_path):
    exercise = tmp_path / "exercises" / "regularization" / "sum-of-params"
    shutil.copytree(root / "exercises" / "regularization" / "sum-of-params", exercise)
    (exercise / "checks.py").write_text("def broken(:\n")
    for place in (tmp_path / "exercises", exercise.parent, exercise, exercise / "exercise.md"):
        result = run("check", "--no-proofs", place)
        assert result.exit_code == 1
        assert result.stdout.startswith(f"{exercise / 'checks.py'}:1: ")
        assert len(result.stdout.splitlines()) == 1


def test_check_of_the_default_content_finds_no_error(run, root):
    result = run("check", "--no-proofs")
    assert result.exit_code == 0
    assert not [
        line for line in result.stdout.splitlines() if not re.search(r":\d+: W2\d\d ", line)
    ]
    assert ": 0 errors, " in result.stderr
    exercises = list((root / "exercises").glob("*/*/exercise.md"))
    assert f" {len(exercises)} exercises" in result.stderr


def test_check_of_one_file_looks_up_what_it_refers_to(run, root):
    result = run("check", "--no-proofs", root / "questions" / "regularization" / "lesson.md")
    assert result.exit_code == 0
    assert "0 banks with 0 items, 1 lesson" in result.stderr


def test_check_of_a_file_that_is_not_utf8(run, tmp_path):
    path = tmp_path / "bank.md"
    path.write_bytes(b"---\nbank: \xff\n")
    result = run("check", path)
    assert result.exit_code == 1
    assert f"{path}:2: E100" in result.stdout


def test_check_names_files_from_the_working_folder(run, bank, tmp_path, monkeypatch):
    bank(ITEM.format(value="3").replace("  > No.\n", ""))
    monkeypatch.chdir(tmp_path)
    for given in ("bank.md", ".", tmp_path):
        assert run("check", "--no-proofs", given).stdout.startswith("bank.md:16: W201 ")


def test_check_of_nothing_says_so(run, tmp_path):
    result = run("check", tmp_path / "nowhere.md")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no ")


def test_check_of_another_kind_of_file_says_so(run, tmp_path):
    path = tmp_path / "bank.txt"
    path.write_text("x")
    result = run("check", path)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "is no bank, lesson or exercise" in result.stderr


def test_upgrade_makes_the_database_and_may_be_repeated(run):
    for _ in range(2):
        assert run("upgrade").exit_code == 0
    settings = load_settings(os.environ)
    assert (settings.home / "quizzer.db").is_file()


def test_backup_copies_the_database(run, tmp_path):
    run("upgrade")
    target = tmp_path / "copy.db"
    assert run("backup", target).exit_code == 0
    with sqlite3.connect(target) as copy:
        assert copy.execute('SELECT count(*) FROM "user"').fetchone() == (0,)
    copy.close()


def test_backup_without_a_database_is_one_line(run, tmp_path):
    result = run("backup", tmp_path / "copy.db")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: There is no database at ")
    assert result.stderr.count("\n") == 1


def test_promote_makes_an_instructor(run):
    settings = load_settings(os.environ)
    upgrade(settings)
    database = open_database(settings)
    accounts.register(
        database, name="Ada", password="a long enough one", guest_id=None, now=get_now()
    )
    assert run("promote", "ada").stdout == "Ada is an instructor now.\n"
    with database.snapshot() as session:
        assert accounts.get_user(session, user_id=1).role == "instructor"
    database.close()


def test_promote_of_nobody_is_one_line(run):
    run("upgrade")
    result = run("promote", "nobody")
    assert (result.exit_code, result.stderr) == (1, "Error: There is no account named 'nobody'.\n")


def test_a_database_without_tables_is_told_with_its_remedy(run):
    result = run("promote", "ada")
    assert result.exit_code == 1
    assert "quizzer upgrade" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_setting_that_cannot_be_used_is_one_line(run, monkeypatch):
    monkeypatch.setenv("QUIZZER_PORT", "http")
    result = run("upgrade")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "QUIZZER_PORT" in result.stderr


@pytest.mark.parametrize(
    ("address", "remedy"),
    [
        ("nonsense", "QUIZZER_DATABASE_URL must be sqlite:"),
        ("mysql://ada:secret@127.0.0.1/quizzer", "QUIZZER_DATABASE_URL must be sqlite:"),
        ("postgresql://ada:secret@127.0.0.1/quizzer", "pip install 'quizzer[postgres]'"),
    ],
)
def test_an_address_that_cannot_be_used_is_one_line(run, monkeypatch, address, remedy):
    monkeypatch.setattr("quizzer.store.db.find_spec", lambda _name: None)
    monkeypatch.setenv("QUIZZER_DATABASE_URL", address)
    result = run("upgrade")
    assert result.exit_code == 1
    assert remedy in result.stderr
    assert "secret" not in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("command", [("upgrade",), ("promote", "ada")])
def test_a_database_out_of_reach_is_one_line(run, monkeypatch, command):
    pytest.importorskip("psycopg", reason="what talks to PostgreSQL is not installed")
    monkeypatch.setenv("QUIZZER_DATABASE_URL", "postgresql://ada@127.0.0.1:1/quizzer")
    result = run(*command)
    assert result.exit_code == 1
    assert "connection failed" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-m", "quizzer", "serve", "--port", port],
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert f"port {port}" in result.stderr


def test_no_command_loads_torch_here():
    program = (
        "import sys\n"
        "import quizzer.cli, quizzer.app, quizzer.worker\n"
        "sys.exit('torch' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
