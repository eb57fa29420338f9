"""Runs a librarian in a child process until its inbox is settled, or until it is killed."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from hashlib import file_digest
from pathlib import Path
from typing import Any

from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from photo_factory.pulse import Pulse
from steps import Steps, count_steps

UNSETTLED = "SELECT count(*) FROM inbox_files WHERE state IN ('waiting', 'ingesting', 'releasing')"
ORIGINALS = "SELECT path, encode(sha256, 'hex') FROM media_assets"
SIDECARS = "SELECT path, encode(sha256, 'hex') FROM sidecars"
EXPIRE = "UPDATE inbox_files SET next_try_at = now() WHERE state <> 'failed'"


def eager(data_dir: Path, database_url: str, **others: Any) -> LibrarianSettings:  # noqa: ANN401 - any setting
    """Settings of a librarian that takes files in at once."""
    values: dict[str, Any] = {
        "stability_seconds": 0,
        "incomplete_seconds": 0,
        "watch_mode": "poll",
        "poll_scan_seconds": 1,
        "keep_free_bytes": 0,
    }
    return LibrarianSettings(data_dir=data_dir, database_url=database_url, **(values | others))


def unsettled(connection: Connection) -> int:
    """Files that the librarian still has to deal with."""
    row = connection.execute(UNSETTLED).fetchone()
    assert row is not None
    return int(row[0])


def settle(loop: LibrarianLoop, connection: Connection, seconds: float = 60) -> None:
    """Turn the loop until everything is stored or needs a person."""
    deadline = time.monotonic() + seconds
    while loop.turn(connection) == 0.0:  # while it is busy, it looks for new files at times only
        assert time.monotonic() < deadline, "the librarian does not come to rest"
    loop.turn(connection)
    while unsettled(connection):
        assert time.monotonic() < deadline, "the inbox does not settle"
        time.sleep(min(0.05, loop.turn(connection)))


def nothing_special() -> None:
    """Leave the child's world as it is."""


def without_exiftool() -> None:
    """Let no child process start: what the quick reader understands needs none."""
    os.environ["PATH"] = "/nonexistent"


def run_in_child(
    settings: LibrarianSettings,
    kill_at: int | None = None,
    prepare: Callable[[], None] = nothing_special,
) -> int | None:
    """One librarian from start to settled inbox.

    Args:
        settings: Its own.
        kill_at: The step at which it is killed, if any.
        prepare: Called in the child before anything else.

    Returns:
        The steps that it took; None if it was killed at one.
    """

    def work(steps: Steps) -> None:
        prepare()
        with connect(settings.database_address(), "librarian") as connection:
            connection.execute(EXPIRE)  # the leases of whoever was killed before
            loop = LibrarianLoop(settings, Pulse())
            steps.arm()
            settle(loop, connection)

    return count_steps(work, kill_at, only_changes=True)


def hashes_below(folder: Path) -> Counter[str]:
    """How often each content stands below a folder, by an own reading of the files."""
    return Counter(hash_of(path) for path in files_below(folder))


def hash_of(path: Path) -> str:
    """By another way than the librarian's."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def files_below(folder: Path) -> list[Path]:
    """All regular files but the markers of folders."""
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not path.name.startswith(".photo-factory")
    ]


def assert_nothing_is_lost(
    settings: LibrarianSettings, contents: Iterable[str], message: str = ""
) -> None:
    """Every content is somewhere: in the inbox, the library or the quarantine."""
    folders = (settings.inbox, settings.library, settings.quarantine)
    found = {digest for folder in folders for digest in hashes_below(folder)}
    assert found >= set(contents), f"{message}: bytes are gone"


def assert_library_is_sound(connection: Connection, library: Path) -> None:
    """Every row has its file with its hash, every file its row, no content twice."""
    originals = connection.execute(ORIGINALS).fetchall()
    rows = originals + connection.execute(SIDECARS).fetchall()
    for path, digest in rows:
        assert hash_of(library / path) == digest, path
    stored = {str(path.relative_to(library)) for path in files_below(library)}
    known = {path for path, _ in rows}
    assert stored == known, f"without a row: {stored - known}, without a file: {known - stored}"
    assert max(Counter(digest for _, digest in originals).values(), default=1) == 1
