"""The librarian's part of a measurement: empty tables, a run in a child, a check of the result."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from photo_factory.database import connect
from photos import Photos
from processes import MemoryWatch

DRIVER = Path(__file__).with_name("drive.py")
CLEAR = (
    "TRUNCATE inbox_files, duplicates, settings, stage_work, seen, relocations",
    "DELETE FROM media_assets WHERE source LIKE 'inbox/%'",
    "VACUUM ANALYZE media_assets",
    "CHECKPOINT",
)
FILL = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_at, captured_local, utc_offset_minutes, captured_source, width, height, camera_make,
    camera_model, metadata, companion_key, is_described, is_geocoded, is_thumbnailed, is_backed_up)
SELECT sha256(('asset ' || n)::bytea), 'old/' || n / 500 || '/IMG_' || n || '.JPG',
    'IMG_' || n || '.JPG', 'bench/' || n, 'photo', 'image/jpeg', 330000 + n %% 1000,
    '1990-01-01'::timestamptz + n * interval '3 minutes',
    '1990-01-01'::timestamp + n * interval '3 minutes', 0, 'ExifIFD:DateTimeOriginal', 1600, 1200,
    'Apple', 'iPhone 13 Pro',
    jsonb_build_object('File:MIMEType', 'image/jpeg', 'ExifIFD:DateTimeOriginal', n::text,
        'ExifIFD:ImageUniqueID', md5(n::text), 'ExifIFD:LensModel', repeat('lens ', 60)),
    'old/' || n / 500 || '/img_' || n, true, true, true, true
FROM generate_series(1, %s) AS n
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of the librarian took.

    Attributes:
        seconds: From the first turn until nothing waited.
        described_seconds: Until, beyond that, all tags of all files were read.
        processor_seconds: Of the librarian and its ExifTools while the inbox was emptied;
            PostgreSQL's are not in it.
        bytes_read: By system calls of both, then.
        peak_bytes: Of the librarian's own process, then.
        family_bytes: The most that it and its ExifTools had together, sampled.
    """

    seconds: float
    described_seconds: float
    processor_seconds: float
    bytes_read: int
    peak_bytes: int
    family_bytes: int


def environment(address: str, data: Path, library: Path | None = None) -> dict[str, str]:
    """Settings of a librarian that takes everything in at once."""
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("PF_")}
    chosen = {
        "PF_DATA_DIR": str(data),
        "PF_DATABASE_URL": address,
        "PF_STABILITY_SECONDS": "0",
        "PF_WATCH_MODE": "poll",
        "PF_POLL_SCAN_SECONDS": "3600",
        "PF_KEEP_FREE_BYTES": "0",
    }
    if library is not None:
        chosen["PF_LIBRARY_DIR"] = str(library)
    return {**inherited, **chosen}


def clear(address: str) -> None:
    """Forget what an earlier run has taken in; what `fill` has put there stays."""
    with connect(address, "bench") as connection:
        connection.execute("SET statement_timeout = 0")
        for statement in CLEAR:
            connection.execute(statement)


def fill(address: str, count: int) -> None:
    """Put rows of assets into the database whose work is all done."""
    with connect(address, "bench") as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute(FILL, (count,))
        connection.execute("VACUUM ANALYZE media_assets")


def run(address: str, data: Path, library: Path | None = None) -> Run:
    """Let a librarian empty the inbox below `data`; the disk's caches are written out before.

    Raises:
        RuntimeError: It failed; the message is the end of what it said.
    """
    clear(address)
    os.sync()
    answer, log = data / "figures.json", data / "librarian.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, DRIVER, answer],
            env=environment(address, data, library),
            stdout=output,
            stderr=output,
        )
        with MemoryWatch(child.pid) as memory:
            code = child.wait()
    if code != 0:
        raise RuntimeError(log.read_text(errors="replace")[-3000:])
    return Run(**json.loads(answer.read_text()), family_bytes=memory.peak)


def check(address: str, photos: Photos, data: Path, library: Path | None = None) -> None:
    """Fail unless every content lies once in the library, intact, under its day, with its row.

    Raises:
        RuntimeError: Something is missing or in a wrong place; then no figure counts.
    """
    library = library or data / "library"
    with connect(address, "bench") as connection:
        found = connection.execute(
            "SELECT encode(sha256, 'hex'), path FROM media_assets WHERE source LIKE 'inbox/%'"
        ).fetchall()
    files, left = _files(library), _files(data / "inbox")
    wrong = [path for digest, path in found if not _fits(photos.expected.get(digest), path)]
    damaged = [path for digest, path in found if hash_of(library / path) != digest]
    is_complete = {digest for digest, _ in found} == photos.expected.keys()
    if not is_complete or len(files) != len(found) or wrong or damaged or left:
        message = (
            f"of {len(photos.expected)} photos there are {len(found)} rows and {len(files)} "
            f"files; wrong day: {wrong[:3]}, damaged: {damaged[:3]}, left: {left[:3]}"
        )
        raise RuntimeError(message)


def _fits(expected: str | None, path: str) -> bool:
    return expected is None or expected == str(Path(path).parent)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]


def hash_of(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
