"""What is said of a submission before any of it runs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graders.model import Verdict
from graders.source_checks import MAX_BYTES, check_source

quick = settings(max_examples=50, deadline=None)
GOOD = b"def f(x):\n    return x\n"


def check(source, *, entry=("f",), forbid=()):
    return check_source(source, entry=entry, forbid=forbid)


def test_a_sound_file_may_run():
    finding = check(GOOD)
    assert (finding.verdict, finding.message, finding.text) == (
        Verdict.ACCEPTED,
        "",
        GOOD.decode(),
    )


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfdef f(x): return x",
        b"f = lambda x: x",
        b"import math as f",
        b"from math import floor as f",
        b"if True:\n    def f(): pass",
        b"try:\n    f: int = 3\nexcept: pass",
        b"class f: pass",
        b"async def f(): pass",
        b"for f in []: pass",
        b"with open as f: pass",
        b"a, (b, f) = 1, (2, 3)",
        b"from math import *",
        b"globals()['f'] = 3",
        "def f(): return 'grüße'".encode(),
    ],
)
def test_a_name_may_be_defined_in_many_ways(source):
    assert check(source).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("source", "verdict", "words"),
    [
        (b"", Verdict.WRONG, "empty"),
        (b"\n\n# only a comment\n", Verdict.WRONG, "empty"),
        (b"x" * (MAX_BYTES + 1), Verdict.FORBIDDEN, "at most 64 kB"),
        (b"# " + b"x" * 2**20, Verdict.FORBIDDEN, "1024 kB long"),
        (b"x" * 2**24, Verdict.FORBIDDEN, "The file is 16384 kB long"),
        (b"x" * (2**24 + 1), Verdict.FORBIDDEN, "The file is more than 16 MB long"),
        (b"def f(): pass\nx = '\xff'\n", Verdict.SYNTAX_ERROR, "byte 0xff on line 2"),
        (GOOD.decode().encode("utf-16"), Verdict.SYNTAX_ERROR, "not UTF-8"),
        (b"def f(x)\n    return x\n", Verdict.SYNTAX_ERROR, "Line 1: expected ':'"),
        (b"def f(x):\n  return (x\n", Verdict.SYNTAX_ERROR, "Line 2: '(' was never closed"),
        (b"def f():\n\treturn 1\n        return 2\n", Verdict.SYNTAX_ERROR, "Line 3: "),
        (b"def f(): pass\n\x00", Verdict.SYNTAX_ERROR, "null bytes"),
        (b"x = " + b"(" * 5000 + b")" * 5000, Verdict.SYNTAX_ERROR, "nested"),
        (b"x = " + b"-" * 50000 + b"1", Verdict.SYNTAX_ERROR, "nested too deeply"),
        (b"x = a" + b".b" * 30000, Verdict.SYNTAX_ERROR, "nested too deeply"),
        (b"def g(): pass", Verdict.WRONG, "defines no f at its top level"),
        (b"def g():\n    def f(): pass", Verdict.WRONG, "defines no f"),
        (b"class A:\n    def f(self): pass", Verdict.WRONG, "defines no f"),
        (b"g = lambda f: f", Verdict.WRONG, "defines no f"),
    ],
)
def test_what_may_not_run_is_told_in_its_own_words(source, verdict, words):
    finding = check(source)
    assert finding.verdict is verdict
    assert words in finding.message


def test_the_quoted_line_cannot_steer_a_terminal():
    finding = check("def f(:  # \x1b[2J\u202e".encode())
    assert finding.message.startswith("Line 1: ")
    assert "\x1b" not in finding.message
    assert "\u202e" not in finding.message


@pytest.mark.parametrize(
    "source",
    [
        b"import torch\ndef f(): return torch.optim.AdamW",
        b"import torch as t\nf = t.optim.AdamW",
        b"import torch.optim as o\nf = o.AdamW",
        b"import torch.optim\nf = torch.optim.AdamW([])",
        b"from torch import optim\nf = optim.AdamW",
        b"from torch.optim import AdamW\nf = 1",
        b"from torch.optim import AdamW as Innocent\nf = Innocent",
        b"import torch\nf = torch.optim.AdamW.step",
    ],
)
def test_a_forbidden_name_is_found_whatever_it_is_imported_as(source):
    finding = check(source, forbid=("torch.optim.AdamW",))
    assert finding.verdict is Verdict.FORBIDDEN
    assert "torch.optim.AdamW" in finding.message


def test_the_first_line_that_uses_it_is_told():
    source = b"import torch\n\ndef f():\n    torch.optim.Adam\n    torch.optim.AdamW\n"
    finding = check(source, forbid=("torch.optim.AdamW", "torch.optim.Adam"))
    assert finding.message.startswith("Line 4 uses torch.optim.Adam,")


@pytest.mark.parametrize(
    "source",
    [
        b"import torch\nf = torch.optim.AdamWish",
        b"f = 'torch.optim.AdamW'  # torch.optim.AdamW",
        b"import torch\nf = torch.optim.SGD",
    ],
)
def test_a_name_that_only_looks_alike_is_not(source):
    assert check(source, forbid=("torch.optim.AdamW",)).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    "line",
    [
        "o = torch.optim; o.AdamW",
        "t = torch; o = t.optim; p = o; p.AdamW",
        "(o := torch.optim).AdamW; o.AdamW",
        "o: object = torch.optim; o.AdamW",
        "getattr(torch.optim, 'AdamW')",
        "getattr(torch, 'optim').AdamW",
        "g = torch.optim; getattr(g, 'AdamW')([])",
        "vars(torch.optim)['AdamW']",
        "torch.optim.__dict__['AdamW']",
        "__import__('torch.optim').optim; __import__('torch.optim').AdamW",
        "import importlib; importlib.import_module('torch.optim').AdamW",
        "from importlib import import_module as i; i('torch.optim.adamw').AdamW",
        "from torch.optim.adamw import AdamW as f",
        "import torch.optim.adamw; torch.optim.adamw.AdamW",
        "from torch.optim import *; AdamW",
    ],
)
def test_a_forbidden_name_that_is_reached_in_another_way_is_only_a_remark(line):
    finding = check(f"import torch\n{line}\nf = 1".encode(), forbid=("torch.optim.AdamW",))
    assert (finding.verdict, finding.message) == (Verdict.ACCEPTED, "")
    (remark,) = finding.information
    assert remark.startswith("Line 2 gets at torch.optim.AdamW in another way")
    assert "changes no points" in remark


@pytest.mark.parametrize(
    "line",
    [
        "o = torch.optim; o.SGD",
        "getattr(torch.optim, name)",
        "getattr(torch.optim, 'AdamWish')",
        "x = 'torch.optim.AdamW'",
        "AdamW = 3; AdamW",
        "class AdamW: pass",
        "torch.AdamW",
        "x = x.AdamW; o = o",
    ],
)
def test_what_is_no_way_to_a_forbidden_name_is_not_remarked(line):
    finding = check(f"import torch\n{line}\nf = 1".encode(), forbid=("torch.optim.AdamW",))
    assert finding.information == ()


def test_nothing_is_remarked_where_nothing_is_forbidden():
    assert check(b"import torch\no = torch.optim\nf = o.AdamW").information == ()


@quick
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_get_a_verdict_and_a_reason(source):
    finding = check(source, forbid=("os.system",))
    assert bool(finding.message) == (finding.verdict is not Verdict.ACCEPTED)
