"""Notices changes in the inbox through the file system's events, where there are any."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

LOGGER = structlog.get_logger()
CHANGES = ["created", "modified", "moved", "closed", "deleted"]
NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "fuse", "9p", "afs", "ceph", "davfs", "vboxsf")
"""Types whose events do not tell of changes by other machines."""


def raises_events(path: Path, mounts: Path = Path("/proc/self/mounts")) -> bool:
    """Whether the file system under a path tells of every change."""
    best, kind = "", ""
    for line in mounts.read_text(errors="surrogateescape").splitlines():
        _, mount_point, file_system, *_ = line.split(" ")
        point = mount_point.replace("\\040", " ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, file_system
    return not kind.startswith(NETWORK_FILE_SYSTEMS)


class Watch(FileSystemEventHandler):
    """Collects the paths that events have named.

    Args:
        inbox: The folder to watch, with all below it.
        wake: Called from another thread when there is something to look at.
    """

    def __init__(self, inbox: Path, wake: Callable[[], None]) -> None:
        self._inbox = os.fsencode(inbox)
        self._wake = wake
        self._paths: set[bytes] = set()
        self._lock = threading.Lock()
        self._observer = Observer()

    def start(self) -> bool:
        """Begin; returns False if the system grants no (more) watches."""
        self._observer.schedule(self, os.fsdecode(self._inbox), recursive=True)
        try:
            self._observer.start()
        except OSError as error:
            LOGGER.warning(
                "no events",
                reason=str(error),
                remedy="raise fs.inotify.max_user_watches; until then the inbox is scanned",
            )
            return False
        return True

    def stop(self) -> None:
        """End."""
        if self._observer.is_alive():
            self._observer.stop()
            self._observer.join()

    def take_paths(self) -> list[bytes]:
        """Paths below the inbox that were named since the last call."""
        with self._lock:
            paths, self._paths = self._paths, set()
        return sorted(paths)

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Remember what an event is about."""
        if event.event_type not in CHANGES or (
            event.is_directory and event.event_type == "modified"
        ):
            return
        for path in (event.src_path, event.dest_path):
            relative = os.path.relpath(os.fsencode(path), self._inbox) if path else b".."
            if not relative.startswith(b".."):
                with self._lock:
                    self._paths.add(b"" if relative == b"." else relative)
        self._wake()
