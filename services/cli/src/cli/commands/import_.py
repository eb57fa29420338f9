"""photo-factory import: take folders outside the inbox into the library, once."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.session import fail

PathsArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...",
        help="Folders, with all that is below them, and files. Links in them are not followed.",
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Change nothing: read everything, and say what is new, what the library has, what "
        "would fail, and the day that each file would be filed under.",
    ),
]
CopyOption = Annotated[
    bool, typer.Option("--copy", help="Leave the source as it is. This is the default.")
]
MoveOption = Annotated[
    bool,
    typer.Option(
        "--move",
        help="Remove each file from the source once it is proven to be stored. Folders, and files "
        "that are not stored, are left.",
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for other programs: every file and the counts.")
]


def import_(
    paths: PathsArgument,
    *,
    is_dry_run: DryRunOption = False,
    is_copy: CopyOption = False,
    is_move: MoveOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in an old disk, a memory card or a backup. Ends with 1 if a file failed.

    It works beside the librarian, and also while that is paused. It can be stopped at any time
    (Ctrl-C): the same command goes on, and does not read again what has been copied.
    """
    if is_copy and is_move:
        fail("Choose one: --copy or --move.")
    # Kept out of the way of the other commands: the engine is slow to load.
    from cli.bulk.order import Order  # noqa: PLC0415 - see above
    from cli.bulk.run import run  # noqa: PLC0415 - see above

    order = Order(tuple(paths), "move" if is_move else "keep", is_dry_run, as_json)
    raise typer.Exit(run(order))
