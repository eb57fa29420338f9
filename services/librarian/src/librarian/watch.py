"""Notices changes in an inbox through the file system's events."""

import os
import select
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from photo_factory.storage import RELEASE_PREFIX

from librarian.inbox import IGNORED, raw_path
from librarian.inotify import (
    IN_ATTRIB,
    IN_CLOSE_WRITE,
    IN_CREATE,
    IN_DELETE,
    IN_DELETE_SELF,
    IN_DONT_FOLLOW,
    IN_EXCL_UNLINK,
    IN_IGNORED,
    IN_ISDIR,
    IN_MOVE_SELF,
    IN_MOVED_FROM,
    IN_MOVED_TO,
    IN_Q_OVERFLOW,
    IN_UNMOUNT,
    Event,
    Inotify,
    WatchLimitError,
)

CHANGES = IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_ATTRIB
"""IN_MODIFY is left out: a growing file raises one per write, and is looked at when it is due."""
IN_OURSELVES = IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED
MOST_PATHS = 100_000
PAUSE_MILLISECONDS = 50
"""Between two readings, so that a long copy wakes nobody for each file. The kernel's queue holds
what comes meanwhile (16,384 events by default)."""
RELEASED = RELEASE_PREFIX.encode()


@dataclass(frozen=True, slots=True)
class Changes:
    """What events have named since the last look.

    Attributes:
        paths: Below the inbox, each once, sorted: what was there may have come, changed or gone.
        moved_away: Those among them that were folders and are so no longer.
        is_complete: False if events were lost; only a scan can tell then.
    """

    paths: tuple[bytes, ...] = ()
    moved_away: tuple[bytes, ...] = ()
    is_complete: bool = True


class Watch:
    """Watches folders, and collects what events name, in a thread of its own.

    Only folders that were given to `add` are watched. Whoever lists a folder adds it first: what
    comes into it before it is listed is found by listing, what comes later by an event. A folder
    that comes into a watched one is named by an event, and so gets listed in its turn.

    Args:
        root: The inbox.
        wake: Called from the thread when there is something to look at.

    Raises:
        WatchLimitError: The system grants no events.
        OSError: The folder cannot be read.
    """

    def __init__(self, root: Path, wake: Callable[[], None]) -> None:
        self._root = root
        self._wake = wake
        self._lock = threading.Lock()
        self._folders: dict[int, bytes] = {}
        self._closed: set[bytes] = set()
        self._paths: set[bytes] = set()
        self._moved_away: set[bytes] = set()
        self._is_complete = True
        self._is_broken = False
        self._inotify = Inotify()
        self._stopping = os.eventfd(0, os.EFD_CLOEXEC)
        try:
            self._root_watch = self._add_root()
        except OSError:
            self._close()
            raise
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def _add_root(self) -> int:
        mask = CHANGES | IN_DELETE_SELF | IN_MOVE_SELF
        watch = self._inotify.add(os.fsencode(self._root), mask)
        self._folders[watch] = b""
        return watch

    @property
    def is_broken(self) -> bool:
        """Whether the inbox's own folder was moved, deleted or unmounted."""
        return self._is_broken

    def add(self, folder: bytes) -> None:
        """Watch a folder below the inbox, before it is listed.

        A folder that has gone or may not be read is left out: listing it will tell.

        Raises:
            WatchLimitError: The system grants no more.
        """
        if folder:
            path = raw_path(self._root, folder)
            with self._lock:
                try:
                    watch = self._inotify.add(path, CHANGES | IN_DONT_FOLLOW | IN_EXCL_UNLINK)
                except WatchLimitError:
                    raise
                except PermissionError:
                    self._closed.add(folder)
                except OSError:
                    return
                else:
                    self._closed.discard(folder)
                    self._folders[watch] = folder  # after a move, the same watch, a new path

    def take(self) -> Changes:
        """What was named since the last call."""
        with self._lock:
            changes = Changes(
                tuple(sorted(self._paths)), tuple(sorted(self._moved_away)), self._is_complete
            )
            self._paths, self._moved_away, self._is_complete = set(), set(), True
            self._drop_below(changes.moved_away)
        return changes

    def _drop_below(self, moved_away: tuple[bytes, ...]) -> None:
        """End the watches of folders that may be anywhere now.

        Those still in the inbox were named at their new place, and are added there again.
        """
        if not moved_away:
            return
        beginnings = tuple(folder + b"/" for folder in moved_away)
        for watch, folder in list(self._folders.items()):
            if (folder + b"/").startswith(beginnings):
                del self._folders[watch]
                self._inotify.remove(watch)

    def stop(self) -> Changes:
        """End, and give all watches back; returns what was named since the last `take`."""
        os.eventfd_write(self._stopping, 1)
        self._thread.join()
        changes = self.take()
        self._close()
        return changes

    def _close(self) -> None:
        self._inotify.close()
        with suppress(OSError):
            os.close(self._stopping)

    def _run(self) -> None:
        anything, stop = select.poll(), select.poll()
        anything.register(self._inotify.fileno(), select.POLLIN)
        anything.register(self._stopping, select.POLLIN)
        stop.register(self._stopping, select.POLLIN)
        while not stop.poll(PAUSE_MILLISECONDS):
            anything.poll()
            if self._note(self._inotify.read()):
                self._wake()

    def _note(self, events: list[Event]) -> bool:
        """Remember what events are about; returns whether there is anything new to look at."""
        with self._lock:
            before = len(self._paths), self._is_complete, self._is_broken
            for event in events:
                self._note_one(event)
            if len(self._paths) > MOST_PATHS:
                self._paths, self._is_complete = set(), False
            return before != (len(self._paths), self._is_complete, self._is_broken)

    def _note_one(self, event: Event) -> None:
        if event.mask & IN_Q_OVERFLOW:
            self._is_complete = False
        elif event.mask & IN_OURSELVES:
            self._is_broken |= event.watch == self._root_watch
            if event.mask & IN_IGNORED:
                self._folders.pop(event.watch, None)
        elif not (IGNORED.fullmatch(event.name) or event.name.startswith(RELEASED)):
            self._note_name(event)

    def _note_name(self, event: Event) -> None:
        folder = self._folders.get(event.watch)
        if folder is None or not event.name:
            return  # of a folder that was moved away (it is named where it is now), or of its own
        path = folder + b"/" + event.name if folder else event.name
        if event.mask & IN_ISDIR and event.mask & IN_ATTRIB and path not in self._closed:
            return  # only of a folder that could not be read is this news
        self._paths.add(path)
        if event.mask & IN_ISDIR and event.mask & IN_MOVED_FROM:
            self._moved_away.add(path)
