from __future__ import annotations

import os
import struct

import pytest

from graders import policy
from graders.errors import SandboxError
from graders.policy import Device, Level


@pytest.mark.parametrize("level", [Level.A, Level.A_MINUS, Level.B, Level.B0, Level.C])
def test_every_level_that_runs_submissions_filters_system_calls(level):
    layers = policy.get_layers(level)
    assert layers.seccomp
    # Else workers could reach each other.
    assert layers.namespaces or layers.landlock or layers.solo


@pytest.mark.parametrize("level", list(Level))
def test_workers_with_cuda_are_never_forked(level):
    layers = policy.get_layers(level, Device.CUDA)
    assert layers.solo
    assert not layers.namespaces
    assert layers.seccomp == policy.get_layers(level).seccomp


def test_only_workers_with_cuda_may_speak_to_any_device():
    layers = policy.get_layers(Level.B, Device.CUDA)
    plain = policy.build_filter(layers)
    assert policy.build_filter(layers, Device.CUDA) != plain


def test_the_filter_is_a_bpf_program_that_ends_in_returns():
    program = policy.build_filter(policy.get_layers(Level.A))
    assert len(program) % 8 == 0
    codes = [code for code, _, _, _ in struct.iter_unpack("<HBBI", program)]
    assert len(codes) > 100
    assert codes[-1] == 0x06  # BPF_RET


def test_metadata_may_be_changed_only_where_the_worker_has_files_of_its_own():
    own = policy.build_filter(policy.get_layers(Level.A))
    shared = policy.build_filter(policy.get_layers(Level.B))
    assert own != shared


def test_no_system_call_is_both_allowed_and_refused():
    lists = (policy._ALLOWED, policy._METADATA, policy._REFUSED)
    names = [name for part in lists for name in part]
    assert len(names) == len(set(names))


def test_only_root_becomes_somebody_else(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert policy.list_drop_arguments() == []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    arguments = policy.list_drop_arguments()
    assert arguments[0] == "setpriv"
    assert f"--reuid={policy.SUBMISSION_UID}" in arguments
    assert "--clear-groups" in arguments


def test_without_libseccomp_it_says_so(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyseccomp", None)
    with pytest.raises(SandboxError, match="libseccomp"):
        policy.build_filter(policy.get_layers(Level.A))
