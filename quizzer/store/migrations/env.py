"""What Alembic runs around every command: the connection comes from the caller."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from quizzer.store.columns import UtcDateTime
from quizzer.store.tables import Base


def _render_type(kind: str, value: Any, _context: AutogenContext) -> str | Literal[False]:  # noqa: ANN401 - theirs
    """Write our column type as the steps import it; leave the others to Alembic."""
    return "UtcDateTime()" if kind == "type" and isinstance(value, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
    render_item=_render_type,
    # SQLite cannot alter a table in place: Alembic copies it.
    render_as_batch=True,
)
context.run_migrations()
