"""Settings and a connection for one command; what goes wrong here ends in one sentence."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
import typer
from photo_factory.database import Connection, connect
from photo_factory.settings import Settings, plain
from pydantic import ValidationError

WRONG = 2
"""Exit code for wrong usage and wrong configuration."""

FINDINGS = 1
"""Exit code for a command that found or met something that needs a person."""


class DatabaseUnavailableError(Exception):
    """No connection; the message is a sentence for the user that contains no password."""


def fail(message: str) -> NoReturn:
    """End the command with a sentence on standard error and exit code 2."""
    typer.echo(message, err=True)
    raise typer.Exit(WRONG)


def tolerate_odd_names() -> None:
    """Let names be printed that the terminal's character set lacks: they are shown escaped."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def load_settings() -> Settings:
    """Read the settings; a wrong one ends the command with its name and its fault."""
    tolerate_odd_names()
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"  {_variable(fault['loc'])}{plain(fault['msg'])}" for fault in error.errors()]
        fail("\n".join(["A setting is wrong.", *faults]))


def _variable(location: tuple[int | str, ...]) -> str:
    return f"PF_{location[0]}".upper() + ": " if location else ""


def open_database(settings: Settings) -> Connection:
    """Connect.

    Raises:
        DatabaseUnavailableError: None is configured, or it does not answer.
    """
    try:
        address = settings.database_address()
    except ValueError as error:
        message = f"There is {error}."
        raise DatabaseUnavailableError(message) from None
    try:
        return connect(address, "cli")
    except psycopg.OperationalError as error:
        message = f"PostgreSQL cannot be reached: {_first_line(error)}. {_advice(settings)}"
        raise DatabaseUnavailableError(message) from None
    except psycopg.ProgrammingError:
        # The driver's own message would quote the address, password included.
        message = (
            "The address of PostgreSQL cannot be understood. "
            "It must look like postgresql://user:password@host:port/name."
        )
        raise DatabaseUnavailableError(message) from None


@contextmanager
def database(settings: Settings) -> Iterator[Connection]:
    """A connection for the length of a command; expected trouble ends it with exit code 2."""
    try:
        with open_database(settings) as connection:
            yield connection
    except DatabaseUnavailableError as error:
        fail(str(error))
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        fail("The database has not the tables of this version yet. Run: photo-factory migrate")
    except psycopg.errors.InsufficientPrivilege as error:
        fail(f"The database refuses this command: {_first_line(error)}.")
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        fail(f"The connection to PostgreSQL was lost: {_first_line(error)}.")


def _first_line(error: psycopg.Error) -> str:
    lines = str(error).strip().splitlines()
    if not lines:
        return "it gave no reason"
    return lines[0].removeprefix("connection failed: ").rstrip(".")


def _advice(settings: Settings) -> str:
    if settings.database_url is None:
        return "Start local mode first: photo-factory up"
    return "Is it running, and is PF_DATABASE_URL right?"
