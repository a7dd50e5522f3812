"""Frames between the grader and a jail: plain data and tensors, read as an enemy's.

A frame is a prefix (magic, size of the header, size of the body), a msgpack header and the raw
bytes of its tensors, each aligned to 16 bytes. The header holds everything but those bytes.
`encode` runs on both sides of the border, `decode` never trusts what it reads: hostile bytes give
a ProtocolError or plain values, and nothing else. No code travels, and decoding imports no torch:
the trusted side sees a tensor as numbers in a numpy array.

In the header a one-entry map with the key nil stands for what msgpack lacks:
`{nil: [..]}` is a tuple, `{nil: "name"}` an object that does not travel, `{nil: bytes}` an integer
of more than 64 bits.
"""

# ruff: noqa: ANN401 - values of any type travel; torch is not imported here, so nothing can name its
# types

from __future__ import annotations

import math
import re
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgpack  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from graders.errors import ProtocolError

Buffer = bytes | bytearray | memoryview

PREFIX: Final = struct.Struct("<IIQ")
MAGIC: Final = 0x315A5251
MAX_HEADER_BYTES: Final = 1 << 20
MAX_BODY_BYTES: Final = 64 << 20
MAX_DEPTH: Final = 32
MAX_DIMENSIONS: Final = 16

_ALIGNMENT: Final = 16
_FILLER: Final = 0xC1  # pads the header; no msgpack value starts with it, but one may end so
_TENSOR_CODE: Final = 1
_TENSOR: Final = struct.Struct("<BBBQ")  # dtype, number of dimensions, flags, offset in the body
_REQUIRES_GRAD: Final = 1
_HAS_DATA: Final = 2
_DEVICE: Final = re.compile(rb"(cpu|meta|cuda|mps|xpu)(:[0-9]{1,2})?", re.ASCII)
_MAX_BIG_INTEGER_BYTES: Final = 512

# The order is the wire's code for a dtype: append only.
_STORAGE: Final[dict[str, str]] = {
    "float32": "<f4",
    "float64": "<f8",
    "float16": "<f2",
    "bfloat16": "<u2",
    "int64": "<i8",
    "int32": "<i4",
    "int16": "<i2",
    "int8": "i1",
    "uint8": "u1",
    "bool": "?",
    "complex64": "<c8",
    "complex128": "<c16",
}
_NAMES: Final = tuple(_STORAGE)
_CODES: Final = {name: code for code, name in enumerate(_NAMES)}
_DTYPES: Final = tuple(np.dtype(storage) for storage in _STORAGE.values())


@dataclass(frozen=True, slots=True, eq=False)
class TensorValue:
    """A tensor as the trusted side sees it.

    Attributes:
        dtype: torch's name of the element type without `torch.`, such as "bfloat16".
        shape: the size of each dimension; () for a 0-dim tensor.
        device: torch's name of the device, such as "cpu", "cuda:0" or "meta".
        requires_grad: what the tensor said of itself.
        array: the elements, read-only, of shape `shape`; bfloat16 is widened to float32. None for
            a tensor on the meta device, which has no elements.
    """

    dtype: str
    shape: tuple[int, ...]
    device: str
    requires_grad: bool
    array: npt.NDArray[Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Something that does not travel: only what it was is known. Equal to nothing but itself."""

    type_name: str


_LEAVES: Final = frozenset({type(None), bool, int, float, str, bytes, TensorValue, Opaque})


def encode(value: object) -> list[Buffer]:
    """Return the buffers of one frame, to be written one after the other.

    None, bool, int, float, str, bytes, list, tuple, dict and tensors travel as what they are
    (exact types only; OrderedDict as dict and torch.Size as tuple); torch's dtypes and devices
    travel as their names; everything else arrives as `Opaque`. Tensors are not copied.

    Raises:
        ValueError: if the frame would be larger than `decode` accepts.
    """
    encoder = _Encoder()
    header: bytes = msgpack.packb(encoder.plain(value, 0), unicode_errors="backslashreplace")
    header += bytes([_FILLER]) * (-(PREFIX.size + len(header)) % _ALIGNMENT)
    if len(header) > MAX_HEADER_BYTES or encoder.body_bytes > MAX_BODY_BYTES:
        raise ValueError(
            f"too much to send: {len(header)} bytes of structure (at most {MAX_HEADER_BYTES}), "
            f"{encoder.body_bytes} bytes of tensors (at most {MAX_BODY_BYTES})",
        )
    return [PREFIX.pack(MAGIC, len(header), encoder.body_bytes) + header, *encoder.body]


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
    if len(rest) >= _ALIGNMENT or rest.strip(bytes([_FILLER])):
        raise ProtocolError("more than one value in the header")
    return value


def _read_map(pairs: Sequence[tuple[object, object]]) -> object:
    if len(pairs) == 1 and pairs[0][0] is None:
        return _read_special(pairs[0][1])
    result: dict[str | int, object] = {}
    for key, value in pairs:
        if type(key) is not str and type(key) is not int:
            raise ProtocolError(f"a map key of type {type(key).__name__}")
        result[key] = value
    if len(result) != len(pairs):
        raise ProtocolError("a map with a key twice")
    return result


def _read_special(content: object) -> object:
    if type(content) is list:
        return tuple(content)
    if type(content) is str:
        return Opaque(content)
    if type(content) is bytes and len(content) <= _MAX_BIG_INTEGER_BYTES:
        return int.from_bytes(content, "little", signed=True)
    raise ProtocolError(f"nil before {type(content).__name__}")


class _TensorReader:
    """Turns the tensor entries of a header into values over the frame's body."""

    def __init__(self, body: memoryview) -> None:
        self._body = body

    def __call__(self, code: int, data: bytes) -> TensorValue:
        if code != _TENSOR_CODE or len(data) < _TENSOR.size:
            raise ProtocolError(f"extension {code} of {len(data)} bytes")
        dtype_code, dimensions, flags, offset = _TENSOR.unpack_from(data)
        if dtype_code >= len(_NAMES) or dimensions > MAX_DIMENSIONS:
            raise ProtocolError("a tensor of unknown dtype or of too many dimensions")
        shape = _read_shape(data, dimensions)
        device = data[_TENSOR.size + 8 * dimensions :]
        if not _DEVICE.fullmatch(device) or flags & ~(_REQUIRES_GRAD | _HAS_DATA):
            raise ProtocolError("a tensor of unknown device or flags")
        has_data = bool(flags & _HAS_DATA)
        if has_data == device.startswith(b"meta"):
            raise ProtocolError("only a meta tensor has no data")
        array = self._read_array(dtype_code, shape, offset) if has_data else None
        return TensorValue(
            dtype=_NAMES[dtype_code],
            shape=shape,
            device=device.decode(),
            requires_grad=bool(flags & _REQUIRES_GRAD),
            array=array,
        )

    def _read_array(self, code: int, shape: tuple[int, ...], offset: int) -> npt.NDArray[Any]:
        dtype = _DTYPES[code]
        count = math.prod(shape)
        end = offset + count * dtype.itemsize
        if offset % _ALIGNMENT or end > len(self._body):
            raise ProtocolError("a tensor that lies outside the frame")
        raw = self._body[offset:end]
        if _NAMES[code] == "bool" and bytes(raw).translate(None, b"\0\1"):
            raise ProtocolError("a boolean that is neither 0 nor 1")
        array = np.frombuffer(raw, dtype=dtype).reshape(shape)
        if _NAMES[code] == "bfloat16":
            array = _widen(array)
        array.flags.writeable = False
        return array


def _read_shape(data: bytes, dimensions: int) -> tuple[int, ...]:
    if len(data) < _TENSOR.size + 8 * dimensions:
        raise ProtocolError("a tensor without its whole shape")
    shape = struct.unpack_from(f"<{dimensions}q", data, _TENSOR.size)
    # Zero-sized dimensions must not excuse huge ones beside them: numpy multiplies those.
    if any(size < 0 for size in shape) or math.prod(max(size, 1) for size in shape) > 1 << 40:
        raise ProtocolError("a tensor of impossible shape")
    return shape


def _require_plain(value: object) -> None:
    """Refuse types of msgpack's own, and nesting that would exhaust the stack of a walker."""
    level: list[object] = [value]
    for _ in range(MAX_DEPTH + 2):
        below: list[object] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                below.extend(item.values())  # type: ignore[attr-defined]  # kind says so
            elif kind is list or kind is tuple:
                below.extend(item)  # type: ignore[arg-type]  # as above
            elif kind not in _LEAVES:
                raise ProtocolError(f"a value of type {kind.__name__}")
        if not below:
            return
        level = below
    raise ProtocolError(f"nested deeper than {MAX_DEPTH}")


def _widen(bits: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return bfloat16 bit patterns as the float32 numbers that they stand for."""
    return (bits.astype(np.uint32) << 16).view(np.float32)


class _Encoder:
    """Gathers the tensors of one value while it turns the rest into what msgpack packs."""

    def __init__(self) -> None:
        self.body: list[Buffer] = []
        self.body_bytes = 0
        # Never imported here: where nobody imported torch there is no tensor to be met.
        self._torch: Any = sys.modules.get("torch")

    def plain(self, value: object, depth: int) -> object:
        """Return `value` in terms of msgpack; `depth` is how far down in the whole it lies."""
        kind = type(value)
        if value is None or kind in (bool, float, str, bytes):
            return value
        if kind is int:
            return _plain_integer(value)  # type: ignore[arg-type]  # kind says so
        if depth > MAX_DEPTH:
            return {None: "nested too deep"}
        return self._plain_compound(value, kind, depth)

    def _plain_compound(self, value: Any, kind: type, depth: int) -> object:
        if kind is list:
            return [self.plain(item, depth + 1) for item in value]
        if kind is tuple:
            return {None: [self.plain(item, depth + 1) for item in value]}
        if kind in (dict, OrderedDict):
            return self._plain_dict(value, depth)
        return self._plain_tensor_like(value, kind, depth)

    def _plain_dict(self, value: dict[Any, Any], depth: int) -> object:
        if not all(type(key) is str or _is_small(key) for key in value):
            return {None: "dict with keys other than str and int"}
        return {key: self.plain(item, depth + 1) for key, item in value.items()}

    def _plain_tensor_like(self, value: Any, kind: type, depth: int) -> object:
        if kind is TensorValue:
            return self._plain_tensor_value(value)
        if kind is Opaque:
            return {None: value.type_name}
        if self._torch is not None:
            return self._plain_torch(value, kind, depth)
        return {None: _name_of(kind)}

    def _plain_torch(self, value: Any, kind: type, depth: int) -> object:
        torch = self._torch
        if kind is torch.Tensor or kind is torch.nn.Parameter:
            return self._plain_tensor(value)
        if kind is torch.Size:
            return self.plain(tuple(value), depth)
        if kind is torch.dtype or kind is torch.device:
            return str(value)
        return {None: _name_of(kind)}

    def _plain_tensor(self, tensor: Any) -> object:
        """Describe a tensor and queue its bytes; what numpy cannot hold becomes opaque."""
        dtype = str(tensor.dtype).removeprefix("torch.")
        if dtype not in _CODES or tensor.layout is not self._torch.strided:
            return {None: f"torch.Tensor of {dtype}, {tensor.layout}"}
        flags = _REQUIRES_GRAD * bool(tensor.requires_grad)
        shape, device = tuple(tensor.shape), str(tensor.device)
        if tensor.device.type == "meta":
            return _pack_tensor(dtype, flags, 0, shape, device)
        # Views that only promise to negate or conjugate are made real before their bytes are read.
        data = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        if dtype == "bfloat16":
            data = data.view(self._torch.int16)
        offset = self._queue(data.numpy())
        return _pack_tensor(dtype, flags | _HAS_DATA, offset, shape, device)

    def _plain_tensor_value(self, value: TensorValue) -> object:
        flags = _REQUIRES_GRAD * value.requires_grad
        if value.array is None:
            return _pack_tensor(value.dtype, flags, 0, value.shape, value.device)
        array = np.ascontiguousarray(value.array)
        if value.dtype == "bfloat16":
            array = (array.view(np.uint32) >> 16).astype(np.uint16)
        offset = self._queue(array)
        return _pack_tensor(value.dtype, flags | _HAS_DATA, offset, value.shape, value.device)

    def _queue(self, array: npt.NDArray[Any]) -> int:
        """Append an array's bytes to the body and return their offset in it."""
        offset = self.body_bytes
        if array.size:
            raw = array.reshape(-1).view(np.uint8).data
            padding = -raw.nbytes % _ALIGNMENT
            self.body += [raw, bytes(padding)] if padding else [raw]
            self.body_bytes += raw.nbytes + padding
        return offset


def _pack_tensor(
    dtype: str,
    flags: int,
    offset: int,
    shape: tuple[int, ...],
    device: str,
) -> msgpack.ExtType:
    fixed = _TENSOR.pack(_CODES[dtype], len(shape), flags, offset)
    sizes = struct.pack(f"<{len(shape)}q", *shape)
    return msgpack.ExtType(_TENSOR_CODE, fixed + sizes + device.encode())


def _plain_integer(value: int) -> object:
    if _is_small(value):
        return value
    size = value.bit_length() // 8 + 1
    if size > _MAX_BIG_INTEGER_BYTES:
        return {None: f"int of {value.bit_length()} bits"}
    return {None: value.to_bytes(size, "little", signed=True)}


def _is_small(value: object) -> bool:
    return type(value) is int and -(1 << 63) <= value < 1 << 64


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"[:200]
