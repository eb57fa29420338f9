"""A small library with rows and files, exported as `photo-factory export` would."""

import hashlib
import json
import subprocess
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import av
import numpy as np
import pillow_heif
from photo_factory.database import Connection
from photo_factory.roots import ensure_root
from PIL import Image
from psycopg import sql
from psycopg.types.json import Jsonb
from typer.testing import Result

pillow_heif.register_heif_opener()

DAY = "2024/2024-05-17"
MIME_TYPES = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".tif": "image/tiff",
    ".heic": "image/heic",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
    ".cr2": "image/x-canon-cr2",
}
TAKEN = datetime(2024, 5, 17, 12, 0, 0, 250_000)  # noqa: DTZ001 - local wall-clock time by design

TITLE = "-title = \"quoted\" <b>\n&amp; 🎂 'x' $1 #[CSTR] @file %d"
CAPTION = "base64:aGVsbG8="
KEYWORDS = ["Family/Ann", "a, b; c", "-x", "^", "007", "1.50", "true", "ümläut"]
PEOPLE: list[dict[str, Any]] = [
    {"name": "Ann | [x] {y}", "kind": "face", "x": 0.2, "y": 0.3, "width": 0.1, "height": 0.2},
    {"name": "Rex", "kind": "pet", "x": 0.5, "y": 0.5, "width": 0.05, "height": 0.1},
    {"name": "Zoë, of whom only the name is known", "kind": "person"},
]
KNOWN: dict[str, Any] = {
    "captured_local": datetime(2024, 5, 17, 23, 30, 0, 250_000),  # noqa: DTZ001 - local time
    "captured_at": "2024-05-17T17:45:00.25Z",
    "utc_offset_minutes": 345,
    "location": {"latitude": -33.448912, "longitude": -70.669312, "altitude": 521.5},
    "rating": 4,
    "title": TITLE,
    "caption": CAPTION,
    "keywords": KEYWORDS,
    "people": PEOPLE,
    "is_favorite": True,
    "width": 600,
    "height": 400,
    "orientation": 1,
}


class Run(Protocol):
    """Runs the command."""

    def __call__(self, *arguments: str | Path) -> Result:
        """With these arguments."""


@dataclass(frozen=True, slots=True)
class Library:
    """A library and its rows.

    Attributes:
        root: Where the originals lie.
    """

    connection: Connection
    root: Path

    @classmethod
    def create(cls, connection: Connection, data: Path) -> "Library":
        """In a data folder."""
        ensure_root(connection, "library", data / "library")
        return cls(connection, data / "library")

    def add(self, path: str, content: bytes, **known: object) -> int:
        """Put an original there, with what is known of it; returns its id."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content)
        mime_type = MIME_TYPES[Path(path).suffix.lower()]
        row = {
            "sha256": hashlib.sha256(content).digest(),
            "path": path,
            "original_name": Path(path).name,
            "source": f"inbox/{path}",
            "media_type": mime_type.partition("/")[0].replace("image", "photo"),
            "mime_type": mime_type,
            "size_bytes": len(content),
            "captured_local": TAKEN,
            "captured_source": "test",
            "captured_confidence": "high",
            **{key: _storable(key, value) for key, value in known.items()},
        }
        insert = sql.SQL("INSERT INTO media_assets ({}) VALUES ({}) RETURNING id").format(
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        )
        found = self.connection.execute(insert, row).fetchone()
        assert found is not None
        return int(found[0])

    def add_sidecar(
        self, asset_id: int, path: str, content: bytes, *, is_read: bool = True
    ) -> None:
        """Put a sidecar beside an original; `is_read` as the librarian does soon after."""
        (self.root / path).write_bytes(content)
        tags = Jsonb(read_tags(self.root / path)) if is_read and path.endswith(".xmp") else None
        self.connection.execute(
            "INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes,"
            " tags) VALUES (%s, %s, %s, sha256(%s), %s, 'inbox', %s, %s)",
            (asset_id, path.rpartition(".")[2].lower(), path, content, path, len(content), tags),
        )

    def hashes(self) -> dict[str, str]:
        """Of all files of the library."""
        return hashes(self.root)


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a folder by its path in it, the ledger left out."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".photo-factory-export"
    }


def read_tags(path: Path) -> dict[str, Any]:
    """What ExifTool reads; text that looks like a number stays text."""
    answer = subprocess.run(
        ["exiftool", "-j", "-n", "-G1", "-struct", str(path)],
        capture_output=True,
        check=False,
    )
    tags: dict[str, Any] = json.loads(answer.stdout, parse_int=str, parse_float=str)[0]
    return tags


def decoded(path: Path) -> bytes:
    """A hash of all pixels, and of all frames of a film."""
    digest = hashlib.sha256()
    if path.suffix in {".mp4", ".mov"}:
        with av.open(path) as container:
            for packet in container.demux():
                digest.update(bytes(packet))
    else:
        with Image.open(path) as image:
            digest.update(np.asarray(image).tobytes())
    return digest.digest()


def _storable(name: str, value: object) -> object:
    return Jsonb(value) if name in {"location", "people"} else value
