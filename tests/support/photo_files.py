"""Small photos on disk, and what the librarian's tables say of them."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from photo_factory.database import Connection
from PIL import Image


def save_photo(path: Path, colour: str = "red", taken: str | None = "2024:05:17 23:30:00") -> str:
    """A small JPEG; returns the hash of its bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[0x010E] = colour  # two colours that JPEG makes equal are still two files
    if taken is not None:
        exif.get_ifd(0x8769)[0x9003] = taken
        exif.get_ifd(0x8769)[0x9011] = "+09:00"
    Image.new("RGB", (64, 48), colour).save(path, "JPEG", exif=exif)
    return sha256(path.read_bytes()).hexdigest()


def problems(connection: Connection) -> dict[str, str]:
    rows = connection.execute("SELECT path, error_code FROM inbox_files WHERE state = 'failed'")
    return {row[0]: row[1] for row in rows}


def rows(connection: Connection, columns: str) -> list[tuple[Any, ...]]:
    return connection.execute(f"SELECT {columns} FROM media_assets ORDER BY path").fetchall()  # noqa: S608 - a literal of this file
