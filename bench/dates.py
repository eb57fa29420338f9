"""How fast the time of capture is decided, and who gets hard cases right.

Run as `python bench/dates.py`. The rate is that of `decide` alone, in one process, on tags that
ExifTool has read before. With `--cases` (a folder with `in/` and `expect.tsv`) the same files are
given to other programs, and the day under which each has filed them is looked up.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from librarian.capture.decision import Evidence, decide, has_original
from librarian.capture.zones import zone_at
from peers import Peer, peers_in
from photos import make_photos
from table import Rounds, machine

OURS = "decide"
HOME = ZoneInfo("Europe/Rome")
ZONES = {"utc": "UTC", "la": "America/Los_Angeles"}
"""Keys of expect.tsv for cases whose day depends on the zone at home."""
DAY_FOLDER = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
BATCH_SECONDS = 1.0
PHOTOS = 50
NOT = "not:"
MOVIE = {
    "File:MIMEType": "video/quicktime",
    "Keys:Make": "Apple",
    "Keys:CreationDate": "2018:06:21 23:30:00-07:00",
    **dict.fromkeys(
        ("QuickTime:CreateDate", "QuickTime:ModifyDate", "Track1:MediaCreateDate"),
        "2018:06:22 06:30:00",
    ),
    **{f"Track{track}:Field{field}": field for track in (1, 2, 3) for field in range(30)},
}
"""A telephone's video, with as many tags as one has."""
QUICK = {
    "File:MIMEType": "image/jpeg",
    "IFD0:Make": "Apple",
    "IFD0:ModifyDate": "2024:05:17 23:30:00",
    "ExifIFD:DateTimeOriginal": "2024:05:17 23:30:00",
    "ExifIFD:CreateDate": "2024:05:17 23:30:00",
    "ExifIFD:OffsetTimeOriginal": "+02:00",
    "ExifIFD:SubSecTimeOriginal": 123,
    "Composite:GPSLatitude": 43.7687,
    "Composite:GPSLongitude": 11.2569,
    "Composite:GPSDateTime": "2024:05:17 21:30:02Z",
    "GPS:GPSDateStamp": "2024:05:17",
    "GPS:GPSTimeStamp": "21:30:02",
}
"""What the quick reader finds in a telephone's photo."""


def evidence_in(folder: Path) -> list[Evidence]:
    """All tags of all files below a folder, as the service stores them."""
    command = ["exiftool", "-G1", "-n", "-json", "-q", "-q", "-r", str(folder)]
    read = subprocess.run(command, capture_output=True, check=False)
    found = []
    for tags in json.loads(read.stdout or "[]"):
        path = Path(tags.pop("SourceFile"))
        modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        found.append(Evidence(tags, path.name, modified))
    return found


def measure(rounds: Rounds, name: str, evidence: Sequence[Evidence]) -> None:
    """Decisions per second of processor time."""
    now, done = datetime.now(UTC), 0
    started = time.process_time()
    while (seconds := time.process_time() - started) < BATCH_SECONDS:
        for one in evidence:
            decide(one, now, HOME, zone_at)
        done += len(evidence)
    rounds.add(name, done / seconds)


def measure_quick(rounds: Rounds) -> None:
    """The question that is asked of each JPEG before it is known who reads it."""
    now, done = datetime.now(UTC), 0
    started = time.process_time()
    while (seconds := time.process_time() - started) < BATCH_SECONDS:
        for _ in range(100):
            has_original(QUICK, now)
        done += 100
    rounds.add("has_original, of the quick reader's tags", done / seconds)


def compare_speed(photos: Path, media: Path | None, count: int) -> None:
    """Rates of `decide` on several kinds of tags."""
    modified = datetime.now(UTC)
    groups = {
        f"{OURS}, all tags of made photos": evidence_in(photos),
        f"{OURS}, tags of the quick reader": [Evidence(QUICK, "IMG_0001.JPG", modified)],
        f"{OURS}, no tags but a name": [Evidence({}, "IMG-20190504-WA0001.jpg", modified)],
        f"{OURS}, a video of 90 tags": [Evidence(MOVIE, "IMG_0001.MOV", modified)],
    }
    if media is not None:
        real = evidence_in(media)
        tags = sum(len(one.tags) for one in real) / len(real)
        groups[f"{OURS}, {len(real)} real files with {tags:.0f} tags each"] = real
    rounds = Rounds(next(iter(groups)))
    for _ in range(count):
        for name, evidence in groups.items():
            measure(rounds, name, evidence)
        measure_quick(rounds)
    print("", *rounds.lines("assets/s"), sep="\n")


@dataclass(frozen=True, slots=True)
class Case:
    """A file with the day to which it belongs."""

    name: str
    expected: str

    def verdict(self, day: str | None, zone: str) -> str:
        """What a day is worth: "ok", "left" or the wrong day.

        Where only false days are known, a file that was left alone is right.
        """
        wanted = self.expected
        if wanted.startswith(NOT):
            is_false = (day or "").startswith(tuple(wanted.removeprefix(NOT).split(",")))
            return str(day) if is_false else "ok"
        if day is None:
            return "left"
        if ":" in wanted:
            wanted = dict(part.split(":") for part in wanted.split(","))[zone]
        return "ok" if day == wanted else day


def cases_in(folder: Path) -> list[Case]:
    """The cases of an expect.tsv."""
    lines = (folder / "expect.tsv").read_text().splitlines()
    return [Case(*line.split("\t")) for line in lines if line]


def our_days(folder: Path, zone: str) -> dict[str, str]:
    """The day of each file by `decide`."""
    home, now = ZoneInfo(ZONES[zone]), datetime.now(UTC)
    return {
        one.name: decide(one, now, home, zone_at).local.date().isoformat()
        for one in evidence_in(folder / "in")
    }


def peer_days(peer: Peer, folder: Path, zone: str, scratch: Path) -> dict[str, str]:
    """The day folder into which another program has put each file, if any."""
    inbox, out, own = (scratch / name for name in ("inbox", "out", "own"))
    shutil.copytree(folder / "in", inbox)
    for path in (inbox, *inbox.iterdir()):
        path.chmod(0o755)
    own.mkdir()
    out.mkdir()
    surroundings = {
        "ELODIE_APPLICATION_DIRECTORY": str(own),
        **os.environ,
        **peer.environment,
        "TZ": ZONES[zone],
    }
    command = peer.command(inbox, out, own)
    subprocess.run(command, env=surroundings, cwd=own, capture_output=True, check=False)
    return dict(_filed(out, [path.name for path in (folder / "in").iterdir()]))


def _filed(out: Path, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Programs may change the case of a name."""
    known = {name.lower(): name for name in names}
    for path in out.rglob("*"):
        name, day = known.get(path.name.lower()), DAY_FOLDER.fullmatch(path.parent.name)
        if path.is_file() and name is not None and day is not None:
            yield name, day[0]


def compare_cases(folder: Path, peers: Sequence[Peer], zone: str) -> None:
    """A table: a line for each case, a column for each program."""
    cases = cases_in(folder)
    days: dict[str, Mapping[str, str]] = {"ours": our_days(folder, zone)}
    for peer in peers:
        if peer.is_here:
            with tempfile.TemporaryDirectory() as scratch:
                days[peer.name] = peer_days(peer, folder, zone, Path(scratch))
    print("", f"Zone at home: {ZONES[zone]}", "", sep="\n")
    print("| case | expected |", " | ".join(days), "|")
    print("|---|---|", "|".join("---" for _ in days), "|", sep="")
    verdicts = {
        name: [case.verdict(found.get(case.name), zone) for case in cases]
        for name, found in days.items()
    }
    for number, case in enumerate(cases):
        columns = " | ".join(given[number] for given in verdicts.values())
        print(f"| {case.name} | {case.expected} | {columns} |")
    right = " | ".join(str(given.count("ok")) for given in verdicts.values())
    print(f"| right | of {len(cases)} | {right} |")


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--media", type=Path, help="folder with real files, for the rate")
    parser.add_argument("--cases", type=Path, help="folder with in/ and expect.tsv")
    parser.add_argument("--peers", type=Path, help="folder with other programs, see README.md")
    return parser.parse_args(arguments)


def main() -> None:
    """Print the rates, and the table of the cases for two zones."""
    options = options_of()
    print(machine())
    with tempfile.TemporaryDirectory() as scratch:
        photos = make_photos(Path(scratch), PHOTOS, "small")
        compare_speed(photos.inbox, options.media, options.rounds)
    if options.cases is not None:
        peers = [peer for peer in peers_in(options.peers) if "4 at once" not in peer.name]
        for zone in ZONES:
            compare_cases(options.cases, peers, zone)


if __name__ == "__main__":
    main()
