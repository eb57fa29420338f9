"""What the machine itself needs for the single parts of the work, with nothing around them."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ours import hash_of
from photo_factory.database import connect
from PIL import Image

THREADS = 2
GROUP = 50
"""Files per fsync of a folder, and rows per commit."""
EXIF_IFD, GPS_IFD = 0x8769, 0x8825
ROW = """
INSERT INTO bench_rows (sha256, path, metadata) VALUES (sha256(%s::bytea), %s, %s)
"""
TABLE = """
CREATE TABLE IF NOT EXISTS bench_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    sha256 bytea UNIQUE, path text UNIQUE, metadata jsonb)
"""


def seconds_of(work: Callable[[], object]) -> float:
    """Seconds that something takes; the disk's caches are written out before."""
    os.sync()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def hash_all(files: Sequence[Path]) -> None:
    """SHA-256 of every file, in two threads."""
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in threads.map(hash_of, files):
            pass


def read_tags(files: Sequence[Path]) -> None:
    """Pillow reads the three directories of EXIF that decide date and place."""
    for path in files:
        with Image.open(path) as image:
            exif = image.getexif()
            exif.get_ifd(EXIF_IFD)
            exif.get_ifd(GPS_IFD)


def link_each(files: Sequence[Path], folder: Path) -> None:
    """Link every file into a folder and wait for the disk after each."""
    _link(files, folder, 1)


def link_grouped(files: Sequence[Path], folder: Path) -> None:
    """The same, waiting once per fifty."""
    _link(files, folder, GROUP)


def _link(files: Sequence[Path], folder: Path, group: int) -> None:
    folder.mkdir()
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for number, path in enumerate(files, 1):
            os.link(path, folder / str(number))
            if number % group == 0 or number == len(files):
                os.fsync(descriptor)
    finally:
        os.close(descriptor)


def insert_rows(address: str, count: int) -> None:
    """Rows with some tags into a table with two unique indexes, fifty a commit."""
    tags = '{"ExifIFD:LensModel": "' + "lens " * 60 + '"}'
    with connect(address, "bench") as connection:
        connection.execute(TABLE)
        connection.execute("TRUNCATE bench_rows")
        for first in range(0, count, GROUP):
            rows = [(str(n), f"2024/{n}", tags) for n in range(first, min(first + GROUP, count))]
            with connection.transaction(), connection.cursor() as cursor:
                cursor.executemany(ROW, rows)


def copy_hash_sync(inbox: Path, target: Path, hashes: Callable[[Path], None]) -> None:
    """What a careful person would do by hand to bring photos to another disk."""
    subprocess.run(["cp", "-r", str(inbox), str(target)], check=True)  # noqa: S607 - of the system
    hashes(target)
    os.sync()


def hash_by_hashlib(folder: Path) -> None:
    """One thread of Python, with the hashing instructions of the processor."""
    for path in folder.rglob("*"):
        if path.is_file():
            hash_of(path)


def hash_by_sha256sum(folder: Path) -> None:
    """The usual command, which on some systems does without those instructions."""
    command = ["find", str(folder), "-type", "f", "-exec", "sha256sum", "{}", "+"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
