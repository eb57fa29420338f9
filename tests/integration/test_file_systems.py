"""The same comes out on every file system: with hard links, without, across two, read-only."""

import errno
import shutil
import time
from collections.abc import Callable, Iterator

import pytest
from file_systems import (
    KINDS,
    another_file_system,
    as_somebody_else,
    see_as,
    see_picky_names,
)
from inbox_drops import XMP
from ingest_runs import assert_library_is_sound, hashes_below, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.storage import INCOMING_FOLDER
from photo_files import problems, rows, save_photo

pytestmark = pytest.mark.integration

SCAN_SECONDS = 1.1
Start = Callable[[LibrarianSettings], LibrarianLoop]


@pytest.fixture(params=["one disk", "two disks"])
def settings_of_disks(
    request: pytest.FixtureRequest, settings: LibrarianSettings
) -> Iterator[LibrarianSettings]:
    """A library beside the inbox, or on another file system."""
    if request.param == "one disk":
        yield settings
        return
    with another_file_system() as disk:
        yield settings.model_copy(update={"library_dir": disk / "library"})


@pytest.mark.parametrize("mode", ["move", "keep"])
@pytest.mark.parametrize("kind", KINDS)
def test_photos_their_names_and_sidecars_are_kept(  # noqa: PLR0913, PLR0917 - what varies and what the test needs
    kind: str,
    mode: str,
    settings_of_disks: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = settings_of_disks.model_copy(update={"inbox_mode": mode})
    contents = {save_photo(settings.inbox / c / "IMG_1.JPG", c) for c in ("red", "blue", "green")}
    (settings.inbox / "red" / "IMG_1.xmp").write_text(XMP)
    shutil.copy2(settings.inbox / "red/IMG_1.JPG", settings.inbox / "copy.jpg")
    before = hashes_below(settings.inbox)
    see_as(kind, monkeypatch)
    librarian = start(settings)
    settle(librarian, connection)
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert problems(connection) == {}
    assert set(hashes_below(settings.library)) == set(before)
    assert {digest for (digest,) in rows(connection, "encode(sha256, 'hex')")} == contents
    assert hashes_below(settings.inbox) == (before if mode == "keep" else {})
    assert connection.execute("SELECT count(*) FROM duplicates").fetchone() == (1,)
    assert_library_is_sound(connection, settings.library)
    names = {path.name for path in settings.library.glob("2024/*/*")}
    assert names >= {"IMG_1.JPG", "IMG_1_1.JPG"}
    librarian.close(connection)
    assert not list((settings.library / INCOMING_FOLDER).glob("*"))


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENAMETOOLONG])
def test_one_name_that_the_disk_cannot_have_stops_neither_its_photo_nor_any_other(
    code: int,
    settings_of_disks: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was taken for a library that cannot be written, and paused the whole librarian."""
    names = ["10:30.jpg", "Ärger: neu.jpg", "a.jpg"]
    contents = {
        save_photo(settings_of_disks.inbox / name, f"#00000{n}") for n, name in enumerate(names)
    }
    (settings_of_disks.inbox / "10:30.xmp").write_text(XMP)
    (settings_of_disks.inbox / "10:30-edited.xmp").write_text(f"{XMP}\n")
    see_picky_names(lambda name: ":" not in name, code, monkeypatch)
    librarian = start(settings_of_disks)
    settle(librarian, connection)
    assert librarian.status().state == "healthy"
    assert hashes_below(settings_of_disks.inbox) == {}
    assert contents <= set(hashes_below(settings_of_disks.library))
    assert_library_is_sound(connection, settings_of_disks.library)
    found = {path.name for path in settings_of_disks.library.glob("2024/*/*")}
    sidecars = {"10_30_1.xmp", "10_30-edited.xmp"}
    assert found == {"10_30_1.jpg", "Ärger_ neu_1.jpg", "a.jpg", *sidecars}
    assert {name for (name,) in rows(connection, "original_name")} == set(names)


def test_a_damaged_original_is_healed_from_another_disk(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    with another_file_system() as disk:
        far = settings.model_copy(update={"library_dir": disk / "library"})
        librarian = start(far)
        digest = save_photo(settings.inbox / "a.jpg")
        settle(librarian, connection)
        stored = far.library / "2024/2024-05-17/a.jpg"
        stored.write_bytes(b"rotten")
        save_photo(settings.inbox / "again.jpg")
        time.sleep(SCAN_SECONDS)
        settle(librarian, connection)
        assert hashes_below(far.library) == {digest: 1}
        assert [path.read_bytes() for path in settings.quarantine.glob("*")] == [b"rotten"]
        assert not list(settings.quarantine.glob(".*"))


def test_a_source_that_can_only_be_read_is_taken_in(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A camera card that is locked, in an inbox that keeps its files."""
    card = settings.data / "card"
    digest = save_photo(card / "DCIM/a.jpg")
    for folder in (card / "DCIM", card):
        folder.chmod(0o555)
    settings.inbox.mkdir()
    monkeypatch.setenv("PATH", "/nonexistent")  # root's programs are not for others
    given = {**settings.model_dump(), "more_inboxes": f"card:keep:{card}"}
    librarian = start(LibrarianSettings.model_validate(given))
    with as_somebody_else(settings.data):
        settle(librarian, connection)
        assert librarian.status().state != "paused"
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(card) == {digest: 1}
    assert sorted(path.name for path in card.rglob("*")) == ["DCIM", "a.jpg"]


def test_a_library_moved_to_another_disk_goes_on(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """Its marker comes along; only linking is over."""
    librarian = start(settings)
    contents = {save_photo(settings.inbox / "a.jpg")}
    settle(librarian, connection)
    librarian.close(connection)
    with another_file_system() as disk:
        shutil.move(settings.library, disk / "library")
        moved = start(settings.model_copy(update={"library_dir": disk / "library"}))
        contents.add(save_photo(settings.inbox / "b.jpg", "blue"))
        settle(moved, connection)
        assert set(hashes_below(disk / "library")) == contents
        assert_library_is_sound(connection, disk / "library")
