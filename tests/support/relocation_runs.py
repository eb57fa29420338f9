"""Assets with files and sidecars in a library, and what must hold after they were moved."""

import ctypes
import errno
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from librarian.relocation import finish_relocations, relocate
from photo_factory.database import Connection, connect

INSERT_ASSET = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source)
VALUES (%s, %s, %s, 'inbox/test', 'video', 'video/quicktime', %s, %s, 'test')
RETURNING id
"""
INSERT_SIDECAR = """
INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes)
VALUES (%s, %s, %s, %s, %s, 'inbox/test', %s)
"""
PATHS = "SELECT path, encode(sha256, 'hex') FROM {} ORDER BY id"


def store_asset(
    connection: Connection,
    library: Path,
    path: str,
    sidecars: Sequence[str] = (),
    content: str = "",
) -> int:
    """A file in the library with its row and sidecars (names beside it); returns the row's id."""
    bytes_ = _write(library / path, content or f"film of {path}")
    name = Path(path).name
    row = connection.execute(
        INSERT_ASSET,
        (sha256(bytes_).digest(), path, name, len(bytes_), datetime(2024, 5, 17, 10)),  # noqa: DTZ001 - local wall-clock time by design
    ).fetchone()
    assert row is not None
    for sidecar in sidecars:
        beside = str(Path(path).with_name(sidecar))
        told = _write(library / beside, f"what {sidecar} says of {content or path}")
        kind = Path(sidecar).suffix.removeprefix(".")
        values = (row[0], kind, beside, sha256(told).digest(), sidecar, len(told))
        connection.execute(INSERT_SIDECAR, values)
    return int(row[0])


def _write(path: Path, content: str) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return content.encode()


def asset_path(connection: Connection, asset_id: int) -> str:
    row = connection.execute("SELECT path FROM media_assets WHERE id = %s", (asset_id,)).fetchone()
    assert row is not None
    return str(row[0])


def files_below(library: Path) -> list[str]:
    """Every file of the library by its path, markers left out."""
    found = (path for path in library.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(library)) for path in found if path.name[0] != ".")


def assert_all_in_place(connection: Connection, library: Path, strangers: int = 0) -> None:
    """Every row has its file with its hash, no file stands twice, no move is half done."""
    rows = [row for table in ("media_assets", "sidecars") for row in _paths(connection, table)]
    for path, digest in rows:
        assert sha256((library / path).read_bytes()).hexdigest() == digest, path
    assert len(files_below(library)) == len(rows) + strangers, files_below(library)
    begun = connection.execute("SELECT path, new_path FROM relocations").fetchall()
    assert begun == []


def _paths(connection: Connection, table: str) -> list[tuple[Any, ...]]:
    return connection.execute(PATHS.format(table)).fetchall()


def without_hard_links() -> None:
    """Make this process see file systems as exFAT is: a file has one name."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    os.link = refuse


class _NoRenameat2(ctypes.CDLL):
    """The C library of a system whose file systems refuse to rename without replacing."""

    def renameat2(self, *_: object) -> int:
        ctypes.set_errno(errno.EINVAL)
        return -1


def without_either() -> None:
    """The same, and no renameat2, as on some network shares."""
    without_hard_links()
    ctypes.CDLL = _NoRenameat2  # type: ignore[misc] # the system's edge is replaced


FILE_SYSTEMS: dict[str, Callable[[], None]] = {
    "hard links": lambda: None,
    "no hard links": without_hard_links,
    "neither": without_either,
}


@dataclass(frozen=True)
class Mover:
    """A process that moves an asset between two folders, twenty times."""

    database_url: str
    library: Path
    asset: int
    folders: tuple[str, str]
    file_system: str

    def run(self, start: Barrier) -> None:
        """To be called in a process of its own, for it changes what that sees of the disk."""
        FILE_SYSTEMS[self.file_system]()
        with connect(self.database_url, "mover") as connection:
            start.wait(30)
            for _ in range(20):
                for folder in self.folders:
                    relocate(connection, self.library, self.asset, folder, "IMG_1.MOV")
                    finish_relocations(connection, self.library)
