"""How fast tags are read: one kept-open ExifTool, one per core, and a single `exiftool -json`.

Run as `python bench/metadata.py --media FOLDER`; without a folder, on photos like a camera's.
Every file is read once by each; the number of files that gave tags must be the same.
"""

import argparse
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from librarian.description import FILES_PER_CALL, Readers
from librarian.exiftool import OPTIONS
from photos import make_photos
from table import Rounds, machine

OURS = "kept open, one per core"
ONE = "kept open, one"
PEER = "exiftool -json, one process"
PHOTOS = 2000


def read_kept_open(files: Sequence[Path], cores: int) -> int:
    """Read with so many ExifTools at once, as the librarian does; returns the files with tags."""
    readers = Readers(cores)
    chunks = [files[at : at + FILES_PER_CALL] for at in range(0, len(files), FILES_PER_CALL)]
    try:
        with ThreadPoolExecutor(cores) as threads:
            found = [one for chunk in threads.map(readers.read, chunks) for one in chunk]
    finally:
        readers.close()
    return sum(one.source == "exiftool" for one in found)


def read_by_peer(files: Sequence[Path], scratch: Path) -> int:
    """One process for all of them, with the same options; returns the files that it printed."""
    names = scratch / "names"
    names.write_text("\n".join(map(str, files)))
    command = ["exiftool", "-json", *OPTIONS, "-@", str(names)]
    answer = subprocess.run(command, capture_output=True, check=False).stdout
    return answer.count(b'"SourceFile"')


def timed(work: Callable[[], int], rounds: Rounds, name: str, files: int) -> int:
    """Add the rate of one contestant."""
    began = time.perf_counter()
    found = work()
    rounds.add(name, files / (time.perf_counter() - began))
    return found


def main() -> None:
    """Measure in rounds, print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--media", type=Path, help="folder with files to read")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    cores = os.cpu_count() or 1
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        if arguments.media is None:
            make_photos(scratch / "photos", PHOTOS, "small")
        root = arguments.media or scratch / "photos"
        files = sorted(path for path in root.rglob("*") if path.is_file())
        rounds = Rounds(OURS)
        for _ in range(arguments.rounds):
            ours = timed(lambda: read_kept_open(files, cores), rounds, OURS, len(files))
            timed(lambda: read_kept_open(files, 1), rounds, ONE, len(files))
            theirs = timed(lambda: read_by_peer(files, scratch), rounds, PEER, len(files))
        print(
            f"{len(files)} files, {ours} read by ours, {theirs} printed by exiftool, {cores} cores"
        )
    print("", *rounds.lines("files/s"), sep="\n")


if __name__ == "__main__":
    main()
