"""Watches over the folders: which inboxes can be worked on, and whether the library is there."""

import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import structlog
from photo_factory import roots, storage
from photo_factory.database import Connection

from librarian.inboxes import MAIN_INBOX, Inbox
from librarian.settings import LibrarianSettings

LOGGER = structlog.get_logger()
LIBRARY = "library"
ASK_SECONDS = 5.0
"""So often the database is asked which folders are the right ones."""


def root_name(inbox: Inbox) -> str:
    """The name under which the database knows an inbox's folder."""
    return inbox.name if inbox.name == MAIN_INBOX else f"inbox.{inbox.name}"


class Guard:
    """Checks the markers of the folders before every batch.

    Args:
        settings: Where the library is.
        inboxes: Which folders to check beside it.

    Attributes:
        missing: Sentences about folders that are not there now, by the folder's name.
    """

    def __init__(self, settings: LibrarianSettings, inboxes: Sequence[Inbox]) -> None:
        self._library = settings.library
        self._inboxes = inboxes
        self.missing: dict[str, str] = {}
        self.copied: set[str] = {inbox.name for inbox in inboxes if inbox.mode == "keep"}
        """Inboxes whose files cannot or must not be hard-linked into the library."""
        self._tried: set[str] = set()
        self._markers: dict[Path, UUID | None] = {}
        self._ask_due = 0.0

    def active(self, connection: Connection) -> list[Inbox]:
        """The inboxes that are there; none while the library is not."""
        missing: dict[str, str] = {}
        if time.monotonic() >= self._ask_due:
            self._markers.clear()
            self._ask_due = time.monotonic() + ASK_SECONDS
        if sentence := self._fault(connection, LIBRARY, self._library):
            missing[LIBRARY] = sentence
        active = []
        for inbox in self._inboxes:
            name = root_name(inbox)
            sentence = self._fault(connection, name, inbox.root)
            if sentence and not _is_read_only_source(connection, inbox):
                missing[name] = sentence
            else:
                active.append(inbox)
        self._tell(missing)
        if LIBRARY in missing:
            return []
        for inbox in active:
            self._try_links(inbox)
        return active

    def _fault(self, connection: Connection, name: str, root: Path) -> str | None:
        """Why a folder must not be touched now; None if it is the right one.

        The marker is read each time; what the database knows of it is remembered for a while.
        """
        known = self._markers.get(root)
        try:
            if known is None:
                roots.ensure_root(connection, name, root)
                self._markers[root] = roots.read_marker(root)
            else:
                roots.check_root(name, root, known)
        except (roots.RootMissingError, OSError) as error:
            self._ask_due = 0.0
            return str(error)
        return None

    def has_library(self) -> bool:
        """Whether the library is still there; asked again just before something is put there."""
        return self._markers.get(self._library) is not None and self._is_there(self._library)

    def has_inbox(self, name: str) -> bool:
        """Whether an inbox is still there; asked before a file counts as gone from it.

        The sources of an import are not watched here: the import itself looks after them.
        """
        return all(self._is_there(inbox.root) for inbox in self._inboxes if inbox.name == name)

    def _is_there(self, root: Path) -> bool:
        """Whether a folder is the one that it was when this turn began."""
        try:
            return root.is_dir() and roots.read_marker(root) == self._markers.get(root)
        except OSError:
            return False

    def _tell(self, missing: dict[str, str]) -> None:
        for name in missing.keys() - self.missing.keys():
            LOGGER.error("folder missing", folder=name, reason=missing[name])
            self._tried.discard(name)
        for name in self.missing.keys() - missing.keys():
            LOGGER.info("folder is back", folder=name)
        self.missing = missing

    def _try_links(self, inbox: Inbox) -> None:
        """Find out once, and again after a folder was away, whether files can be linked."""
        if inbox.mode == "keep" or root_name(inbox) in self._tried:
            return
        try:
            can_link = storage.can_link(inbox.root, roots.MARKER, self._library)
        except OSError:  # the library cannot be written, as each file will say; tried again then
            can_link = False
        else:
            self._tried.add(root_name(inbox))
        if can_link:
            self.copied.discard(inbox.name)
        else:
            self.copied.add(inbox.name)


def _is_read_only_source(connection: Connection, inbox: Inbox) -> bool:
    """Whether a folder that is only read cannot carry a marker; nothing in it is ever removed.

    One that has carried a marker before is away: the mount point may not be writable either.
    """
    try:
        roots.verify_root(connection, root_name(inbox), inbox.root)
    except (roots.RootMissingError, OSError):
        return False
    return inbox.mode == "keep" and inbox.root.is_dir() and not _is_writable(inbox.root)


def _is_writable(folder: Path) -> bool:
    probe = folder / f"{roots.MARKER}{roots.PARTIAL_SUFFIX}"
    try:
        probe.touch()
        probe.unlink()
    except OSError:
        return False
    return True
