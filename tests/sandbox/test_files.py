"""Attacks on files: nothing is read that was not mounted, nothing is left behind."""

# ruff: noqa: PTH101, PTH104, PTH111, PTH118, PTH120, PTH123, PTH207, PTH208, PTH211, S103, SIM105, SIM115
# Attacks call the system as plainly as they can.

from __future__ import annotations

import os
from pathlib import Path

import pytest

from graders.jail.command import ENVIRONMENT
from graders.policy import Level

pytestmark = pytest.mark.usefixtures("leaves_nothing")

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def secret(tmp_path):
    """A file that every user of this machine may read, were it shown."""
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(folder.stat().st_mode | 0o055)
    path = tmp_path / "key.txt"
    path.write_text("the-answer-key")
    path.chmod(0o644)
    return path


def attack_read_known_files(paths):
    got = []
    for path in paths:
        try:
            with open(path, "rb") as file:
                got.append((path, file.read(20)))
        except OSError:
            pass
    return got


def attack_read_by_another_name(path):
    import os

    got = []
    folder, name = os.path.split(path)
    detours = [
        "/site/.." + path,
        "/dev/../" + path,
        "/proc/self/root" + path,
        "/proc/1/root" + path,
    ]
    for detour in detours:
        try:
            got.append(open(detour).read())
        except OSError:
            pass
    try:
        handle = os.open(folder, os.O_PATH | os.O_DIRECTORY)
        got.append(os.read(os.open(name, os.O_RDONLY, dir_fd=handle), 20).decode())
    except OSError:
        pass
    return got


def attack_link_to_a_secret(path):
    import os

    got = []
    for make in (os.symlink, os.link):
        for place in ("/w/box/link", "/w/link", "/tmp/link", "link"):
            try:
                make(path, place)
                got.append(open(place).read())
            except OSError:
                pass
    return got


def attack_find_content(words):
    import os

    got = []
    for folder, folders, files in os.walk("/", followlinks=False):
        if folder.startswith(("/site/torch/", "/site/fsspec/")):
            continue  # which have files of such names as well
        got += [
            os.path.join(folder, name)
            for name in folders + files
            if name in words and name != "dev"
        ]
    return got


def attack_read_proc(owner):
    import glob

    got = []
    names = ["/proc/self/environ", "/proc/self/mem", "/proc/1/environ", "/proc/1/cmdline"]
    names += [f"/proc/{owner}/environ", f"/proc/{owner}/mem", f"/proc/{owner}/maps", "/proc/mounts"]
    names += ["/sys/kernel/uevent_seqnum", "/sys/class", "/proc/kallsyms"]
    for name in names + glob.glob("/proc/*/environ"):
        try:
            with open(name, "rb") as file:
                got.append((name, file.read(10)))
        except OSError:
            pass
    return got


def attack_read_environment(_):
    import ctypes
    import os

    inherited = [value for value in os.environ.values() if "answer-key" in value]
    environ = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), "environ")
    index = 0
    while environ[index]:
        if b"answer-key" in environ[index]:
            inherited.append(environ[index].decode())
        index += 1
    return inherited


def attack_list_environment(known):
    """Find a variable that the worker does not need."""
    import os

    return sorted(set(os.environ) - set(known))


def attack_open_devices(_):
    """Open a terminal, a disk, the kernel's memory, or what a driver offers."""
    import os

    got = []
    names = (
        "tty ptmx pts/0 console kmsg mem kvm fuse userfaultfd net/tun loop0 loop-control sda vda"
    )
    names += " nvidia0 nvidiactl nvidia-uvm dri/card0 vsock vhost-net hwrng shm mqueue"
    for name in names.split():
        for flags in (os.O_RDONLY, os.O_RDWR):
            try:
                got.append((name, os.open("/dev/" + name, flags)))
            except OSError:
                pass
    return got


def attack_type_into_a_terminal(_):
    """Put characters into a terminal that some ancestor may have, also past 32 bits."""
    import ctypes
    import fcntl

    got = []
    libc = ctypes.CDLL(None, use_errno=True)
    for descriptor in (0, 1, 2, 3):
        for request in (0x5412, 0x541C, 0x540E, 0x5423, 0x5428):
            try:
                fcntl.ioctl(descriptor, request, b"x")
                got.append((descriptor, request))
            except OSError:
                pass
            wide = ctypes.c_ulong(1 << 32 | request)
            if libc.ioctl(descriptor, wide, b"x") >= 0:
                got.append((descriptor, "wide", request))
    return got


def attack_seal_the_output(_):
    """Turn the file that is printed to into something that the grader cannot use."""
    import fcntl
    import os

    got = []
    for command in (1024, 1031, 1033, 8, 10, 15):  # lease, pipe size, seals, owner, signal
        try:
            fcntl.fcntl(1, command, 1)
            got.append(command)
        except OSError:
            pass
    for change in (os.fchmod, os.fchown, os.setxattr):
        try:
            change(1, *([0] if change is os.fchmod else [0, 0]))
            got.append(change.__name__)
        except (OSError, TypeError):
            pass
    return [name for name in got if name != "fchmod"]  # of an open file without a name: harmless


def attack_keep_a_way_out(_):
    """Hold on to the root folder, and go up from it, by handles instead of names."""
    import os

    got = []
    for start in ("/", ".", "/dev", "/site", "/usr/lib"):
        try:
            handle = os.open(start, os.O_PATH | os.O_DIRECTORY)
            for _ in range(8):
                handle = os.open("..", os.O_PATH | os.O_DIRECTORY, dir_fd=handle)
            for name in ("etc/passwd", "root/.bashrc", "var/log", "sys", "proc/1/environ", "tmp"):
                try:
                    got.append(os.listdir(os.open(name, os.O_RDONLY, dir_fd=handle)))
                except NotADirectoryError:
                    got.append(name)
                except OSError:
                    pass
        except OSError:
            pass
    return got


def attack_write_anywhere(paths):
    import os
    import sysconfig

    import torch

    def make_link(path):
        os.symlink("/", path)

    library = sysconfig.get_path("stdlib")
    places = [
        "/",
        "/etc",
        "/usr/lib",
        "/dev",
        "/dev/shm",
        "/tmp",
        "/var/tmp",
        "/run",
        "/site",
        "/w",
    ]
    places += [library, library + "/site-packages", os.path.dirname(torch.__file__), *paths]
    got = []
    for folder in places:
        path = os.path.join(folder, "left-by-an-attack")
        for make in (lambda path: open(path, "w").close(), os.mkdir, os.mkfifo, make_link):
            try:
                make(path)
                got.append(folder)
            except OSError:
                pass
    return got


def attack_change_what_is_mounted(_):
    import os
    import sys

    import torch

    got = []
    for path in (torch.__file__, sys.executable, os.__file__, "/etc/ld.so.cache"):
        for change in (
            lambda path: os.chmod(path, 0o777),
            os.utime,
            lambda path: os.truncate(path, 0),
            lambda path: os.rename(path, path + ".old"),
            os.unlink,
            lambda path: open(path, "r+b").close(),
            lambda path: os.setxattr(path, "user.x", b"1"),
        ):
            try:
                change(path)
                got.append(path)
            except OSError:
                pass
    return got


def attack_list_descriptors(_):
    import os

    got = []
    for number in range(4096):
        try:
            os.fstat(number)
            got.append(number)
        except OSError:
            pass
    return got if got != [0, 1, 2, 3] else []


def attack_make_device(_):
    import os
    import stat

    got = []
    for folder in ("/w/box", "/tmp", "."):
        try:
            os.mknod(folder + "/sda", stat.S_IFBLK | 0o600, os.makedev(8, 0))
            got.append(folder)
        except OSError:
            pass
    return got


def attack_lock_a_shared_file(_):
    """Tell the next submission something by a lock on a file that both can read."""
    import fcntl
    import os

    got = []
    with open(os.__file__) as file:
        for lock in (fcntl.flock, fcntl.lockf):
            try:
                lock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                got.append(lock.__name__)
            except OSError:
                pass
        try:
            fcntl.fcntl(file, fcntl.F_GETLK, bytes(32))
            got.append("F_GETLK")
        except OSError:
            pass
    return got


def test_no_lock_on_a_shared_file_carries_a_message(pool, hold):
    hold(pool, attack_lock_a_shared_file)


def test_files_of_the_machine_cannot_be_read(pool, hold, secret):
    reference = ROOT / "exercises/regularization/sum-of-params/reference.py"
    paths = ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/gshadow", "/home", str(secret)]
    paths += [
        str(reference),
        str(ROOT / "pyproject.toml"),
        str(ROOT / "graders/judge/comparing.py"),
    ]
    paths += [
        str(ROOT / "graders/pool/keeping.py"),
        str(ROOT / "quizzer/errors.py"),
        os.path.expanduser("~"),
    ]
    hold(pool, attack_read_known_files, paths)


def test_no_detour_leads_to_a_file(pool, hold, secret):
    hold(pool, attack_read_by_another_name, str(secret))
    hold(pool, attack_link_to_a_secret, str(secret))


def test_nothing_of_the_content_can_be_found(pool, hold):
    words = ["quizzer", "questions", "exercises", "exercise.md", "facade.py"]
    words += ["comparing.py", "reference.py", "checks.py"]
    hold(pool, attack_find_content, [*words, "left-by-an-attack"])


@pytest.mark.parametrize(
    "attack",
    [
        attack_read_environment,
        attack_change_what_is_mounted,
        attack_list_descriptors,
        attack_make_device,
        attack_open_devices,
        attack_type_into_a_terminal,
        attack_seal_the_output,
        attack_keep_a_way_out,
    ],
)
def test_nothing_else_is_reached(pool, hold, attack):
    hold(pool, attack)


def test_the_environment_holds_only_what_a_worker_needs(pool, hold):
    needed = {*ENVIRONMENT, "PATH", "HOME", "TMPDIR", "TORCHINDUCTOR_CACHE_DIR"}
    made_inside = {"LC_CTYPE", "PWD", "TORCHINDUCTOR_CACHE_DIR"}  # by Python, bubblewrap and torch
    hold(pool, attack_list_environment, sorted(needed | made_inside))


def test_other_processes_show_nothing(pool, hold):
    hold(pool, attack_read_proc, os.getpid())


def test_nothing_is_written(pool, hold, secret):
    hold(pool, attack_write_anywhere, [str(secret.parent)])
    assert list(secret.parent.iterdir()) == [secret]


def use_scratch(_):
    import os
    import pathlib
    import tempfile

    with tempfile.NamedTemporaryFile(delete=False) as file:
        file.write(b"x" * 1000)
    pathlib.Path("mine").write_text("mine")
    return sorted(os.listdir(".")), os.path.dirname(file.name)


def list_scratch(_):
    import os

    return os.listdir("/w/box")


def test_a_submission_has_a_scratch_folder_that_the_next_one_does_not_see(pool, ask):
    with pool.take() as worker:
        reply = ask(worker, use_scratch)
        if pool.level not in (Level.A, Level.A_MINUS):
            assert reply["error"]["type"] in {"FileNotFoundError", "PermissionError", "OSError"}
            return
        names, folder = reply["ok"]
        assert len(names) == 2
        assert folder == "/w/box"
        with pool.take() as other:
            assert ask(other, list_scratch) == {"ok": []}


def fill_scratch(_):
    written = 0
    try:
        for number in range(1000):
            with open(f"/w/box/{number}", "wb") as file:
                written += file.write(bytes(1 << 20))
    except OSError:
        pass
    return written


def fill_inodes(_):
    made = 0
    try:
        for number in range(100_000):
            open(f"/w/box/{number}", "wb").close()
            made += 1
    except OSError:
        pass
    return made


def write_one_huge_file(_):
    with open("/w/box/huge", "wb") as file:
        for _ in range(64):
            file.write(bytes(1 << 20))


def test_scratch_is_small_in_every_way(pool, ask):
    if pool.level not in (Level.A, Level.A_MINUS):
        pytest.skip("no scratch folder at this level")
    with pool.take() as worker:
        assert ask(worker, fill_scratch)["ok"] <= 16 << 20
    with pool.take() as worker:
        assert ask(worker, fill_inodes)["ok"] < 256
    with pool.take() as worker:
        assert ask(worker, write_one_huge_file)["error"]["type"] == "OSError"


def load_library_from_scratch(library):
    import ctypes
    import shutil

    shutil.copyfile(library, "/w/box/evil.so")
    return [str(ctypes.CDLL("/w/box/evil.so"))]


def test_code_cannot_be_loaded_from_scratch(pool, ask):
    if pool.level not in (Level.A, Level.A_MINUS):
        pytest.skip("no scratch folder at this level")
    library = next(Path("/usr/lib").glob("*-linux-gnu/libutil.so.1"), None)
    if library is None:
        pytest.skip("no small library to copy")
    with pool.take() as worker:
        error = ask(worker, load_library_from_scratch, str(library))["error"]
    assert error["type"] == "OSError"
    assert "failed to map" in error["message"]
