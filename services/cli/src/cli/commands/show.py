"""photo-factory show: everything that is known of an asset."""

import json
from typing import Annotated

import typer

from cli.commands.session import database, load_settings
from cli.dates.asset_view import as_document, as_lines
from cli.dates.assets import read_full
from cli.dates.options import JsonOption, named

AssetsArgument = Annotated[
    list[str],
    typer.Argument(metavar="ASSET", help="Numbers of assets, or paths in the library."),
]


def show(assets: AssetsArgument, *, as_json: JsonOption = False) -> None:
    """Show all that is known of photos and videos: when, where, how it is known, what belongs."""
    settings = load_settings()
    with database(settings) as connection:
        found = read_full(connection, named(connection, settings.library, assets))
    if as_json:
        typer.echo(json.dumps({"assets": [as_document(asset) for asset in found]}, indent=2))
    else:
        typer.echo("\n\n".join("\n".join(as_lines(asset)) for asset in found))
