"""The version of the prover: what it is made of."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from quizzer.services.proving.prover import DECIDING

ROOT = Path(__file__).resolve().parents[2]
REMEMBERING = "quizzer.services.proving.cache"  # what held before is asked after by the version


@pytest.mark.parametrize("name", DECIDING)
def test_whatever_decides_with_a_module_that_decides_is_of_the_version_too(name: str) -> None:
    tree = ast.parse((ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    beside = {one for one in imported if one and one.startswith("quizzer.services.proving.")}
    assert beside <= {*DECIDING, REMEMBERING}
