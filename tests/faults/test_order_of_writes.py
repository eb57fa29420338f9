"""What a power cut would leave: nothing is recorded before it is on disk."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from file_systems import KINDS, another_file_system, see_as
from inbox_drops import XMP
from ingest_runs import assert_library_is_sound, eager, files_below, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import save_photo
from write_trace import Trace

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("no_exiftool"),
]
FEW, MANY = 2, 30
"""Few files are put on disk one by one, many together (librarian.flushing)."""
Start = Callable[[LibrarianSettings], LibrarianLoop]


@pytest.fixture(params=["same file system", "another file system"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str
) -> Iterator[LibrarianSettings]:
    is_elsewhere = request.param == "another file system"
    with another_file_system() if is_elsewhere else nullcontext(tmp_path) as disk:
        yield eager(tmp_path, database_url, library_dir=disk / "library")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [FEW, MANY])
def test_photos_and_their_names_are_on_disk_before_they_are_recorded(  # noqa: PLR0913, PLR0917 - fixtures
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    count: int,
) -> None:
    see_as(kind, monkeypatch)
    for number in range(count):
        save_photo(settings.inbox / f"{number}.jpg", f"#0000{number:02x}")
    trace = Trace(settings.library, monkeypatch)
    settle(start(settings), connection)
    assert trace.unsafe() == []
    assert_is_full(trace, settings, connection)


def test_sidecars_are_on_disk_before_they_are_recorded(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    librarian = start(settings)
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    (settings.inbox / "a.xmp").write_text(XMP)
    trace = Trace(settings.library, monkeypatch)
    librarian.close(connection)
    settle(start(settings), connection)
    assert trace.unsafe() == []
    assert [event.path for event in trace.events if event.what == "named"] == [
        settings.library / "2024/2024-05-17/a.xmp"
    ]


def test_a_healed_original_is_on_disk_before_the_copy_goes(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    librarian = start(settings)
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    (settings.library / "2024/2024-05-17/a.jpg").write_bytes(b"rotten")
    save_photo(settings.inbox / "again.jpg")
    trace = Trace(settings.library, monkeypatch)
    librarian.close(connection)
    settle(start(settings), connection)
    assert trace.unsafe() == []
    assert_is_full(trace, settings, connection)


def assert_is_full(trace: Trace, settings: LibrarianSettings, connection: Connection) -> None:
    """The trace has seen every file of the library get its name."""
    named = {event.path for event in trace.events if event.what == "named"}
    assert set(files_below(settings.library)) <= named
    assert_library_is_sound(connection, settings.library)
