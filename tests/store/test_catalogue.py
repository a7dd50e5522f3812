"""The shelf of exercises notices changes and never loses an exercise to a typo."""

from __future__ import annotations

import shutil
import threading

import pytest

from quizzer.services.catalogue import ExerciseShelf
from tests.code_bank import BANK, find_line, parse_text
from tests.code_bank import KEY as INLINE_KEY

KEY = "regularization/sum-of-params"
FITTING = BANK.replace("lesson/l2-sum", KEY)


class Ticks:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def folder(root, tmp_path):
    shutil.copytree(root / "exercises" / KEY, tmp_path / KEY)
    return tmp_path / KEY


@pytest.fixture
def ticks():
    return Ticks()


@pytest.fixture
def shelf(folder, ticks):
    return ExerciseShelf(folder.parents[1], clock=ticks)


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_it_reads_the_folder(shelf):
    assert list(shelf.current()) == [KEY]
    assert shelf.problems == ()


def test_a_missing_folder_is_an_empty_shelf(tmp_path):
    assert ExerciseShelf(tmp_path / "nowhere").current() == {}


def test_a_change_is_noticed_without_a_restart(shelf, folder, ticks):
    before = shelf.current()[KEY]
    change(folder / "reference.py", "def l2_penalty", "# better\ndef l2_penalty")
    assert shelf.current()[KEY] is before  # looks at the files only so often
    ticks.now += 1
    assert shelf.current()[KEY].hash != before.hash


def test_what_did_not_change_is_not_read_again(shelf, ticks):
    before = shelf.current()
    ticks.now += 1
    assert shelf.current() is before


def test_a_broken_exercise_keeps_its_last_good_version(shelf, folder, ticks):
    before = shelf.current()[KEY]
    good = (folder / "checks.py").read_text()
    (folder / "checks.py").write_text("def broken(:\n")
    ticks.now += 1
    assert shelf.current()[KEY] == before
    (problem,) = shelf.problems
    assert (problem.path.name, problem.line) == ("checks.py", 1)
    (folder / "checks.py").write_text(good + "\n# mended\n")
    ticks.now += 1
    assert shelf.current()[KEY].hash != before.hash
    assert shelf.problems == ()


def test_one_that_never_worked_is_listed_as_a_problem(folder, tmp_path):
    (folder / "exercise.md").write_text("no front matter")
    shelf = ExerciseShelf(tmp_path)
    assert shelf.current() == {}
    assert len(shelf.problems) == 1


def test_one_that_is_removed_leaves_the_shelf(shelf, folder, ticks):
    shelf.current()
    shutil.rmtree(folder)
    ticks.now += 1
    assert shelf.current() == {}
    assert shelf.problems == ()


def test_a_new_one_joins(shelf, folder, ticks):
    shelf.current()
    shutil.copytree(folder, folder.parent / "second")
    change(folder.parent / "second" / "exercise.md", "id: sum-of-params", "id: second")
    ticks.now += 1
    assert list(shelf.current()) == ["regularization/second", KEY]


def test_many_threads_may_look_at_once(shelf, ticks):
    seen, start = [], threading.Barrier(8)

    def look():
        start.wait()
        ticks.now += 1
        seen.append(list(shelf.current()))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [[KEY]] * 8


@pytest.fixture
def banks():
    """The banks in service, as a library gives them: another mapping once one has changed."""
    bank = parse_text(FITTING)
    return [{bank.id: bank}]


@pytest.fixture
def full_shelf(folder, ticks, banks):
    return ExerciseShelf(folder.parents[1], banks=lambda: banks[0], clock=ticks)


def test_the_exercises_of_banks_are_in_service_beside_those_of_folders(full_shelf):
    assert list(full_shelf.current()) == [INLINE_KEY, KEY]
    assert list(full_shelf.listed()) == [KEY]  # a question leads to the other
    assert full_shelf.problems == ()


def test_an_edited_item_is_another_version_of_its_exercise_at_once(full_shelf, banks):
    before = full_shelf.current()[INLINE_KEY]
    assert full_shelf.current()[INLINE_KEY] is before
    edited = parse_text(FITTING.replace("draw.tensor(50)", "draw.tensor(60)"))
    banks[0] = {edited.id: edited}
    assert full_shelf.current()[INLINE_KEY].hash != before.hash


def test_moving_an_item_makes_no_other_version(full_shelf, banks):
    before = full_shelf.current()[INLINE_KEY]
    moved = parse_text(FITTING.replace("## shrink", "An introduction.\n\n## shrink"))
    banks[0] = {moved.id: moved}
    assert full_shelf.current()[INLINE_KEY].hash == before.hash


def test_an_item_that_goes_takes_its_exercise_along(full_shelf, banks):
    full_shelf.current()
    banks[0] = {}
    assert list(full_shelf.current()) == [KEY]


def test_a_fault_in_an_item_is_listed_at_its_line_of_the_bank(full_shelf, banks):
    text = FITTING.replace("@check(hidden=True)", "@check(hidden=True, color=1)")
    bank = parse_text(text)
    banks[0] = {bank.id: bank}
    assert list(full_shelf.current()) == [KEY]
    (problem,) = full_shelf.problems
    assert (str(problem.path), problem.line) == (bank.path, find_line(text, "color=1"))
    assert "no setting color" in problem.message


def test_an_item_that_names_no_exercise_of_the_shelf_is_listed(full_shelf, folder, ticks):
    assert full_shelf.problems == ()
    shutil.rmtree(folder)
    ticks.now += 1
    (problem,) = full_shelf.problems
    assert problem.line == find_line(FITTING, "## all-parameters")
    assert f"no exercise `{KEY}`" in problem.message
