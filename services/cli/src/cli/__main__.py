"""The photo-factory command."""

from cli.app import app
from cli.commands.migrate import migrate
from cli.commands.up import up

# Commands are registered here, one line each, in the order in which --help lists them.
app.command()(up)
app.command()(migrate)


def main() -> None:
    """Run the command that the arguments name."""
    app()


if __name__ == "__main__":
    main()
