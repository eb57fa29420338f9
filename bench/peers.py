"""Other programs that file the same photos into folders by day.

ExifTool comes with the system. The others stand in a folder that is given (README.md says how to
put them there); one that is absent is named as absent, and one that fails as failed.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ORGANIZE_RULES = """
rules:
  - locations: {inbox}
    subfolders: true
    filters:
      - exif
    actions:
      - move:
          dest: "{out}/{{exif.exif.datetimeoriginal.strftime('%Y/%Y-%m-%d')}}/"
          on_conflict: rename_new
"""
ELODIE_CONFIG = """[Directory]
year=%Y
date=%Y-%m-%d
full_path=%year/%date
[File]
name=%original_name.%extension
"""


@dataclass(frozen=True, slots=True)
class Peer:
    """A program to compare with.

    Attributes:
        does: What it does for a file, in a few words, for the table.
        needs: A file that shows that it is installed.
        command: Made from the folders it reads from, writes to, and may use for its configuration.
        is_slow: A process per file: it gets fewer files.
    """

    name: str
    does: str
    needs: Path
    command: Callable[[Path, Path, Path], list[str]]
    environment: Mapping[str, str]
    is_slow: bool = False

    @property
    def is_here(self) -> bool:
        """Whether it is installed."""
        return self.needs.is_file()


def peers_in(folder: Path | None) -> list[Peer]:
    """ExifTool and the peers that could stand in a folder, be they there or not."""
    root = folder or Path("/nonexistent")
    python, organize = root / "venv/bin/python", root / "venv/bin/organize"
    phockup, elodie = root / "phockup/phockup.py", root / "elodie/elodie.py"
    return [
        Peer("exiftool", "renames", _program("exiftool"), _exiftool, {}),
        Peer(
            "organize, exifread",
            "renames",
            organize,
            lambda inbox, out, own: [str(organize), "run", str(_organize_rules(inbox, out, own))],
            {"ORGANIZE_EXIFTOOL_PATH": ""},
        ),
        Peer("elodie", "hashes, rewrites", elodie, _elodie(python, elodie), {}, is_slow=True),
        *(
            Peer(
                f"phockup, {workers} at once",
                "renames",
                phockup,
                _phockup(python, phockup, workers),
                {},
                is_slow=True,
            )
            for workers in (1, 4)
        ),
    ]


def peer_seconds(peer: Peer, scratch: Path) -> float:
    """Seconds that a peer needs for the photos in `scratch/inbox`.

    Raises:
        RuntimeError: It has filed fewer than nine of ten, so its time says nothing.
    """
    inbox, out, own = scratch / "inbox", scratch / "out", scratch / "own"
    own.mkdir()
    out.mkdir()
    count = sum(path.is_file() for path in inbox.rglob("*"))
    command = peer.command(inbox, out, own)
    surroundings = {"ELODIE_APPLICATION_DIRECTORY": str(own), **os.environ, **peer.environment}
    os.sync()
    started = time.perf_counter()
    ended = subprocess.run(command, env=surroundings, cwd=own, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    filed = sum(path.is_file() for path in out.rglob("*"))
    if filed < 0.9 * count:  # duplicates and files without a date may stay where they are
        said = (ended.stderr or ended.stdout).decode(errors="replace").strip()
        message = f"{peer.name} filed {filed} of {count}: {said[-300:]}"
        raise RuntimeError(message)
    return seconds


def _program(name: str) -> Path:
    return Path(shutil.which(name) or "/nonexistent")


def _exiftool(inbox: Path, out: Path, own: Path) -> list[str]:  # noqa: ARG001 - as all the others
    folders = f"{out}/%Y/%Y-%m-%d/%%f%%-c.%%e"
    return ["exiftool", "-q", "-q", "-r", "-d", folders, "-FileName<DateTimeOriginal", str(inbox)]


def _organize_rules(inbox: Path, out: Path, own: Path) -> Path:
    rules = own / "rules.yaml"
    rules.write_text(ORGANIZE_RULES.format(inbox=inbox, out=out))
    return rules


def _phockup(python: Path, script: Path, workers: int) -> Callable[[Path, Path, Path], list[str]]:
    options = ["-d", "YYYY/YYYY-MM-DD", "-o", "-m", "--quiet", "-c", str(workers)]
    return lambda inbox, out, own: [str(python), str(script), str(inbox), str(out), *options]  # noqa: ARG005 - as above


def _elodie(python: Path, script: Path) -> Callable[[Path, Path, Path], list[str]]:
    def command(inbox: Path, out: Path, own: Path) -> list[str]:
        (own / "config.ini").write_text(ELODIE_CONFIG)
        return [str(python), str(script), "import", f"--destination={out}", str(inbox)]

    return command
