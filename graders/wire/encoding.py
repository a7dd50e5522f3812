"""From values to the buffers of a frame: what is not plain data is left out, by name."""

# ruff: noqa: ANN401 - values of any type travel; torch is not imported here, so nothing can name its
# types

from __future__ import annotations

import struct
import sys
from collections import OrderedDict
from typing import Any

import msgpack  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt

from graders.wire.form import (
    ALIGNMENT,
    CODES,
    FILLER,
    HAS_DATA,
    MAGIC,
    MAX_BIG_INTEGER_BYTES,
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_HEADER_BYTES,
    MAX_VALUES,
    PREFIX,
    REQUIRES_GRAD,
    TENSOR,
    TENSOR_CODE,
    Buffer,
    Opaque,
    TensorValue,
)


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
    header += bytes([FILLER]) * (-(PREFIX.size + len(header)) % ALIGNMENT)
    if len(header) > MAX_HEADER_BYTES or encoder.body_bytes > MAX_BODY_BYTES:
        raise ValueError(
            f"too much to send: {len(header)} bytes of structure (at most {MAX_HEADER_BYTES}), "
            f"{encoder.body_bytes} bytes of tensors (at most {MAX_BODY_BYTES})",
        )
    if encoder.values > MAX_VALUES:
        raise ValueError(f"too much to send: {encoder.values} values (at most {MAX_VALUES})")
    return [PREFIX.pack(MAGIC, len(header), encoder.body_bytes) + header, *encoder.body]


class _Encoder:
    """Gathers the tensors of one value while it turns the rest into what msgpack packs."""

    def __init__(self) -> None:
        self.body: list[Buffer] = []
        self.body_bytes = 0
        self.values = 0
        # Never imported here: where nobody imported torch there is no tensor to be met.
        self._torch: Any = sys.modules.get("torch")

    def plain(self, value: object, depth: int) -> object:
        """Return `value` in terms of msgpack; `depth` is how far down in the whole it lies."""
        self.values += 1
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
        if dtype not in CODES or tensor.layout is not self._torch.strided:
            return {None: f"torch.Tensor of {dtype}, {tensor.layout}"}
        flags = REQUIRES_GRAD * bool(tensor.requires_grad)
        shape, device = tuple(tensor.shape), str(tensor.device)
        if tensor.device.type == "meta":
            return _pack_tensor(dtype, flags, 0, shape, device)
        # Views that only promise to negate or conjugate are made real before their bytes are read.
        data = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
        if dtype == "bfloat16":
            data = data.view(self._torch.int16)
        offset = self._queue(data.numpy())
        return _pack_tensor(dtype, flags | HAS_DATA, offset, shape, device)

    def _plain_tensor_value(self, value: TensorValue) -> object:
        flags = REQUIRES_GRAD * value.requires_grad
        if value.array is None:
            return _pack_tensor(value.dtype, flags, 0, value.shape, value.device)
        array = np.ascontiguousarray(value.array)
        if value.dtype == "bfloat16":
            array = (array.view(np.uint32) >> 16).astype(np.uint16)
        offset = self._queue(array)
        return _pack_tensor(value.dtype, flags | HAS_DATA, offset, value.shape, value.device)

    def _queue(self, array: npt.NDArray[Any]) -> int:
        """Append an array's bytes to the body and return their offset in it."""
        offset = self.body_bytes
        if array.size:
            raw = array.reshape(-1).view(np.uint8).data
            padding = -raw.nbytes % ALIGNMENT
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
    fixed = TENSOR.pack(CODES[dtype], len(shape), flags, offset)
    sizes = struct.pack(f"<{len(shape)}q", *shape)
    return msgpack.ExtType(TENSOR_CODE, fixed + sizes + device.encode())


def _plain_integer(value: int) -> object:
    if _is_small(value):
        return value
    size = value.bit_length() // 8 + 1
    if size > MAX_BIG_INTEGER_BYTES:
        return {None: f"int of {value.bit_length()} bits"}
    return {None: value.to_bytes(size, "little", signed=True)}


def _is_small(value: object) -> bool:
    return type(value) is int and -(1 << 63) <= value < 1 << 64


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"[:200]
