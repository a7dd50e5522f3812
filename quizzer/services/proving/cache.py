"""Which proofs held: hashes in a small file, never an item or its key."""

from __future__ import annotations

import json
import os
from pathlib import Path

_MOST = 50_000  # hashes kept, the newest; each is 64 characters


class ProofCache:
    """The proofs that held, by the hash of all that they depend on.

    A file that cannot be read counts as empty: the proofs are run again.

    Args:
        path: the file; None keeps the hashes in memory only.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._known = dict.fromkeys(_load(path))

    def __contains__(self, proof_hash: str) -> bool:
        return proof_hash in self._known

    def add(self, proof_hash: str) -> None:
        """Remember that a proof held."""
        self._known[proof_hash] = None

    def save(self) -> None:
        """Write the file, together with what others have added to it meanwhile."""
        if self._path is None:
            return
        merged = dict.fromkeys([*_load(self._path), *self._known])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        draft.write_text(json.dumps(list(merged)[-_MOST:]), encoding="ascii")
        draft.replace(self._path)


def _load(path: Path | None) -> list[str]:
    if path is None or not path.is_file():
        return []
    try:
        hashes = json.loads(path.read_text(encoding="ascii"))
    except ValueError:
        return []
    return [entry for entry in hashes if isinstance(entry, str)] if isinstance(hashes, list) else []
