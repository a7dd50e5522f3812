"""A folder of content, and the shelf that follows it."""

import os
import threading

import pytest

from quizzer.banks import files as files_module
from quizzer.banks.lessons import parse_lesson
from quizzer.banks.library import LibraryShelf, load_library, load_problems
from quizzer.domain.items import Text

LESSON = """---
lesson: {id}
title: Lesson
format: 1
order: {order}
---
## Why

Because.
"""
BANK = """---
bank: {id}
title: Bank
format: 1
modes: {modes}
---
## one: One

`kind: numeric`

How *many*?

- [x] `{value}`

### Check

```python verify
answer = int("1")
```
"""


def bank(name="first", modes="practice", value="1"):
    return BANK.format(id=name, modes=modes, value=value)


@pytest.fixture
def root(tmp_path):
    for order, name in enumerate(("later", "early")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lesson.md").write_text(LESSON.format(id=name, order=2 - order))
    (tmp_path / "early" / "first.md").write_text(bank())
    return tmp_path


def codes(library):
    return [(problem.code, problem.line) for problem in library.problems]


def test_a_folder_is_a_lesson_with_its_banks(root):
    library = load_library(root)
    assert list(library.lessons) == ["early", "later"]
    assert library.banks["first"].lesson == "early"
    assert list(library.items) == ["first/one"]
    assert library.problems == ()


def test_items_are_found_by_key_and_by_mode(root):
    library = load_library(root)
    item = library.items["first/one"]
    assert library.list_items("early", "practice") == (item,)
    assert library.list_items("early", "test") == ()
    assert library.list_items("later", "practice") == ()


def test_html_comes_from_the_fragment(root):
    assert (
        load_library(root).html(Text(source="How *many*?", line=1)) == "<p>How <em>many</em>?</p>"
    )


def test_a_broken_bank_keeps_its_last_good_version(root):
    before = load_library(root)
    (root / "early" / "first.md").write_text(bank(value="0,5"))
    after = load_library(root, previous=before)
    assert codes(after) == [("E179", 13)]
    assert after.items == before.items
    assert after.revision == before.revision


def test_a_bank_that_was_never_good_is_absent_and_reported(root):
    (root / "early" / "second.md").write_text("nothing")
    library = load_library(root)
    assert list(library.banks) == ["first"]
    assert codes(library) == [("E110", 1)]


def test_a_lesson_that_waits_for_a_recall_card_is_reported(root):
    card = "## card: Card\n\n`kind: recall`\n\nSay it.\n\n### Answer\n\nSo.\n"
    head = bank("cards", modes="review").split("## one")[0]
    (root / "early" / "cards.md").write_text(head + card)
    text = LESSON.format(id="early", order=1)
    text += "\n## Step: A\n\n`predict: cards/card`\n\nText.\n\n## Myths\n\n- cards/card\n"
    (root / "early" / "lesson.md").write_text(text)
    library = load_library(root)
    assert "cards/card" in library.items
    assert codes(library) == [("E196", 13), ("E196", 19)]
    assert "recall card" in library.problems[0].message


def test_a_deleted_bank_vanishes(root):
    before = load_library(root)
    (root / "early" / "first.md").unlink()
    assert load_library(root, previous=before).items == {}


def test_two_banks_of_one_id_are_reported_at_the_second(root):
    (root / "later" / "other.md").write_text(bank())
    library = load_library(root)
    assert codes(library) == [("E196", 1)]
    assert library.problems[0].path.endswith("later/other.md")
    assert library.banks["first"].lesson == "early"


def test_two_lessons_of_one_id_are_reported(root):
    (root / "later" / "lesson.md").write_text(LESSON.format(id="early", order=1))
    assert codes(load_library(root)) == [("E196", 1)]


def test_a_bank_without_a_lesson_is_reported(root):
    (root / "stray").mkdir()
    (root / "stray" / "other.md").write_text(bank("other"))
    assert codes(load_library(root)) == [("E196", 1)]


def test_references_of_a_lesson_are_followed(root):
    text = LESSON.format(id="early", order=1).replace(
        "---\n## Why", "requires: [later, never]\n---\n## Why"
    )
    text += (
        "\n## Step: A\n\n`predict: first/none`\n\nText.\n\n## Myths\n\n- first/one\n- first/two\n"
    )
    (root / "early" / "lesson.md").write_text(text)
    assert codes(load_library(root)) == [("E196", 6), ("E196", 14), ("E196", 21)]


def test_bytes_that_are_no_text_are_reported(root):
    (root / "early" / "second.md").write_bytes(b"---\nbank: \xff\n")
    assert codes(load_library(root)) == [("E100", 1)]


def test_a_readme_is_no_bank(root):
    (root / "early" / "README.md").write_text("# About\n")
    assert load_library(root).problems == ()


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


def test_the_shelf_notices_changes_but_does_not_look_all_the_time(root):
    clock = Clock()
    shelf = LibraryShelf(root, clock=clock)
    first = shelf.current()
    (root / "early" / "second.md").write_text(bank("second"))
    assert shelf.current() is first
    clock.now += 0.6
    second = shelf.current()
    assert set(second.banks) == {"first", "second"}
    assert second.revision != first.revision
    clock.now += 0.6
    assert shelf.current() is second


def test_the_shelf_notices_a_change_of_the_same_size(root):
    clock = Clock()
    shelf = LibraryShelf(root, clock=clock)
    shelf.current()
    path = root / "early" / "first.md"
    path.write_text(bank(value="2"))
    os.utime(path, ns=(1, 1))
    clock.now += 1
    assert shelf.current().items["first/one"].options[0].value == "2"


def test_the_shelf_keeps_the_last_good_version_and_recovers(root):
    clock = Clock()
    shelf = LibraryShelf(root, clock=clock)
    path = root / "early" / "first.md"
    values = []
    for value in ("1", "0,5", "33"):
        path.write_text(bank(value=value))
        clock.now += 1
        values.append(
            (shelf.current().items["first/one"].options[0].value, len(shelf.current().problems))
        )
    assert values == [("1", 0), ("1", 1), ("33", 0)]


def test_the_shelf_serves_many_threads(root):
    shelf = LibraryShelf(root)
    seen = []
    threads = [threading.Thread(target=lambda: seen.append(shelf.current())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len({id(library) for library in seen}) == 1


def test_one_file_is_compared_with_what_other_sites_show(root):
    path = root / "early" / "first.md"
    path.write_text(bank().replace("How *many*?", "How *many*?\n\n-\n  apart"))
    assert [(p.code, p.line) for p in load_problems(path)] == [("W212", 11)]


def test_a_file_that_goes_away_while_it_is_read_is_taken_as_it_was(root, monkeypatch):
    path = root / "early" / "lesson.md"
    path.write_text(path.read_text().replace("order: 1", "order: 1\nrequires: nowhere"))

    def read_and_delete(text, name):
        if name == str(path):
            path.unlink()
        return parse_lesson(text, name)

    monkeypatch.setattr(files_module, "parse_lesson", read_and_delete)
    assert codes(load_library(root)) == [("E196", 6)]
    assert not path.exists()
