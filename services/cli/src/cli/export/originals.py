"""Opens files of the library for reading; nothing here can change one."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath

from cli.verification.original import reason


class PieceError(Exception):
    """One file cannot be exported; the message is a sentence fragment for people."""


class Originals:
    """The originals and sidecars of a library.

    Args:
        library: Its root.
        paths_now: Where files with a hash lie at present.
    """

    def __init__(self, library: Path, paths_now: Callable[[str], Sequence[str]]) -> None:
        self._library = library
        self._paths_now = paths_now

    def open(self, path: str, sha256: str) -> int:
        """Open a file where it lies; if it is not there, where it has been moved to meanwhile.

        Raises:
            PieceError: It is missing or cannot be read.
        """
        for candidate in self._candidates(path, sha256):
            if (descriptor := self._open(candidate)) is not None:
                return descriptor
        message = f"{path} is missing in the library; see photo-factory verify"
        raise PieceError(message)

    def _candidates(self, path: str, sha256: str) -> Iterator[str]:
        yield path
        yield from (one for one in self._paths_now(sha256) if one != path)

    def _open(self, path: str) -> int | None:
        if not path or PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            message = f"{path} is no path in the library"
            raise PieceError(message)
        try:
            flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(self._library / path, flags)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            message = f"{path} cannot be read: {reason(error)}"
            raise PieceError(message) from error
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            message = f"{path} is not a file"
            raise PieceError(message)
        return descriptor
