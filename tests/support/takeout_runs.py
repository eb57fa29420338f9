"""Imports a Takeout, in this process or in one that may be killed, and compares with the truth."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from ingest_runs import files_below, nothing_special
from librarian.bulk_report import FileResult, Report
from librarian.settings import LibrarianSettings
from librarian.takeout.collection import Collection
from librarian.takeout.spool import Limits
from librarian.takeout.takeout_import import TakeoutImport
from librarian.takeout.takeout_report import TakeoutReport
from photo_factory.database import Connection, connect
from photo_factory.pulse import Pulse
from steps import Steps, count_steps
from takeout_trees import TakeoutTree

ASSETS = "SELECT encode(sha256, 'hex'), captured_at FROM media_assets"
NOTES = """
SELECT encode(a.sha256, 'hex'), encode(s.sha256, 'hex'), s.path, s.tags
FROM sidecars s JOIN media_assets a ON a.id = s.asset_id WHERE s.kind = 'takeout'
"""
ALBUMS = """
SELECT al.source, al.title, coalesce(array_agg(DISTINCT encode(a.sha256, 'hex'))
    FILTER (WHERE a.id IS NOT NULL), '{}')
FROM albums al LEFT JOIN album_assets m ON m.album_id = al.id
LEFT JOIN media_assets a ON a.id = m.asset_id GROUP BY al.id
"""
LIVE = "SELECT encode(sha256, 'hex') FROM media_assets WHERE role = 'live_video'"


@dataclass(frozen=True)
class Ended:
    """What an import said."""

    report: Report
    takeout: TakeoutReport
    results: list[FileResult]

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of files by verdict that are not zero, and of those known."""
        found: dict[str, int] = {
            verdict: number.files for verdict, number in self.report.verdicts.items()
        }
        found["known"] = self.report.known.files
        return {name: number for name, number in found.items() if number}


def run_takeout(
    settings: LibrarianSettings,
    paths: Sequence[Path],
    *,
    with_trash: bool = False,
    limits: Limits | None = None,
) -> Ended:
    """One import from its start to its end."""
    work = TakeoutImport(
        settings, Collection(paths, settings, with_trash=with_trash), Pulse(), limits
    )
    with connect(settings.database_address(), "cli") as connection:
        try:
            while (delay := work.turn(connection)) is not None:
                time.sleep(min(0.01, delay))
        finally:
            work.close(connection)
        results = list(work.results(connection))
        ended = Ended(work.report(connection), work.takeout(connection), results)
        work.tidy(connection)
    return ended


def run_takeout_in_child(
    settings: LibrarianSettings,
    paths: Sequence[Path],
    kill_at: int | None = None,
    prepare: Callable[[], None] = nothing_special,
) -> int | None:
    """The same in a process of its own.

    Returns:
        The steps that it took; None if it was killed at one.
    """

    def work(steps: Steps) -> None:
        prepare()
        steps.arm()
        run_takeout(settings, paths)

    return count_steps(work, kill_at, only_changes=True)


def digest(content: bytes) -> str:
    """The hash under which the library knows some bytes."""
    return sha256(content).hexdigest()


def expected_media(tree: TakeoutTree, *, with_trash: bool = False) -> set[str]:
    """Paths of what shall be in the library."""
    return {path for path in tree.media if with_trash or path not in tree.trashed}


def assert_media_are_there(
    connection: Connection, tree: TakeoutTree, paths: Iterable[str], besides: Iterable[str] = ()
) -> None:
    """Each content is one asset, with the time that its JSON says; of some, any time."""
    wanted = {digest(tree.files[path]): tree.media[path] for path in sorted(paths)}
    found: dict[str, datetime | None] = dict(connection.execute(ASSETS).fetchall())
    assert found.keys() == wanted.keys() | {digest(tree.files[path]) for path in besides}
    wrong = {
        truth.why: (found[content], truth.captured)
        for content, truth in wanted.items()
        if truth.captured is not None and found[content] != truth.captured
    }
    assert not wrong, wrong


def assert_notes_lie_beside(
    connection: Connection, tree: TakeoutTree, library: Path, paths: Iterable[str]
) -> None:
    """Each medium's JSON lies beside it, once; a Live Photo's lies beside its still."""
    rows = connection.execute(NOTES).fetchall()
    found: Counter[tuple[str, str]] = Counter((asset, note) for asset, note, _, _ in rows)
    films = {content for (content,) in connection.execute(LIVE)}
    known = {digest(tree.files[path]) for path in paths}
    wanted = {
        (digest(tree.files[path]), digest(tree.files[truth.note]))
        for path in paths
        if (truth := tree.media[path]).note is not None
    }
    missing = {pair for pair in wanted - found.keys() if pair[0] not in films}
    assert not missing
    assert {pair for pair in found if pair[0] in known} <= wanted
    assert max(found.values()) == 1
    for _, note, path, tags in rows:
        assert digest((library / path).read_bytes()) == note
        assert tags["Takeout:Title"]


def assert_albums_are_full(
    connection: Connection, tree: TakeoutTree, paths: Iterable[str] | None = None
) -> None:
    """Each album has its title and its photos, and there is no other."""
    there = expected_media(tree) if paths is None else set(paths)
    wanted = {
        f"takeout:{folder}": (
            title,
            {digest(tree.files[path]) for path in tree.members_of(folder) & there},
        )
        for folder, title in tree.albums.items()
    }
    found = {source: (title, set(members)) for source, title, members in connection.execute(ALBUMS)}
    assert found == wanted


def assert_nothing_lies_around(connection: Connection, library: Path) -> None:
    """No spool, no intention, no row of what is done."""
    assert [path for path in files_below(library) if path.parts[-2].startswith(".")] == []
    incoming = library / ".incoming"
    assert not incoming.is_dir() or list(incoming.iterdir()) == []
    assert connection.execute("SELECT path, state, error_code FROM inbox_files").fetchall() == []
