"""Attacks on the socket: whatever a worker writes is a claim or a protocol error, never more."""

from __future__ import annotations

import contextlib
import pickle
import struct
import time

import pytest

from graders import wire
from graders.errors import ProtocolError
from graders.pool import TimeLimit


def write_raw(frame):
    import os
    import time

    while frame:
        frame = frame[os.write(3, frame) :]
    time.sleep(100)


def flood(_):
    import os

    block = bytes(1 << 20)
    while True:
        os.write(3, block)


def flood_from_a_thread(_):
    import os
    import threading

    def pour():
        while True:
            os.write(3, b"x" * 65536)

    threading.Thread(target=pour, daemon=True).start()
    return 1


def make_prefix(header_bytes, body_bytes):
    return wire.PREFIX.pack(wire.MAGIC, header_bytes, body_bytes)


FORGERIES = {
    "a pickle": pickle.dumps(print),
    "a wrong magic": struct.pack("<IIQ", 1, 16, 0) + bytes(16),
    "four gigabytes of header": make_prefix(0xFFFFFFFF, 0),
    "exabytes of body": make_prefix(16, 1 << 62),
    "deep nesting": make_prefix(4096, 0) + b"\x91" * 4096,
    "text": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100,
    "a reply that is no map": make_prefix(16, 0) + b"\x05" + b"\xc1" * 15,
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_frame_is_refused(pool, ask, require_honest, name):
    with pool.take() as worker, pytest.raises(ProtocolError):
        ask(worker, write_raw, FORGERIES[name], wall_s=5)
    require_honest(pool)


@pytest.mark.parametrize("frame", [b"", b"\x51", make_prefix(16, 1 << 25) + b"\xc0" + b"\xc1" * 15])
def test_half_a_frame_ends_at_the_deadline(pool, ask, frame):
    with pool.take() as worker, pytest.raises(TimeLimit):
        ask(worker, write_raw, frame, wall_s=0.3)


def test_a_flood_is_refused(pool, ask, require_honest):
    with pool.take() as worker, pytest.raises(ProtocolError):
        ask(worker, flood, wall_s=5)
    require_honest(pool)


def test_a_forged_reply_is_only_a_claim(pool, ask):
    claim = b"".join(wire.encode({"ok": "all right"}))
    with pool.take() as worker:
        assert ask(worker, write_raw, claim, wall_s=5) == {"ok": "all right"}


def say_more_than_asked(frame):
    import os

    os.write(3, frame)
    return "the reply"


def test_a_worker_that_speaks_unasked_is_refused(pool, ask):
    claim = b"".join(wire.encode({"ok": "early"}))
    with pool.take() as worker:
        assert ask(worker, say_more_than_asked, claim) == {"ok": "early"}
        time.sleep(0.1)  # until the true reply, which nobody waits for any more, is there
        with pytest.raises(ProtocolError):
            ask(worker, say_more_than_asked, claim)


def test_a_thread_that_floods_spoils_only_its_own_worker(pool, ask, require_honest):
    with pool.take() as worker:
        reply = None
        with contextlib.suppress(ProtocolError, TimeLimit):
            reply = ask(worker, flood_from_a_thread, wall_s=1)
        assert reply in (None, {"ok": 1})
        with pytest.raises((ProtocolError, TimeLimit)):
            ask(worker, flood_from_a_thread, wall_s=1)
    require_honest(pool)


def return_huge(_):
    import torch

    return torch.zeros(20 << 20)


def test_too_large_a_reply_is_the_submissions_error(pool, ask):
    with pool.take() as worker:
        error = ask(worker, return_huge)["error"]
        assert error["type"] == "ValueError"
        assert "too much to send" in error["message"]


def stop_reading(_):
    import threading

    threading.Event().wait()


def test_a_worker_that_does_not_read_ends_at_the_deadline(best_pool, ask):
    with best_pool.take() as worker:
        with pytest.raises(TimeLimit):
            ask(worker, stop_reading, wall_s=0.2)
        with pytest.raises(TimeLimit):
            worker.call({"do": "run", "source": "x" * (1 << 19)}, wall_s=0.2)
        for _ in range(5):  # more than the socket holds
            with pytest.raises(TimeLimit):
                worker.call({"do": "run", "source": "x" * (1 << 19)}, wall_s=0.1)
