"""Runs Alembic on one locked connection. Imported only when needed: it takes half a second."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

import psycopg
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError

from cli.migrations import SchemaError, migrations_folder

LOCK = 0x70_66_6D_69
"""Advisory lock that a migrator holds on the database; one at a time."""

WAIT_SECONDS = 0.5


def upgrade(address: str) -> list[str]:
    """Apply what is missing, under the lock; returns the revisions, oldest first."""
    with _connected(address) as connection, _locked(connection):
        missing = _missing(connection)
        if missing:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return missing


def missing_revisions(address: str) -> list[str]:
    """What `upgrade` would apply, oldest first."""
    with _connected(address) as connection:
        return _missing(connection)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    return config


@contextmanager
def _connected(address: str) -> Iterator[Connection]:
    # Connected here and not in the engine, which would wrap an error and quote the address.
    opened = psycopg.connect(
        address,
        application_name="photo-factory migrate",
        connect_timeout=10,
        options="-c timezone=UTC",
    )
    engine = create_engine("postgresql+psycopg://", creator=lambda: opened, poolclass=NullPool)
    with closing(opened), engine.connect() as connection:
        try:
            yield connection
        except DBAPIError as error:
            reason = str(error.orig).strip().partition("\n")[0]
            message = f"The database could not be brought up to date: {reason}"
            raise SchemaError(message) from error


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
        with suppress(DBAPIError):  # the lock of a lost session is gone already
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
