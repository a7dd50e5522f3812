"""Attacks on other processes and on the kernel's rarer doors."""

# ruff: noqa: S606
# Attacks call the system as plainly as they can.

from __future__ import annotations

import os
import platform
import signal

import pytest

from graders.pool import WorkerDied


def attack_fork(_):
    import os

    pid = os.fork()
    if pid == 0:
        os._exit(0)
    return [pid]


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


def attack_other_memory(owner):
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(64)
    got = []
    for pid in (1, 2, 3, owner):
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


@pytest.mark.parametrize("attack", [attack_fork, attack_exec, attack_replace_oneself])
def test_no_process_is_made(pool, hold, attack):
    hold(pool, attack)


def test_no_process_is_made_by_multiprocessing(pool, hold):
    hold(pool, attack_multiprocessing)


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
    require_honest(pool)


x86_64_only = pytest.mark.skipif(
    platform.machine() != "x86_64",
    reason="the numbers are those of x86-64",
)


@x86_64_only
def test_rare_system_calls_are_refused(pool, hold):
    hold(pool, attack_rare_calls, RARE_CALLS)
    hold(pool, attack_clone_raw)


@x86_64_only
def test_the_memory_of_others_is_out_of_reach(pool, hold):
    hold(pool, attack_other_memory, os.getpid())


def call_by_x32(_):
    import ctypes

    return ctypes.CDLL(None).syscall(0x40000000 + 39)


@x86_64_only
def test_the_x32_interface_does_not_lead_around_the_filter(pool, ask, require_honest):
    with pool.take() as worker:
        try:
            assert ask(worker, call_by_x32)["ok"] < 0
        except WorkerDied as death:
            assert death.status == -signal.SIGSYS  # noqa: PT017 - one of two right outcomes
    require_honest(pool)
