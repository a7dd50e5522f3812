"""What `quizzer new` writes is sound as it is, and touches nothing that was there."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from quizzer.banks.bank import parse_bank
from quizzer.banks.library import load_library
from quizzer.cli import main
from quizzer.domain.items import Kind
from quizzer.services.scaffolding import render_item

FRONT = "---\nbank: made-up\ntitle: Made up\nformat: 1\n---\n\n"


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("QUIZZER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("QUIZZER_QUESTIONS", str(tmp_path / "questions"))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["new", *map(str, arguments)])


@pytest.mark.parametrize("kind", Kind)
def test_a_new_item_of_any_kind_is_read_without_a_complaint(kind):
    parsed = parse_bank(FRONT + render_item(kind), "made-up.md")
    assert parsed.problems == ()
    (item,) = parsed.value.items
    assert (item.kind, item.id) == (kind, kind.value)


def test_a_new_lesson_with_its_bank_is_a_library_without_a_complaint(run, tmp_path):
    result = run("bank", "tensors/first")
    assert result.exit_code == 0
    assert "There is no lesson tensors yet: quizzer new lesson tensors" in result.output
    assert (
        "quizzer new lesson" not in run("lesson", "tensors", "--title", 'On "tensors": #1').output
    )
    library = load_library(tmp_path / "questions")
    assert library.problems == ()
    assert library.lessons["tensors"].title == 'On "tensors": #1'
    bank = library.banks["tensors-first"]
    assert (bank.title, bank.lesson, len(bank.items)) == ("First", "tensors", 1)
    beliefs = {option.misconception for option in bank.items[0].options} - {None}
    assert beliefs == set(bank.misconceptions)


def test_items_come_at_the_end_and_what_stands_there_stays(run, tmp_path):
    run("bank", "./mine.md")
    path = tmp_path / "mine.md"
    before = path.read_text().rstrip("\n")  # as an editor may leave it
    path.write_text(before)
    for expected in ("numeric", "numeric-2", "numeric-3"):
        result = run("item", "numeric", path)
        line = path.read_text().splitlines().index(f"## {expected}: Derivative of a square") + 1
        assert result.output.startswith(f"Added {path}:{line}: {expected}\n")
    assert path.read_text().startswith(before)
    parsed = parse_bank(path.read_text(), str(path))
    assert parsed.problems == ()
    assert [item.id for item in parsed.value.items] == ["sum", "numeric", "numeric-2", "numeric-3"]
    assert [item.title for item in parsed.value.items][-1] == "Derivative of a square"


def test_an_item_can_be_added_to_a_bank_that_is_still_wrong(run, tmp_path):
    path = tmp_path / "mine.md"
    path.write_text(FRONT)
    assert run("item", "short", path, "--id", "my-item", "--title", "A {{title}}").exit_code == 0
    assert "## my-item: A {{title}}\n" in path.read_text()


def test_without_a_file_an_item_is_printed(run, tmp_path):
    assert run("item", "recall").output == render_item(Kind.RECALL)
    assert not list(tmp_path.glob("*.md"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["bank", "only"], "'only' is not LESSON/BANK; begin a path with ./ or /."),
        (["bank", "tensors/My bank"], "'tensors-My bank' is no id for a bank: use small letters"),
        (["bank", "tensors/lesson"], "lesson.md is no name for a bank"),
        (["lesson", "a/b"], "'a/b' is not LESSON"),
        (["lesson", "1st"], "such as st."),
        (["lesson", "tensors", "--title", "two\nlines"], "A title is one line of 1 to 100"),
        (["lesson", "tensors", "--title", " "], "A title is one line of 1 to 100"),
        (["item", "short", "mine.md", "--id", "sum"], "has an item `sum` already; choose another"),
        (["item", "short", "mine.md", "--id", "No"], "'No' is no id for an item"),
        (["item", "short", "text.md"], "before this is mended: text.md:1: E110"),
        (["item", "short", "none.md"], "'none.md' does not exist"),
        (["item", "essay", "mine.md"], "'essay' is not one of 'single', 'multi'"),
        (["bank", "./mine.md"], "mine.md exists already; choose another name."),
    ],
)
def test_what_cannot_be_made_is_told_with_its_remedy_and_leaves_nothing(
    run, tmp_path, arguments, told
):
    run("bank", "./mine.md")
    (tmp_path / "text.md").write_text("no front matter\n")
    before = {path: path.read_text() for path in tmp_path.rglob("*.md")}
    result = run(*arguments)
    assert result.exit_code in (1, 2)
    assert told in " ".join(result.output.split())
    assert {path: path.read_text() for path in tmp_path.rglob("*.md")} == before


def test_nothing_is_written_into_the_program_itself(run, tmp_path, monkeypatch):
    package = tmp_path / "site-packages" / "quizzer"
    monkeypatch.setenv("QUIZZER_QUESTIONS", str(package / "content" / "questions"))
    monkeypatch.setattr("quizzer.cli.new.quizzer.__file__", str(package / "__init__.py"))
    result = run("lesson", "tensors")
    assert result.exit_code == 1
    assert "set QUIZZER_QUESTIONS to a folder of your own" in " ".join(result.output.split())
    assert not package.exists()
