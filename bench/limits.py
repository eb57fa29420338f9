"""What the librarian needs at the ends: one huge video, very many small files, nothing to do.

Run as `python bench/limits.py`; README.md says what each figure means.
"""

import argparse
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import ours
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate
from photo_factory.database import connect
from photos import Photos, make_tiny_photos
from processes import family, peak_memory, processor_seconds
from table import machine

MOVIE_DAY = "2024/2024-05-17"
MOVIE_SECONDS = 3_798_770_400
"""Six in the morning of that day in UTC, counted from 1904 as movies do (ISO 14496-12)."""
CHUNK_BYTES = 64 << 20
SETTLE_SECONDS = 15.0
MEGABYTE = 1e6


def make_video(path: Path, size_bytes: int) -> Photos:
    """A movie with an index, a date, and random bytes where its frames would be."""
    header = struct.pack(">IIII", MOVIE_SECONDS, MOVIE_SECONDS, 1000, 60_000)
    movie_header = bytes(4) + header + bytes(80)
    index = _box(b"moov", _box(b"mvhd", movie_header))
    start = _box(b"ftyp", b"isom\0\0\2\0isommp42") + index
    frames = size_bytes - len(start)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(start + struct.pack(">I4sQ", 1, b"mdat", frames))
        left = frames - 16
        while left > 0:
            file.write(os.urandom(min(CHUNK_BYTES, left)))
            left -= CHUNK_BYTES
    return Photos(path.parent, {ours.hash_of(path): MOVIE_DAY}, 1, path.stat().st_size)


def _box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", len(content) + 8, name) + content


def measure_video(address: str, scratch: Path, size_bytes: int, other: Path | None) -> None:
    """Memory and bytes read for one video, on one file system and to another."""
    print(
        f"\n| one video of {size_bytes / 1e9:.1f} GB | MB/s | read | peak MB | with ExifTool MB |"
    )
    print("|---|---:|---:|---:|---:|")
    data = scratch / "video"
    video = make_video(data / "inbox/VID_0001.MP4", size_bytes)
    with tempfile.TemporaryDirectory(dir=other) as there:
        targets = {"same file system": None, "to the other disk": Path(there) / "library"}
        for name, library in targets.items():
            if library is not None and other is None:
                continue
            run = ours.run(address, data, library)
            ours.check(address, video, data, library)
            stored = (library or data / "library") / MOVIE_DAY / "VID_0001.MP4"
            print(
                f"| {name} | {size_bytes / run.seconds / MEGABYTE:.0f} "
                f"| {run.bytes_read / size_bytes:.3f} times | {run.peak_bytes / MEGABYTE:.0f} "
                f"| {run.family_bytes / MEGABYTE:.0f} |"
            )
            shutil.move(stored, data / "inbox/VID_0001.MP4")
            shutil.rmtree(data / "library", ignore_errors=True)
    shutil.rmtree(data)


def measure_waiting(address: str, scratch: Path, count: int) -> None:
    """Memory while very many files wait, all seen in one scan."""
    data = scratch / "waiting"
    photos = make_tiny_photos(data / "inbox", count)
    run = ours.run(address, data)
    ours.check(address, photos, data)
    print(
        f"\n{count:,} files waiting: peak {run.peak_bytes / MEGABYTE:.0f} MB, with ExifTool "
        f"{run.family_bytes / MEGABYTE:.0f} MB; {count / run.seconds:.0f} files/s "
        f"({photos.size_bytes / count / 1e3:.1f} kB each)"
    )
    shutil.rmtree(data)


def measure_idle(address: str, scratch: Path, seconds: float) -> None:
    """Processor time and memory of the librarian's service with an empty inbox."""
    ours.clear(address)
    data = scratch / "idle"
    data.mkdir()
    environment = ours.environment(address, data)
    for name in ("PF_WATCH_MODE", "PF_POLL_SCAN_SECONDS", "PF_STABILITY_SECONDS"):
        del environment[name]
    with subprocess.Popen(
        [sys.executable, "-m", "librarian"], env=environment, stdout=subprocess.DEVNULL
    ) as service:
        try:
            _wait_for_heartbeat(address)
            time.sleep(SETTLE_SECONDS)
            before, started = processor_seconds(service.pid), time.monotonic()
            time.sleep(seconds)
            worked = processor_seconds(service.pid) - before
            share = worked / (time.monotonic() - started)
            memory = sum(map(peak_memory, family(service.pid)))
        finally:
            service.terminate()
    print(
        f"\nidle for {seconds:.0f} s: {share:.2%} of one processor, "
        f"peak {memory / MEGABYTE:.0f} MB since the start"
    )


def _wait_for_heartbeat(address: str) -> None:
    deadline = time.monotonic() + 60
    with connect(address, "bench") as connection:
        while time.monotonic() < deadline:
            if connection.execute("SELECT 1 FROM system_status").fetchone():
                return
            time.sleep(0.1)
    message = "the librarian's service sends no heartbeat"
    raise TimeoutError(message)


def main() -> None:
    """Start a PostgreSQL, measure what was asked for, print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--video-gb", type=float, default=4.0, help="0 leaves it out")
    parser.add_argument("--waiting", type=int, default=50_000, help="0 leaves it out")
    parser.add_argument("--idle-seconds", type=float, default=60.0, help="0 leaves it out")
    parser.add_argument("--scratch", type=Path, help="folder on the disk to measure")
    parser.add_argument("--other", type=Path, help="folder on another file system")
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = Path(name)
        with EmbeddedPostgres(folder / "postgres", folder / "log") as server:
            address = server.address()
            migrate(address)
            if options.idle_seconds:
                measure_idle(address, folder, options.idle_seconds)
            if options.waiting:
                measure_waiting(address, folder, options.waiting)
            if options.video_gb:
                size_bytes = int(options.video_gb * 1e9)
                measure_video(address, folder, size_bytes, options.other)


if __name__ == "__main__":
    main()
