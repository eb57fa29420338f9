"""The commands that read and mend: status, problems, retry, doctor, config."""

import typer

from cli.commands.config import config
from cli.commands.doctor import doctor
from cli.commands.problems import problems
from cli.commands.retry import retry
from cli.commands.status import status

COMMANDS = (status, problems, retry, doctor, config)


def register(app: typer.Typer) -> None:
    """Add the commands to the application, each under its function's name."""
    for command in COMMANDS:
        app.command()(command)
