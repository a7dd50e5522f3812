"""Attacks on other processes and on the kernel's rarer doors."""

# ruff: noqa: PERF401, S606, SIM105
# Attacks call the system as plainly as they can.

from __future__ import annotations

import os
import platform
import signal

import pytest

from graders.pool import WorkerDied

pytestmark = pytest.mark.usefixtures("leaves_nothing")


def attack_fork(_):
    import os

    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return [pid]


def attack_leave_a_grandchild(_):
    """Become a daemon: the child's child outlives its parent."""
    import os
    import time

    pid = os.fork()
    if pid == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(60)
        os._exit(0)
    return [pid]


def bomb_of_forks(_):
    import os

    got = []
    for _ in range(1000):
        for make in (os.fork, os.forkpty):
            try:
                pid = make()
                if pid in (0, (0, -1)):
                    while True:
                        os.fork()
                got.append(pid)
            except OSError:
                pass
    return got


def attack_start_programs(_):
    """Start a program by every other door: spawn, system, popen, execveat of a descriptor."""
    import ctypes
    import os
    import sys

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for start in (os.posix_spawn, os.posix_spawnp):
        try:
            got.append(start(sys.executable, ["python"], {}))
        except OSError:
            pass
    got += ["system"] if libc.system(b"true") == 0 else []
    libc.popen.restype = ctypes.c_void_p
    got += ["popen"] if libc.popen(b"true", b"r") else []
    handle = os.open(os.__file__, os.O_RDONLY)
    got += ["execveat"] if libc.syscall(322, handle, b"", None, None, 0x1000) >= 0 else []
    return got


def attack_exec(_):
    import subprocess
    import sys

    return [subprocess.run([sys.executable, "-c", "1"], check=True).returncode]


def attack_replace_oneself(_):
    import os

    os.execv("/bin/sh", ["sh"])


def attack_clone_raw(_):
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for number, arguments in ((56, (17, 0, 0, 0, 0)), (57, ()), (58, ()), (435, (0, 88))):
        result = libc.syscall(number, *arguments)
        if result >= 0:
            got.append(number)
    return got


def attack_multiprocessing(_):
    import multiprocessing

    process = multiprocessing.get_context("fork").Process(target=print)
    process.start()
    return [process.pid]


def attack_kill_everybody(owner):
    import os
    import signal

    got = []
    own = os.getpid()
    targets = [
        -1,
        0,
        os.getppid() or -1,
        owner,
        -owner,
        *(pid for pid in range(1, 60) if pid != own),
    ]
    for target in targets:
        try:
            os.kill(target, signal.SIGKILL)
            got.append(target)
        except OSError:
            pass
    try:
        os.killpg(0, signal.SIGKILL)
        got.append("group")
    except OSError:
        pass
    return got


def attack_kill_by_pidfd(owner):
    import os
    import signal

    got = []
    for pid in (1, 2, owner):
        try:
            handle = os.pidfd_open(pid)
            signal.pidfd_send_signal(handle, signal.SIGKILL)
            got.append(pid)
        except OSError:
            pass
    return got


def attack_signal_by_rare_calls(owner):
    """Signal others by thread, with data, and by asking the kernel to signal them later."""
    import ctypes
    import os

    libc = ctypes.CDLL(None, use_errno=True)
    information = ctypes.create_string_buffer(128)
    got = []
    for pid in (*range(2, 60), owner):
        if pid == os.getpid():
            continue
        for number, arguments in (
            (234, (pid, pid, 9)),  # tgkill
            (200, (pid, 9)),  # tkill
            (129, (pid, 9, information)),  # rt_sigqueueinfo
            (297, (pid, pid, 9, information)),  # rt_tgsigqueueinfo
            (72, (3, 8, pid)),  # fcntl F_SETOWN: who is told when the socket can be read
        ):
            if libc.syscall(number, *arguments) >= 0:
                got.append((pid, number))
    return got


def attack_other_memory(owner):
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(64)
    got = []
    for pid in (*range(1, 200), owner):
        for number, arguments in (
            (101, (16, pid, 0, 0)),
            (310, (pid, buffer, 1, buffer, 1, 0)),
            (311, (pid, buffer, 1, buffer, 1, 0)),
            (312, (pid, pid, 0, 0, 0)),
            (438, (0, 1, 0)),
        ):
            if libc.syscall(number, *arguments) >= 0:
                got.append((pid, number))
    return got


# Every one must answer EPERM (refused) or ENOSYS (does not exist), never that it was tried.
RARE_CALLS = {
    "unshare": (272, 0x10000000),
    "setns": (308, 0, 0),
    "mount": (165, 0, 0, 0, 0, 0),
    "umount2": (166, 0, 0),
    "pivot_root": (155, 0, 0),
    "chroot": (161, 0),
    "open_tree": (428, 0, 0, 0),
    "fsopen": (430, 0, 0),
    "io_uring_setup": (425, 8, 0),
    "userfaultfd": (323, 0),
    "keyctl": (250, 0, 0, 0, 0, 0),
    "add_key": (248, 0, 0, 0, 0, 0),
    "request_key": (249, 0, 0, 0, 0),
    "perf_event_open": (298, 0, 0, 0, 0, 0),
    "bpf": (321, 0, 0, 0),
    "memfd_create": (319, 0, 0),
    "memfd_secret": (447, 0),
    "shmget": (29, 0, 4096, 0o1600),
    "msgget": (68, 0, 0o1600),
    "semget": (64, 0, 1, 0o1600),
    "mq_open": (240, 0, 0, 0, 0),
    "inotify_init": (253,),
    "fanotify_init": (300, 0, 0),
    "personality": (135, 0xFFFFFFFF),
    "modify_ldt": (154, 0, 0, 0),
    "ptrace": (101, 0, 0, 0, 0),
    "seccomp": (317, 0, 0, 0),
    "setuid": (105, 0),
    "setgroups": (116, 0, 0),
    "capset": (126, 0, 0),
    "prctl set dumpable": (157, 4, 1, 0, 0, 0),
    "prctl set seccomp": (157, 22, 0, 0, 0, 0),
    "setrlimit": (160, 9, 0),
    "timer_create": (222, 0, 0, 0),
    "signalfd4": (289, -1, 0, 8, 0),
    "io_setup": (206, 1, 0),
    "mlockall": (151, 1),
    "sched_setaffinity": (203, 0, 8, 0),
    "setpriority": (141, 0, 0, -20),
    "vmsplice": (278, 0, 0, 0, 0),
    "splice": (275, 0, 0, 0, 0, 1, 0),
    "kexec_load": (246, 0, 0, 0, 0),
    "init_module": (175, 0, 0, 0),
    "reboot": (169, 0, 0, 0, 0),
    "swapon": (167, 0, 0),
    "iopl": (172, 3),
    "syslog": (103, 3, 0, 0),
    "clone3": (435, 0, 0),
    "open_by_handle_at": (304, -100, 0, 0),
    "pkey_alloc": (330, 0, 0),
    "landlock_create_ruleset": (444, 0, 0, 0),
    "an unknown call": (999,),
}


def attack_rare_calls(calls):
    import ctypes
    import errno

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for name, arguments in calls.items():
        result = libc.syscall(*arguments)
        if result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            got.append((name, result, ctypes.get_errno()))
    return got


def attack_make_namespaces(_):
    """Make or join each kind of namespace by each call that can."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    kinds = [0x80, 0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]
    for kind in kinds:
        for flags in (kind, kind | 0x10000000):  # alone, and with a user namespace to own it
            for number, arguments in ((272, (flags,)), (56, (flags | 17, 0, 0, 0, 0))):
                if libc.syscall(number, *arguments) >= 0:
                    got.append((number, flags))
        for descriptor in range(4):
            if libc.syscall(308, descriptor, kind) >= 0:
                got.append((308, kind))
    return got


def attack_change_own_rights(_):
    """Turn any of prctl's knobs but the name of a thread."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for option in (*range(1, 80), 0x59616D61):
        for value in (0, 1):
            if option not in (15, 16) and libc.prctl(option, value, 0, 0, 0) >= 0:
                got.append((option, value))
    return got


# What the filter reads as 64 bits and the kernel as 32 could mean two things.
WIDE_CALLS = {
    "fcntl set owner": (72, 3, 1 << 32 | 8, 1),
    "fcntl lock": (72, 0, 1 << 32 | 6, 0),
    "ioctl type into the terminal": (16, 0, 1 << 32 | 0x5412, 0),
    "prctl dumpable": (157, 1 << 32 | 4, 1, 0, 0, 0),
    "clone a process": (56, 1 << 32 | 17, 0, 0, 0, 0),
    "clone a namespace": (56, 1 << 32 | 0x10000011, 0, 0, 0, 0),
    "a socket": (41, 1 << 32 | 2, 1, 0),
    "a pair of internet sockets": (53, 1 << 32 | 2, 1, 0, 0),
    "limits of another": (302, 1 << 32, 7, 0, 0),
    "new limits": (302, 0, 7, 1, 0),
}


def attack_rare_arguments(calls):
    import ctypes
    import errno

    libc = ctypes.CDLL(None, use_errno=True)
    got = []
    for name, (number, *arguments) in calls.items():
        result = libc.syscall(number, *map(ctypes.c_ulong, arguments))
        if result >= 0 or ctypes.get_errno() not in (errno.EPERM, errno.ENOSYS):
            got.append((name, result, ctypes.get_errno()))
    return got


def attack_raise_own_limits(_):
    import resource

    got = []
    for kind in (resource.RLIMIT_AS, resource.RLIMIT_NPROC, resource.RLIMIT_CPU):
        try:
            resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
            got.append(kind)
        except (OSError, ValueError):
            pass
    return got


def bomb_of_threads(_):
    import threading
    import time

    threading.stack_size(65536)
    started = 0
    try:
        while started < 10_000:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    return started


@pytest.mark.parametrize(
    "attack",
    [
        attack_fork,
        attack_exec,
        attack_replace_oneself,
        attack_multiprocessing,
        attack_leave_a_grandchild,
        attack_start_programs,
        bomb_of_forks,
    ],
)
def test_no_process_is_made(pool, hold, attack):
    hold(pool, attack)


@pytest.mark.parametrize("attack", [attack_kill_everybody, attack_kill_by_pidfd])
def test_nobody_else_is_killed(pool, hold, attack):
    with pool.take() as neighbour:
        hold(pool, attack, os.getpid())
        assert neighbour.is_alive()


def test_own_limits_cannot_be_raised(pool, hold):
    hold(pool, attack_raise_own_limits)


def test_a_bomb_of_threads_is_small(pool, ask, require_honest):
    with pool.take() as worker:
        assert ask(worker, bomb_of_threads)["ok"] < 200
        require_honest(pool)  # beside the threads


x86_64_only = pytest.mark.skipif(
    platform.machine() != "x86_64",
    reason="the numbers are those of x86-64",
)


@x86_64_only
def test_rare_system_calls_are_refused(pool, hold):
    hold(pool, attack_rare_calls, RARE_CALLS)
    hold(pool, attack_clone_raw)


@x86_64_only
def test_no_argument_means_one_thing_to_the_filter_and_another_to_the_kernel(pool, hold):
    hold(pool, attack_rare_arguments, WIDE_CALLS)


@x86_64_only
@pytest.mark.parametrize(
    "attack",
    [attack_make_namespaces, attack_change_own_rights],
)
def test_no_rights_are_won(pool, hold, attack):
    hold(pool, attack)


@x86_64_only
def test_nobody_else_is_signalled_by_a_rare_call(pool, hold):
    with pool.take() as neighbour:
        hold(pool, attack_signal_by_rare_calls, neighbour._pid)
        assert neighbour.is_alive()


@x86_64_only
def test_the_memory_of_others_is_out_of_reach(pool, hold):
    with pool.take() as neighbour:
        hold(pool, attack_other_memory, neighbour._pid)


def call_by_x32(_):
    import ctypes

    return ctypes.CDLL(None).syscall(0x40000000 + 39)


def call_by_int_80(_):
    """Ask for the 32-bit kernel interface, where the same numbers mean other calls."""
    import ctypes
    import mmap

    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(bytes.fromhex("b802000000cd80c3"))  # mov eax, 2 (fork); int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)()


@x86_64_only
@pytest.mark.parametrize("attack", [call_by_x32, call_by_int_80])
def test_no_other_kernel_interface_leads_around_the_filter(pool, ask, attack):
    with pool.take() as worker:
        try:
            assert ask(worker, attack)["ok"] < 0
        except WorkerDied as death:
            assert death.status == -signal.SIGSYS  # noqa: PT017 - one of two right outcomes
