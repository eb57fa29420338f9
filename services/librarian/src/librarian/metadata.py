"""Reads what files say of themselves: tags, size as displayed, duration, camera."""

import math
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures import wait
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pebble import ProcessExpired, ProcessPool

from librarian.exiftool import become_child, read_version, read_with_exiftool, read_with_pillow
from librarian.tag_values import Tags

BATCH_FILES = 50
CALL_SECONDS = 20.0
SECONDS_PER_FILE = 0.5
ALIVE_SECONDS = 5.0
RETRY_TOOL_SECONDS = 60.0
ATTEMPTS = 2
MAX_SUFFIX_CHARACTERS = 8

NOT_INSTALLED = (
    "ExifTool is not installed, so dates and places of videos and RAW files are not read. "
    "Install it (Debian, Ubuntu: apt install libimage-exiftool-perl)."
)
NOT_WORKING = (
    "ExifTool does not start, so dates and places of videos and RAW files are not read. "
    "Run exiftool -ver to see why."
)

ORIENTATION_BY_CLOCKWISE_DEGREES = {0: 1, 90: 6, 180: 3, 270: 8}
SIDEWAYS = frozenset({5, 6, 7, 8})
MAX_PIXELS = 2**31 - 1
HEIF_TYPES = ("image/heic", "image/heif", "image/avif")
DURATIONS = (
    "QuickTime:Duration",
    "Composite:Duration",
    "Matroska:Duration",
    "M2TS:Duration",
    "ASF:PlayDuration",
    "ASF:Duration",
    "MPEG:Duration",
    "RIFF:Duration",
    "Flash:Duration",
)
MAKES = ("IFD0:Make", "Keys:Make", "UserData:Make", "QuickTime:Make", "XMP-tiff:Make")
MODELS = ("IFD0:Model", "Keys:Model", "UserData:Model", "QuickTime:Model", "XMP-tiff:Model")
PAIR_IDENTIFIERS = (
    "Apple:ContentIdentifier",
    "Apple:MediaGroupUUID",  # the name of the same tag in ExifTool 12.19 to 12.64
    "Keys:ContentIdentifier",
    "Keys:MediaGroupUUID",
)
BURST_IDENTIFIERS = ("Apple:BurstUUID", "XMP-GCamera:BurstID")
MOTION_PHOTO_MARKS = (
    "XMP-GCamera:MotionPhoto",
    "XMP-GCamera:MicroVideo",
    "Samsung:EmbeddedVideoType",
    "QuickTime:MotionPhotoVideo",
)
LENSES = ("ExifIFD:LensModel", "XMP-exifEX:LensModel", "XMP-aux:Lens", "Composite:Lens")


Reader = Literal["exiftool", "quick", "pillow", "none"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What one file says of itself.

    Attributes:
        tags: As ExifTool gives them with -G1 -n; ready for jsonb.
        width: In pixels as displayed, that is after rotation.
        height: As `width`.
        orientation: The EXIF orientation (1-8) that turns the stored picture upright.
        content_identifier: What the still and the video of a Live Photo share.
        burst_identifier: What the photos of a burst share.
        has_embedded_video: A motion photo: a video stands behind the picture.
        source: Who read the tags; "none" when nobody could.
    """

    tags: Tags
    width: int | None
    height: int | None
    orientation: int | None
    duration_seconds: float | None
    camera_make: str | None
    camera_model: str | None
    lens: str | None
    content_identifier: str | None
    burst_identifier: str | None
    has_embedded_video: bool
    source: Reader


def _nothing() -> None:
    """Stand in for a caller that need not hear of progress."""


class MetadataReader:
    """Owns one ExifTool, kept open in a child process; starts with the first file.

    Args:
        executable: Name or path of ExifTool.
        call_seconds: Time that one call may take, beside a little for each file of it.
    """

    def __init__(self, executable: str = "exiftool", call_seconds: float = CALL_SECONDS) -> None:
        self._executable = executable
        self._call_seconds = call_seconds
        self._pool: ProcessPool | None = None
        self._broken_until = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def problem(self) -> str | None:
        """Why ExifTool is not used, in a sentence for the user; None when all is well."""
        if shutil.which(self._executable) is None:
            return NOT_INSTALLED
        return NOT_WORKING if self._broken_until else None

    def read(self, paths: Sequence[Path], alive: Callable[[], None] = _nothing) -> list[Metadata]:
        """Read files; the answer has one entry for each, in their order.

        A file that ExifTool cannot read, or that hangs or kills it, is read by Pillow; none of this
        raises.

        Args:
            paths: Files with any names.
            alive: Called every few seconds while the call lasts.
        """
        found: list[Metadata] = []
        for start in range(0, len(paths), BATCH_FILES):
            found += self._read_batch(paths[start : start + BATCH_FILES], alive)
        return found

    def close(self) -> None:
        """End the child process and its ExifTool."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call] # pebble leaves it without types
            self._pool.join()
            self._pool = None

    def _read_batch(self, paths: Sequence[Path], alive: Callable[[], None]) -> list[Metadata]:
        with tempfile.TemporaryDirectory(prefix="photo-factory-") as folder:
            links = [_link(path, Path(folder), number) for number, path in enumerate(paths, 1)]
            tags = self._read_with_exiftool(links, alive)
            return [
                self._describe(link, found, alive) for link, found in zip(links, tags, strict=True)
            ]

    def _describe(self, link: str, tags: Tags | None, alive: Callable[[], None]) -> Metadata:
        if tags is not None and "ExifTool:Error" not in tags:
            return describe(tags, "exiftool")
        fallback: Tags | None = self._call(read_with_pillow, (link,), self._call_seconds, alive)
        if fallback:
            return describe(fallback, "pillow")
        return describe(tags or {}, "exiftool" if tags else "none")

    def _read_with_exiftool(
        self, links: list[str], alive: Callable[[], None]
    ) -> Sequence[Tags | None]:
        """All in one call; when that fails, one by one, so that only the guilty file is blamed."""
        nothing: list[Tags | None] = [None] * len(links)
        if shutil.which(self._executable) is None or time.monotonic() < self._broken_until:
            return nothing
        found = self._ask_exiftool(links, alive)
        if found is None or all(tags is None for tags in found):
            if not self._can_start(alive):
                return nothing
            if len(links) > 1:
                return [(self._ask_exiftool([link], alive) or [None])[0] for link in links]
        return nothing if found is None else found

    def _ask_exiftool(
        self, links: list[str], alive: Callable[[], None]
    ) -> list[Tags | None] | None:
        seconds = self._call_seconds + SECONDS_PER_FILE * len(links)
        found: list[Tags | None] | None = self._call(
            read_with_exiftool, (self._executable, links), seconds, alive
        )
        return found

    def _can_start(self, alive: Callable[[], None]) -> bool:
        version = self._call(read_version, (self._executable,), self._call_seconds, alive)
        self._broken_until = 0.0 if version else time.monotonic() + RETRY_TOOL_SECONDS
        return version is not None

    def _call(
        self,
        function: Callable[..., Any],
        arguments: tuple[object, ...],
        seconds: float,
        alive: Callable[[], None],
    ) -> Any:  # noqa: ANN401 - whatever the function returns; each caller declares it
        """Run a function in the child; None when it took too long or the child died of it."""
        for _ in range(ATTEMPTS):
            try:
                future = self._child().schedule(function, args=arguments, timeout=seconds)
                while wait([future], timeout=ALIVE_SECONDS).not_done:
                    alive()
                return future.result()
            except (FutureTimeoutError, ProcessExpired):
                return None
            except RuntimeError:  # the child had died before it began: not this call's fault
                self.close()
        return None

    def _child(self) -> ProcessPool:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=1,
                initializer=become_child,
                initargs=(os.getpid(),),
                context=get_context("spawn"),
            )
        return self._pool


def describe(tags: Tags, source: Reader) -> Metadata:
    """Pick out of the tags what has a column of its own."""
    mime_type = str(tags.get("File:MIMEType", ""))
    orientation = orientation_of(tags)
    width, height = _size(tags)
    if orientation in SIDEWAYS:
        width, height = height, width
    return Metadata(
        tags=tags,
        width=width,
        height=height,
        orientation=orientation,
        duration_seconds=_duration(tags) if mime_type.startswith("video/") else None,
        camera_make=_text(tags, MAKES),
        camera_model=_text(tags, MODELS),
        lens=_text(tags, LENSES),
        content_identifier=_text(tags, PAIR_IDENTIFIERS),
        burst_identifier=_text(tags, BURST_IDENTIFIERS),
        has_embedded_video=any(str(tags.get(tag, "0")) != "0" for tag in MOTION_PHOTO_MARKS),
        source=source,
    )


def _link(path: Path, folder: Path, number: int) -> str:
    """A harmless name for a file, as no name of a user's may reach ExifTool."""
    suffix = path.suffix.lower()
    is_sane = suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= MAX_SUFFIX_CHARACTERS
    link = folder / f"{number:06}{suffix if is_sane else ''}"
    link.symlink_to(path.absolute())
    return str(link)


def orientation_of(tags: Mapping[str, object]) -> int | None:
    """The EXIF orientation (1-8) that turns the stored picture upright.

    Videos and HEIF say it by rotation (HEIF anticlockwise) and then ignore EXIF's.
    """
    mime_type = str(tags.get("File:MIMEType", ""))
    if mime_type.startswith(HEIF_TYPES):
        degrees = _number(tags, "QuickTime:Rotation") or 0
        return ORIENTATION_BY_CLOCKWISE_DEGREES.get(round(-degrees) % 360)
    if mime_type.startswith("video/"):
        degrees = _number(tags, "Composite:Rotation") or 0
        return ORIENTATION_BY_CLOCKWISE_DEGREES.get(round(degrees) % 360)
    orientation = tags.get("IFD0:Orientation")
    if isinstance(orientation, int) and orientation in range(1, 9):
        return orientation
    return None


def _size(tags: Mapping[str, object]) -> tuple[int | None, int | None]:
    width, height = _number(tags, "File:ImageWidth"), _number(tags, "File:ImageHeight")
    parts = str(tags.get("Composite:ImageSize", "")).split()
    if len(parts) == len(("width", "height")) and all(part.isdigit() for part in parts):
        width, height = float(parts[0]), float(parts[1])
    if width is None or height is None:
        return None, None
    is_possible = 0 < width <= MAX_PIXELS and 0 < height <= MAX_PIXELS
    return (round(width), round(height)) if is_possible else (None, None)


def _duration(tags: Mapping[str, object]) -> float | None:
    durations = (_number(tags, name) for name in DURATIONS)
    return next((seconds for seconds in durations if seconds is not None and seconds > 0), None)


def _number(tags: Mapping[str, object], name: str) -> float | None:
    try:
        number = float(str(tags[name]))
    except (KeyError, ValueError):
        return None
    return number if math.isfinite(number) else None


def _text(tags: Mapping[str, object], names: Sequence[str]) -> str | None:
    found = (str(tags.get(name, "")).strip() for name in names)
    return next((text for text in found if text), None)
