"""Remembers in the target which files were made for it, so that the next run need not make them.

A plain copy proves itself by its hash. A copy with tags, or a sidecar, does not: so for each a mark
is kept, made of its name, what it was made of, and its own hash. A lost mark costs time only.
"""

import hashlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self

LEDGER = ".photo-factory-export"
MARK_BYTES = 16


class Ledger:
    """The marks of one target; 16 bytes of memory for each, and what Python adds.

    Args:
        target: The folder that is exported to.
    """

    def __init__(self, target: Path) -> None:
        self._path = target / LEDGER
        self._marks: set[bytes] = set()
        self._file: int | None = None

    def __enter__(self) -> Self:
        """Read what earlier runs have left; a line that was cut short is no mark."""
        if self._path.is_file():
            for line in self._path.read_text(errors="replace").splitlines():
                if len(line) == 2 * MARK_BYTES:
                    self._marks.add(_unhex(line))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def knows(self, name: str, recipe: str, sha256: str) -> bool:
        """Whether the file with this hash was made by this recipe for this name."""
        return _mark(name, recipe, sha256) in self._marks

    def note(self, name: str, recipe: str, sha256: str) -> None:
        """Remember a file that has its final name."""
        mark = _mark(name, recipe, sha256)
        if mark in self._marks:
            return
        self._marks.add(mark)
        is_first = self._file is None
        if self._file is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
            self._file = os.open(self._path, flags, 0o644)
        # A line that was cut short must not swallow the first new one.
        os.write(self._file, (b"\n" if is_first else b"") + mark.hex().encode() + b"\n")


def _mark(name: str, recipe: str, sha256: str) -> bytes:
    words = f"{sha256} {recipe} {name}"
    return hashlib.blake2b(words.encode(errors="surrogateescape"), digest_size=MARK_BYTES).digest()


def _unhex(line: str) -> bytes:
    try:
        return bytes.fromhex(line)
    except ValueError:
        return b""
