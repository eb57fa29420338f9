"""What a crash has left in the library without a row: found by the intention written before."""

import contextlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import structlog
from photo_factory import storage
from photo_factory.database import Connection

from librarian import queries
from librarian.inbox import absolute
from librarian.inboxes import Inbox
from librarian.queries import InboxFile

LOGGER = structlog.get_logger()


class Leftovers:
    """Sees to what earlier attempts at files have put into the library and could not record.

    Args:
        library: Root of the originals.
        inboxes: By name; where a leftover goes whose bytes are nowhere else.
        main_inbox: The folder where it goes if it came from one whose files are kept.
    """

    def __init__(self, library: Path, inboxes: Mapping[str, Inbox], main_inbox: Path) -> None:
        self._library = library
        self._inboxes = inboxes
        self._main_inbox = main_inbox

    def settle(
        self,
        connection: Connection,
        file: InboxFile,
        sha256: str | None = None,
        path: str | None = None,
    ) -> None:
        """Clear up before the intention of a file is forgotten, or another one is written.

        What has the same bytes in the inbox, or in the library with a row, is removed; what has
        not comes back into the inbox, for a file of that name may have been replaced meanwhile.

        Args:
            connection: Reads only.
            file: As it was claimed, with the intention of the earlier attempt.
            sha256: Of what stands in the inbox under its name, if that is known and can be read.
            path: Where this is to be put next; there the same bytes are left, to be adopted.
        """
        leftover = self._leftover(connection, file)
        if leftover is None:
            return
        try:
            found = storage.hash_file(leftover)
            if found == sha256 and file.intended_path == path:
                return
            is_empty = leftover.stat().st_size == 0  # a name that was reserved, and no original
            if is_empty or found == sha256 or self._is_stored(connection, found):
                leftover.unlink()
            else:
                self._bring_back(leftover, file)
        except OSError as error:
            LOGGER.warning("leftover stays", path=file.intended_path, reason=str(error))

    def take_back(self, connection: Connection, file: InboxFile) -> None:
        """The file is refused and stays in the inbox: what was put of it into the library goes.

        It may have been put there and could not be recorded. Left there, it would have no row for
        as long as nobody lets the file be tried again.
        """
        intended = queries.intended_path(connection, file.id)
        leftover = self._leftover(connection, replace(file, intended_path=intended))
        if leftover is None:
            return
        source = absolute(self._inboxes[file.inbox].root, file.path_bytes)
        with contextlib.suppress(OSError):
            if leftover.samefile(source) or storage.holds(leftover, storage.hash_file(source)):
                leftover.unlink()

    def _leftover(self, connection: Connection, file: InboxFile) -> Path | None:
        """What an earlier attempt at the file, cut short, may have left in the library."""
        intended = file.intended_path
        if intended is None or queries.taken(connection, [intended]):
            return None
        leftover = self._library / intended
        if not leftover.is_file() or queries.is_intended_by_others(connection, intended, file.id):
            return None  # another librarian may have put it there at this moment
        return leftover

    def _is_stored(self, connection: Connection, sha256: str) -> bool:
        """Whether the library has these bytes at the path of an asset."""
        known = queries.assets_with(connection, [sha256])
        return sha256 in known and storage.holds(self._library / known[sha256].path, sha256)

    def _bring_back(self, leftover: Path, file: InboxFile) -> None:
        """Put it into the inbox again, under another name if its own is in use.

        Nothing is written into a folder whose files are kept, such as the source of an import:
        then the main inbox gets it.
        """
        inbox = self._inboxes[file.inbox]
        home = inbox.root if inbox.mode == "move" else self._main_inbox
        source = absolute(home, file.path_bytes)
        for name in storage.candidate_names(source.name):
            with contextlib.suppress(FileExistsError):
                storage.bring_back(leftover, source.with_name(name))
                LOGGER.warning("brought back", path=file.path, leftover=file.intended_path)
                return
