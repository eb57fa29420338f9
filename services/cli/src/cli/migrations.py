"""Brings the schema up to date, in code, so that every way of running uses the same path."""

import os
from pathlib import Path


class SchemaError(Exception):
    """The schema cannot be brought up to date; the message is a sentence for the user."""


def migrate(address: str) -> list[str]:
    """Apply what is missing; a second migrator waits for the first and finds nothing to do.

    Args:
        address: PostgreSQL URL.

    Returns:
        The revisions that were applied, oldest first.

    Raises:
        SchemaError: The database is of a newer version, a step failed, or there are no migrations.
        psycopg.OperationalError: The server cannot be reached.
        psycopg.ProgrammingError: The address cannot be understood.
    """
    from cli.alembic_run import upgrade  # noqa: PLC0415 - slow to import

    return upgrade(address)


def pending(address: str) -> list[str]:
    """The revisions that `migrate` would apply, oldest first; raises as it does."""
    from cli.alembic_run import missing_revisions  # noqa: PLC0415 - slow to import

    return missing_revisions(address)


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
