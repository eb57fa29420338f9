"""Puts healthy copies where originals are missing or altered.

A copy is told by its content alone: a file of the right size is hashed, and it is the photo if
the hash is the recorded one. Copies are only read. The damaged file goes to the quarantine.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from photo_factory.database import Connection
from photo_factory.storage import Original, SourceChangedError, hash_open, replace_damaged

from cli.verification import queries
from cli.verification.library import Verification
from cli.verification.original import Finding, Kind, examine, reason
from cli.verification.places import Candidate, Unread, candidates
from cli.verification.queries import Asset

REPAIRABLE: tuple[Kind, ...] = ("missing", "altered")
"""Kinds of findings. What cannot be read may be healthy behind a lock or a failing cable."""

UNREAD_SHOWN = 20

Outcome = Literal["repaired", "in order", "no copy", "failed"]


@dataclass(frozen=True, slots=True)
class Repair:
    """What became of an original that was missing or altered.

    Attributes:
        path: Relative to the library.
        outcome: in order means that somebody else, such as the librarian, was faster.
        source: The copy that it was repaired from.
        message: Why a copy that was found did not help.
    """

    path: str
    outcome: Outcome
    source: str | None = None
    message: str | None = None

    @property
    def is_mended(self) -> bool:
        """Whether nothing is left to do."""
        return self.outcome in {"repaired", "in order"}


class Repairs:
    """One search for copies of all originals that need one.

    Memory is held for each of these originals, and not for the files that are looked through.

    Args:
        connection: To the database of this library.
        verification: What found them.
        quarantine: Folder for damaged originals.

    Attributes:
        mended: How many originals are in order now.
        unread: How many folders and files could not be looked into.
        unread_examples: The first of them.
    """

    def __init__(
        self, connection: Connection, verification: Verification, quarantine: Path
    ) -> None:
        self._connection = connection
        self._verification = verification
        self._library = verification.library
        self._quarantine = quarantine
        self._wanted: dict[int, dict[str, Asset]] = {}
        self._troubles: dict[str, str] = {}
        self.mended = 0
        self.unread = 0
        self.unread_examples: list[Unread] = []

    def run(
        self, asset_ids: Sequence[int], places: Iterable[Path], advance: Callable[[int], None]
    ) -> Iterator[Repair]:
        """Look through the places once, and mend what a copy is found for.

        Args:
            asset_ids: The originals that are missing or altered.
            places: Folders or files, looked through in this order.
            advance: Told the number of files that were looked at.

        Raises:
            RootMissingError: The library went away meanwhile; nothing more is touched.
        """
        for repair in self._all(asset_ids, places, advance):
            self.mended += repair.is_mended
            yield repair

    def _all(
        self, asset_ids: Sequence[int], places: Iterable[Path], advance: Callable[[int], None]
    ) -> Iterator[Repair]:
        for asset in queries.read_some(self._connection, asset_ids):
            self._wanted.setdefault(asset.size_bytes, {})[asset.sha256] = asset
        for found in candidates(places) if self._wanted else ():
            advance(1)
            if isinstance(found, Unread):
                self._note(found)
            elif found.size_bytes in self._wanted:
                yield from self._try(found)
            if not self._wanted:
                return
        for asset in self._left():
            trouble = self._troubles.get(asset.path)
            yield Repair(asset.path, "failed" if trouble else "no copy", message=trouble)

    def _left(self) -> Iterator[Asset]:
        for same_size in self._wanted.values():
            yield from same_size.values()

    def _note(self, unread: Unread) -> None:
        self.unread += 1
        if len(self.unread_examples) < UNREAD_SHOWN:
            self.unread_examples.append(unread)

    def _try(self, candidate: Candidate) -> Iterator[Repair]:
        try:
            sha256 = hash_regular(candidate.path)
        except FileNotFoundError:
            return  # it went away meanwhile
        except OSError as error:
            self._note(Unread(candidate.path, reason(error)))
            return
        asset = self._wanted[candidate.size_bytes].get(sha256)
        if asset is None:
            return
        repair = self._mend(asset, candidate.path)
        if repair.is_mended:
            del self._wanted[asset.size_bytes][sha256]
            if not self._wanted[asset.size_bytes]:
                del self._wanted[asset.size_bytes]
            yield repair
        else:  # another copy may do
            self._troubles[asset.path] = repair.message or ""

    def _mend(self, known: Asset, copy: Path) -> Repair:
        """Look again, with the row as it is now; only then move anything."""
        self._verification.guard()
        asset = next(queries.read_some(self._connection, [known.id]), None)
        if asset is None:
            return Repair(known.path, "in order", message="no record knows it any more")
        finding = self._look(asset)
        if finding is None:
            return Repair(asset.path, "in order")
        if finding.kind not in REPAIRABLE:
            return Repair(asset.path, "failed", str(copy), finding.message)
        message = self._replace(asset, copy)
        if self._look(asset) is not None:
            return Repair(asset.path, "failed", str(copy), message or "it is not intact yet")
        if message:
            return Repair(asset.path, "in order")
        return Repair(asset.path, "repaired", str(copy))

    def _replace(self, asset: Asset, copy: Path) -> str:
        """Put the copy in the original's place; returns why it could not be done."""
        original = Original(copy, asset.sha256)
        try:
            replace_damaged(original, self._library, asset.path, self._quarantine)
        except SourceChangedError:
            return f"the copy {copy} changed while it was read"
        except OSError as error:
            return f"the copy {copy} could not be put in place: {reason(error)}"
        return ""

    def _look(self, asset: Asset) -> Finding | None:
        return examine(self._library, asset, lambda: None)


def hash_regular(path: Path) -> str:
    """SHA-256 of a regular file.

    Raises:
        OSError: It cannot be read, or has become a link, pipe or device meanwhile.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            message = "it is no longer a file"
            raise OSError(message)
        return hash_open(descriptor)
    finally:
        os.close(descriptor)
