"""The events of one inbox, as far as they are wanted and the system grants them."""

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from librarian import mounts
from librarian.inboxes import Inbox
from librarian.inotify import WatchLimitError
from librarian.settings import LibrarianSettings
from librarian.watch import Changes, Watch

LOGGER = structlog.get_logger()
RETRY_SECONDS = 900.0
NEVER = float("inf")
LIMITS = Path("/proc/sys")


class Events:
    """A watch that begins, gives up at the system's limits, and tries again later.

    Args:
        inbox: What to watch.
        settings: Whether to.
        wake: Called from another thread when something has happened.

    Attributes:
        warning: A sentence while events are wanted and cannot be had.
    """

    def __init__(self, inbox: Inbox, settings: LibrarianSettings, wake: Callable[[], None]) -> None:
        self.warning: str | None = None
        self._inbox = inbox
        self._settings = settings
        self._wake = wake
        self._watch: Watch | None = None
        self._left_over = Changes()
        self._retry_due = NEVER

    @property
    def are_on(self) -> bool:
        """Whether changes are being told."""
        return self._watch is not None

    @property
    def are_cut_off(self) -> bool:
        """Whether the inbox's own folder was moved, deleted or unmounted."""
        return self._watch is not None and self._watch.is_broken

    @property
    def seconds_to_retry(self) -> float:
        """When to try again, after the system granted no more watches."""
        return max(0.0, self._retry_due - time.monotonic())

    def start(self, kind: str) -> None:
        """Begin, unless they are not wanted on this kind of file system."""
        self._retry_due = NEVER
        mode = self._settings.watch_mode
        if mode == "poll" or (mode == "auto" and not mounts.raises_events(kind)):
            return
        try:
            self._watch = Watch(self._inbox.root, self._wake)
        except OSError as error:
            self._give_up(error)

    def add(self, folder: bytes) -> None:
        """Watch a folder from now on; it is about to be listed."""
        if self._watch is None:
            return
        try:
            self._watch.add(folder)
        except WatchLimitError as error:
            self._give_up(error)

    def take(self) -> Changes:
        """What has happened since the last call."""
        changes, self._left_over = self._left_over, Changes()
        return changes if self._watch is None else self._watch.take()

    def confirm(self) -> None:
        """A scan is through: if events are on still, every folder is watched."""
        if self.are_on and self.warning is not None:
            LOGGER.info("events again", inbox=self._inbox.name)
            self.warning = None

    def stop(self) -> None:
        """End; `start` begins anew."""
        self._retry_due, self._left_over = NEVER, Changes()
        if self._watch is not None:
            self._left_over = self._watch.stop()
            self._watch = None

    def _give_up(self, error: OSError) -> None:
        """Leave it to scans: a part of the watches would be no help, and other programs' loss."""
        self.stop()
        self._retry_due = time.monotonic() + RETRY_SECONDS
        if self.warning is None:
            LOGGER.warning("no events", inbox=self._inbox.name, reason=str(error))
        self.warning = self._sentence(error)

    def _sentence(self, error: OSError) -> str:
        what = f"The inbox {self._inbox.name} is scanned every "
        what += f"{self._settings.poll_scan_seconds:g} seconds, for its folders cannot be watched: "
        if not isinstance(error, WatchLimitError):
            return f"{what}{error}."
        limit = LIMITS / error.setting.replace(".", "/")
        try:
            allowed = int(limit.read_text())
        except (OSError, ValueError):
            return f"{what}{error}. Raise it on the host."
        return f"{what}{error}. On the host: sudo sysctl {error.setting}={allowed * 4}"
