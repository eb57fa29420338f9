"""photo-factory pause and resume: let services rest, and go on."""

import getpass
from typing import Annotated

import typer
from photo_factory.database import Connection
from photo_factory.pauses import PAUSABLE, Pause, find_pause
from photo_factory.pauses import pause as begin_pause
from photo_factory.pauses import resume as end_pause

from cli.commands.session import database, fail, load_settings
from cli.commands.wording import printable

Service = Annotated[
    str | None,
    typer.Argument(metavar="[SERVICE]", help=f"One of: {', '.join(PAUSABLE)}. Default: all."),
]


def pause(service: Service = None) -> None:
    """Let services rest: they finish what they are at, begin nothing new, and stay on watch."""
    settings = load_settings()
    services, by = chosen(service), person()
    with database(settings) as connection:
        for name in services:
            typer.echo(_pause_one(connection, name, by))
    typer.echo(f"Go on with: photo-factory resume{f' {service}' if service else ''}")


def resume(service: Service = None) -> None:
    """Let paused services go on."""
    settings = load_settings()
    services = chosen(service)
    with database(settings) as connection:
        for name in services:
            went_on = end_pause(connection, name)
            typer.echo(f"{name}: goes on." if went_on else f"{name}: was not paused.")


def chosen(service: str | None) -> tuple[str, ...]:
    """The services that are meant; an unknown one ends the command with exit code 2."""
    if service is None:
        return PAUSABLE
    if service not in PAUSABLE:
        fail(
            f"There is no service {service!r} that can be paused. "
            f"Choose one of: {', '.join(PAUSABLE)}"
        )
    return (service,)


def person() -> str:
    """Who is at the terminal; in a container the user often has no name."""
    try:
        return printable(getpass.getuser())
    except (OSError, KeyError):
        return "the command line"


def _pause_one(connection: Connection, service: str, by: str) -> str:
    if begin_pause(connection, service, by):
        return f"{service}: paused. What it has begun is finished, nothing new is begun."
    return f"{service}: was paused already{_origin(find_pause(connection, service))}."


def _origin(found: Pause | None) -> str:
    if found is None:
        return ""
    return f", by {printable(found.by)} since {found.since.astimezone():%Y-%m-%d %H:%M}"
