from __future__ import annotations

import struct
import subprocess
import sys

import msgpack
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graders import wire
from graders.errors import ProtocolError
from graders.wire import Opaque, TensorValue

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(1 << 200), max_value=1 << 200)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=50)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text() | st.integers(-(1 << 63), (1 << 64) - 1), inner, max_size=4)
    ),
    max_leaves=20,
)


def make_frame(value):
    return b"".join(wire.encode(value))


def make_tensor(array, dtype, *, device="cpu", requires_grad=False):
    return TensorValue(
        dtype=dtype,
        shape=array.shape,
        device=device,
        requires_grad=requires_grad,
        array=array,
    )


def make_raw_frame(header, body=b""):
    header += b"\xc1" * (-(16 + len(header)) % 16)
    return wire.PREFIX.pack(wire.MAGIC, len(header), len(body)) + header + body


def make_tensor_header(*, dtype=0, dimensions=1, flags=2, offset=0, shape=(2,), device=b"cpu"):
    data = struct.pack("<BBBQ", dtype, dimensions, flags, offset)
    data += struct.pack(f"<{len(shape)}q", *shape) + device
    return msgpack.packb(msgpack.ExtType(1, data))


@given(VALUES)
def test_plain_values_come_back_as_they_were(value):
    decoded = wire.decode(make_frame(value))
    assert decoded == value
    assert repr(decoded) == repr(value)  # types too: True is not 1, a tuple no list


def test_surrogates_do_not_stop_the_reply():
    assert wire.decode(make_frame("a\ud800b")) == "a\\ud800b"


def test_nan_and_infinities_travel():
    decoded = wire.decode(make_frame([float("nan"), float("inf"), float("-inf")]))
    assert str(decoded) == "[nan, inf, -inf]"


@pytest.mark.parametrize(
    ("dtype", "storage"),
    [
        ("float32", "f4"),
        ("float64", "f8"),
        ("float16", "f2"),
        ("int64", "i8"),
        ("int32", "i4"),
        ("int16", "i2"),
        ("int8", "i1"),
        ("uint8", "u1"),
        ("bool", "?"),
        ("complex64", "c8"),
        ("complex128", "c16"),
    ],
)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 3)])
def test_tensors_come_back_with_every_property(dtype, storage, shape):
    array = np.arange(np.prod(shape, dtype=int)).astype(storage).reshape(shape)
    sent = make_tensor(array, dtype, requires_grad=True)
    got = wire.decode(make_frame({"x": sent}))["x"]
    assert (got.dtype, got.shape, got.device, got.requires_grad) == (dtype, shape, "cpu", True)
    np.testing.assert_array_equal(got.array, array)
    assert got.array.dtype == array.dtype
    assert not got.array.flags.writeable


def test_bfloat16_is_widened_to_float32():
    array = np.array([1.0, -2.5, np.inf], dtype="f4")
    got = wire.decode(make_frame(make_tensor(array, "bfloat16")))
    assert got.dtype == "bfloat16"
    assert got.array.dtype == np.float32
    np.testing.assert_array_equal(got.array, array)


def test_a_bfloat16_number_of_no_dimension_comes_back_as_well():
    got = wire.decode(make_frame(make_tensor(np.array(1.5, dtype="f4"), "bfloat16")))
    assert (got.dtype, got.shape, got.array.item()) == ("bfloat16", (), 1.5)


def test_a_meta_tensor_has_a_shape_and_no_data():
    sent = TensorValue("float32", (1 << 20, 1 << 10), "meta", requires_grad=False, array=None)
    got = wire.decode(make_frame(sent))
    assert (got.shape, got.device, got.array) == ((1 << 20, 1 << 10), "meta", None)


def test_several_tensors_keep_their_own_bytes():
    arrays = [np.full(size, size, dtype="f4") for size in (1, 5, 4, 0, 3)]
    got = wire.decode(make_frame([make_tensor(array, "float32") for array in arrays]))
    for value, array in zip(got, arrays, strict=True):
        np.testing.assert_array_equal(value.array, array)


class Sly(list):
    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    "thing", [Sly([1]), {1, 2}, object(), print, {1.5: 2}, {True: 1}, 1 << 9999]
)
def test_what_is_not_plain_data_arrives_opaque_and_equals_nothing(thing):
    got = wire.decode(make_frame(thing))
    assert type(got) is Opaque
    assert got != Opaque(got.type_name)
    assert got != thing


def test_cycles_and_deep_nesting_are_cut():
    cycle = []
    cycle.append(cycle)
    got = wire.decode(make_frame(cycle))
    for _ in range(wire.MAX_DEPTH + 1):
        got = got[0]
    assert type(got) is Opaque


def test_too_much_structure_is_refused_by_the_sender():
    with pytest.raises(ValueError, match="too much to send"):
        wire.encode(["x" * 1000] * 2000)


def test_too_many_values_are_refused_by_the_sender():
    with pytest.raises(ValueError, match="too much to send"):
        wire.encode([[None] * 1000] * 100)


def test_too_many_bytes_are_refused_by_the_sender():
    huge = np.zeros(wire.MAX_BODY_BYTES + 1, dtype="u1")
    with pytest.raises(ValueError, match="too much to send"):
        wire.encode(make_tensor(huge, "uint8"))


@pytest.mark.parametrize(
    "prefix",
    [
        b"",
        b"short",
        wire.PREFIX.pack(1, 16, 0),
        wire.PREFIX.pack(wire.MAGIC, 0, 0),
        wire.PREFIX.pack(wire.MAGIC, wire.MAX_HEADER_BYTES + 1, 0),
        wire.PREFIX.pack(wire.MAGIC, 16, wire.MAX_BODY_BYTES + 1),
        wire.PREFIX.pack(wire.MAGIC, 16, (1 << 64) - 1),
    ],
)
def test_a_bad_prefix_is_refused_before_anything_is_allocated(prefix):
    with pytest.raises(ProtocolError):
        wire.read_prefix(prefix)


HOSTILE_HEADERS = {
    "nothing": b"",
    "two values": b"\x01\x02",
    "a float key": msgpack.packb({1.5: 1}),
    "a boolean key": msgpack.packb({True: 1}),
    "a bytes key": msgpack.packb({b"k": 1}),
    "a list key": b"\x81\x90\x01",
    "a key of more than 64 bits": b"\x81\x81\xc0\xc4\x09" + bytes(8) + b"\x01\x01",
    "a list below the lowest level": b"\x91" * 33 + b"\x90",
    "a key twice": b"\x82\xa1a\x01\xa1a\x02",
    "nil before a number": msgpack.packb({None: 5}),
    "an integer of too many bytes": msgpack.packb({None: bytes(600)}),
    "nil among other keys": b"\x82\xc0\x01\xa1a\x02",
    "text that is not UTF-8": b"\xa2\xff\xfe",
    "a timestamp": msgpack.packb(msgpack.Timestamp(1)),
    "an unknown extension": msgpack.packb(msgpack.ExtType(7, b"x")),
    "deep lists": b"\x91" * 1000 + b"\x90",
    "deeper lists": b"\x91" * 100_000 + b"\x90",
    "deep tuples": b"\x81\xc0\x91" * 300 + b"\x90",
    "a list of four billion": b"\xdd\xff\xff\xff\xff",
    "a pickle": b"\x80\x04\x95cposix\nsystem\n",
    "an empty tensor entry": msgpack.packb(msgpack.ExtType(1, b"")),
    "an unknown dtype": make_tensor_header(dtype=99),
    "too many dimensions": make_tensor_header(dimensions=17, shape=(1,) * 17),
    "a shape cut short": make_tensor_header(dimensions=4, shape=(1, 1)),
    "a negative size": make_tensor_header(shape=(-1,)),
    "a product that overflows": make_tensor_header(dimensions=3, shape=(1 << 62, 1 << 62, 1 << 62)),
    "a zero that hides huge sizes": make_tensor_header(dimensions=3, shape=(0, 1 << 40, 1 << 40)),
    "the same bytes twice": b"\x92" + make_tensor_header(shape=(4,)) * 2,
    "a gap before the first tensor": make_tensor_header(offset=16, shape=(0,)),
    "too many values": (b"\xdc\xff\xff" + b"\x90" * 0xFFFF).join([b"\x92", b""]) + b"\x90",
    "data outside": make_tensor_header(shape=(5,)),
    "data far outside": make_tensor_header(offset=1 << 60),
    "a crooked offset": make_tensor_header(offset=3, shape=(1,)),
    "unknown flags": make_tensor_header(flags=6),
    "an unknown device": make_tensor_header(device=b"cpu\x00evil"),
    "a meta tensor with data": make_tensor_header(device=b"meta"),
    "a real tensor without data": make_tensor_header(flags=0),
    "a boolean of 2": make_tensor_header(dtype=9, shape=(2,)),
}


@pytest.mark.parametrize("name", HOSTILE_HEADERS)
def test_hostile_frames_are_refused(name):
    with pytest.raises(ProtocolError):
        wire.decode(make_raw_frame(HOSTILE_HEADERS[name], b"\x02" * 16))


@pytest.mark.parametrize(
    "value", [0xC1, 0xC1C1, b"\xc1" * 9, struct.unpack(">d", b"\x3f" + b"\xc1" * 7)[0]]
)
def test_a_value_may_end_with_the_byte_of_the_filler(value):
    assert wire.decode(make_frame(value)) == value
    assert wire.decode(make_frame([1.0, value])) == [1.0, value]


def test_a_frame_of_another_length_than_it_says_is_refused():
    frame = make_frame([1, 2, 3])
    for wrong in (frame[:-1], frame + b"\0", frame[:20]):
        with pytest.raises(ProtocolError):
            wire.decode(wrong)


SAMPLE = make_frame(
    {
        "ok": [
            make_tensor(np.ones((2, 3), dtype="f4"), "float32"),
            make_tensor(np.array([True, False]), "bool"),
            (1, "two", None, 1 << 70),
            {"k": [1.5, b"raw"]},
        ],
    },
)


@settings(max_examples=150, deadline=None)
@given(
    changes=st.lists(
        st.tuples(st.integers(0, len(SAMPLE) - 1), st.integers(0, 255)),
        min_size=1,
        max_size=8,
    ),
)
@example(changes=[(16, 0xC1)])
def test_changed_bytes_give_a_value_or_a_protocol_error(changes):
    frame = bytearray(SAMPLE)
    for place, byte in changes:
        frame[place] = byte
    decode_or_refuse(frame)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=64))
def test_any_header_gives_a_value_or_a_protocol_error(header, body):
    decode_or_refuse(make_raw_frame(header or b"\xc0", body))


def decode_or_refuse(frame):
    """Anything but a ProtocolError fails the test; so does a value that cannot be sent back."""
    try:
        value = wire.decode(frame)
    except ProtocolError:
        return
    wire.encode(value)


# What runs in the jail only, and a program of its own that is measured without any jail.
WITH_TORCH = ("graders.worker", "graders.zygote", "graders.checks", "graders.bench.bare")
IMPORT_TRUSTED = """
import importlib, pkgutil, sys
import graders
for module in pkgutil.walk_packages(graders.__path__, "graders."):
    if not module.name.startswith(tuple(sys.argv[1:])):
        importlib.import_module(module.name)
        assert "torch" not in sys.modules, module.name
        print(module.name)
"""


def test_the_trusted_side_needs_no_torch():
    command = [sys.executable, "-c", IMPORT_TRUSTED, *WITH_TORCH]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    parts = "bench cli doctor facade pool receipts report runner scaffold verify wire"
    assert {f"graders.{part}" for part in parts.split()} <= set(done.stdout.split())
    assert {"graders.cli.grade", "graders.verify.mutants"} <= set(done.stdout.split())
