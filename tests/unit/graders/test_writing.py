"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.cli.opening import NotGradedError
from graders.cli.writing import write_whole


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old and longer")
    write_whole(path, "new ✓")
    assert path.read_text(encoding="utf-8") == "new ✓"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(NotGradedError, match=r"cannot write .*a\.txt: No space left on device"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    target, link = tmp_path / "target.txt", tmp_path / "link.txt"
    target.write_text("old")
    link.symlink_to(target)
    write_whole(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_a_pipe_is_written_to_and_not_replaced():
    reader, writer = os.pipe()
    path = Path(f"/dev/fd/{writer}")
    write_whole(path, "through")
    assert os.read(reader, 100) == b"through"
    os.close(reader)
    os.close(writer)


def test_others_may_read_it_as_any_file_that_a_program_makes(tmp_path):
    ordinary, ours = tmp_path / "ordinary", tmp_path / "ours"
    ordinary.write_text("")
    write_whole(ours, "")
    assert ours.stat().st_mode == ordinary.stat().st_mode
