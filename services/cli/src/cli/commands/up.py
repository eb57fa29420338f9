"""photo-factory up: local mode in the foreground."""

from contextlib import suppress
from importlib.util import find_spec

import typer
from photo_factory.settings import load

from cli.commands.session import fail, tolerate_odd_names


def up() -> None:
    """Run everything on this machine, without Docker, until Ctrl-C."""
    tolerate_odd_names()
    if find_spec("supervisor") is None:
        fail("Local mode is not part of this installation. Use Docker Compose, or make run.")
    # Kept out of the way of the other commands, which need none of it.
    from cli.local.settings import LocalSettings  # noqa: PLC0415 - see above
    from cli.local.up import run  # noqa: PLC0415 - see above

    raise typer.Exit(run(load(LocalSettings), _say))


def _say(line: str) -> None:
    with suppress(OSError):  # the terminal was closed; the stop must go on all the same
        typer.echo(line)
