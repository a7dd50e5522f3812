"""Static files from memory, under a folder whose name is the hash of all of them.

The name changes with the content, so browsers may keep the files for ever, and a relative import
in a script finds its neighbour of the same version.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_IS_PACKED = frozenset({".woff2"})  # compressed by their own format


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its media type, its bytes, and those bytes compressed if that helps."""

    media_type: str
    raw: bytes
    packed: bytes | None


@dataclass(frozen=True, slots=True)
class Assets:
    """All static files and the version that their content gives them."""

    version: str
    files: dict[str, Asset]


def load_assets(folder: Path) -> Assets:
    """Read the files below `folder`.

    Raises:
        KeyError: for a file whose ending is not in `TYPES`.
    """
    digest = hashlib.sha256()
    files: dict[str, Asset] = {}
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        name, raw = path.relative_to(folder).as_posix(), path.read_bytes()
        digest.update(f"{name} {len(raw)}\n".encode() + raw)
        files[name] = Asset(TYPES[path.suffix], raw, _pack(path.suffix, raw))
    return Assets(version=digest.hexdigest()[:12], files=files)


def _pack(suffix: str, raw: bytes) -> bytes | None:
    return None if suffix in _IS_PACKED else gzip.compress(raw, 9, mtime=0)


def serve_assets(app: Flask, assets: Assets) -> None:
    """Route `/static/<version>/<name>` to the files; any other version is not found."""

    def static(version: str, filename: str) -> Response:
        asset = assets.files.get(filename)
        if asset is None or version != assets.version:
            raise NotFound
        return _answer(asset)

    app.add_url_rule("/static/<version>/<path:filename>", "static", static)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, object]) -> None:
        if endpoint == "static":
            values.setdefault("version", assets.version)


def _answer(asset: Asset) -> Response:
    is_packed = asset.packed is not None and request.accept_encodings["gzip"] > 0
    response = Response(asset.packed if is_packed else asset.raw, content_type=asset.media_type)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if asset.packed is not None:
        response.vary.add("Accept-Encoding")
    if is_packed:
        response.content_encoding = "gzip"
    return response
