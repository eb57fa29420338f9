"""photo-factory import: take folders outside the inbox into the library, once."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.session import fail


def _named(text: str) -> Path:
    """A path that was really given: an empty one, of a variable that is not set, is no folder."""
    if not text.strip():
        message = "a name is empty. If the present folder is meant, give a dot."
        raise typer.BadParameter(message)
    return Path(text)


PathsArgument = Annotated[
    list[Path],
    typer.Argument(
        parser=_named,
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
TakeoutOption = Annotated[
    bool,
    typer.Option(
        "--takeout",
        help="The paths are parts of a Google Takeout: .zip or .tgz as they were downloaded, or "
        "unpacked folders; in any order, some may be missing. Dates, places, people, favourites "
        "and albums are taken from Google's JSON.",
    ),
]
WithTrashOption = Annotated[
    bool,
    typer.Option("--with-trash", help="With --takeout: take in also what lay in Google's trash."),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print JSON for other programs: every file and the counts.")
]


def import_(  # noqa: PLR0913 - each is an option of the command
    paths: PathsArgument,
    *,
    is_dry_run: DryRunOption = False,
    is_copy: CopyOption = False,
    is_move: MoveOption = False,
    is_takeout: TakeoutOption = False,
    with_trash: WithTrashOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take in an old disk, a memory card or a backup. Ends with 1 if a file failed.

    It works beside the librarian, and also while that is paused. It can be stopped at any time
    (Ctrl-C): the same command goes on, and does not read again what has been copied.
    """
    if is_copy and is_move:
        fail("Choose one: --copy or --move.")
    if is_takeout and is_move:
        fail("A Takeout is only copied: its parts are left as they are. Leave out --move.")
    if with_trash and not is_takeout:
        fail("--with-trash is for a Takeout: give --takeout as well.")
    # Kept out of the way of the other commands: the engine is slow to load.
    from cli.bulk.order import Order  # noqa: PLC0415 - see above
    from cli.bulk.run import run  # noqa: PLC0415 - see above

    order = Order(
        tuple(paths),
        "move" if is_move else "keep",
        is_dry_run,
        as_json,
        is_takeout=is_takeout,
        with_trash=with_trash,
    )
    raise typer.Exit(run(order))
