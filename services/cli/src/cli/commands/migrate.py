"""photo-factory migrate: brings the database schema up to date."""

import psycopg
import typer

from cli.commands.session import FINDINGS, fail, load_settings
from cli.migrations import SchemaError
from cli.migrations import migrate as apply_migrations


def migrate() -> None:
    """Bring the database schema up to date."""
    settings = load_settings()
    try:
        address = settings.database_address()
    except ValueError as error:
        fail(f"There is {error}.")
    try:
        applied = apply_migrations(address)
    except SchemaError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(FINDINGS) from None
    except psycopg.OperationalError as error:
        reason = str(error).strip().partition("\n")[0]
        typer.echo(f"PostgreSQL cannot be reached: {reason}", err=True)
        raise typer.Exit(FINDINGS) from None
    except psycopg.ProgrammingError:
        # The driver's own message would quote the address, password included.
        fail("The address of PostgreSQL cannot be understood. Check PF_DATABASE_URL.")
    for revision in applied:
        typer.echo(f"applied {revision}")
    typer.echo("The database is up to date.")
