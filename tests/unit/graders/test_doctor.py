from __future__ import annotations

import os

import pytest

from graders import doctor
from graders.doctor import Diagnosis
from graders.policy import Level

GOOD = {
    "kernel": "6.18 x86_64",
    "user": "1000",
    "container": "none",
    "bubblewrap": "ok",
    "namespaces": "ok",
    "landlock": "7",
    "seccomp": "ok",
    "ceiling": "version 2",
    "cuda": "none (this machine has no /dev/nvidiactl)",
    "apparmor": "absent",
    "userns_clone": "absent",
    "max_user_namespaces": "100000",
}
NO_BWRAP = {"bubblewrap": "Operation not permitted", "namespaces": "not tried"}


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, Level.A, []),
        ({"landlock": "0"}, Level.A_MINUS, ["Landlock is missing"]),
        ({"landlock": "4"}, Level.A, ["signals and abstract sockets"]),
        ({"namespaces": "unshare failed"}, Level.B, ["unshare failed", "bwrap-userns-restrict"]),
        ({"namespaces": "no", "landlock": "0"}, Level.B0, ["(no)", "Landlock is missing"]),
        ({"bubblewrap": "not installed"}, Level.C, ["apt install bubblewrap"]),
        ({"bubblewrap": "setpriv is not installed"}, Level.C, ["util-linux"]),
        (NO_BWRAP, Level.C, ["bubblewrap does not start: Operation not permitted"]),
        (NO_BWRAP | {"apparmor": "1"}, Level.C, ["apparmor_parser"]),
        (NO_BWRAP | {"userns_clone": "0"}, Level.C, ["unprivileged_userns_clone=1"]),
        (NO_BWRAP | {"max_user_namespaces": "0"}, Level.C, ["max_user_namespaces=10000"]),
        (NO_BWRAP | {"container": "docker"}, Level.C, ["docker container forbids"]),
        (NO_BWRAP | {"landlock": "2"}, Level.NONE, ["no level C"]),
        (NO_BWRAP | {"landlock": "0"}, Level.NONE, ["Landlock is missing"]),
        ({"seccomp": "libseccomp cannot be loaded"}, Level.NONE, ["apt install libseccomp2"]),
        ({"ceiling": "none"}, Level.A, ["Delegate=yes"]),
        ({"cuda": "NVIDIA H200, driver 570.1"}, Level.A, ["driver's own interface"]),
        ({"seccomp": "OSError: no"}, Level.NONE, ["CONFIG_SECCOMP_FILTER"]),
    ],
)
def test_each_missing_thing_has_its_level_and_its_remedy(changes, level, words):
    facts = GOOD | changes
    assert doctor.choose_level(facts) is level
    remedies = " ".join(doctor.list_remedies(facts))
    for word in words:
        assert word in remedies
    assert bool(remedies) == bool(words)


@pytest.mark.parametrize("level", list(Level))
def test_every_level_can_be_told(level):
    text = doctor.render(Diagnosis(level=level, facts=GOOD, remedies=("do this",)))
    assert f"level {level}: " in text
    assert "  - do this\n" in text


def test_a_live_diagnosis_is_whole():
    diagnosis = doctor.diagnose()
    assert set(diagnosis.facts) == set(GOOD)
    assert diagnosis.level is doctor.choose_level(diagnosis.facts)


def test_without_bubblewrap_nothing_else_of_it_is_tried(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda _: None)
    facts = doctor.diagnose().facts
    assert facts["bubblewrap"] == "not installed"
    assert facts["namespaces"] == "not tried"


def test_a_bubblewrap_that_fails_is_quoted(monkeypatch):
    monkeypatch.setattr(doctor, "list_drop_arguments", list)
    monkeypatch.setattr(doctor, "SANDBOX_NAMESPACES", ("--no-such-option",))
    assert "no-such-option" in doctor._probe_bubblewrap() or not doctor.shutil.which("bwrap")


def test_a_child_that_dies_is_told():
    def die():
        os.kill(os.getpid(), 9)
        return "never"

    assert doctor._run_in_child(die) == "died with status -9"


def test_a_child_that_fails_is_told():
    def fail():
        raise PermissionError(1, "no")

    assert doctor._run_in_child(fail) == "PermissionError: [Errno 1] no"
