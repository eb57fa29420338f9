"""Folders that go away, or give way to others, in the midst of a batch."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from file_systems import another_file_system
from inbox_drops import XMP
from ingest_runs import assert_library_is_sound, eager, files_below, hashes_below, settle
from instants import Instant
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.roots import MARKER
from photo_files import problems, save_photo
from turning import alerts, is_paused, turn_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("impatience", "no_exiftool"),
]
PHOTOS = 30
KNOWN = 5
DUPLICATES = "SELECT path FROM duplicates ORDER BY path"


@dataclass(frozen=True)
class Line:
    """A librarian that knows its folders, and files in the inbox that it has not seen yet."""

    settings: LibrarianSettings
    librarian: LibrarianLoop
    connection: Connection
    contents: set[str]

    def turn_until(self, is_met: Callable[[], bool]) -> None:
        turn_until(self.librarian, self.connection, is_met)

    def assert_all_is_stored(self) -> None:
        """Every file, once; none of them counts as a duplicate of itself."""
        settle(self.librarian, self.connection)
        self.librarian.turn(self.connection)  # with nothing in hand: copies for nothing are removed
        assert problems(self.connection) == {}
        assert_library_is_sound(self.connection, self.settings.library)
        assert set(hashes_below(self.settings.library)) == self.contents
        assert files_below(self.settings.inbox) == []
        duplicates = [path for (path,) in self.connection.execute(DUPLICATES)]
        assert duplicates == [f"again-{number}.jpg" for number in range(KNOWN)]


@pytest.fixture(params=["same file system", "another file system"])
def line(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_url: str,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
) -> Iterator[Line]:
    is_elsewhere = request.param == "another file system"
    with another_file_system() if is_elsewhere else nullcontext(tmp_path) as disk:
        settings = eager(tmp_path, database_url, library_dir=disk / "library")
        librarian = start(settings)
        for number in range(KNOWN):
            save_photo(settings.inbox / f"{number}.jpg", f"#0000{number:02x}")
        settle(librarian, connection)
        drop_all(settings.inbox)
        contents = set(hashes_below(settings.inbox))
        yield Line(settings, librarian, connection, contents)


def drop_all(inbox: Path) -> None:
    """Photos, some of which are in the library already, and sidecars of two of them."""
    for number in range(PHOTOS):
        name = f"again-{number}.jpg" if number < KNOWN else f"{number}.jpg"
        save_photo(inbox / name, f"#0000{number:02x}")
    for number in (0, PHOTOS - 1):
        (inbox / f"{number}.xmp").write_text(f"{XMP}<!-- {number} -->")


@pytest.mark.parametrize("number", [1, PHOTOS // 2])
@pytest.mark.parametrize("call", ["open", "readv", "rename", "unlink"])
def test_an_inbox_that_is_away_for_a_while_loses_nothing_and_doubles_nothing(
    line: Line, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    """An unmounted share leaves an empty folder, into which nothing is written."""
    inbox, away = line.settings.inbox, line.settings.inbox.with_name("away")

    def unmount() -> None:
        inbox.rename(away)
        inbox.mkdir()

    instant = Instant(monkeypatch, call, inbox, number, unmount)
    line.turn_until(is_paused(line.librarian))
    assert instant.has_come
    assert alerts(line.connection) == {"root_missing"}
    assert list(inbox.iterdir()) == []
    assert set(hashes_below(away) + hashes_below(line.settings.library)) >= line.contents

    inbox.rmdir()
    away.rename(inbox)
    line.turn_until(lambda: not files_below(inbox))
    line.turn_until(lambda: not alerts(line.connection))
    line.assert_all_is_stored()


@pytest.mark.parametrize("number", [1, PHOTOS // 2])
@pytest.mark.parametrize("call", ["open", "readv"])
def test_nothing_is_put_into_a_folder_that_takes_the_library_s_place(
    line: Line, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    """The other one is a library as well, of another installation."""
    library, away = line.settings.library, line.settings.library.with_name("away")
    other = library.with_name("other")
    (other / "2024/2024-05-17").mkdir(parents=True)
    (other / MARKER).write_text("5f1b2f4e-6a3f-4a0e-9a35-d3ff4b1b0c6e\n")
    before = sorted(other.rglob("*"))

    def swap() -> None:
        library.rename(away)
        other.rename(library)

    instant = Instant(monkeypatch, call, line.settings.inbox, number, swap)
    line.turn_until(is_paused(line.librarian))
    assert instant.has_come
    assert alerts(line.connection) == {"root_missing"}
    library.rename(other)
    away.rename(library)
    assert sorted(other.rglob("*")) == before
    found = hashes_below(line.settings.inbox) + hashes_below(library)
    assert set(found) >= line.contents

    line.turn_until(lambda: not alerts(line.connection))
    line.assert_all_is_stored()


@pytest.mark.parametrize("number", [1, PHOTOS // 2])
def test_what_was_put_into_another_folder_in_the_last_moment_is_not_recorded(
    line: Line, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The library goes between the last look at it and the very call that gives a name in it."""
    library, away = line.settings.library, line.settings.library.with_name("away")
    other = library.with_name("other")
    (other / "2024/2024-05-17").mkdir(parents=True)

    def swap() -> None:
        library.rename(away)
        other.rename(library)

    is_copied = library.stat().st_dev != line.settings.inbox.stat().st_dev
    sources = library / ".incoming" if is_copied else line.settings.inbox
    instant = Instant(monkeypatch, "link", sources, number, swap)
    line.turn_until(is_paused(line.librarian))
    assert instant.has_come
    library.rename(other)
    away.rename(library)
    found = hashes_below(line.settings.inbox) + hashes_below(library)
    assert set(found) >= line.contents
    line.turn_until(lambda: not alerts(line.connection))
    line.assert_all_is_stored()
