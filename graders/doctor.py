"""Finds out what this machine can contain, by trying.

Nothing is concluded from version numbers: each probe does the thing itself in a child that is
thrown away, as the user that submissions would run as.
"""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from graders import kernel
from graders.errors import SandboxError
from graders.jail import ceiling, cuda
from graders.policy import (
    SANDBOX_NAMESPACES,
    SUBMISSION_UID,
    Level,
    build_filter,
    get_layers,
    install_filter,
    list_drop_arguments,
)

_PROBE_TIMEOUT_S: Final = 10
_OK: Final = "ok"
# The Landlock version that rules truncation, without which level C could not protect files.
_LANDLOCK_FOR_C: Final = 3
_LANDLOCK_WITH_SIGNALS: Final = 6
# What a worker's namespaces need, in the words of util-linux: a pid and mount namespace, a
# file system of its own, a user namespace within, and for the zygote the way back.
_NAMESPACE_SCRIPT: Final = (
    "unshare --pid --fork --mount -- "
    "sh -c 'mount -t tmpfs none /run && unshare --user -- true' "
    "&& nsenter --target $$ --pid -- true"
)
_NO_BUBBLEWRAP: Final = "not installed"
_NO_SETPRIV: Final = "setpriv is not installed"
_INSTALL: Final = {
    _NO_BUBBLEWRAP: "bubblewrap is missing: apt install bubblewrap | dnf install bubblewrap | "
    "pacman -S bubblewrap",
    _NO_SETPRIV: "setpriv is missing, with which root becomes an ordinary user: install util-linux",
}
_UBUNTU_PROFILE: Final = (
    "Ubuntu lets only confined programs make user namespaces. Let bubblewrap: sudo apt install "
    "apparmor-profiles && sudo ln -s /usr/share/apparmor/extra-profiles/bwrap-userns-restrict "
    "/etc/apparmor.d/ && sudo apparmor_parser -r /etc/apparmor.d/bwrap-userns-restrict"
)
_NO_CEILING: Final = (
    "Only each submission is limited, not all of them together: no control group can be made. "
    "systemd gives one: systemd-run --user --scope -p Delegate=yes COMMAND, or Delegate=yes in "
    "the unit of a service"
)
_WEAKER_WITH_CUDA: Final = (
    "on a CUDA device submissions reach the driver's own interface to the kernel, which no level "
    "closes: grade strangers' code there only on a machine that has nothing else to lose"
)
# Settings that keep bubblewrap from starting: the fact's name, the value that does, the remedy.
_SWITCHES: Final = (
    ("apparmor", "1", _UBUNTU_PROFILE),
    (
        "userns_clone",
        "0",
        "user namespaces are switched off: sudo sysctl kernel.unprivileged_userns_clone=1",
    ),
    (
        "max_user_namespaces",
        "0",
        "no user namespaces are allowed: sudo sysctl user.max_user_namespaces=10000",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What was found.

    Attributes:
        level: the best level of containment that this machine can give.
        facts: the outcome of each probe, by its name.
        remedies: one sentence for each thing that is missing, and how to get it.
    """

    level: Level
    facts: dict[str, str]
    remedies: tuple[str, ...]


def diagnose() -> Diagnosis:
    """Probe this machine. Takes well under a second and changes nothing."""
    facts = _collect_facts()
    level = choose_level(facts)
    return Diagnosis(level=level, facts=facts, remedies=list_remedies(facts))


def render(diagnosis: Diagnosis) -> str:
    """Return the diagnosis as text for a terminal."""
    width = max(map(len, diagnosis.facts))
    lines = [f"  {name:{width}}  {value}" for name, value in diagnosis.facts.items()]
    lines += [f"level {diagnosis.level}: {_MEANINGS[diagnosis.level]}"]
    lines += [f"  - {remedy}" for remedy in diagnosis.remedies]
    return "\n".join(lines) + "\n"


_MEANINGS: Final = {
    Level.A: "every wall stands",
    Level.A_MINUS: "every wall but Landlock, which is the second lock of doors that have two",
    Level.B: "submissions share one sandbox, kept apart by Landlock and seccomp; no scratch folder",
    Level.B0: "each submission in a sandbox that is started for it, which takes seconds; no "
    "scratch folder",
    Level.C: "no namespaces: the names of files stay visible, though not their contents",
    Level.NONE: "submissions cannot be contained here and are refused",
}


def choose_level(facts: dict[str, str]) -> Level:
    """Return the level that the outcomes of the probes allow."""
    landlock = int(facts["landlock"])
    if facts["seccomp"] != _OK:
        return Level.NONE
    if facts["bubblewrap"] != _OK:
        return Level.C if landlock >= _LANDLOCK_FOR_C else Level.NONE
    if facts["namespaces"] != _OK:
        return Level.B if landlock else Level.B0
    return Level.A if landlock else Level.A_MINUS


def list_remedies(facts: dict[str, str]) -> tuple[str, ...]:
    """Return what is missing, a sentence each with how to get it."""
    remedies: list[str] = []
    if facts["seccomp"] != _OK:
        remedies.append(_explain_seccomp(facts["seccomp"]))
    if facts["bubblewrap"] != _OK:
        remedies.append(_explain_bubblewrap(facts))
    elif facts["namespaces"] != _OK:
        remedies.append(_explain_namespaces(facts))
    if int(facts["landlock"]) < _LANDLOCK_WITH_SIGNALS:
        remedies.append(_explain_landlock(int(facts["landlock"])))
    if facts["ceiling"] == "none":
        remedies.append(_NO_CEILING)
    if not facts["cuda"].startswith("none"):
        remedies.append(_WEAKER_WITH_CUDA)
    return tuple(remedies)


def _collect_facts() -> dict[str, str]:
    bubblewrap = _probe_bubblewrap()
    return {
        "kernel": f"{platform.release()} {platform.machine()}",
        "user": _describe_user(),
        "container": _find_container(),
        "bubblewrap": bubblewrap,
        "namespaces": _probe_namespaces() if bubblewrap == _OK else "not tried",
        "landlock": str(_probe_landlock()),
        "seccomp": _probe_seccomp(),
        "ceiling": ceiling.describe(),
        "cuda": cuda.describe(),
        "apparmor": _read_setting("kernel/apparmor_restrict_unprivileged_userns"),
        "userns_clone": _read_setting("kernel/unprivileged_userns_clone"),
        "max_user_namespaces": _read_setting("user/max_user_namespaces"),
    }


def _describe_user() -> str:
    uid = os.geteuid()
    return f"{uid}, submissions as {SUBMISSION_UID}" if uid == 0 else str(uid)


def _find_container() -> str:
    signs = {"docker": "/.dockerenv", "podman": "/run/.containerenv"}
    return next((name for name, path in signs.items() if Path(path).exists()), "none")


def _read_setting(name: str) -> str:
    try:
        return Path("/proc/sys", name).read_text().strip()
    except OSError:
        return "absent"


def _probe_bubblewrap() -> str:
    if shutil.which("bwrap") is None:
        return _NO_BUBBLEWRAP
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return _NO_SETPRIV
    return _run_in_bubblewrap(["--ro-bind", "/", "/", "--", "true"])


def _probe_namespaces() -> str:
    """Do inside bubblewrap what the zygote does for each worker."""
    arguments = ["--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN", "--ro-bind", "/", "/"]
    arguments += ["--proc", "/proc", "--tmpfs", "/run", "--", "sh", "-c", _NAMESPACE_SCRIPT]
    return _run_in_bubblewrap(arguments)


def _run_in_bubblewrap(arguments: list[str]) -> str:
    command = [*list_drop_arguments(), "bwrap", *SANDBOX_NAMESPACES, "--die-with-parent"]
    command += ["--new-session", *arguments]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_PROBE_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"no answer in {_PROBE_TIMEOUT_S} s"
    said = done.stdout.decode(errors="replace").strip()[-200:]
    return _OK if done.returncode == 0 else said or f"exit status {done.returncode}"


def _probe_landlock() -> int:
    """Return the version of Landlock that the kernel answers with, 0 for none."""
    return kernel.get_landlock_abi()


def _probe_seccomp() -> str:
    """Install the real filter in a child and see whether it may still fork."""
    try:
        program = build_filter(get_layers(Level.C))
    except SandboxError as error:
        return str(error)

    def attempt() -> str:
        install_filter(program)
        try:
            os.fork()
        except PermissionError:
            return _OK
        return "the filter did not hold"

    return _run_in_child(attempt)


def _run_in_child(attempt: Callable[[], str]) -> str:
    """Return what `attempt` returns in a forked child, or how the child failed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):
            signal.alarm(_PROBE_TIMEOUT_S)
            os.write(writer, _attempt(attempt).encode()[:1000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read().decode(errors="replace")
    _, status = os.waitpid(pid, 0)
    return said or f"died with status {os.waitstatus_to_exitcode(status)}"


def _attempt(attempt: Callable[[], str]) -> str:
    try:
        return attempt()
    except OSError as error:
        return f"{type(error).__name__}: {error}"


def _explain_seccomp(outcome: str) -> str:
    if "libseccomp" in outcome:
        return f"{outcome}. Install it: apt install libseccomp2 | dnf install libseccomp"
    return f"system calls cannot be filtered ({outcome}): use a kernel with CONFIG_SECCOMP_FILTER"


def _explain_bubblewrap(facts: dict[str, str]) -> str:
    outcome = facts["bubblewrap"]
    if outcome in _INSTALL:
        return _INSTALL[outcome]
    for name, forbidding, remedy in _SWITCHES:
        if facts[name] == forbidding:
            return remedy
    if facts["container"] != "none":
        return (
            f"the {facts['container']} container forbids namespaces: run the grader on the host, "
            "or give the container a seccomp profile that allows unshare and mount"
        )
    return f"bubblewrap does not start: {outcome}"


def _explain_namespaces(facts: dict[str, str]) -> str:
    reason = facts["namespaces"]
    return (
        f"submissions get no namespaces of their own ({reason}). Where AppArmor takes "
        "capabilities from what bubblewrap starts, that is its profile bwrap-userns-restrict"
    )


def _explain_landlock(version: int) -> str:
    if version == 0:
        return (
            "Landlock is missing: Linux 5.13 or later, and `landlock` in `lsm=` on the kernel's "
            "command line"
        )
    if version < _LANDLOCK_FOR_C:
        return f"Landlock {version} does not rule truncation (Linux 6.2 or later): no level C"
    return (
        f"Landlock {version} rules no signals and abstract sockets (Linux 6.12 or later); seccomp "
        "does here"
    )
