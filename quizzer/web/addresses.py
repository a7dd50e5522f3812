"""Numbers in addresses, no larger than a database's ids can be."""

from __future__ import annotations

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST_ID = 2**31 - 1


class RecordId(IntegerConverter):
    """`<id:name>`: an id of a row, or a position in an attempt; any larger number is not found."""

    def __init__(self, url_map: Map) -> None:
        super().__init__(url_map, max=LARGEST_ID)


def register_addresses(app: Flask) -> None:
    """Let routes say `<id:name>`."""
    app.url_map.converters["id"] = RecordId
