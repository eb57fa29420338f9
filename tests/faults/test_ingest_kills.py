"""SIGKILL after every step of ingest that changes a file or the database."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
from file_systems import another_file_system, see_as
from inbox_drops import (
    HUGE_BYTES,
    NAME,
    drop_again,
    drop_basics,
    drop_companions,
    drop_huge,
)
from ingest_runs import (
    assert_library_is_sound,
    assert_nothing_is_lost,
    eager,
    files_below,
    hash_of,
    hashes_below,
    run_in_child,
    without_exiftool,
)
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from thoroughness import IS_THOROUGH, SEED, show_seed

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
TABLES = "media_assets, inbox_files, settings, duplicates, sidecars, seen, relocations, alerts"
COUNTS = """
SELECT (SELECT count(*) FROM media_assets),
    (SELECT count(*) FROM sidecars) + (SELECT count(*) FROM duplicates),
    (SELECT count(*) FROM relocations)
"""
COMPANIONS = """
SELECT min(path), count(DISTINCT regexp_replace(path, '[.][^.]*$', '')) FROM media_assets
WHERE group_id IS NOT NULL GROUP BY group_id
"""
ASSET = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source)
VALUES (decode(%s, 'hex'), '2024/2024-05-17/a.jpg', 'a.jpg', 'inbox/a.jpg', 'photo', 'image/jpeg',
    %s, '2024-05-17 12:00', 'test')
"""
DAMAGED = "what a failing disk has made of it"
SURVIVORS = 3
"""So many runs that end before the step at which they are to be killed tell that all are through:
how often the librarian looks for work that is not there differs from run to run."""


@dataclass(frozen=True)
class Case:
    """What is dropped, where to, and what shall become of it.

    Attributes:
        stays: Names that are in the inbox at the end.
        rows: Assets at the end; sidecars and duplicates together (of two equal sidecars the second
            is a duplicate if both come to the same photo, and not if one comes to its film).
        quarantined: Contents in the quarantine at the end.
        is_elsewhere: The library and the quarantine are on another file system, or on two others.
        every: Only one in so many steps is tried, unless all are asked for.
    """

    drop: Callable[[Path], None] = drop_basics
    stays: tuple[str, ...] = ("note.jpg",)
    rows: tuple[int, int] = (2, 1)
    quarantined: int = 0
    settings: Mapping[str, object] = field(default_factory=dict)
    file_system: str = "hard links"
    is_elsewhere: bool = False
    every: int = 1


ALL_BASICS = (NAME, NAME, "copy.jpg", "note.jpg")
QUARANTINE = {"other_files": "quarantine"}
CASES = {
    "same file system": Case(),
    "another file system": Case(is_elsewhere=True),
    "inbox that is kept": Case(settings={"inbox_mode": "keep"}, stays=ALL_BASICS),
    "no hard links": Case(file_system="no hard links", every=2),
    "neither": Case(file_system="neither", every=2),
    "quarantine": Case(settings=QUARANTINE, stays=(), quarantined=1, every=2),
    "quarantine elsewhere": Case(
        settings=QUARANTINE, stays=(), quarantined=1, is_elsewhere=True, every=3
    ),
    "healing": Case(drop_again, (), (1, 1), quarantined=1),
    "healing elsewhere": Case(drop_again, (), (1, 1), quarantined=1, is_elsewhere=True, every=2),
    "companions": Case(drop_companions, (), (6, 2), every=4),
    "companions elsewhere": Case(drop_companions, (), (6, 2), is_elsewhere=True, every=7),
    "huge": Case(drop_huge, (), (2, 0), every=3),
}


def store_damaged(connection: Connection, settings: LibrarianSettings) -> None:
    """An asset of the photo in the inbox, whose file in the library has lost its bytes."""
    photo = settings.inbox / "again.jpg"
    connection.execute(ASSET, (hash_of(photo), photo.stat().st_size))
    stored = settings.library / "2024/2024-05-17/a.jpg"
    stored.parent.mkdir(parents=True)
    stored.write_text(DAMAGED)


@dataclass(frozen=True)
class Line:
    """A librarian's folders, and a copy of what is dropped into the inbox."""

    case: Case
    settings: LibrarianSettings
    connection: Connection
    origin: Path
    contents: frozenset[str]

    def restart(self, step: int) -> None:
        """Empty everything and drop the same files again.

        The name of the duplicate differs from step to step, so that sometimes it is seen first, and
        sometimes only by the librarian that starts after the kill.
        """
        self.connection.execute(f"TRUNCATE {TABLES} CASCADE")
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.origin, self.settings.inbox)
        if (duplicate := self.settings.inbox / "copy.jpg").exists():
            duplicate.rename(duplicate.with_name(f"copy{step}.jpg"))
        if (huge := self.settings.inbox / "huge.jpg").exists():
            os.truncate(huge, HUGE_BYTES)
        if self.case.drop is drop_again:
            store_damaged(self.connection, self.settings)

    @property
    def folders(self) -> tuple[Path, ...]:
        return self.settings.inbox, self.settings.library, self.settings.quarantine

    def run(self, kill_at: int | None = None) -> int | None:
        """One librarian in the world of this case."""
        return run_in_child(self.settings, kill_at, self._prepare)

    def _prepare(self) -> None:
        see_as(self.case.file_system, pytest.MonkeyPatch())
        if self.case.drop is not drop_companions:
            without_exiftool()

    def assert_all_is_done(self, message: str) -> None:
        """It is as if nothing had happened."""
        assert_nothing_is_lost(self.settings, self.contents, message)
        assert_library_is_sound(self.connection, self.settings.library)
        stay = sorted(path.name for path in files_below(self.settings.inbox))
        stay = ["copy.jpg" if name.startswith("copy") else name for name in stay]
        assert stay == sorted(self.case.stays), message
        aside = hashes_below(self.settings.quarantine)
        assert len(aside) == self.case.quarantined, message
        row = self.connection.execute(COUNTS).fetchone()
        assert row == (*self.case.rows, 0), message
        groups = self.connection.execute(COMPANIONS).fetchall()
        is_paired = self.case.drop is drop_companions
        assert [stems for _, stems in groups] == ([1, 1] if is_paired else []), message


@pytest.fixture(params=CASES)
def line(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, connection: Connection
) -> Iterator[Line]:
    case = CASES[request.param]
    case.drop(tmp_path / "origin")
    contents = set(hashes_below(tmp_path / "origin"))
    if case.drop is drop_again:
        contents.add(sha256(DAMAGED.encode()).hexdigest())
    if (huge := tmp_path / "origin/huge.jpg").exists():
        os.truncate(huge, 1 << 10)  # it is lengthened again where it is dropped
    with another_file_system() if case.is_elsewhere else nullcontext(tmp_path) as folder:
        folders = {"library_dir": folder / "library"}
        if case.quarantined and case.drop is not drop_again:
            folders["quarantine_dir"] = folder / "quarantine"
        settings = eager(tmp_path, database_url, **folders, **case.settings)
        yield Line(case, settings, connection, tmp_path / "origin", frozenset(contents))


def test_killed_after_any_step_it_ends_as_if_nothing_had_happened(line: Line) -> None:
    line.restart(0)
    steps = line.run()
    assert steps is not None
    assert steps > 15
    line.assert_all_is_done("not killed at all")
    show_seed()
    stride = 1 if IS_THOROUGH else line.case.every
    survivors, step = 0, 1 + SEED % stride
    while survivors < SURVIVORS:
        line.restart(step)
        survivors += line.run(kill_at=step) is not None
        assert_nothing_is_lost(line.settings, line.contents, f"killed after step {step}")
        assert line.run() is not None
        line.assert_all_is_done(f"killed after step {step}")
        step += stride
