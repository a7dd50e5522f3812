"""From a frame to plain values, or to a ProtocolError: every byte may be an enemy's."""

# ruff: noqa: ANN401 - values of any type travel

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from graders.errors import ProtocolError
from graders.wire.form import (
    ALIGNMENT,
    DTYPES,
    FILLER,
    HAS_DATA,
    MAGIC,
    MAX_BIG_INTEGER_BYTES,
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_HEADER_BYTES,
    MAX_VALUES,
    NAMES,
    PREFIX,
    REQUIRES_GRAD,
    TENSOR,
    TENSOR_CODE,
    Buffer,
    Opaque,
    TensorValue,
)

_DEVICE: Final = re.compile(rb"(cpu|meta|cuda|mps|xpu)(:[0-9]{1,2})?", re.ASCII)
_SCALARS: Final = frozenset({type(None), bool, int, float, str, bytes, Opaque})
_LEAVES: Final = _SCALARS | {TensorValue}


def read_prefix(prefix: Buffer) -> int:
    """Return how many bytes follow a frame's first `PREFIX.size` bytes.

    Raises:
        ProtocolError: if this is no prefix, or announces more than the caps allow.
    """
    return sum(_sizes(prefix))


def decode(frame: Buffer) -> Any:
    """Return the value of a whole frame, prefix included.

    Args:
        frame: the bytes; arrays of the value are views of them, so they must stay unchanged.

    Raises:
        ProtocolError: for anything but a well-formed frame within the caps.
    """
    header_bytes, body_bytes = _sizes(frame)
    if len(frame) != PREFIX.size + header_bytes + body_bytes:
        raise ProtocolError("the frame is shorter or longer than it says")
    view = memoryview(frame)
    body_start = PREFIX.size + header_bytes
    value = _unpack(bytes(view[PREFIX.size : body_start]), _TensorReader(view[body_start:]))
    _require_plain(value)
    return value


def _sizes(prefix: Buffer) -> tuple[int, int]:
    if len(prefix) < PREFIX.size:
        raise ProtocolError("no whole prefix")
    magic, header_bytes, body_bytes = PREFIX.unpack_from(prefix)
    if magic != MAGIC or not 0 < header_bytes <= MAX_HEADER_BYTES or body_bytes > MAX_BODY_BYTES:
        raise ProtocolError("not the prefix of a frame within the limits")
    return header_bytes, body_bytes


def _unpack(header: bytes, reader: Callable[[int, bytes], TensorValue]) -> Any:
    try:
        unpacker = msgpack.Unpacker(
            ext_hook=reader,
            object_pairs_hook=_read_map,
            strict_map_key=False,
            raw=False,
            max_str_len=MAX_HEADER_BYTES,
            max_bin_len=MAX_HEADER_BYTES,
            max_ext_len=256,
            max_array_len=1 << 16,
            max_map_len=1 << 14,
            max_buffer_size=MAX_HEADER_BYTES,
        )
        unpacker.feed(header)
        value, rest = unpacker.unpack(), header[unpacker.tell() :]
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        raise ProtocolError(f"{type(error).__name__}: {error}") from error
    if len(rest) >= ALIGNMENT or rest.strip(bytes([FILLER])):
        raise ProtocolError("more than one value in the header")
    return value


def _read_map(pairs: Sequence[tuple[object, object]]) -> object:
    if len(pairs) == 1 and pairs[0][0] is None:
        return _read_special(pairs[0][1])
    result: dict[str | int, object] = {}
    for key, value in pairs:
        # An integer in its long form would be a key that could not be sent on.
        if type(key) is not str and not (type(key) is int and -(1 << 63) <= key < 1 << 64):
            raise ProtocolError(f"a map key of type {type(key).__name__}, or too large")
        result[key] = value
    if len(result) != len(pairs):
        raise ProtocolError("a map with a key twice")
    return result


def _read_special(content: object) -> object:
    if type(content) is list:
        return tuple(content)
    if type(content) is str:
        return Opaque(content)
    if type(content) is bytes and len(content) <= MAX_BIG_INTEGER_BYTES:
        return int.from_bytes(content, "little", signed=True)
    raise ProtocolError(f"nil before {type(content).__name__}")


class _TensorReader:
    """Turns the tensor entries of a header into values over the frame's body.

    Each tensor begins where the one before it ended. Were they allowed to overlap, one body could
    be read, checked and widened as often as a header has room to say so.
    """

    def __init__(self, body: memoryview) -> None:
        self._body = body
        self._next = 0

    def __call__(self, code: int, data: bytes) -> TensorValue:
        if code != TENSOR_CODE or len(data) < TENSOR.size:
            raise ProtocolError(f"extension {code} of {len(data)} bytes")
        dtype_code, dimensions, flags, offset = TENSOR.unpack_from(data)
        if dtype_code >= len(NAMES) or dimensions > MAX_DIMENSIONS:
            raise ProtocolError("a tensor of unknown dtype or of too many dimensions")
        shape = _read_shape(data, dimensions)
        device = data[TENSOR.size + 8 * dimensions :]
        if not _DEVICE.fullmatch(device) or flags & ~(REQUIRES_GRAD | HAS_DATA):
            raise ProtocolError("a tensor of unknown device or flags")
        has_data = bool(flags & HAS_DATA)
        if has_data == device.startswith(b"meta"):
            raise ProtocolError("only a meta tensor has no data")
        array = self._read_array(dtype_code, shape, offset) if has_data else None
        return TensorValue(
            dtype=NAMES[dtype_code],
            shape=shape,
            device=device.decode(),
            requires_grad=bool(flags & REQUIRES_GRAD),
            array=array,
        )

    def _read_array(self, code: int, shape: tuple[int, ...], offset: int) -> npt.NDArray[Any]:
        dtype = DTYPES[code]
        count = math.prod(shape)
        end = offset + count * dtype.itemsize
        if offset != self._next or end > len(self._body):
            raise ProtocolError("a tensor that does not lie behind the one before it")
        self._next = end + -end % ALIGNMENT
        raw = self._body[offset:end]
        if NAMES[code] == "bool" and bytes(raw).translate(None, b"\0\1"):
            raise ProtocolError("a boolean that is neither 0 nor 1")
        array = np.frombuffer(raw, dtype=dtype).reshape(shape)
        if NAMES[code] == "bfloat16":
            array = _widen(array)
        array.flags.writeable = False
        return array


def _read_shape(data: bytes, dimensions: int) -> tuple[int, ...]:
    if len(data) < TENSOR.size + 8 * dimensions:
        raise ProtocolError("a tensor without its whole shape")
    shape = struct.unpack_from(f"<{dimensions}q", data, TENSOR.size)
    # Zero-sized dimensions must not excuse huge ones beside them: numpy multiplies those.
    if any(size < 0 for size in shape) or math.prod(max(size, 1) for size in shape) > 1 << 40:
        raise ProtocolError("a tensor of impossible shape")
    return shape


def _require_plain(value: object) -> None:
    """Refuse types of msgpack's own, and nesting or numbers that would exhaust a walker.

    What is accepted can be sent on as it is: at the lowest level there is nothing but scalars.
    """
    level: list[object] = [value]
    count = 0
    for depth in range(MAX_DEPTH + 2):
        count += len(level)
        if count > MAX_VALUES:
            raise ProtocolError(f"more than {MAX_VALUES} values")
        below: list[object] = []
        for item in level:
            kind = type(item)
            if depth > MAX_DEPTH and kind not in _SCALARS:
                raise ProtocolError(f"nested deeper than {MAX_DEPTH}")
            if kind is dict:
                below.extend(item.values())  # type: ignore[attr-defined]  # kind says so
            elif kind is list or kind is tuple:
                below.extend(item)  # type: ignore[arg-type]  # as above
            elif kind not in _LEAVES:
                raise ProtocolError(f"a value of type {kind.__name__}")
        if not below:
            return
        level = below


def _widen(bits: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return bfloat16 bit patterns as the float32 numbers that they stand for."""
    wide = np.asarray(bits.astype(np.uint32) << 16)  # of no dimension numpy makes a bare number
    return wide.view(np.float32)
