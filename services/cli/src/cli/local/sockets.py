"""Private folders for Unix sockets, whose paths the system limits to 107 bytes."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from cli.local.errors import LocalModeError

LONGEST_PATH_BYTES = 107
PRIVATE = 0o700


class SocketFolderError(LocalModeError):
    """No private folder for sockets."""


def socket_folder(preferred: Path, longest_name: str) -> Path:
    """The folder for sockets: the preferred one if its path is fit, else one in /tmp for it.

    Args:
        preferred: Where they belong.
        longest_name: The longest name of a socket in it.
    """
    if _is_fit(preferred, longest_name):
        return preferred
    key = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:16]
    name = f"photo-factory-{key}"
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108 - checked for its owner
        if _is_fit(parent / name, longest_name):
            return parent / name
    message = f"{tempfile.gettempdir()} is too long a path for sockets. Set TMPDIR to a short one."
    raise SocketFolderError(message)


def make_private(folder: Path, owner: int, group: int) -> None:
    """Make a folder that only its owner may enter, or check that it is one.

    Raises:
        SocketFolderError: Somebody else owns it, or it is no folder.
    """
    folder.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {os.geteuid(), owner}:
        message = f"{folder} belongs to somebody else. Remove it, or set TMPDIR to another folder."
        raise SocketFolderError(message)
    folder.chmod(PRIVATE)
    if os.geteuid() == 0:
        os.chown(folder, owner, group)


def _is_fit(folder: Path, longest_name: str) -> bool:
    path = os.fsencode(folder / longest_name)
    # A comma separates folders, for PostgreSQL and for its clients.
    return len(path) <= LONGEST_PATH_BYTES and b"," not in path
