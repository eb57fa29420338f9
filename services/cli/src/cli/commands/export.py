"""photo-factory export: copies of originals, with what the library knows of them."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from cli.commands.session import fail

DAY = ["%Y-%m-%d"]


class XmpNames(StrEnum):
    """How written sidecars are named."""

    full = "full"
    stem = "stem"


TargetArgument = Annotated[
    Path,
    typer.Argument(
        metavar="TARGET", help="Folder to copy into, by day. Nothing in it is ever replaced."
    ),
]
AssetsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ASSET]...", help="Ids, or paths in the library."),
]
PathOption = Annotated[
    str | None,
    typer.Option(
        metavar="GLOB",
        help="Those whose path in the library is like this; * and ? stand for any characters, "
        "such as '2024/*'.",
    ),
]
FromOption = Annotated[
    datetime | None,
    typer.Option("--from", metavar="DATE", formats=DAY, help="From this day on (YYYY-MM-DD)."),
]
ToOption = Annotated[
    datetime | None,
    typer.Option("--to", metavar="DATE", formats=DAY, help="Up to this day, it included."),
]
AlbumOption = Annotated[
    str | None, typer.Option(metavar="TITLE", help="Those in the album of this title.")
]
AllOption = Annotated[bool, typer.Option("--all", help="All of them.")]
WithXmpOption = Annotated[
    bool,
    typer.Option(
        "--with-xmp",
        help="Write an XMP sidecar beside each copy: date, place, rating, title, caption, "
        "keywords, people, favourite.",
    ),
]
EmbedOption = Annotated[
    bool,
    typer.Option(
        "--embed",
        help="Write the same into the copies; RAW and other types that cannot safely be written "
        "into get a sidecar instead.",
    ),
]
XmpNameOption = Annotated[
    XmpNames,
    typer.Option(
        help="Names of written sidecars. full: a.jpg.xmp (digiKam, darktable); "
        "stem: a.xmp (Lightroom)."
    ),
]
StripOption = Annotated[
    bool,
    typer.Option(
        "--strip",
        help="Write copies of what lies in a privacy zone without coordinates. Without it (or "
        "--embed, which does so as well) they are not exported.",
    ),
]
KeepCoordinatesOption = Annotated[
    bool,
    typer.Option("--keep-coordinates", help="Heed no privacy zone: copy everything as it is."),
]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Write nothing; say what would be copied.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


def export(  # noqa: PLR0913 - one for each option
    target: TargetArgument,
    assets: AssetsArgument = None,
    *,
    path: PathOption = None,
    first: FromOption = None,
    last: ToOption = None,
    album: AlbumOption = None,
    is_all: AllOption = False,
    with_xmp: WithXmpOption = False,
    embed: EmbedOption = False,
    xmp_name: XmpNameOption = XmpNames.full,
    strip: StripOption = False,
    keep_coordinates: KeepCoordinatesOption = False,
    is_dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Copy originals, with what belongs to them, to another folder. Ends with 1 if one failed.

    Originals are only read. Files that belong together (RAW and JPEG, Live Photo, sidecars) go
    together. It can be stopped at any time: the same command goes on where it was.
    """
    # Kept out of the way of the other commands.
    from cli.export.order import Filters, Making, Order  # noqa: PLC0415 - see above
    from cli.export.run import run  # noqa: PLC0415 - see above

    filters = Filters(
        tuple(assets or ()), path, first and first.date(), last and last.date(), album
    )
    if is_all is not filters.is_empty:
        fail("Choose what to export: ASSET, --path, --from, --to, --album; or --all of it.")
    if filters.first and filters.last and filters.first > filters.last:
        fail("--from is later than --to.")
    if strip and keep_coordinates:
        fail("Say one of --strip and --keep-coordinates.")
    making = Making(with_xmp, embed, xmp_name.value, strip, keep_coordinates)
    raise typer.Exit(run(Order(target, filters, making, is_dry_run, as_json)))
