"""What one submission could leave for another: marks, messages, objects that outlive a process."""

# ruff: noqa: PERF401, PTH102, PTH110, PTH123, S311, SIM115, SIM117, T201
# Attacks call the system as plainly as they can.

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.policy import SUBMISSION_UID, Level
from graders.pool import Pool
from tests.sandbox import traces

pytestmark = pytest.mark.usefixtures("leaves_nothing")

FOLDERS = ("/w/box", "/w", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/site", ".")


def leave_marks(arguments):
    """Leave a mark wherever it can be left; return where that was."""
    import builtins
    import ctypes
    import fcntl
    import os
    import socket
    import sys

    import torch

    mark, folders = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    left = []

    def leave(where, done):
        try:
            result = done()
            left.extend([where] if not isinstance(result, int) or result >= 0 else [])
        except OSError:
            pass

    for folder in folders:
        leave(folder, lambda folder=folder: os.mkdir(f"{folder}/{mark}"))
    key = 0x51554953
    leave("shared memory", lambda: libc.syscall(29, key, 4096, 0o1666))
    leave("semaphore", lambda: libc.syscall(64, key, 1, 0o1666))
    leave("message queue", lambda: libc.syscall(68, key, 0o1666))
    leave("posix queue", lambda: libc.syscall(240, mark.encode(), 0x42, 0o666, 0))
    for keyring in (-1, -2, -3, -4, -5):
        leave("key", lambda ring=keyring: libc.syscall(248, b"user", mark.encode(), b"x", 1, ring))
    leave("abstract socket", lambda: socket.socket(socket.AF_UNIX).bind(f"\0{mark}"))
    leave("lock", lambda: fcntl.flock(open(os.__file__), fcntl.LOCK_EX))
    leave("lease", lambda: fcntl.fcntl(open(os.__file__), 1024, 0))
    for place in ("/dev/null", torch.__file__, "/dev/zero"):
        leave("time of a file", lambda place=place: os.utime(place, (1, 1)))
        leave("attribute", lambda place=place: os.setxattr(place, f"user.{mark}", b"x"))
    # What lasts as long as the process: the next one is another.
    builtins.mark = torch.mark = sys.modules["graders.wire"].mark = mark
    os.environ["MARK"] = mark
    os.umask(0o123)
    libc.prctl(15, mark.encode()[:15], 0, 0, 0)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(2)
    print(mark)
    return left


def find_marks(arguments):
    """Look for the marks that `leave_marks` may have left; return where there is one."""
    import builtins
    import ctypes
    import fcntl
    import os
    import sys

    import torch

    mark, folders = arguments
    libc = ctypes.CDLL(None, use_errno=True)
    found = []
    for folder in folders:
        if os.path.exists(f"{folder}/{mark}"):
            found.append(folder)
    key = 0x51554953
    for number, arguments_of in ((29, (key, 0, 0)), (64, (key, 0, 0)), (68, (key, 0))):
        if libc.syscall(number, *arguments_of) >= 0:
            found.append(number)
    if libc.syscall(250, 10, -3, b"user", mark.encode(), 0) >= 0:  # keyctl search
        found.append("key")
    try:
        fcntl.flock(open(os.__file__), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        found.append("lock")
    except OSError:
        pass
    places = (builtins, torch, sys.modules["graders.wire"])
    found += [place.__name__ for place in places if hasattr(place, "mark")]
    found += ["environment"] if "MARK" in os.environ else []
    found += ["umask"] if os.umask(0o077) == 0o123 else []
    name = ctypes.create_string_buffer(16)
    libc.prctl(16, name, 0, 0, 0)
    found += ["name"] if name.value.decode() == mark[:15] else []
    found += ["dtype"] if torch.get_default_dtype() is not torch.float32 else []
    found += ["threads"] if torch.get_num_threads() != 1 else []
    found += ["output"] if os.pread(1, 100, 0) else []
    return found


def test_nothing_that_is_left_is_found_by_the_next_submission(pool, ask, hold):
    arguments = [traces.MARK, list(FOLDERS)]
    with pool.take() as worker:
        left = ask(worker, leave_marks, arguments)["ok"]
        own = {"/w/box", "."} if pool.level in (Level.A, Level.A_MINUS) else set()
        assert set(left) <= own | ({"time of a file"} if own else set())
        hold(pool, find_marks, arguments)  # beside it
    hold(pool, find_marks, arguments)  # and after it


def test_no_system_v_object_is_left_inside_the_sandbox(pool, ask):
    with pool.take() as worker:
        ask(worker, leave_marks, [traces.MARK, []])
    found = traces.list_system_v_objects_inside(pool)
    assert found in ([], None)


def test_a_key_of_the_session_is_neither_seen_nor_made(pool, hold):
    """Keys belong to users and sessions, not to processes: a key would outlive its submission."""
    hold(pool, attack_keyrings)


def attack_keyrings(_):
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for operation in range(32):
        for keyring in (-1, -2, -3, -4, -5):
            if libc.syscall(250, operation, keyring, 0, 0, 0) >= 0:
                got.append((operation, keyring))
    return got


def seed_of_chance(_):
    import os
    import random

    import numpy as np
    import torch

    random.seed()
    fresh = np.random.SeedSequence().entropy % 2**62
    return [os.urandom(8).hex(), random.random(), fresh, torch.seed()]


def test_two_submissions_do_not_share_their_chance(pool, ask):
    """They are copies of one process: what that drew in advance, both would draw."""
    seen = []
    for _ in range(2):
        with pool.take() as worker:
            seen.append(ask(worker, seed_of_chance)["ok"])
    assert all(one != other for one, other in zip(*seen, strict=True))


def list_control_groups(pid):
    lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    return {tuple(line.split(":", 2)[1:]) for line in lines}


def find_folders(groups):
    """Return the folders of control groups, by controller or in the one tree of version 2."""
    roots = [Path("/sys/fs/cgroup"), *Path("/sys/fs/cgroup").glob("*")]
    paths = {root / path.lstrip("/") for root in roots for _, path in groups if path != "/"}
    return {path for path in paths if path.is_dir()}


def test_a_pool_that_is_closed_leaves_no_process_no_descriptor_and_no_control_group(ask, pools):
    before = traces.look_at_rest(pools)
    with Pool() as pool:
        with pool.take() as worker:
            assert ask(worker, seed_of_chance)["ok"]
            own = list_control_groups(os.getpid())
            made = (
                list_control_groups(worker._pid) | list_control_groups(traces.get_zygote(pool))
            ) - own
    assert find_folders(made) == set()
    traces.require_nothing_left(before, pools)


def list_of_torch():
    """Return what torch's compiler keeps in the folder for temporary files, with its owner."""
    found = Path("/tmp").glob("torchinductor_*")
    return {(path.name, path.stat().st_uid) for path in found}


def test_torch_makes_no_folder_on_the_host(pool, ask):
    before = list_of_torch()
    hiding = [name for name, owner in before if owner == SUBMISSION_UID]
    assert hiding == [], f"remove /tmp/{hiding[0]}: where it is, none would be made"
    with Pool(level=pool.level) as fresh, fresh.take() as worker:
        places = ask(worker, find_temporary_folders)["ok"]
    assert list_of_torch() == before
    inside = "/" if pool.level is Level.C else "/w/box"
    assert all(place.startswith(inside) for place in places)


def find_temporary_folders(_):
    import os
    import tempfile

    return [tempfile.gettempdir(), os.environ["TORCHINDUCTOR_CACHE_DIR"]]
