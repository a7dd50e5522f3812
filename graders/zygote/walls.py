"""The walls that a process builds around itself before it reads an untrusted byte."""

from __future__ import annotations

import base64
import contextlib
import os
import resource
import signal
from pathlib import Path
from typing import Any, Final

import landlockpy
from landlockpy import AccessFS, Scope

from graders import kernel

WORKER_SOCKET: Final = 3
_SCRATCH: Final = "/w/box"
_SCRATCH_BYTES: Final = 16 << 20
_SCRATCH_INODES: Final = 256
_ADDRESS_SLACK: Final = 256 << 20
_MIB: Final = 1 << 20
_FILES: Final = 64
_FILES_OF_CUDA: Final = 256  # the driver's descriptors stay open
_WRITE: Final = (
    AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_DIR
    | AccessFS.MAKE_SYM
    | AccessFS.REMOVE_FILE
    | AccessFS.REMOVE_DIR
    | AccessFS.REFER
)


class Walls:
    """What a sandbox's configuration asks for, prepared as far as it can be.

    Args:
        config: as `graders.jail.sandbox.configure` made it.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.layers: dict[str, bool] = config["layers"]
        self._has_device = config["device"] != "cpu"
        self._filter = base64.b64decode(config["filter"])
        self._threads: int = config["threads"]
        self._null = os.open("/dev/null", os.O_RDWR)
        self._descriptors_end, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._ruleset = self._make_ruleset(config) if self.layers["landlock"] else None

    def surround_fork(self, request: dict[str, Any], channel: int, output: int) -> None:
        """Lock this fresh fork of a zygote, which has one thread.

        Args:
            request: its limits, and the memory that it began with.
            channel: the socket that will be all it can talk to.
            output: the file for what it prints.
        """
        if not self.layers["namespaces"]:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        # A session of its own: kill(0) reaches the whole process group, across pid namespaces.
        os.setsid()
        if self.layers["namespaces"]:
            _mount_scratch()
        self._count_apart()
        self._limit(request)
        kernel.drop_capabilities()
        self._forbid()
        _place_descriptors(self._null, channel, output)
        os.closerange(WORKER_SOCKET + 1, self._descriptors_end)
        if self._filter:
            kernel.install_filter(self._filter)

    def surround_solo(self, request: dict[str, Any], output: int) -> None:
        """Lock this process, which may have threads: CUDA's, which stay.

        Its socket is in its place already. Capabilities were dropped, namespaces made and, but
        for level C, the tie to the grader's life was fastened by whoever started it.
        """
        if not self.layers["bubblewrap"]:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        self._limit(request)
        self._forbid()
        _place_descriptors(self._null, WORKER_SOCKET, output)
        for ours in (output, self._null):
            os.close(ours)
        if self._ruleset is not None:
            self._ruleset.close()
        if not self._has_device:  # else what is left are the driver's
            os.closerange(WORKER_SOCKET + 1, self._descriptors_end)
        if self._filter:
            kernel.install_filter_on_all_threads(self._filter)

    def _count_apart(self) -> None:
        """Have only this worker's threads counted, in a user namespace that maps nobody.

        Before the limits: the one in force when a namespace is made holds for all beside it, too.
        """
        if self.layers["namespaces"]:
            kernel.unshare(kernel.CLONE_NEWUSER)
        elif self.layers["seccomp"]:
            # Where this is refused, the workers of one sandbox share the number.
            with contextlib.suppress(OSError):
                kernel.unshare(kernel.CLONE_NEWUSER)

    def _forbid(self) -> None:
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        if self._ruleset is not None:
            self._ruleset.restrict()

    def _limit(self, request: dict[str, Any]) -> None:
        memory = request["memory_mb"] * _MIB
        limits = {
            resource.RLIMIT_DATA: request["data_bytes"] + memory,
            # Hard and soft alike: the first process of a pid namespace ignores SIGXCPU.
            resource.RLIMIT_CPU: request["cpu_s"],
            resource.RLIMIT_FSIZE: request["file_kb"] * 1024,
            resource.RLIMIT_NOFILE: _FILES_OF_CUDA if self._has_device else _FILES,
            resource.RLIMIT_NPROC: self._threads,
            resource.RLIMIT_STACK: 8 * _MIB,
            resource.RLIMIT_SIGPENDING: 64,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
        if not self._has_device:  # CUDA reserves far more addresses than it has memory for
            limits[resource.RLIMIT_AS] = request["address_bytes"] + memory + _ADDRESS_SLACK
        for kind, value in limits.items():
            resource.setrlimit(kind, (value, value))

    def _make_ruleset(self, config: dict[str, Any]) -> landlockpy.Ruleset:
        """Allow reading what is listed, writing to the devices and to the worker's own scratch.

        One ruleset serves all workers: a rule on the folder above the scratch covers each
        worker's own mount there, because Landlock's walk up the tree passes mount points.
        """
        read = AccessFS.READ_FILE | AccessFS.READ_DIR
        rules = landlockpy.Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
        for path in map(Path, config["readable"]):
            rules.allow_path(path, read if path.is_dir() else AccessFS.READ_FILE)
        device = AccessFS.READ_FILE | AccessFS.WRITE_FILE
        if self._has_device:
            device |= AccessFS.IOCTL_DEV
        for path in config["devices"]:
            rules.allow_path(path, device)
        if self.layers["namespaces"]:
            rules.allow_path(Path(_SCRATCH).parent, read | _WRITE)
        return rules


def _mount_scratch() -> None:
    kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC)
    kernel.mount_tmpfs(_SCRATCH, size_bytes=_SCRATCH_BYTES, inodes=_SCRATCH_INODES)
    os.chdir(_SCRATCH)


def _place_descriptors(null: int, channel: int, output: int) -> None:
    """Put an empty stdin, the output file twice and the socket at 0 to 3."""
    channel, output = os.dup(channel), os.dup(output)
    os.dup2(null, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(channel, WORKER_SOCKET)
    os.close(channel)
    os.close(output)
