"""The rows that stages work on, as values."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MediaType = Literal["photo", "video"]


@dataclass(frozen=True, slots=True)
class Location:
    """A point on Earth in degrees, south and west negative; altitude in metres."""

    latitude: float
    longitude: float
    altitude: float | None
    source: str


@dataclass(frozen=True, slots=True)
class Asset:
    """What a stage may know of an asset.

    Attributes:
        path: The original, relative to the library.
        sha256: 64 hexadecimal digits.
    """

    id: int
    sha256: str
    path: str
    media_type: MediaType
    mime_type: str
    size_bytes: int
    captured_local: datetime
    location: Location | None
