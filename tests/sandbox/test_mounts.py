"""What the sandbox shows, as far as it can be told without starting one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.errors import SandboxError
from graders.jail import command, list_mounts, mounts
from graders.jail.mounts import Mount
from graders.policy import Level, get_layers

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(os.__file__).parent / "site-packages"


@pytest.fixture(scope="module")
def shown_mounts():
    return list_mounts()


def test_no_mount_holds_installed_packages_or_the_checkout_as_a_whole(shown_mounts):
    import flask

    kept_out = [
        ROOT / "quizzer",
        ROOT / "questions",
        ROOT / "exercises",
        ROOT / "graders/judge/comparing.py",
    ]
    kept_out += [Path(flask.__file__).parent, ROOT / "graders/pool"]
    for mount in shown_mounts:
        for path in kept_out:
            assert not path.is_relative_to(mount.source), mount


def test_the_standard_library_is_shown_without_what_is_installed_in_it(shown_mounts):
    library = mounts.find_standard_library()
    assert library in [mount.target for mount in shown_mounts]
    inside = [library / name for name in ("site-packages", "dist-packages")]
    assert mounts.list_masked() == [path for path in inside if path.is_dir()]


def test_torch_and_what_it_requires_are_shown_at_a_fixed_place(shown_mounts):
    shown = {mount.target.name for mount in shown_mounts if mount.target.parent == Path("/site")}
    assert {"torch", "numpy", "msgpack", "landlockpy", "sympy", "typing_extensions.py"} <= shown
    assert not {"flask", "sqlalchemy", "quizzer", "pytest", "click"} & shown
    assert not [name for name in shown if name.endswith((".dist-info", ".pth"))]


def test_only_listed_modules_of_this_package_are_shown(shown_mounts):
    shown = {
        mount.target.name for mount in shown_mounts if mount.target.parent == Path("/site/graders")
    }
    assert shown == set(mounts.OWN_MODULES)
    assert not {"judge.py", "runner.py", "exercise", "exercise.py", "facade.py", "pool.py"} & shown


def test_sources_are_links_resolved_and_exist(shown_mounts):
    for mount in shown_mounts:
        assert mount.source.exists(), mount
        assert mount.source == mount.source.resolve(), mount


def test_without_bubblewrap_installed_packages_are_not_readable():
    readable = mounts.list_readable(get_layers(Level.C))
    library = mounts.find_standard_library()
    assert library not in readable
    assert library / "json" in readable
    assert not any((library / "site-packages").is_relative_to(path) for path in readable)
    assert not any((ROOT / "exercises").is_relative_to(path) for path in readable)


def test_a_folder_that_only_its_owner_may_enter_is_found(tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp") and folder.is_relative_to("/tmp"):
            folder.chmod(0o755)
    closed = tmp_path / "closed"
    (closed / "deep" / "er").mkdir(parents=True)
    file = closed / "deep" / "er" / "file"
    file.touch()
    assert command.find_closed_folder(file) is None
    closed.chmod(0o700)
    (closed / "deep").chmod(0o700)
    assert command.find_closed_folder(file) == closed


def test_what_lies_in_a_closed_folder_is_shown_one_by_one(tmp_path):
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/tmp") and folder.is_relative_to("/tmp"):
            folder.chmod(0o755)
    closed = tmp_path / "closed"
    (closed / "deep").mkdir(parents=True, mode=0o755)
    (closed / "deep" / "shown").touch()
    closed.chmod(0o700)
    mount = Mount(Path("/site/shown"), closed / "deep" / "shown")
    arguments = " ".join(command.list_view_arguments([mount]))
    assert f"--tmpfs {closed} " in arguments
    assert f"--dir {closed}/deep " in arguments
    assert arguments.endswith(f"--ro-bind {mount.source} {mount.source} --")
    assert command.list_view_arguments([Mount(Path("/x"), tmp_path)]) == []


def test_root_without_bubblewrap_is_told_why_its_python_cannot_be_used(monkeypatch, tmp_path):
    tmp_path.chmod(0o700)
    (tmp_path / "python").touch()
    monkeypatch.setattr(command.shutil, "which", lambda _: None)
    with pytest.raises(SandboxError, match="install bubblewrap, or run as an ordinary user"):
        command.list_view_arguments([Mount(Path("/python"), tmp_path / "python")])


class FakeDistribution:
    """A distribution as a package manager installs it: no list of files, or a requirement list."""

    def __init__(self, requires=(), top_level=None, name="Some.Thing"):
        self.requires = requires
        self.metadata = {"Name": name}
        self.files = None
        self._top_level = top_level

    def locate_file(self, _):
        return "/nonexistent"

    def read_text(self, _):
        return self._top_level


def test_extras_are_not_followed():
    lines = [
        "numpy>=1.26",
        'pytest; extra == "test"',
        'filelock ; python_version > "3"',
        "a.b-c[x]",
    ]
    assert mounts._list_requirements(FakeDistribution(lines)) == ["numpy", "filelock", "a.b-c"]


def test_a_distribution_without_a_list_of_files_is_found_by_its_modules():
    found = mounts._list_top_level(FakeDistribution(top_level="json\nthis\n"))
    assert found == [Path(os.__file__).parent / "json", Path(os.__file__).parent / "this.py"]
    assert mounts._list_top_level(FakeDistribution(name="Json")) == [
        Path(os.__file__).parent / "json",
    ]
