"""The form of a frame, known to both sides: prefix, caps, codes, and what a tensor becomes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Buffer = bytes | bytearray | memoryview

PREFIX: Final = struct.Struct("<IIQ")
MAGIC: Final = 0x315A5251
MAX_HEADER_BYTES: Final = 1 << 20
MAX_BODY_BYTES: Final = 64 << 20
MAX_VALUES: Final = 1 << 16  # entries of lists and dicts, all together
MAX_DEPTH: Final = 32
MAX_DIMENSIONS: Final = 16
NO_ANSWER: Final = 121
"""Exit status of a worker that could not lock itself, or can neither read nor answer any more."""

ALIGNMENT: Final = 16
FILLER: Final = 0xC1  # pads the header; no msgpack value starts with it, but one may end so
TENSOR_CODE: Final = 1
TENSOR: Final = struct.Struct("<BBBQ")  # dtype, number of dimensions, flags, offset in the body
REQUIRES_GRAD: Final = 1
HAS_DATA: Final = 2
MAX_BIG_INTEGER_BYTES: Final = 512

# The order is the wire's code for a dtype: append only.
STORAGE: Final[dict[str, str]] = {
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
NAMES: Final = tuple(STORAGE)
CODES: Final = {name: code for code, name in enumerate(NAMES)}
DTYPES: Final = tuple(np.dtype(storage) for storage in STORAGE.values())


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
