"""Reads the tags of files with several ExifTools at once, and draws the row's values from them."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from queue import LifoQueue
from zoneinfo import ZoneInfo

from librarian.capture.decision import CaptureTime, Evidence, decide, has_original
from librarian.capture.evidence import NO_TAGS
from librarian.capture.zones import zone_at
from librarian.examination import Examined
from librarian.inbox import base_name
from librarian.metadata import Metadata, MetadataReader, describe

FILES_PER_CALL = 25
"""Few enough to spread a batch over the readers; more would gain little (a call costs 1 ms)."""


class Readers:
    """One kept-open ExifTool per core, shared by threads: each call takes the one last used.

    So a second one, whose start costs more than reading many files, starts only when it is needed.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._readers = [MetadataReader() for _ in range(count)]
        self._free: LifoQueue[MetadataReader] = LifoQueue()
        for reader in self._readers:
            self._free.put(reader)

    @property
    def problem(self) -> str | None:
        """Why ExifTool is not used, in a sentence for the user; None when all is well."""
        return next((reader.problem for reader in self._readers if reader.problem), None)

    def read(self, paths: Sequence[Path]) -> list[Metadata]:
        """Read files with the next free reader; the answer is in their order."""
        reader = self._free.get()
        try:
            return reader.read(paths)
        finally:
            self._free.put(reader)

    def close(self) -> None:
        """End the child processes."""
        for reader in self._readers:
            reader.close()


def quick_metadata(examined: Examined, now: datetime) -> Metadata | None:
    """What the quick reader said; None if ExifTool must be asked.

    It must be if the date of the quick reader cannot be true, for another tag may hold a better.
    """
    tags = examined.nature.tags
    if tags is None:
        return None
    # The quick reader reads no other tag that could come before it.
    return describe(tags, "quick") if has_original(tags, now) else None


def capture_time(
    examined: Examined,
    metadata: Metadata,
    now: datetime,
    home: ZoneInfo | None,
    takeout: Mapping[str, object] = NO_TAGS,
) -> CaptureTime:
    """When the file was taken, by its tags, its name, its time, and what Google says of it."""
    file = examined.file
    name = os.fsdecode(base_name(file.path_bytes))
    evidence = Evidence(metadata.tags, name, file.modified_at, takeout=takeout)
    return decide(evidence, now, home, zone_at)
