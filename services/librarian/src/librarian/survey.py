"""Goes through an inbox, and lists only those folders that may hold something new."""

import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from librarian.inbox import Sighting, list_folder, raw_path

BATCH = 1000
SETTLED_NS = 60 * 10**9
"""A folder changed more recently may change again within one tick of its time stamp (FAT: 2 s).
The rest is for a file server whose clock is not quite ours."""
UNSETTLED = -1
MOST = (1 << 63) - 1


class Survey:
    """The folders of one inbox: those to be listed, and a mark of those that were.

    The memory is a path and a number per folder (about 17 MB for 100,000 folders), however
    many files there are.

    Args:
        root: The inbox.
        attend: Told of each folder just before it is looked at, in every scan.
    """

    def __init__(self, root: Path, attend: Callable[[bytes], None]) -> None:
        self._root = root
        self._attend = attend
        self._marks: dict[bytes, int] = {}
        self._to_list: list[tuple[bytes, bool]] = []
        self._to_check: list[bytes] = []
        self._running: Iterator[Sighting | None] | None = None

    @property
    def has_work(self) -> bool:
        """Whether folders are still to be listed or checked."""
        return self._running is not None or bool(self._to_list or self._to_check)

    def list_all(self) -> None:
        """Begin to list every folder, whatever is known of it."""
        self._marks.clear()
        self._to_check.clear()
        self._to_list = [(b"", True)]
        self._running = None

    def list_changed(self) -> None:
        """Begin to list the folders that have changed since they were last listed."""
        self._to_check = sorted(self._marks, reverse=True)  # taken from the end: parents first

    def list_folder(self, folder: bytes) -> None:
        """List this folder too, with all below it: it is another one than that of this name."""
        self._to_list.append((folder, True))

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
            yield from self._list(*self._to_list.pop())
            yield None

    def _is_unchanged(self, folder: bytes) -> bool:
        """Whether a folder need not be listed; if it need, it is next."""
        if folder and folder.rpartition(b"/")[0] not in self._marks:
            self._marks.pop(folder, None)  # what is above it has gone, or is a link by now
            return True
        self._attend(folder)
        with suppress(OSError):  # then listing it tells what is the matter
            if self._mark(folder) == self._marks.get(folder) != UNSETTLED:
                return True
        self._to_list.append((folder, False))
        return False

    def _mark(self, folder: bytes) -> int:
        """What changes with a folder's entries: its times, and it itself; UNSETTLED if unknown.

        Raises:
            NotADirectoryError: It is a link by now, which may lead anywhere, or a file.
            FileNotFoundError: It has gone.
        """
        path = raw_path(self._root, folder)
        try:
            status = os.stat(path, follow_symlinks=not folder)  # noqa: PTH116 - bytes, and quick
        except (FileNotFoundError, NotADirectoryError):
            raise
        except OSError:
            return UNSETTLED
        if not stat.S_ISDIR(status.st_mode):
            raise NotADirectoryError(path)
        if time.time_ns() - status.st_mtime_ns < SETTLED_NS:
            return UNSETTLED
        return hash((status.st_ino, status.st_mtime_ns, status.st_ctime_ns)) & MOST

    def _list(self, folder: bytes, is_deep: bool) -> Iterator[Sighting]:  # noqa: FBT001 - of a pair
        """The files of a folder; the folders in it come next: all, or only those not known yet."""
        self._attend(folder)
        try:
            mark = self._mark(folder)
            for found in list_folder(self._root, folder):
                if not isinstance(found, Sighting):
                    if is_deep or found not in self._marks:
                        self._to_list.append((found, True))
                    continue
                if found.path == folder:
                    mark = UNSETTLED  # it cannot be read
                yield found
        except (FileNotFoundError, NotADirectoryError):
            self._marks.pop(folder, None)
        else:
            self._marks[folder] = mark
