"""Sources that are slow to parse: whoever reads them, outside the jail, is not held up."""

from __future__ import annotations

import time

import pytest

from graders.source_checks import MAX_BYTES, check_source


@pytest.mark.parametrize(
    "source",
    [
        b"f'" + b"{a}" * 21_000 + b"'",
        b"f'{a:" + b"{b}" * 21_000 + b"}'",
        b"a\n" * 32_000,
        (b"a" + b".b" * 900 + b"\n") * 35,
        b"f(" + b"a=1," * 16_000 + b"=",
    ],
    ids=["f-string", "format", "lines", "attributes", "keywords"],
)
def test_no_source_holds_up_whoever_reads_it(source):
    assert len(source) <= MAX_BYTES
    start = time.process_time()
    check_source(source, entry=("f",), forbid=("torch.optim.AdamW",))
    assert time.process_time() - start < 3
