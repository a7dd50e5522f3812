"""A worker that is nobody's fork: imports, warms up, locks itself and serves one submission.

It runs no submission's code before it is locked. Its control socket brings the configuration,
takes away the worker's three descriptors (as a zygote hands them out), brings the limits, and is
closed then.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import signal
import socket
from typing import Any, Final

import torch

from graders import kernel
from graders.zygote import cuda
from graders.zygote.forking import CONTROL_BYTES, SOCKET_BUFFER_BYTES
from graders.zygote.serving import become_worker
from graders.zygote.walls import WORKER_SOCKET, Walls
from graders.zygote.warming import set_up_python, warm_up

_OUT_OF_THE_WAY: Final = 16


def main(control: int) -> None:
    """Become a worker."""
    connection = socket.socket(fileno=_move_away(control))
    config = json.loads(connection.recv(CONTROL_BYTES))
    if not config["layers"]["bubblewrap"]:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        os.setsid()
    # Its place is taken before CUDA opens what must stay open.
    handed_out = _make_channel()
    walls = Walls(config)
    _prepare(config["device"])
    output = os.memfd_create("output")
    _hand_out(connection, handed_out, output)
    limits = json.loads(connection.recv(CONTROL_BYTES) or b"null")
    connection.close()
    if limits is not None:
        become_worker(lambda: walls.surround_solo(_count_from_here(limits), output))


def _move_away(control: int) -> int:
    """Free the number that the worker's socket will have."""
    moved = fcntl.fcntl(control, fcntl.F_DUPFD_CLOEXEC, _OUT_OF_THE_WAY)
    os.close(control)
    return moved


def _make_channel() -> socket.socket:
    """Put one end of the worker's socket in its place and return the other."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
    kept = socket.socket(fileno=_move_away(ours.detach()))
    own = _move_away(theirs.detach())
    os.dup2(own, WORKER_SOCKET)
    os.close(own)
    return kept


def _prepare(device: str) -> None:
    set_up_python()
    if device == "cuda":
        cuda.start_device()
    warm_up()
    kernel.keep_freed_memory()
    gc.collect()


def _hand_out(control: socket.socket, channel: socket.socket, output: int) -> None:
    pidfd = os.pidfd_open(os.getpid())
    greeting = json.dumps({"torch": torch.__version__}).encode()
    with channel:
        socket.send_fds(control, [greeting], [channel.fileno(), pidfd, output])
    os.close(pidfd)


def _count_from_here(limits: dict[str, Any]) -> dict[str, Any]:
    """Return the limits with the processor seconds that were used already on top."""
    used_s = sum(os.times()[:2])
    return limits | {"cpu_s": limits["cpu_s"] + round(used_s + 0.5)}
