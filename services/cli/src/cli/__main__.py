"""The photo-factory command."""

from cli.app import app
from cli.commands.config import config
from cli.commands.correct import correct
from cli.commands.doctor import doctor
from cli.commands.export import export
from cli.commands.import_ import import_
from cli.commands.inbox import inbox
from cli.commands.migrate import migrate
from cli.commands.pause import pause, resume
from cli.commands.place import place
from cli.commands.problems import problems
from cli.commands.reclassify import reclassify
from cli.commands.redo import redo
from cli.commands.retry import retry
from cli.commands.show import show
from cli.commands.status import status
from cli.commands.up import up
from cli.commands.verify import verify
from cli.commands.zone import zone

# Commands are registered here, one line each, in the order in which --help lists them.
app.command()(up)
app.command()(migrate)
app.command()(status)
app.command()(inbox)
app.command()(problems)
app.command()(retry)
app.command()(pause)
app.command()(resume)
app.command("import")(import_)
app.command()(verify)
app.command()(export)
app.command()(doctor)
app.command()(config)
app.command()(show)
app.command()(correct)
app.command()(reclassify)
app.command()(place)
app.add_typer(zone, name="zone")
app.command()(redo)


def main() -> None:
    """Run the command that the arguments name."""
    app()


if __name__ == "__main__":
    main()
