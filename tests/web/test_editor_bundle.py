"""The committed editor is what its sources build to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FRONTEND = ROOT / "frontend"


@pytest.mark.skipif(
    not (FRONTEND / "node_modules" / ".bin" / "esbuild").exists(),
    reason="this machine has not the editor's sources: npm ci --ignore-scripts in frontend/",
)
def test_building_the_editor_again_gives_the_same_bytes(tmp_path):
    built = tmp_path / "editor.js"
    subprocess.run(
        ["npm", "run", "--silent", "build", "--", f"--outfile={built}", "--allow-overwrite"],
        cwd=FRONTEND,
        check=True,
        capture_output=True,
    )
    assert built.read_bytes() == (ROOT / "quizzer/web/static/editor.js").read_bytes()


def test_the_pins_are_exact_and_locked():
    wanted = json.loads((FRONTEND / "package.json").read_text())
    locked = json.loads((FRONTEND / "package-lock.json").read_text())["packages"]
    pins = wanted["dependencies"] | wanted["devDependencies"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in pins} == pins
    assert all("integrity" in entry for name, entry in locked.items() if name)
