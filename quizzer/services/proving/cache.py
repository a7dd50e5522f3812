"""Which proofs held, in a file: their hashes, and what was found.

That is the orders that are right as well, by the options' keys, and the values that variables were
given: part of the key of an item. The file is for the server alone.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from quizzer.domain.proofs import Found, read_found, write_found

_MOST = 50_000  # proofs kept, the newest; the hash of each is 64 characters


class ProofCache:
    """The proofs that held and what they found, by the hash of all that they depend on.

    A file that cannot be read counts as empty: the proofs are run again.

    Args:
        path: the file; None keeps everything in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = _load(path)

    def __contains__(self, proof_hash: str) -> bool:
        return proof_hash in self._known

    def get_found(self, proof_hash: str) -> Found:
        """Return what a proof that held has found.

        Raises:
            KeyError: if it is not known to have held.
        """
        return read_found(self._known[proof_hash])

    def add(self, proof_hash: str, found: Found) -> None:
        """Remember that a proof held, and what it found."""
        self._known[proof_hash] = write_found(found)

    def save(self) -> None:
        """Write the file, together with what others have added to it meanwhile."""
        if self._path is None:
            return
        merged = {**_load(self._path), **self._known}
        newest = dict(list(merged.items())[-_MOST:])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps(newest), encoding="ascii")
        draft.replace(self._path)


def _load(path: Path | None) -> dict[str, Any]:
    """Return what each proof found as plain data, by hash; entries that cannot be read left out."""
    if path is None or not path.is_file():
        return {}
    try:
        entries = json.loads(path.read_text(encoding="ascii"))
    except ValueError:
        return {}
    pairs = entries.items() if isinstance(entries, dict) else ()
    return {proof_hash: found for proof_hash, found in pairs if _is_readable(found)}


def _is_readable(found: object) -> bool:
    try:
        read_found(found)
    except ValueError:
        return False
    return True
