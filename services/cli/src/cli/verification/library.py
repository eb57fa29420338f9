"""Compares a library with its database: originals by their hashes, files by their rows.

The line goes on meanwhile. So nothing is reported on one look: what seems wrong is looked at once
more after a short pause, with its row as it is then.
"""

import os
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from threading import Event

from photo_factory.database import Connection
from photo_factory.roots import RootMissingError, verify_root
from photo_factory.storage import CHUNK_BYTES

from cli.verification import queries
from cli.verification.original import Finding, Kind, examine, reason
from cli.verification.queries import Asset
from cli.verification.walk import files_below

THREADS = 4
READ_AHEAD = 64
SUSPECTS_AT_ONCE = 500
PAUSE_SECONDS = 0.5

Advance = Callable[[int], None]


def pause() -> None:
    """Give a librarian the time to end what it is at."""
    time.sleep(PAUSE_SECONDS)


class StoppedError(Exception):
    """The command ends; a thread need not read its file to the end."""


class Verification:
    """One comparison, and what it has counted so far.

    Args:
        connection: To the database of this library.
        library: Root of the originals.
        wait: Called between the first look and the second.

    Attributes:
        library: As given.
        checked: Originals that were read and still have a row.
        intact: Originals whose hash is as recorded.
        checked_bytes: Bytes of the originals that were read, as recorded.
        files: Files that were seen in the library.
        found: Findings by kind.
    """

    def __init__(
        self, connection: Connection, library: Path, wait: Callable[[], object] = pause
    ) -> None:
        self._connection = connection
        self._wait = wait
        self.library = library
        self.checked = 0
        self.intact = 0
        self.checked_bytes = 0
        self.files = 0
        self.found: Counter[Kind] = Counter()

    def guard(self) -> None:
        """Make sure that the library is there: an unmounted share is no thousand missing files.

        Raises:
            RootMissingError: It is not.
        """
        try:
            verify_root(self._connection, "library", self.library)
            with os.scandir(self.library):
                pass
        except OSError as error:
            message = f"the library folder {self.library} cannot be read: {reason(error)}."
            raise RootMissingError(message) from error
        if not queries.knows_library(self._connection):
            message = (
                f"the database does not know yet whether {self.library} is its library. "
                "Start the librarian once, then try again."
            )
            raise RootMissingError(message)

    def originals(self, assets: Iterable[Asset], advance: Advance) -> Iterator[Finding]:
        """Read originals again; `advance` is told the bytes, from several threads.

        Raises:
            RootMissingError: The library went away meanwhile.
        """
        suspects = array("q")
        for asset, finding in self._examined(assets, advance):
            self.checked += 1
            self.checked_bytes += asset.size_bytes
            if finding is None:
                self.intact += 1
            else:
                suspects.append(asset.id)
            if len(suspects) == SUSPECTS_AT_ONCE:
                yield from self._confirm_originals(suspects)
                suspects = array("q")
        yield from self._confirm_originals(suspects)

    def unknown_files(self, advance: Advance) -> Iterator[Finding]:
        """Look for files that no row knows; `advance` is told the number of files.

        Raises:
            RootMissingError: The library went away meanwhile.
        """
        suspects: list[str] = []
        for found in files_below(self.library):
            if isinstance(found, Finding):
                yield self._counted(found)
                continue
            self.files += len(found)
            advance(len(found))
            known = queries.known_paths(self._connection, storable(found))
            suspects += [path for path in found if path not in known]
            if len(suspects) >= SUSPECTS_AT_ONCE:
                yield from self._confirm_unknown(suspects)
                suspects = []
        yield from self._confirm_unknown(suspects)

    def _confirm_originals(self, suspects: Sequence[int]) -> Iterator[Finding]:
        if not suspects:
            return
        self._look_again()
        self.checked -= len(suspects)
        assets = queries.read_some(self._connection, suspects)
        for _, finding in self._examined(assets, lambda _: None):
            self.checked += 1
            if finding is None:
                self.intact += 1
            else:
                yield self._counted(finding)

    def _confirm_unknown(self, suspects: Sequence[str]) -> Iterator[Finding]:
        if not suspects:
            return
        self._look_again()
        accounted = queries.accounted_paths(self._connection, storable(suspects))
        for path in suspects:
            if path not in accounted and os.path.lexists(self.library / path):
                yield self._counted(Finding("unknown", path))

    def _look_again(self) -> None:
        self._wait()
        self.guard()

    def _counted(self, finding: Finding) -> Finding:
        self.found[finding.kind] += 1
        return finding

    def _examined(
        self, assets: Iterable[Asset], advance: Advance
    ) -> Iterator[tuple[Asset, Finding | None]]:
        """Examine in threads, in order, never more than a few ahead."""
        stopped = Event()
        pool = ThreadPoolExecutor(min(THREADS, os.cpu_count() or 1))
        ahead: deque[tuple[Asset, Future[Finding | None]]] = deque()
        try:
            for asset in assets:
                ahead.append((asset, pool.submit(self._examine, asset, advance, stopped)))
                if len(ahead) == READ_AHEAD:
                    done, future = ahead.popleft()
                    yield done, future.result()
            for done, future in ahead:
                yield done, future.result()
        finally:
            stopped.set()
            pool.shutdown(cancel_futures=True)

    def _examine(self, asset: Asset, advance: Advance, stopped: Event) -> Finding | None:
        left = asset.size_bytes

        def alive() -> None:
            nonlocal left
            if stopped.is_set():
                raise StoppedError
            step = min(CHUNK_BYTES, left)
            left -= step
            advance(step)

        finding = examine(self.library, asset, alive)
        advance(left)
        return finding


def storable(paths: Iterable[str]) -> list[str]:
    """The paths that a row can have; others hold bytes that are no UTF-8, and are unknown."""
    return [path for path in paths if path.isascii() or _is_utf8(path)]


def _is_utf8(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
