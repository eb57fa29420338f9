"""How fast the librarian takes photos in: beside other programs, and beside the bare machine.

Run as `python bench/ingest.py`; README.md says what each figure means. All contestants work in
turn, round by round, on copies of the same files, so that the ratios hold on a machine with other
work. Every result of the librarian is checked before its time counts.
"""

import argparse
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import floors
import ours
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate
from peers import Peer, peer_seconds, peers_in
from photos import Photos, make_photos, open_corpus
from table import Rounds, machine

OURS = "librarian"
ACROSS = "librarian, to the other disk"
FILES = {"small": 2000, "large": 300}
SLOW_FILES = 200
"""Programs that start a process per file get so many; their rate does not depend on the number."""
FEW, MANY = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Bench:
    """The photos and the places of one measurement.

    Attributes:
        scratch: Made anew for each contestant, on the disk of the photos.
        other: Folder on another file system; None if there is none.
    """

    photos: Photos
    files: tuple[Path, ...]
    scratch: Path
    other: Path | None
    address: str

    @contextmanager
    def copy(self, most: int | None = None) -> Iterator[Path]:
        """A folder with a copy of the photos, or of the first ones, in `inbox`."""
        folder = self.scratch / "turn"
        inbox = folder / "inbox"
        for path in self.files[:most]:
            target = inbox / path.relative_to(self.photos.inbox)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
        yield folder
        shutil.rmtree(folder)


def measure_ours(bench: Bench, rounds: Rounds, name: str = OURS, address: str = "") -> None:
    """The librarian, its library on the same file system."""
    address = address or bench.address
    with bench.copy() as folder:
        run = ours.run(address, folder)
        ours.check(address, bench.photos, folder)
    rounds.add(name, len(bench.files) / run.seconds)
    if name == OURS:
        rounds.add("… with all tags read", len(bench.files) / run.described_seconds)
        rounds.add("… per second of processor time", len(bench.files) / run.processor_seconds)


def measure_peer(bench: Bench, rounds: Rounds, peer: Peer) -> None:
    """One other program."""
    name = f"{peer.name} ({peer.does})"
    if not peer.is_here:
        rounds.remark(name, "not here")
        return
    most = min(len(bench.files), SLOW_FILES) if peer.is_slow else len(bench.files)
    with bench.copy(most) as folder:
        try:
            rounds.add(name, most / peer_seconds(peer, folder))
        except RuntimeError as error:
            rounds.remark(name, "failed")
            print(error)


def measure_floors(bench: Bench, rounds: Rounds) -> None:
    """The parts of the work alone, and how fast they would be one after the other."""
    count = len(bench.files)
    with bench.copy() as folder:
        copies = [folder / "inbox" / path.relative_to(bench.photos.inbox) for path in bench.files]
        parts = {
            "hash, 2 threads": lambda: floors.hash_all(copies),
            "tags by Pillow": lambda: floors.read_tags(copies),
            "link + fsync, each": lambda: floors.link_each(copies, folder / "each"),
            "link + fsync, by 50": lambda: floors.link_grouped(copies, folder / "grouped"),
            "rows, by 50": lambda: floors.insert_rows(bench.address, count),
        }
        seconds = {name: floors.seconds_of(work) for name, work in parts.items()}
    for name, one in seconds.items():
        rounds.add(f"floor: {name}", count / one)
    del seconds["link + fsync, each"]
    rounds.add("floor: hash, tags, link, row in turn", count / sum(seconds.values()))


def measure_across(bench: Bench, rounds: Rounds) -> None:
    """The same onto another file system, beside copying, hashing and syncing by hand."""
    if bench.other is None:
        return
    by_hand = {
        "cp -r, hashlib, sync": floors.hash_by_hashlib,
        "cp -r, sha256sum, sync": floors.hash_by_sha256sum,
    }
    for name in (ACROSS, *by_hand):
        with bench.copy() as folder, tempfile.TemporaryDirectory(dir=bench.other) as there:
            target, inbox = Path(there) / "library", folder / "inbox"
            if name == ACROSS:
                seconds = ours.run(bench.address, folder, target).seconds
                ours.check(bench.address, bench.photos, folder, target)
            else:
                work = partial(floors.copy_hash_sync, inbox, target, by_hand[name])
                seconds = floors.seconds_of(work)
        rounds.add(name, len(bench.files) / seconds)


def compare(bench: Bench, peers: list[Peer], count: int) -> None:
    """The librarian beside peers and floors."""
    here, across = Rounds(OURS), Rounds(ACROSS)
    for number in range(count):
        measure_ours(bench, here)
        for peer in peers:
            measure_peer(bench, here, peer)
        measure_floors(bench, here)
        measure_across(bench, across)
        print(f"round {number + 1} of {count} done", flush=True)
    print("", *here.lines("files/s"), sep="\n")
    if bench.other is not None:
        print("", *across.lines("files/s"), sep="\n")


def compare_sizes(bench: Bench, many_address: str, count: int) -> None:
    """The librarian with few and with very many assets in the database."""
    names = {f"{FEW:,} assets": bench.address, f"{MANY:,} assets": many_address}
    rounds = Rounds(f"{FEW:,} assets")
    for address, rows in ((bench.address, FEW), (many_address, MANY)):
        ours.fill(address, rows)
    for number in range(count):
        # In turns, for what comes first finds the disk in another state than what follows.
        for name in list(names) if number % 2 == 0 else list(names)[::-1]:
            measure_ours(bench, rounds, name, names[name])
        print(f"round {number + 1} of {count} done", flush=True)
    print("", *rounds.lines("files/s"), sep="\n")


def options_of(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--files", type=int, help="photos to make; default 2000, large 300")
    parser.add_argument("--size", choices=sorted(FILES), default="small", help="330 kB or 3.3 MB")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--corpus", type=Path, help="folder with inbox/ and manifest.jsonl")
    parser.add_argument("--peers", type=Path, help="folder with other programs, see README.md")
    parser.add_argument("--scratch", type=Path, help="folder on the disk to measure")
    parser.add_argument("--other", type=Path, help="folder on another file system")
    parser.add_argument("--million", action="store_true", help="1,000 against 1,000,000 assets")
    return parser.parse_args(arguments)


def main() -> None:
    """Make the photos, start a PostgreSQL, run the rounds, print the tables."""
    options = options_of()
    with tempfile.TemporaryDirectory(dir=options.scratch) as name:
        folder = Path(name)
        if options.corpus:
            photos = open_corpus(options.corpus)
        else:
            count = options.files or FILES[options.size]
            photos = make_photos(folder / "photos", count, options.size)
        files = tuple(sorted(path for path in photos.inbox.rglob("*") if path.is_file()))
        print(machine(), f"{len(files)} files, {photos.size_bytes / 1e6:.0f} MB", sep="\n")
        with EmbeddedPostgres(folder / "postgres", folder / "log") as server:
            address = server.address()
            migrate(address)
            bench = Bench(photos, files, folder, options.other, address)
            if options.million:
                many = server.address("postgres")
                migrate(many)
                compare_sizes(bench, many, options.rounds)
            else:
                compare(bench, peers_in(options.peers), options.rounds)


if __name__ == "__main__":
    main()
