"""The ceiling over a whole sandbox: on this machine's control groups, and on a folder like them."""

from __future__ import annotations

import os
import subprocess

import pytest

from graders.jail import ceiling
from graders.jail.ceiling import Ceiling
from graders.pool import Pool

SECOND = "0::/user/service\n"
FIRST = "9:memory:/group\n8:pids:/group\n1:cpu,cpuacct:/\n0::/\n"


@pytest.fixture
def own(tmp_path):
    """A file like /proc/self/cgroup, of a process under version 2."""
    file = tmp_path / "own"
    file.write_text(SECOND)
    return file


@pytest.fixture
def delegated(tmp_path):
    """A folder like a group of version 2 that was delegated to this process alone."""
    root = tmp_path / "groups"
    base = root / "user/service"
    base.mkdir(parents=True)
    (base / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
    (base / "cgroup.subtree_control").write_text("cpu memory pids\n")
    return root


def test_a_delegated_group_gets_limits(delegated, own):
    made = Ceiling.make(delegated, own)
    assert made.version == 2
    (folder,) = made.folders
    assert folder.parent == delegated / "user/service"
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0.5 * memory < int((folder / "memory.max").read_text()) < memory
    assert int((folder / "pids.max").read_text()) > 100


def test_controllers_are_given_to_the_groups_below(delegated, own):
    switch = delegated / "user/service/cgroup.subtree_control"
    switch.write_text("\n")
    assert Ceiling.make(delegated, own)
    assert switch.read_text() == "+cpu +memory +pids"


def test_this_process_makes_room_where_the_group_must_be_empty(delegated, own, monkeypatch):
    base = delegated / "user/service"
    leaf = base / "graders-main"
    given = ceiling.Path.write_text

    def write(path, text):
        """Refuse as the kernel does while a process is in the group itself."""
        if path.name == "cgroup.subtree_control" and not (leaf / "cgroup.procs").exists():
            raise OSError(16, "Device or resource busy")
        return given(path, text)

    (base / "cgroup.subtree_control").write_text("\n")
    monkeypatch.setattr(ceiling.Path, "write_text", write)
    assert Ceiling.make(delegated, own)
    assert (leaf / "cgroup.procs").read_text() == str(os.getpid())
    own.write_text("0::/user/service/graders-main\n")  # the next pool of this process
    assert Ceiling.make(delegated, own).folders[0].parent == base


@pytest.mark.parametrize("controllers", ["cpu", "memory cpu", ""])
def test_without_memory_and_pids_there_is_no_ceiling(delegated, own, controllers):
    (delegated / "user/service/cgroup.controllers").write_text(controllers)
    assert Ceiling.make(delegated, own) is None
    assert ceiling.describe(delegated, own) == "none"


def test_what_the_machine_refuses_is_no_error(tmp_path, own):
    assert Ceiling.make(tmp_path / "nothing", own) is None
    assert Ceiling.make(tmp_path, tmp_path / "no-such-file") is None


def test_version_1_has_a_group_for_each_controller(tmp_path, own):
    own.write_text(FIRST)
    for controller in ("memory/group", "pids/group", "cpu"):
        (tmp_path / "groups" / controller).mkdir(parents=True)
    made = Ceiling.make(tmp_path / "groups", own)
    assert made.version == 1
    names = {folder.relative_to(tmp_path / "groups").parts[0] for folder in made.folders}
    assert names == {"memory", "pids", "cpu"}
    cpu, memory, _ = made.folders
    assert (memory / "memory.limit_in_bytes").exists()
    period = int((cpu / "cpu.cfs_period_us").read_text())
    most = period * len(os.sched_getaffinity(0))
    assert 0 < int((cpu / "cpu.cfs_quota_us").read_text()) < most


def test_groups_of_dead_graders_are_removed(delegated, own):
    dead = subprocess.Popen(["true"])
    dead.wait()
    left = delegated / f"user/service/graders-{dead.pid}-7"
    left.mkdir()
    alive = delegated / f"user/service/graders-{os.getpid()}-none"
    alive.mkdir()
    assert Ceiling.make(delegated, own)
    assert not left.exists()
    assert alive.exists()


def test_a_program_is_started_inside(tmp_path):
    folders = (tmp_path / "memory", tmp_path / "pids")
    for folder in folders:
        folder.mkdir()
    words = ["sh", "-c", 'echo "$$" "$@"', "sh", "a b", "--", "c"]
    command = [*Ceiling(1, folders).list_arguments(), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    pid, said = done.stdout.strip().split(" ", 1)
    assert said == "a b -- c"
    assert {(folder / "cgroup.procs").read_text().strip() for folder in folders} == {pid}


def test_a_program_that_cannot_be_put_inside_is_not_started(tmp_path):
    command = [*Ceiling(2, (tmp_path / "nowhere",)).list_arguments(), "echo", "started"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "started" not in done.stdout


@pytest.fixture
def real():
    found = ceiling.describe()
    if found == "none":
        pytest.skip("this machine lets us make no control groups")
    return found


def test_all_of_a_sandbox_is_inside_and_the_group_goes_with_it(real):
    with Pool() as pool, pool.take() as worker:
        made = pool._sandbox._ceiling
        assert real == f"version {made.version}"
        for folder in made.folders:
            inside = set(map(int, (folder / "cgroup.procs").read_text().split()))
            assert worker.pid in inside
            assert pool._sandbox._process.pid in inside
            assert os.getpid() not in inside
    assert not any(folder.exists() for folder in made.folders)


def test_too_many_processes_are_refused(real):
    """The ceiling holds for what is started inside, whatever its own limits."""
    made = Ceiling.make()
    pids = next(folder for folder in made.folders if (folder / "pids.max").exists())
    (pids / "pids.max").write_text("2")
    command = [*made.list_arguments(), "sh", "-c", "sleep 0.1 & sleep 0.1 & sleep 0.1 & wait"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    made.close()
    assert done.returncode != 0, real
    assert "fork" in done.stderr
    assert not any(folder.exists() for folder in made.folders)
