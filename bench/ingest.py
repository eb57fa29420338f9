"""How fast the librarian takes files in, as a ratio to ExifTool's own renaming of the same files.

Run as `python bench/ingest.py [--files 500] [--rounds 3]`. Everything is counted: hash, proof,
metadata, fsync, PostgreSQL. ExifTool neither hashes nor records. Both run in turn on copies of the
same files, in one run, so that the ratio holds on a machine with other work.
"""

import argparse
import shutil
import statistics
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import connect
from photo_factory.pulse import Pulse
from PIL import Image
from pydantic import SecretStr

EXIFTOOL = ("exiftool", "-q", "-q", "-r", "-d")


def make_photos(folder: Path, count: int) -> None:
    """Distinct noisy JPEGs of some 330 kB, one a minute."""
    folder.mkdir(parents=True)
    for number in range(count):
        exif = Image.Exif()
        exif[0x010E] = str(number)
        taken = datetime(2024, 5, 17, tzinfo=UTC) + timedelta(minutes=number)
        exif.get_ifd(0x8769)[0x9003] = f"{taken:%Y:%m:%d %H:%M:%S}"
        picture = Image.effect_noise((700, 500), 80 + number % 40)
        picture.convert("RGB").save(folder / f"IMG_{number:05}.JPG", exif=exif, quality=92)


def librarian_seconds(source: Path, scratch: Path, address: str) -> float:
    """Seconds from the first turn until the inbox is empty."""
    settings = LibrarianSettings(
        data_dir=scratch,
        database_url=SecretStr(address),
        stability_seconds=0,
        watch_mode="poll",
        poll_scan_seconds=3600,
    )
    shutil.copytree(source, settings.inbox)
    loop = LibrarianLoop(settings, Pulse())
    with connect(address, "bench") as connection:
        connection.execute("TRUNCATE media_assets, inbox_files, settings CASCADE")
        started = time.perf_counter()
        while loop.turn(connection) < 1:
            pass
        seconds = time.perf_counter() - started
        loop.close(connection)
    return seconds


def exiftool_seconds(source: Path, scratch: Path) -> float:
    """Seconds that one ExifTool process needs to move the same files into the same folders."""
    shutil.copytree(source, scratch / "inbox")
    started = time.perf_counter()
    subprocess.run(
        [
            *EXIFTOOL,
            f"{scratch}/out/%Y/%Y-%m-%d/%%f%%-c.%%e",
            "-FileName<DateTimeOriginal",
            str(scratch / "inbox"),
        ],
        check=True,
    )
    return time.perf_counter() - started


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rates: dict[str, list[float]] = {"librarian": [], "exiftool": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_photos(folder / "photos", options.files)
        with EmbeddedPostgres(folder / "postgres", folder / "log") as server:
            address = server.address("postgres")
            migrate(address)
            for number in range(options.rounds):
                scratch = folder / str(number)
                seconds = librarian_seconds(folder / "photos", scratch / "ours", address)
                rates["librarian"].append(options.files / seconds)
                seconds = exiftool_seconds(folder / "photos", scratch / "theirs")
                rates["exiftool"].append(options.files / seconds)
    ours, theirs = (statistics.median(rates[name]) for name in ("librarian", "exiftool"))
    print(f"librarian {ours:7.1f} files/s   {[round(rate) for rate in rates['librarian']]}")
    print(f"exiftool  {theirs:7.1f} files/s   {[round(rate) for rate in rates['exiftool']]}")
    print(f"ratio     {ours / theirs:7.2f}")


if __name__ == "__main__":
    main()
