"""What a person has asked an export to do."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

XmpName = Literal["full", "stem"]
"""full: a.jpg.xmp (digiKam, darktable). stem: a.xmp (Lightroom)."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Which assets; all of the conditions that are given must hold.

    Attributes:
        assets: Ids, or paths in the library; empty for any.
        path: Pattern of paths in the library; * and ? stand for any characters, / too.
        first: First day.
        last: Last day.
        album: Title of albums.
    """

    assets: tuple[str, ...] = ()
    path: str | None = None
    first: date | None = None
    last: date | None = None
    album: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Filters()


@dataclass(frozen=True, slots=True)
class Making:
    """What is made beside plain copies.

    Attributes:
        with_xmp: A sidecar for each copy.
        embed: Tags in the copies themselves.
        xmp_name: How written sidecars are named.
        strip: Copies of what lies in a privacy zone are written without coordinates.
        keep_coordinates: Privacy zones are not heeded.
    """

    with_xmp: bool = False
    embed: bool = False
    xmp_name: XmpName = "full"
    strip: bool = False
    keep_coordinates: bool = False

    @property
    def needs_exiftool(self) -> bool:
        """Whether anything is to be written that is no plain copy."""
        return self.with_xmp or self.embed or self.strip


@dataclass(frozen=True, slots=True)
class Order:
    """The command's arguments."""

    target: Path
    filters: Filters
    making: Making
    is_dry_run: bool = False
    as_json: bool = False
