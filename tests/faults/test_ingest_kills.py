"""SIGKILL before every step of ingest that touches a file or the database."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ingest_runs import assert_library_is_sound, hashes_below, run_in_child
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import save_photo

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
MOST_STEPS = 400


@dataclass(frozen=True)
class Line:
    """A librarian's folders with something in the inbox."""

    settings: LibrarianSettings
    contents: frozenset[str]
    connection: Connection

    def restart(self, step: int) -> None:
        """Empty everything and drop the same files again."""
        self.connection.execute("TRUNCATE media_assets, inbox_files, settings, duplicates CASCADE")
        for folder in (self.settings.inbox, self.settings.library):
            shutil.rmtree(folder, ignore_errors=True)
        drop_files(self.settings.inbox, step)


def drop_files(inbox: Path, step: int = 0) -> None:
    """Two photos of one name, a duplicate, and a file that cannot be taken in.

    The duplicate's name differs from step to step, so that sometimes it is seen first, and
    sometimes only by the librarian that starts after the kill.
    """
    for folder, colour in (("one", "red"), ("two", "blue")):
        save_photo(inbox / folder / "IMG_20240517_101010.jpg", colour)
    shutil.copy2(inbox / "one/IMG_20240517_101010.jpg", inbox / f"copy{step}.jpg")
    (inbox / "note.jpg").write_text("this is no picture")


def library_folder(tmp_path: Path, kind: str) -> Iterator[Path]:
    """A library beside the inbox, or one on another file system."""
    if kind == "same file system":
        yield tmp_path / "library"
        return
    folder = Path("/dev/shm") / f"photo-factory-{tmp_path.name}"  # noqa: S108 - a second file system
    folder.mkdir()
    assert folder.stat().st_dev != tmp_path.stat().st_dev
    yield folder / "library"
    shutil.rmtree(folder)


@pytest.fixture(params=["same file system", "another file system"])
def line(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, connection: Connection
) -> Iterator[Line]:
    for library in library_folder(tmp_path, request.param):
        settings = LibrarianSettings(
            data_dir=tmp_path,
            library_dir=library,
            database_url=database_url,
            stability_seconds=0,
            incomplete_seconds=0,
            watch_mode="poll",
            poll_scan_seconds=1,
        )
        drop_files(settings.inbox)
        yield Line(settings, frozenset(hashes_below(settings.inbox)), connection)


def test_killed_before_any_step_it_ends_as_if_nothing_had_happened(line: Line) -> None:
    steps = run_in_child(line.settings)
    assert steps is not None
    assert 30 < steps < MOST_STEPS
    for step in range(1, steps + 1):
        line.restart(step)
        assert run_in_child(line.settings, kill_at=step) is None or step > steps - 10

        found = hashes_below(line.settings.inbox) + hashes_below(line.settings.library)
        assert set(found) >= line.contents, f"killed before step {step}: bytes are gone"

        assert run_in_child(line.settings) is not None
        assert_library_is_sound(line.connection, line.settings.library)
        assert [path.name for path in line.settings.inbox.rglob("*.jpg")] == ["note.jpg"]
        assert len(hashes_below(line.settings.library)) == 2
        row = line.connection.execute("SELECT count(*) FROM duplicates").fetchone()
        assert row == (1,), f"killed before step {step}"
