"""Frames that were tampered with: each is decoded or cleanly refused, in bounded time and memory.

The suite tries as many as a glance allows. `QUIZZER_FUZZ_FRAMES=1000000 pytest tests/unit/graders/
test_wire_fuzz.py` tries more; `QUIZZER_FUZZ_SEED` chooses others.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders import wire
from graders.errors import ProtocolError
from graders.judge import compare
from graders.model import Limits
from graders.runner.calls import Failure, Value, call, say_traceback
from graders.wire import Opaque, TensorValue
from graders.wire.form import DTYPES, NAMES

FRAMES = int(os.environ.get("QUIZZER_FUZZ_FRAMES", "20000"))
SEED = int(os.environ.get("QUIZZER_FUZZ_SEED", "1"))
ROUNDS = 4  # tests, of as many frames each in all
DECODE_CPU_S = 2.0  # far more than any frame may need; a hang is what it finds
MEASURED_OF = 50  # one frame in so many has its memory counted, which is slow
MEMORY_FACTOR = 40  # a byte that says "an empty map" becomes an object of 64 bytes
MEMORY_BYTES = 4 << 20  # what the decoder's own buffer takes, whatever it reads


def make_tensor(dtype: str, shape: tuple[int, ...], *, requires_grad: bool = False) -> TensorValue:
    kind = np.float32 if dtype == "bfloat16" else DTYPES[NAMES.index(dtype)]
    array = np.ones(shape, dtype=kind)
    return TensorValue(dtype, shape, "cpu", requires_grad=requires_grad, array=array)


SAMPLES: list[Any] = [
    {"ok": {name: make_tensor(name, (2, 3)) for name in NAMES}},
    {"ok": [make_tensor("float32", ()), make_tensor("float32", (0, 3)), 1.5, -1, 1 << 90, None]},
    {"ok": (True, False, "text", b"raw", ("nested", [{"deep": {"er": [1, 2, (3,)]}}]))},
    {"ok": TensorValue("float32", (1 << 20, 4), "meta", requires_grad=True, array=None)},
    {"ok": [Opaque("torch.nn.Linear"), {1: 2, -3: 4, "x": float("nan")}, [[], (), {}]]},
    {"ok": [make_tensor("bool", (40,)), make_tensor("bfloat16", (7,), requires_grad=True)] * 3},
    {
        "error": {
            "type": "ValueError",
            "message": "no\x1b[31m",
            "frames": [["submission.py", 3, "solve", "x = 1"]],
            "kind": "exception",
        }
    },
    {"ok": {"names": ["l2_penalty", "torch"]}},
    {"ok": {str(number): list(range(number)) for number in range(20)}},
]
CORPUS = [b"".join(wire.encode(sample)) for sample in SAMPLES]
# First bytes of every kind of msgpack value, and of those that announce how many will follow.
KINDS = bytes(
    [*range(0xC0, 0xE0), 0x80, 0x81, 0x8F, 0x90, 0x91, 0x9F, 0xA0, 0xBF, 0x00, 0x7F, 0xE0]
)
NUMBERS = [0, 1, 2, 15, 16, 127, 255, 256, 1 << 15, 1 << 16, 1 << 31, 1 << 32, 1 << 40, 1 << 62]
NUMBERS += [(1 << 63) - 1, 1 << 63, (1 << 64) - 1]
HEADER_AT = wire.PREFIX.size


def split(frame: bytes) -> tuple[bytearray, bytearray]:
    _, header_bytes, _ = wire.PREFIX.unpack_from(frame)
    end = HEADER_AT + header_bytes
    return bytearray(frame[HEADER_AT:end]), bytearray(frame[end:])


def join(header: bytes, body: bytes) -> bytes:
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(body)) + header + body


def change_bytes(dice: random.Random, data: bytearray) -> None:
    for _ in range(dice.randint(1, 4)):
        data[dice.randrange(len(data))] = dice.randrange(256)


def flip_a_bit(dice: random.Random, data: bytearray) -> None:
    data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)


def change_a_kind(dice: random.Random, data: bytearray) -> None:
    data[dice.randrange(len(data))] = dice.choice(KINDS)


def change_a_number(dice: random.Random, data: bytearray) -> None:
    size = dice.choice([1, 2, 4, 8])
    number = dice.choice(NUMBERS) % (1 << 8 * size)
    place = dice.randrange(len(data))
    data[place : place + size] = number.to_bytes(size, dice.choice(["little", "big"]))


def repeat_a_part(dice: random.Random, data: bytearray) -> None:
    start = dice.randrange(len(data))
    part = data[start : start + dice.randint(1, 40)]
    place = dice.randrange(len(data))
    data[place:place] = part * dice.randint(1, 30)


def cut_a_part(dice: random.Random, data: bytearray) -> None:
    start = dice.randrange(len(data))
    del data[start : start + dice.randint(1, 20)]


def nest(dice: random.Random, data: bytearray) -> None:
    wrapping = dice.choice([b"\x91", b"\x81\xc0\x91", b"\x81\xa1k", b"\x92\xc0", b"\x81\xc0\xa1"])
    data[:0] = wrapping * dice.choice([1, 2, 30, 34, 600])


def swap_the_header(dice: random.Random, data: bytearray) -> None:
    other, _ = split(dice.choice(CORPUS))
    data[: dice.randrange(len(data))] = other[: dice.randrange(len(other))]


def make_noise(dice: random.Random, data: bytearray) -> None:
    data[:] = dice.randbytes(dice.randint(1, 64))


CHANGES: list[Callable[[random.Random, bytearray], None]] = [
    change_bytes,
    flip_a_bit,
    change_a_kind,
    change_a_number,
    repeat_a_part,
    cut_a_part,
    nest,
    swap_the_header,
    make_noise,
]


def mutate(dice: random.Random) -> bytes:
    """Return a frame of the corpus with a few changes, mostly with lengths that fit them."""
    header, body = split(dice.choice(CORPUS))
    for _ in range(dice.choice([1, 1, 1, 2, 3, 5])):
        part = body if body and dice.random() < 0.2 else header
        # Small changes more often than those of which a decoder soon has enough.
        changes = CHANGES[:4] if dice.random() < 0.7 else CHANGES
        if part:
            dice.choice(changes)(dice, part)
    frame = bytearray(join(bytes(header), bytes(body)))
    if dice.random() < 0.05:
        dice.choice(CHANGES[:4])(dice, frame)
    if dice.random() < 0.05:
        del frame[dice.randrange(len(frame)) :]
    return bytes(frame)


class Told:
    """A worker that answers with a frame, as far as the grader can tell."""

    output_overflow = False

    def __init__(self, frame: bytes) -> None:
        self.frame = frame

    def call(self, _message: object, *, wall_s: float) -> object:
        assert wall_s
        reply = wire.decode(self.frame)
        if type(reply) is not dict:
            raise ProtocolError("a reply that is no map")
        return reply


def take(frame: bytes, expected: object) -> str:
    """Do with a frame all that the grader does; anything but a refusal raises."""
    try:
        wire.read_prefix(frame[: wire.PREFIX.size])
        value = wire.decode(frame)
    except ProtocolError:
        return "refused"
    again = wire.decode(b"".join(wire.encode(value)))  # as it goes on to an author's own judge
    assert plain(again) == plain(value)
    result = call(Told(frame), {}, Limits())
    if isinstance(result, Failure):
        say_traceback(result)
        return "a failure"
    assert isinstance(result, Value)
    difference = compare(expected, result.value)
    compare(result.value, expected)
    return "different" if difference else "agreed"


def plain(value: object) -> object:
    """Return what can be compared: with types, bytes and NaN; what does not travel is all alike."""
    if isinstance(value, TensorValue):
        data = None if value.array is None else value.array.tobytes()
        return TensorValue, value.dtype, value.shape, value.device, value.requires_grad, data
    if isinstance(value, Opaque):
        return Opaque  # at the lowest level its name gives way to "nested too deep"
    if isinstance(value, dict):
        return dict, [(key, plain(item)) for key, item in value.items()]
    if isinstance(value, list | tuple):
        return type(value), [plain(item) for item in value]
    return type(value), repr(value)


@pytest.mark.parametrize("part", range(ROUNDS))
def test_frames_that_were_tampered_with_are_taken_or_refused(part):
    dice = random.Random(SEED * ROUNDS + part)  # noqa: S311 - it need not be secret
    outcomes: Counter[str] = Counter()
    for _ in range(FRAMES // ROUNDS):
        frame = mutate(dice)
        expected = dice.choice(SAMPLES).get("ok")
        start = time.thread_time()
        try:
            outcomes[take(frame, expected)] += 1
        except BaseException as error:
            raise AssertionError(f"this frame got through: {frame.hex()}") from error
        assert time.thread_time() - start < DECODE_CPU_S, frame.hex()
    # Neither all refused nor all taken: otherwise nothing was tried.
    assert outcomes["refused"] > FRAMES // ROUNDS // 10
    assert outcomes["different"] > FRAMES // ROUNDS // 50
    assert outcomes["a failure"] > 0


def test_no_tampered_frame_takes_much_more_memory_than_it_is_long():
    dice = random.Random(SEED)  # noqa: S311 - as above
    tracemalloc.start()
    try:
        for _ in range(FRAMES // MEASURED_OF):
            frame = mutate(dice)
            require_bounded_memory(frame)
    finally:
        tracemalloc.stop()


def require_bounded_memory(frame: bytes) -> None:
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    with contextlib.suppress(ProtocolError):
        wire.decode(frame)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before <= MEMORY_BYTES + MEMORY_FACTOR * len(frame), frame[:2000].hex()


LONGEST = wire.MAX_HEADER_BYTES
WORST = {
    "empty maps": b"\xdd\x00\x0f\xff\xf0" + b"\x80" * (LONGEST - 16),
    "empty lists in lists": (b"\xdc\xff\xff" + b"\x90" * 0xFFFF) * 15,
    "a long list of long lists": b"\x9f" + (b"\xdc\xff\xff" + b"\x01" * 0xFFFF) * 15,
    "tuples": b"\xdc\xff\xff" + b"\x81\xc0\x90" * 0xFFFF,
    "keys": b"\xde\x3f\xff"
    + b"".join(b"\xcd" + i.to_bytes(2, "big") + b"\xc0" for i in range(0x3FFF)),
    "keys whose hashes collide at first": b"\xde\x3f\xff"
    + b"".join(b"\xcf" + (i << 50).to_bytes(8, "big") + b"\xc0" for i in range(0x3FFF)),
    "one long text": b"\xdb" + (LONGEST - 16).to_bytes(4, "big") + b"x" * (LONGEST - 16),
    "one long text of no text": b"\xdb"
    + (LONGEST - 16).to_bytes(4, "big")
    + b"\xff" * (LONGEST - 16),
    "lists in lists": b"\x91" * (LONGEST - 16),
    "tuples in tuples": b"\x81\xc0\x91" * ((LONGEST - 16) // 3),
    "maps in maps": b"\x81\xa1k" * ((LONGEST - 16) // 3),
    "many tensors": b"\xdc\x27\x10"
    + msgpack.packb(msgpack.ExtType(1, b"\x00\x01\x02" + bytes(16) + b"cpu")) * 10_000,
}


@pytest.mark.parametrize("name", WORST)
def test_the_largest_headers_cost_little(name):
    header = WORST[name][:LONGEST]
    header += b"\xc1" * (-(HEADER_AT + len(header)) % 16)
    frame = join(header[:LONGEST], b"")
    start = time.thread_time()
    with contextlib.suppress(ProtocolError):
        wire.decode(frame)
    assert time.thread_time() - start < DECODE_CPU_S
    tracemalloc.start()
    try:
        require_bounded_memory(frame)
    finally:
        tracemalloc.stop()


ARRAYS = st.builds(
    lambda dtype, shape, fill: make_filled(dtype, tuple(shape), fill),
    st.sampled_from(NAMES),
    st.lists(st.integers(0, 4), max_size=4),
    st.binary(min_size=16, max_size=16),
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 300), 1 << 300)
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | ARRAYS
)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def make_filled(dtype: str, shape: tuple[int, ...], fill: bytes) -> TensorValue:
    kind = DTYPES[NAMES.index(dtype)]
    count = int(np.prod(shape, dtype=int))
    raw = (fill * (count * kind.itemsize // 16 + 1))[: count * kind.itemsize]
    if dtype == "bool":
        raw = bytes(byte & 1 for byte in raw)
    array = np.frombuffer(raw, dtype=kind).reshape(shape)
    if dtype == "bfloat16":
        array = np.asarray(array.astype(np.uint32) << 16).view(np.float32)
    return TensorValue(dtype, shape, "cpu", requires_grad=False, array=array)


@settings(max_examples=60, deadline=None)
@given(TREES)
def test_what_is_sent_arrives_and_agrees_with_itself(tree):
    got = wire.decode(b"".join(wire.encode(tree)))
    assert plain(got) == plain(tree)
    assert compare(tree, got) is None


@settings(max_examples=60, deadline=None)
@given(TREES, TREES)
def test_two_observations_agree_in_both_directions_or_in_none_by_structure(one, other):
    """Whatever is claimed, comparing it raises nothing; structure is judged alike both ways."""
    there, back = compare(one, other), compare(other, one)
    kinds = {difference.kind for difference in (there, back) if difference is not None}
    assert ("structure" in kinds) == all(
        difference is not None and difference.kind == "structure" for difference in (there, back)
    )
