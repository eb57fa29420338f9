"""What a crash has left in the library without a row: found by the intention written before."""

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import structlog
from photo_factory import storage
from photo_factory.database import Connection

from librarian import queries
from librarian.duplicates import Proof
from librarian.inbox import absolute
from librarian.inboxes import Inbox
from librarian.queries import InboxFile

LOGGER = structlog.get_logger()


def return_leftover(
    connection: Connection, library: Path, inboxes: Mapping[str, Inbox], file: InboxFile
) -> None:
    """The file has gone from the inbox. If only the library has it, without a row, it returns."""
    leftover = _leftover(connection, library, file)
    if leftover is None:
        return
    with contextlib.suppress(FileExistsError):
        source = absolute(inboxes[file.inbox].root, file.path_bytes)
        storage.bring_back(leftover, source)
        LOGGER.warning("brought back", path=file.path, leftover=file.intended_path)


def take_back_leftover(
    connection: Connection, library: Path, inboxes: Mapping[str, Inbox], file: InboxFile
) -> None:
    """The file is refused and stays in the inbox: what was put of it into the library goes.

    It may have been put there and could not be recorded. Left there, it would have no row for as
    long as nobody lets the file be tried again.
    """
    intended = queries.intended_path(connection, file.id)
    leftover = _leftover(connection, library, replace(file, intended_path=intended))
    if leftover is None:
        return
    source = absolute(inboxes[file.inbox].root, file.path_bytes)
    with contextlib.suppress(OSError):
        if leftover.samefile(source) or storage.holds(leftover, storage.hash_file(source)):
            leftover.unlink()


def clear_leftovers(connection: Connection, library: Path, proofs: Iterable[Proof]) -> None:
    """The same bytes stand, proven and recorded, at an asset's path: a second copy can go."""
    for proof in proofs:
        leftover = _leftover(connection, library, proof.examined.file)
        if leftover is not None and storage.holds(leftover, proof.examined.sha256):
            leftover.unlink()


def _leftover(connection: Connection, library: Path, file: InboxFile) -> Path | None:
    """What an earlier attempt at the file, cut short, may have left in the library."""
    if file.intended_path is None or queries.taken(connection, [file.intended_path]):
        return None
    leftover = library / file.intended_path
    return leftover if leftover.is_file() else None
