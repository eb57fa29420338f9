"""The arguments by which several commands are told which assets they are about."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from photo_factory.database import Connection

from cli.commands.session import fail
from cli.commands.wording import printable
from cli.dates.selection import Selection, UnknownAssetError, find_named, glob_pattern, is_text
from cli.dates.times import Span, parse_span


class Confidence(StrEnum):
    """How sure a date is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    NONE = "none"


AssetsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="ASSET", help="Numbers of assets, or paths in the library."),
]
PathOption = Annotated[
    str | None,
    typer.Option(
        "--path",
        metavar="GLOB",
        help="Only originals whose path in the library matches, such as '2019/2019-05-*' or "
        "'IMG_12*.JPG'. * stops at a slash, ** does not; a folder means all below it.",
    ),
]
FromOption = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="Only taken then or later, by local time."),
]
ToOption = Annotated[
    str | None,
    typer.Option("--to", metavar="DATE", help="Only taken then or earlier; a day is meant whole."),
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option(
        "--source",
        metavar="SOURCE",
        help="Only dated by this, such as 'file time' or ExifIFD:DateTimeOriginal. "
        "Can be given again.",
    ),
]
ConfidenceOption = Annotated[
    list[Confidence] | None,
    typer.Option("--confidence", help="Only dates that are so sure. Can be given again."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")]


@dataclass(frozen=True, slots=True)
class Filters:
    """The filter options as given."""

    path: str | None = None
    since: str | None = None
    until: str | None = None
    sources: Sequence[str] | None = None
    confidences: Sequence[Confidence] | None = None

    def selection(self, ids: tuple[int, ...] | None = None) -> Selection:
        """What they select, among the named ones if there are; ends the command if one is wrong."""
        for text in (self.path or "", *(self.sources or ())):
            if not is_text(text):
                fail(f"{printable(text)} is no UTF-8, and nothing in the library is called so.")
        since = None if self.since is None else _span("--from", self.since).start
        before = None if self.until is None else _span("--to", self.until).end
        if since is not None and before is not None and since >= before:
            fail("--from is later than --to.")
        return Selection(
            ids,
            None if self.path is None else glob_pattern(self.path),
            since,
            before,
            tuple(self.sources) if self.sources else None,
            tuple(one.value for one in self.confidences) if self.confidences else None,
        )


def _span(option: str, text: str) -> Span:
    try:
        return parse_span(text)
    except ValueError as error:
        fail(f"{option}: {error}")


def named(connection: Connection, library: Path, names: Sequence[str] | None) -> tuple[int, ...]:
    """The assets with these names; an unknown one ends the command with exit code 2."""
    try:
        return find_named(connection, library, names or ())
    except UnknownAssetError as error:
        fail(str(error))


def select(
    connection: Connection, library: Path, names: Sequence[str] | None, filters: Filters
) -> Selection:
    """What arguments and filters mean together; what is wrong in them ends the command."""
    selection = filters.selection()
    if not names:
        return selection
    return filters.selection(named(connection, library, names))
