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

from graders.wire.decoding import decode, read_prefix
from graders.wire.encoding import encode
from graders.wire.form import (
    MAGIC,
    MAX_BODY_BYTES,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_HEADER_BYTES,
    MAX_VALUES,
    NO_ANSWER,
    PREFIX,
    Buffer,
    Opaque,
    TensorValue,
)

__all__ = [
    "MAGIC",
    "MAX_BODY_BYTES",
    "MAX_DEPTH",
    "MAX_DIMENSIONS",
    "MAX_HEADER_BYTES",
    "MAX_VALUES",
    "NO_ANSWER",
    "PREFIX",
    "Buffer",
    "Opaque",
    "TensorValue",
    "decode",
    "encode",
    "read_prefix",
]
