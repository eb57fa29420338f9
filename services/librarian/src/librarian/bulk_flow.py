"""How files come to a bulk import: counted ahead by a thread, and taken from where they lie."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Protocol

from librarian.inbox import Sighting
from librarian.inboxes import Inbox, Mode

AT_ONCE = 1000


class Supply(Protocol):
    """Something that files come from: a folder, or archives that are unpacked little by little."""

    @property
    def root(self) -> Path:
        """The folder in which the files lie; absolute, without links."""

    @property
    def names(self) -> frozenset[bytes] | None:
        """Only these files in it; None means all that is below it."""

    @property
    def name(self) -> str:
        """For people, and fit for the database."""

    @property
    def is_own(self) -> bool:
        """Whether the import itself has made the files, so that nobody else changes them."""

    def inbox(self, mode: Mode) -> Inbox:
        """The folder as the engine takes it."""

    def flow(self, mode: Mode) -> Iterator[Sighting | None]:
        """The files; None where the next one has yet to be made."""

    def sizes(self) -> Iterator[int]:
        """How large each file is that there is to import; for another thread to count."""

    def shown(self, batch: Sequence[Sighting]) -> None:
        """Take note that the engine has these before it, or knows them already."""


@dataclass(slots=True)
class Walk:
    """Where the way through a supply is.

    Attributes:
        name: The supply's as an inbox.
        has_ended: All of it has been taken.
    """

    name: str
    supply: Supply
    files: Iterator[Sighting | None]
    has_ended: bool = False

    def take(self) -> list[Sighting]:
        """The next files; none if the next one has yet to be made, or at the end."""
        batch: list[Sighting] = []
        for found in islice(self.files, AT_ONCE):
            if found is None:
                return batch
            batch.append(found)
        self.has_ended = len(batch) < AT_ONCE
        return batch


class Extent:
    """Counts in a thread what there is to import, so that the remaining time can be told.

    Args:
        supplies: Where to count.
    """

    def __init__(self, supplies: Sequence[Supply]) -> None:
        self.files = self.size_bytes = 0
        self.is_known = False
        self._supplies = supplies
        self._is_stopped = False
        self._thread = Thread(target=self._count, name="count", daemon=True)
        self._thread.start()

    def _count(self) -> None:
        for supply in self._supplies:
            for size_bytes in supply.sizes():
                self.files += 1
                self.size_bytes += size_bytes
                if self._is_stopped:
                    return
        self.is_known = True

    def stop(self) -> None:
        """Count no further."""
        self._is_stopped = True
        self._thread.join()
