"""Brings the schema up to date, in code, so that every way of running uses the same path."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine

LOCK = 0x70_66_6D_69
"""Advisory lock that a migrator holds on the database; one at a time."""

WAIT_SECONDS = 0.5


class SchemaError(Exception):
    """The schema cannot be brought up to date; the message is a sentence for the user."""


def migrate(address: str) -> list[str]:
    """Apply what is missing; a second migrator waits for the first and finds nothing to do.

    Args:
        address: PostgreSQL URL.

    Returns:
        The revisions that were applied, oldest first.

    Raises:
        SchemaError: The database is of a newer version, or the migrations are not to be found.
        psycopg.OperationalError: The server cannot be reached.
    """
    with _connected(address) as connection, _locked(connection):
        missing = _missing(connection)
        if missing:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return missing


def pending(address: str) -> list[str]:
    """The revisions that `migrate` would apply, oldest first; raises as it does."""
    with _connected(address) as connection:
        return _missing(connection)


def migrations_folder() -> Path:
    """Where the migrations lie: PF_MIGRATIONS_DIR, else in the checkout that holds this file.

    Raises:
        SchemaError: There are none.
    """
    chosen = os.environ.get("PF_MIGRATIONS_DIR")
    folder = Path(chosen) if chosen else Path(__file__).parents[4] / "db" / "migrations"
    if not (folder / "env.py").is_file():
        message = f"There are no migrations in {folder}. Set PF_MIGRATIONS_DIR to their folder."
        raise SchemaError(message)
    return folder


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(
            address,
            application_name="photo-factory migrate",
            connect_timeout=10,
            options="-c timezone=UTC",
        ),
        poolclass=NullPool,
    )
    with engine.connect() as connection:
        yield connection


@contextmanager
def _locked(connection: Connection) -> Iterator[None]:
    """Hold the lock. Polled: a session that waits in one statement would block an index build."""
    while True:
        is_ours = connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({LOCK})").scalar()
        connection.commit()
        if is_ours:
            break
        time.sleep(WAIT_SECONDS)
    try:
        yield
    finally:
        connection.rollback()
        connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK})")
        connection.commit()


def _missing(connection: Connection) -> list[str]:
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    present = MigrationContext.configure(connection).get_current_heads()
    connection.rollback()
    unknown = sorted(set(present) - known)
    if unknown:
        message = (
            f"The database has revision {', '.join(unknown)}, which this version does not know. "
            "It was used by a newer version of Photo Factory; update this one. "
            "Nothing was changed."
        )
        raise SchemaError(message)
    lower = present[0] if present else "base"
    found = [script.revision for script in scripts.iterate_revisions("heads", lower)]
    return [revision for revision in reversed(found) if revision not in present]
