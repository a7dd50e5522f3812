"""Attacks on the socket: whatever a worker writes is a claim or a protocol error, never more."""

from __future__ import annotations

import contextlib
import os
import pickle
import socket
import struct
import subprocess
import threading
import time
import tracemalloc

import msgpack
import pytest

from graders import wire
from graders.errors import ProtocolError
from graders.model import Limits
from graders.pool import TimeLimit, Worker, WorkerDied

pytestmark = pytest.mark.usefixtures("leaves_nothing")


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


def make_frame(header, body=b""):
    header += b"\xc1" * (-(16 + len(header)) % 16)
    return make_prefix(len(header), len(body)) + header + body


def make_tensor(*, dtype=0, shape=(4,), flags=2, offset=0, device=b"cpu"):
    data = struct.pack("<BBBQ", dtype, len(shape), flags, offset)
    return msgpack.ExtType(1, data + struct.pack(f"<{len(shape)}q", *shape) + device)


def make_reply(value, body=b"\x02" * 16):
    return make_frame(msgpack.packb({"ok": value}), body)


FORGERIES = {
    "a pickle": pickle.dumps(print),
    "a wrong magic": struct.pack("<IIQ", 1, 16, 0) + bytes(16),
    "four gigabytes of header": make_prefix(0xFFFFFFFF, 0),
    "exabytes of body": make_prefix(16, 1 << 62),
    "deep nesting": make_prefix(4096, 0) + b"\x91" * 4096,
    "text": b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100,
    "a reply that is no map": make_prefix(16, 0) + b"\x05" + b"\xc1" * 15,
    "an empty header": make_prefix(0, 16) + bytes(16),
    "a code object": make_reply(msgpack.ExtType(5, b"c" * 40)),
    "a date": make_reply(msgpack.Timestamp(1)),
    "a list of four billion": make_frame(b"\x81\xa2ok\xdd\xff\xff\xff\xff"),
    "a text of four gigabytes": make_frame(b"\x81\xa2ok\xdb\xff\xff\xff\xff"),
    "too many values": make_frame(b"\x92" + (b"\xdc\xff\xff" + b"\xc0" * 0xFFFF) * 2),
    "a key twice": make_frame(b"\x82\xa2ok\x01\xa2ok\x02"),
    "two values": make_frame(b"\x81\xa2ok\x01\x81\xa2ok\x02"),
    "text that is not UTF-8": make_frame(b"\x81\xa2ok\xa2\xff\xfe"),
    "a tensor larger than its bytes": make_reply(make_tensor(shape=(5,))),
    "a tensor of a negative size": make_reply(make_tensor(shape=(-4,))),
    "a tensor of exabytes": make_reply(make_tensor(shape=(1 << 40, 1 << 40))),
    "a tensor of nothing times everything": make_reply(make_tensor(shape=(0, 1 << 40, 1 << 40))),
    "a tensor of seventeen dimensions": make_reply(make_tensor(shape=(1,) * 17)),
    "a tensor of an unknown dtype": make_reply(make_tensor(dtype=200)),
    "a tensor of objects of another device": make_reply(make_tensor(device=b"/dev/mem")),
    "a tensor elsewhere in memory": make_reply(make_tensor(offset=1 << 63)),
    "two tensors over the same bytes": make_reply([make_tensor(), make_tensor()]),
    "a bool that is 2": make_reply(make_tensor(dtype=9, shape=(16,))),
    "a meta tensor with data": make_reply(make_tensor(device=b"meta")),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_frame_is_refused(pool, ask, name):
    with pool.take() as worker, pytest.raises(ProtocolError):
        ask(worker, write_raw, FORGERIES[name], wall_s=5)


@pytest.mark.parametrize("frame", [b"", b"\x51", make_prefix(16, 1 << 25) + b"\xc0" + b"\xc1" * 15])
def test_half_a_frame_ends_at_the_deadline(pool, ask, frame):
    with pool.take() as worker, pytest.raises(TimeLimit):
        ask(worker, write_raw, frame, wall_s=0.3)


def send_out_of_band(count):
    import os
    import socket
    import time

    channel = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM, 0, fileno=3)
    try:
        for _ in range(count):
            channel.send(b"x", socket.MSG_OOB)
    except OSError as error:
        return error.errno
    finally:
        channel.detach()
    time.sleep(60)
    return os.EX_OK


def test_nothing_is_sent_out_of_band(pool, ask):
    with pool.take() as worker:
        assert ask(worker, send_out_of_band, 1, wall_s=5)["ok"] in (1, 38)


@pytest.fixture
def puppet():
    """A worker whose socket a test speaks on, in the place of a process that does nothing."""
    ours, theirs = socket.socketpair()
    with theirs, subprocess.Popen(["sleep", "60"]) as process:
        descriptors = [ours.detach(), os.pidfd_open(process.pid), os.memfd_create("output")]
        worker = Worker(Limits(), descriptors)
        worker.note_end(0, 0.0)
        with worker:
            yield worker, theirs


def test_were_there_a_byte_out_of_band_it_would_be_refused(puppet):
    """It makes a socket readable on which there is nothing to read."""
    worker, theirs = puppet
    theirs.send(b"x", socket.MSG_OOB)
    with pytest.raises(ProtocolError):
        worker.call({}, wall_s=5)


def test_were_there_a_byte_out_of_band_in_a_reply_it_would_be_refused(puppet):
    worker, theirs = puppet
    theirs.setblocking(False)
    speaker = threading.Timer(0.1, lambda: theirs.send(b"x", socket.MSG_OOB))
    speaker.start()
    with pytest.raises(ProtocolError):
        worker.call({}, wall_s=5)
    speaker.join()


def test_a_flood_is_refused(pool, ask):
    with pool.take() as worker, pytest.raises(ProtocolError):
        ask(worker, flood, wall_s=5)


def test_a_forged_reply_is_only_a_claim(pool, ask):
    claim = b"".join(wire.encode({"ok": "all right"}))
    with pool.take() as worker:
        assert ask(worker, write_raw, claim, wall_s=5) == {"ok": "all right"}


def claim_much(_):
    import os

    from graders import wire

    body = bytes(wire.MAX_BODY_BYTES)
    header = b"\x81\xa2ok\xc7\x16\x01"
    header += b"\x08\x01\x02" + bytes(8) + len(body).to_bytes(8, "little") + b"cpu"
    header += b"\xc1" * (-(16 + len(header)) % 16)
    for part in (wire.PREFIX.pack(wire.MAGIC, len(header), len(body)), header, body):
        rest = memoryview(part)
        while rest:
            rest = rest[os.write(3, rest) :]


def test_the_largest_claim_is_heard_and_costs_only_its_size(pool, ask):
    with pool.take() as worker:
        tracemalloc.start()
        try:
            claim = ask(worker, claim_much, wall_s=20)["ok"]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (claim.dtype, claim.shape) == ("uint8", (wire.MAX_BODY_BYTES,))
    assert peak < 3 * wire.MAX_BODY_BYTES


def claim_and_leave(frame):
    import os

    os.write(3, frame)
    os._exit(0)


def test_an_exit_after_a_claim_changes_nothing_about_the_claim(pool, ask):
    claim = b"".join(wire.encode({"ok": "all right"}))
    with pool.take() as worker:
        try:
            assert ask(worker, claim_and_leave, claim) == {"ok": "all right"}
        except WorkerDied as death:
            assert death.reason == "exit"  # noqa: PT017 - one of two right outcomes
        with pytest.raises((WorkerDied, ProtocolError)):
            ask(worker, claim_and_leave, claim)


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


def test_a_thread_that_floods_spoils_only_its_own_worker(pool, ask):
    with pool.take() as worker:
        reply = None
        with contextlib.suppress(ProtocolError, TimeLimit):
            reply = ask(worker, flood_from_a_thread, wall_s=1)
        assert reply in (None, {"ok": 1})
        with pytest.raises((ProtocolError, TimeLimit)):
            ask(worker, flood_from_a_thread, wall_s=1)


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
