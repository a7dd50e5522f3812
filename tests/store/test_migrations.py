from __future__ import annotations

import stat

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import UniqueConstraint, inspect, select

from quizzer.config import SettingsError, load_settings
from quizzer.store.db import Database, open_database
from quizzer.store.migrations import make_alembic_config, upgrade
from quizzer.store.tables import Base, UserRow
from tests.factories import NOON


def list_schema(database):
    """Everything that SQLite was told, in a spelling that does not depend on who told it."""
    found = inspect(database.engine)
    return {
        table: (
            sorted((c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)),
            sorted(
                (i["name"], tuple(i["column_names"]), i["unique"]) for i in found.get_indexes(table)
            ),
            sorted(
                (u["name"], tuple(u["column_names"])) for u in found.get_unique_constraints(table)
            ),
            sorted((c["name"], c["sqltext"]) for c in found.get_check_constraints(table)),
            sorted(
                (f["name"], tuple(f["constrained_columns"]), f["referred_table"], str(f["options"]))
                for f in found.get_foreign_keys(table)
            ),
            found.get_pk_constraint(table)["name"],
        )
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def test_the_migrated_schema_is_that_of_the_tables(sqlite, tmp_path):
    made = Database(f"sqlite:///{tmp_path}/made.db")
    Base.metadata.create_all(made.engine)
    assert list_schema(sqlite) == list_schema(made)
    made.close()


def test_a_new_migration_would_find_nothing_to_do(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_upgrading_twice_keeps_what_is_there(tmp_path):
    settings = load_settings({"QUIZZER_HOME": str(tmp_path / "home")})
    upgrade(settings)
    database = open_database(settings)
    with database.transaction() as session:
        session.add(
            UserRow(
                name="ada",
                folded_name="ada",
                role="learner",
                session_version=1,
                created_at=NOON,
            )
        )
    upgrade(settings)
    with database.snapshot() as session:
        assert session.scalars(select(UserRow.name)).all() == ["ada"]
    database.close()


def test_the_steps_can_be_taken_back(database):
    with database.engine.begin() as connection:
        command.downgrade(make_alembic_config(connection), "base")
    assert list_schema(database) == {}


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_foreign_key_is_indexed(table):
    leading = {next(iter(index.columns)).name for index in table.indexes}
    leading |= {
        next(iter(constraint.columns)).name
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    }
    assert {key.parent.name for key in table.foreign_keys} <= leading


def test_table_names_are_singular_and_every_constraint_has_a_name():
    for table in Base.metadata.sorted_tables:
        assert not table.name.endswith("s") or table.name.endswith("ss")
        assert all(constraint.name for constraint in table.constraints)


# -- settings that decide where the database is


def test_settings_have_defaults_below_one_home(tmp_path):
    settings = load_settings({"QUIZZER_HOME": str(tmp_path / "home")})
    assert settings.database_url == f"sqlite:///{tmp_path}/home/quizzer.db"
    assert settings.queue_url == f"sqlite:///{tmp_path}/home/queue.db"
    assert settings.questions.name == "questions"
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)


def test_the_secret_key_is_made_once_for_the_owner_alone(tmp_path):
    environ = {"QUIZZER_HOME": str(tmp_path)}
    first = load_settings(environ)
    key_file = tmp_path / "secret_key"
    assert first.secret_key == load_settings(environ).secret_key == key_file.read_text()
    assert len(first.secret_key) >= 32
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert first.secret_key not in repr(first)
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_the_levels_that_may_be_allowed_are_named(tmp_path):
    environ = {"QUIZZER_HOME": str(tmp_path), "QUIZZER_ALLOW_LEVEL": "nonsense"}
    with pytest.raises(SettingsError, match="A, A-, B, B0, C, not 'nonsense'"):
        load_settings(environ)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("WORKERS", "0"),
        ("WORKERS", "٣"),
        ("HTTPS", "yes"),
        ("ALLOW_LEVEL", "c"),
        ("ALLOW_LEVEL", "none"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(tmp_path, name, value):
    environ = {"QUIZZER_HOME": str(tmp_path), f"QUIZZER_{name}": value}
    with pytest.raises(ValueError, match=f"QUIZZER_{name}"):
        load_settings(environ)
