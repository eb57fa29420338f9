"""photo-factory status: the whole picture in one screen."""

import json
import sys
from typing import Annotated

import typer
from photo_factory.overview import read_overview
from rich.console import Console

from cli.commands.session import database, load_settings
from cli.commands.status_view import as_document, as_lines, as_tables


def status(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Show alerts, assets, inbox, stages, services and disks."""
    settings = load_settings()
    with database(settings) as connection:
        overview = read_overview(connection)
    if as_json:
        typer.echo(json.dumps(as_document(overview), indent=2))
    elif sys.stdout.isatty():
        console = Console(highlight=False)
        for part in as_tables(overview):
            console.print(part)
    else:
        typer.echo("\n".join(as_lines(overview)))
