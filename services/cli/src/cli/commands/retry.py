"""photo-factory retry: put what failed back into the line."""

from typing import Annotated

import typer
from photo_factory.problems import IMPORT_SCOPE, retry_problems

from cli.commands.scope import HELP, check_scope
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.wording import count


def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="ID", help="Numbers shown by problems.")
    ] = None,
    *,
    stage: Annotated[str | None, typer.Option(help=HELP)] = None,
    code: Annotated[str | None, typer.Option(help="Only this cause, such as truncated.")] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Everything that failed.")] = False,
) -> None:
    """Try failed files again. Ends with 1 if nothing matched."""
    settings = load_settings()
    scope = check_scope(stage)
    if scope == IMPORT_SCOPE:
        fail("No service reads what an import reads. Run the same import again.")
    is_narrowed = bool(ids or scope or code)
    if is_all == is_narrowed:
        fail("Say what to try again: --stage, --code or numbers; or --all alone for everything.")
    with database(settings) as connection:
        retried = retry_problems(connection, scope, code, ids or None)
    if retried.total == 0:
        typer.echo("Nothing that failed matches.")
        raise typer.Exit(FINDINGS)
    typer.echo(f"{count(retried.total, 'failed file')} will be tried again.")
