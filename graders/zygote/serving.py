"""What a locked worker does: one message after the other, until it is killed."""

from __future__ import annotations

import contextlib
import os
import select
import traceback
from collections.abc import Callable
from typing import Any, Final, NoReturn

from graders import wire, worker
from graders.zygote.walls import WORKER_SOCKET
from graders.zygote.warming import touch_what_a_job_touches

_READY: Final = b"R"
_PAUSE_S: Final = 0.02


def become_worker(lock: Callable[[], None]) -> NoReturn:
    """Lock this process and serve a submission; nothing else comes after.

    Args:
        lock: builds the walls.
    """
    try:
        lock()
        _serve_submission()
    except EOFError:
        os._exit(0)
    except BaseException:  # noqa: BLE001 - whatever it is, this process must not live on
        with contextlib.suppress(OSError):
            os.write(1, traceback.format_exc().encode())
    finally:
        os._exit(wire.NO_ANSWER)


def _serve_submission() -> None:
    state: dict[str, Any] = {}
    os.write(WORKER_SOCKET, _READY)
    # In a burst the job is here at once, and what this costs beforehand exceeds what it saves.
    if not _is_asked_within(_PAUSE_S):
        touch_what_a_job_touches()
    while True:
        message = wire.decode(_read_frame())
        _write_all(_answer(state, message))


def _is_asked_within(timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(WORKER_SOCKET, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def _answer(state: dict[str, Any], message: dict[str, Any]) -> list[wire.Buffer]:
    try:
        reply = wire.encode(worker.handle(state, message))
    except BaseException as error:  # noqa: BLE001 - the submission's exit is a reply as well
        reply = wire.encode({"error": _describe(error)})
    return reply


def _describe(error: BaseException) -> dict[str, Any]:
    """Describe what escaped the worker's own handling: what it returned cannot be sent."""
    kind = "memory" if isinstance(error, MemoryError) else "exception"
    message = ""
    with contextlib.suppress(BaseException):
        message = str(error)[:2000]
    return {"type": type(error).__name__[:80], "message": message, "frames": [], "kind": kind}


def _read_frame() -> bytearray:
    prefix = _read_exactly(wire.PREFIX.size)
    return prefix + _read_exactly(wire.read_prefix(prefix))


def _read_exactly(size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = os.readv(WORKER_SOCKET, [view[done:]])
        if count == 0:
            raise EOFError
        done += count
    return data


def _write_all(buffers: list[wire.Buffer]) -> None:
    rest = [memoryview(buffer) for buffer in buffers]
    while rest:
        count = os.writev(WORKER_SOCKET, rest[:512])
        while rest and count >= rest[0].nbytes:
            count -= rest.pop(0).nbytes
        if count:
            rest[0] = rest[0][count:]
