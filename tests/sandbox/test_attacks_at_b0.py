"""The attacks at level B0, where a worker takes seconds to start: many of them on one worker.

`QUIZZER_TEST_LEVELS=B0` runs every file of attacks there, each attack on a worker of its own.
"""

from __future__ import annotations

import os
import platform

import pytest

from graders.policy import Level
from graders.pool import Pool
from tests.sandbox import (
    test_files,
    test_leftovers,
    test_network,
    test_processes,
    traces,
)

HERMITS = [
    test_files.attack_read_environment,
    test_files.attack_change_what_is_mounted,
    test_files.attack_list_descriptors,
    test_files.attack_make_device,
    test_files.attack_open_devices,
    test_files.attack_type_into_a_terminal,
    test_files.attack_seal_the_output,
    test_files.attack_keep_a_way_out,
    test_files.attack_lock_a_shared_file,
    test_network.attack_listen,
    test_network.attack_resolve,
    test_network.attack_pass_descriptor,
    test_network.attack_receive_descriptor,
    test_network.attack_change_the_socket,
    test_network.attack_other_families,
    test_processes.attack_fork,
    test_processes.attack_exec,
    test_processes.attack_multiprocessing,
    test_processes.attack_leave_a_grandchild,
    test_processes.attack_raise_own_limits,
    test_leftovers.attack_keyrings,
]
BY_NUMBER = [
    test_processes.attack_start_programs,
    test_processes.attack_clone_raw,
    test_processes.attack_make_namespaces,
    test_processes.attack_change_own_rights,
]


@pytest.fixture(scope="module")
def one_worker():
    with Pool(level=Level.B0, idle=1) as pool, pool.take() as worker:
        yield pool, worker


def require_refusal(ask, worker, attack, arguments=None):
    reply = ask(worker, attack, arguments)
    if "error" in reply:
        assert reply["error"]["type"] in {"OSError", "PermissionError", "gaierror"}, reply
    else:
        assert reply["ok"] == [], (attack.__name__, reply)


def test_attacks_on_what_is_there_get_nothing_at_b0(one_worker, ask):
    _, worker = one_worker
    for attack in HERMITS:
        require_refusal(ask, worker, attack)
    paths = [
        "/etc/passwd",
        "/etc/shadow",
        "/home",
        "/root",
        str(test_files.ROOT / "pyproject.toml"),
    ]
    require_refusal(ask, worker, test_files.attack_read_known_files, paths)
    require_refusal(ask, worker, test_files.attack_read_proc, os.getpid())
    require_refusal(ask, worker, test_files.attack_write_anywhere, [])


def test_attacks_on_others_get_nothing_at_b0(one_worker, ask, require_honest):
    pool, worker = one_worker
    with pool.take() as neighbour:
        for attack in (test_processes.attack_kill_everybody, test_processes.attack_kill_by_pidfd):
            require_refusal(ask, worker, attack, neighbour._pid)
        assert neighbour.is_alive()
    require_honest(pool)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")
def test_rare_calls_are_refused_at_b0(one_worker, ask):
    _, worker = one_worker
    for attack in BY_NUMBER:
        require_refusal(ask, worker, attack)
    require_refusal(ask, worker, test_processes.attack_rare_calls, test_processes.RARE_CALLS)
    require_refusal(ask, worker, test_processes.attack_rare_arguments, test_processes.WIDE_CALLS)
    require_refusal(ask, worker, test_processes.attack_other_memory, 1)


def test_marks_left_at_b0_are_not_found(one_worker, ask):
    pool, worker = one_worker
    arguments = [traces.MARK, list(test_leftovers.FOLDERS)]
    assert ask(worker, test_leftovers.leave_marks, arguments) == {"ok": []}
    with pool.take() as following:
        assert ask(following, test_leftovers.find_marks, arguments) == {"ok": []}
