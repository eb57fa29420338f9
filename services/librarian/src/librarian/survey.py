"""Goes through an inbox, and lists only those folders that may hold something new."""

import stat
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from librarian.inbox import Sighting, absolute, list_folder

BATCH = 1000
SETTLED_NS = 60 * 10**9
"""A folder changed more recently may change again within one tick of its time stamp (FAT: 2 s).
The rest is for a file server whose clock is not quite ours."""
UNSETTLED = -1


class Survey:
    """The folders of one inbox: those to be listed, and the times of those that were.

    The memory is a path and a number per folder (about 25 MB for 100,000 folders), however many
    files there are.

    Args:
        root: The inbox.
        attend: Told of each folder just before it is looked at, in every scan.
    """

    def __init__(self, root: Path, attend: Callable[[bytes], None]) -> None:
        self._root = root
        self._attend = attend
        self._times: dict[bytes, int] = {}
        self._to_list: list[bytes] = []
        self._to_check: list[bytes] = []
        self._running: Iterator[Sighting | None] | None = None

    @property
    def has_work(self) -> bool:
        """Whether folders are still to be listed or checked."""
        return self._running is not None or bool(self._to_list or self._to_check)

    def list_all(self) -> None:
        """Begin to list every folder, whatever is known of it."""
        self._times.clear()
        self._to_check.clear()
        self._to_list = [b""]
        self._running = None

    def list_changed(self) -> None:
        """Begin to list the folders whose time has changed since they were last listed."""
        self._to_check = sorted(self._times, reverse=True)  # taken from the end: parents first

    def list_folder(self, folder: bytes) -> None:
        """List this folder too, and all below it that are not known."""
        self._to_list.append(folder)

    def next_batch(self) -> list[Sighting]:
        """Go on with the work; what was seen may be nothing though there is more to do."""
        if self._running is None:
            self._running = self._work()
        steps = list(islice(self._running, BATCH))
        if len(steps) < BATCH:
            self._running = None
        return [step for step in steps if step is not None]

    def _work(self) -> Iterator[Sighting | None]:
        """One step per file or folder, so that a batch takes about the same time anywhere."""
        while self._to_list or self._to_check:
            if not self._to_list and self._is_unchanged(self._to_check.pop()):
                yield None
                continue
            yield from self._list(self._to_list.pop())
            yield None

    def _is_unchanged(self, folder: bytes) -> bool:
        """Whether a folder need not be listed; if it need, it is next."""
        if folder and folder.rpartition(b"/")[0] not in self._times:
            self._times.pop(folder, None)  # what is above it has gone, or is a link by now
            return True
        self._attend(folder)
        known = self._times.get(folder)
        if known not in (None, UNSETTLED) and self._modified_ns(folder) == known:
            return True
        self._to_list.append(folder)
        return False

    def _modified_ns(self, folder: bytes) -> int:
        """The time of a folder; UNSETTLED if it is none or does not tell."""
        path = absolute(self._root, folder)
        try:
            status = path.lstat() if folder else path.stat()
        except OSError:
            return UNSETTLED
        return status.st_mtime_ns if stat.S_ISDIR(status.st_mode) else UNSETTLED

    def _list(self, folder: bytes) -> Iterator[Sighting]:
        self._attend(folder)
        modified_ns = self._modified_ns(folder)
        is_settled = modified_ns != UNSETTLED and time.time_ns() - modified_ns > SETTLED_NS
        try:
            for found in list_folder(self._root, folder):
                if isinstance(found, Sighting):
                    is_settled = is_settled and found.path != folder
                    yield found
                elif found not in self._times:
                    self._to_list.append(found)
        except (FileNotFoundError, NotADirectoryError):
            self._times.pop(folder, None)
            return
        self._times[folder] = modified_ns if is_settled else UNSETTLED
