"""Files as the steps of ingest hand them on, made without a database."""

from datetime import datetime
from hashlib import sha256
from itertools import count
from pathlib import Path

from librarian.capture.decision import CaptureTime
from librarian.examination import Examined, Nature
from librarian.groups import Plan
from librarian.metadata import describe
from librarian.placing import Described
from librarian.queries import InboxFile
from photo_factory.media import kinds
from photo_factory.storage import Identity

_numbers = count(1)


def inbox_file(
    path_bytes: bytes, identity: Identity, intended_path: str | None = None
) -> InboxFile:
    """A row of inbox_files in hand, of the main inbox."""
    return InboxFile(
        id=next(_numbers),
        inbox="inbox",
        path_bytes=path_bytes,
        path=path_bytes.decode(errors="replace"),
        device=identity.device,
        inode=identity.inode,
        size_bytes=identity.size_bytes,
        modified_ns=identity.modified_ns,
        state="ingesting",
        attempts=1,
        asset_id=None,
        intended_path=intended_path,
        unchanged_seconds=60.0,
    )


def examined(source: Path, name: bytes | None = None, copy: Path | None = None) -> Examined:
    """A file on disk as a complete JPEG, whatever it is.

    Args:
        source: Where its bytes are.
        name: That it has in the inbox; else its own.
        copy: Where the library's copy waits.
    """
    file = inbox_file(source.name.encode() if name is None else name, Identity.of(source.lstat()))
    digest = sha256(source.read_bytes()).hexdigest()
    return Examined(file, source, digest, Nature(kinds.JPEG, {}, is_misnamed=False), copy)


def described(
    one: Examined, folder: str | None = None, stem: str | None = None, cluster: int | None = None
) -> Described:
    """The same with the time of 2024-05-17 and a plan: where it goes, and with whom."""
    local = datetime(2024, 5, 17, 12)  # noqa: DTZ001 - local wall-clock time by design
    plan = Plan(None, "primary", folder, stem, one.file.id if cluster is None else cluster)
    time = CaptureTime(local, None, None, "test", "high", None)
    return Described(one, describe({}, "quick"), time, plan)
