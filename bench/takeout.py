"""How long a Takeout's JSON files take to be matched, how much memory, and who gets them right.

Run as `python bench/takeout.py`; README.md says what each figure means.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests/support"))

from librarian.takeout.archives import open_parts
from librarian.takeout.index import Index
from librarian.takeout.matching import Matcher
from table import machine
from takeout_trees import ROOT, TakeoutTree, make_tree, media_name, note_name

SIZES = (10_000, 100_000, 1_000_000)
PER_YEAR = 20_000
EVERY_EDITED, EVERY_LIVE, EVERY_COPY, EVERY_ALBUM = 10, 7, 13, 20
STATUS = Path("/proc/self/status")
PEER = "google-photos-takeout-helper"


def names(count: int, per_folder: int) -> Iterator[tuple[str, str, str | None]]:
    """Folder, name, and for a JSON its title, of so many media and their JSON, quirks among them.

    Args:
        count: How many media.
        per_folder: How many in one folder; as many as `count` for all in one.
    """
    made = number = 0
    while made < count:
        number += 1
        year = f"{ROOT}/Photos from {1900 + number // per_folder}"
        title = f"IMG_{number:08}_{'holiday_' * (number % 6)}.HEIC"
        mark = "(1)" if number % EVERY_COPY == 0 else ""
        media = [media_name(title, mark)]
        stem = media[0].rpartition(".")[0]
        if number % EVERY_EDITED == 0 and not mark:
            media.append(f"{stem}-edited.HEIC")
        if number % EVERY_LIVE == 0:
            media.append(f"{stem}.MOV")
        yield year, note_name(title, "new" if number % 2 else "old", mark), title
        for name in media:
            yield year, name, None
        if number % EVERY_ALBUM == 0:
            media.append(media[0])
            yield f"{ROOT}/Album {number % 50}", media[0], None
        made += len(media)


def measure(count: int, *, in_one_folder: bool) -> None:
    """Match so many media and print what it took; to be run in a process of its own."""
    before, started = peak_bytes(), time.perf_counter()
    worked = time.process_time()
    matcher = Matcher()
    folders = set()
    for folder, name, title in names(count, count if in_one_folder else PER_YEAR):
        folders.add(folder)
        if title is None:
            matcher.add_media(folder, name)
        else:
            matcher.add_note(folder, name, title)
    made = time.perf_counter()
    matching = matcher.match({folder for folder in folders if "Photos from" in folder})
    ended = time.perf_counter()
    result = {
        "processor": time.process_time() - worked,
        "seconds": ended - started,
        "matching": ended - made,
        "peak": peak_bytes(),
        "grown": peak_bytes() - before,
        "matched": len(matching.notes),
        "left": len(matching.unmatched_media) + len(matching.unmatched_notes),
    }
    print(json.dumps(result))


def peak_bytes() -> int:
    """The most memory that this process ever had."""
    lines = STATUS.read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024


def show_growth(sizes: list[int]) -> None:
    """One line for each size, each in a process of its own."""
    print(
        "| media | one folder | seconds | matching | processor s | peak MB | matched | unmatched |"
    )
    print("|---:|---|---:|---:|---:|---:|---:|---:|")
    for in_one_folder in (False, True):
        for count in sizes:
            command = [sys.executable, __file__, "--child", str(count)]
            command += ["--one"] if in_one_folder else []
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            found = json.loads(done.stdout)
            print(
                f"| {count:,} | {'yes' if in_one_folder else 'no'} | {found['seconds']:.2f} "
                f"| {found['matching']:.2f} | {found['processor']:.2f} "
                f"| {found['peak'] / 1e6:.0f} | {found['matched']:,} | {found['left']:,} |",
                flush=True,
            )


def ours(root: Path, tree: TakeoutTree) -> dict[str, int | None]:
    """The times that Photo Factory finds."""
    with Index.build(open_parts([root]), lambda: None) as index:
        tags = {path: index.tags_for(path) for path in tree.media}
    times = ((path, one.get("Takeout:PhotoTakenTime")) for path, one in tags.items())
    return {path: seconds if isinstance(seconds, int) else None for path, seconds in times}


def naive(root: Path, tree: TakeoutTree) -> dict[str, int | None]:
    """The times that a person's usual script finds: the same name with .json behind it."""
    found: dict[str, int | None] = {}
    for path in tree.media:
        note = root / f"{path}.json"
        note = note if note.exists() else root / f"{path}.supplemental-metadata.json"
        body = json.loads(note.read_bytes()) if note.exists() else {}
        seconds = int(body.get("photoTakenTime", {}).get("timestamp", 0))
        found[path] = seconds or None
    return found


def helper(root: Path, tree: TakeoutTree) -> dict[str, int | None]:
    """The times that the peer gives its copies; it knows them by their names only."""
    times: dict[str, set[int]] = defaultdict(set)
    with tempfile.TemporaryDirectory() as target:
        command = [PEER, "-i", str(root / "Takeout"), "-o", target]
        environment = {**os.environ, "TZ": "UTC"}
        done = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        for file in Path(target).rglob("*"):
            if file.is_file() and "unknown" not in str(file):
                times[file.name].add(int(file.stat().st_mtime))
    if done.returncode:
        print(f"{PEER} ended with {done.returncode}: {done.stderr.decode()[-300:]}")
    found: dict[str, int | None] = {}
    for path, truth in tree.media.items():
        given = times[path.rpartition("/")[2]]
        found[path] = truth.taken if truth.taken in given else min(given, default=None)
    return found


def show_rightness(*, with_peers: bool) -> None:
    """How many of the generated tree each dates right, and how many wrong."""
    tree = make_tree()
    contestants: dict[str, Callable[[Path, TakeoutTree], dict[str, int | None]]] = {
        "photo-factory": ours,
        "the name with .json or .supplemental-metadata.json": naive,
    }
    print("\n| of the generated tree | right | left undated | wrong |\n|---|---:|---:|---:|")
    if with_peers and shutil.which(PEER):
        contestants[PEER] = helper
    elif with_peers:
        print(f"| {PEER} | not here | | |")
    for name, finds in contestants.items():
        with tempfile.TemporaryDirectory() as folder:
            found = finds(tree.write_folder(Path(folder)), tree)
        wrong = sum(found[path] not in (None, one.taken) for path, one in tree.media.items())
        right = sum(found[path] == one.taken for path, one in tree.media.items())
        left = len(tree.media) - right - wrong
        print(f"| {name} | {right} of {len(tree.media)} | {left} | {wrong} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES), help="media")
    parser.add_argument("--peers", action="store_true", help=f"also {PEER}, if it is installed")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        measure(options.child, in_one_folder=options.one)
        return
    print(machine())
    show_growth(options.sizes)
    show_rightness(with_peers=options.peers)


if __name__ == "__main__":
    main()
