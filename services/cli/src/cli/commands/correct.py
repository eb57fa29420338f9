"""photo-factory correct: a person says when photos were taken."""

from datetime import timedelta
from typing import Annotated

import typer

from cli.commands.pause import person
from cli.commands.session import database, fail, load_settings
from cli.dates.correcting import Order, carry_out
from cli.dates.corrections import Word
from cli.dates.options import (
    AssetsArgument,
    ConfidenceOption,
    Filters,
    FromOption,
    JsonOption,
    PathOption,
    SourceOption,
    ToOption,
    select,
)
from cli.dates.times import parse_local, parse_offset, parse_shift

DateOption = Annotated[
    str | None,
    typer.Option("--date", metavar="TIME", help="Local time at the place: 2019-05-04 12:30[:45]."),
]
OffsetOption = Annotated[
    str | None,
    typer.Option(
        "--offset",
        metavar="OFFSET",
        help="Offset of that time from UTC, such as +02:00. Alone, it leaves the time as it is.",
    ),
]
ShiftOption = Annotated[
    str | None,
    typer.Option(
        "--shift",
        metavar="SHIFT",
        help="Add to the present time of each: +1:00:00 (hours first), -0:05, -2d, +3h 20m.",
    ),
]
UndoOption = Annotated[
    bool, typer.Option("--undo", help="Take back the newest correction of each.")
]
AloneOption = Annotated[
    bool,
    typer.Option(
        "--alone",
        help="Not along with it its RAW, its edited versions, the video of its Live Photo.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing, however many.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show it, and change nothing.")]
WaitOption = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=86_400,
        metavar="SECONDS",
        help="Wait so long for the librarian to move the files. Default: a little, if one runs.",
    ),
]


def correct(  # noqa: PLR0913 - one for each option
    assets: AssetsArgument = None,
    *,
    date: DateOption = None,
    offset: OffsetOption = None,
    shift: ShiftOption = None,
    is_undo: UndoOption = False,
    path: PathOption = None,
    since: FromOption = None,
    until: ToOption = None,
    source: SourceOption = None,
    confidence: ConfidenceOption = None,
    is_alone: AloneOption = False,
    is_agreed: YesOption = False,
    is_dry_run: DryRunOption = False,
    as_json: JsonOption = False,
    wait: WaitOption = None,
) -> None:
    """Give photos and videos another time. Ends with 1 if nothing matches.

    The original is never changed: the time is kept in the library's database, and the librarian
    moves the file to the folder of its day. --undo takes it back.
    """
    settings = load_settings()
    word = _word(date, offset, shift, is_undo=is_undo)
    order = Order(word, person(), is_alone, is_agreed, is_dry_run, as_json, wait)
    filters = Filters(path, since, until, source, confidence)
    if not assets and filters.selection().is_everything:
        fail("Say which: numbers, paths in the library, or --path, --from, --to, --source, …")
    with database(settings) as connection:
        selection = select(connection, settings.library, assets, filters)
        code = carry_out(connection, selection, order)
    if code:
        raise typer.Exit(code)


def _word(date: str | None, offset: str | None, shift: str | None, *, is_undo: bool) -> Word | None:
    """What the person says; None for --undo. What contradicts itself ends the command."""
    if is_undo:
        if date or offset or shift:
            fail("--undo takes the newest correction back. Give it without a time.")
        return None
    if (date is None) == (shift is None) and (date is not None or offset is None):
        fail("Say one: --date, --shift, --offset or --undo.")
    try:
        return Word(
            None if date is None else parse_local(date),
            timedelta() if shift is None else parse_shift(shift),
            None if offset is None else parse_offset(offset),
        )
    except ValueError as error:
        fail(str(error))
