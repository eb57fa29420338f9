"""Folders are watched over: nothing is touched unless it is certain which folder it is."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from file_systems import another_file_system, as_somebody_else
from librarian.guard import Guard
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.roots import MARKER

pytestmark = pytest.mark.integration


@pytest.fixture
def shm() -> Iterator[Path]:
    with another_file_system() as folder:
        yield folder


def guarded(settings: LibrarianSettings, more: str = "", mode: str = "move") -> Guard:
    given = {**settings.model_dump(), "more_inboxes": more, "inbox_mode": mode}
    changed = LibrarianSettings.model_validate(given)
    return Guard(changed, changed.inboxes)


def names(guard: Guard, connection: Connection) -> list[str]:
    return [inbox.name for inbox in guard.active(connection)]


def unmount(folder: Path) -> None:
    """Leave the empty mount point in its place."""
    folder.rename(folder.with_name(f"{folder.name} unmounted"))
    folder.mkdir()


def mount_again(folder: Path) -> None:
    folder.rmdir()
    folder.with_name(f"{folder.name} unmounted").rename(folder)


def test_at_the_first_start_each_folder_gets_its_marker(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path
) -> None:
    guard = guarded(settings, f"camera:move:{tmp_path}/camera")
    assert names(guard, connection) == ["inbox", "camera"]
    markers = {(folder / MARKER).read_text() for folder in (settings.library, settings.inbox)}
    assert len(markers | {(tmp_path / "camera" / MARKER).read_text()}) == 3
    assert guard.missing == {}


def test_a_library_that_has_outlived_its_database_is_adopted(
    settings: LibrarianSettings, connection: Connection
) -> None:
    settings.library.mkdir()
    (settings.library / MARKER).write_text(f"{(marker := uuid4())}\n")
    guard = guarded(settings)
    assert names(guard, connection) == ["inbox"]
    assert (settings.library / MARKER).read_text().strip() == str(marker)


def test_without_the_library_no_inbox_is_touched(
    settings: LibrarianSettings, connection: Connection
) -> None:
    guard = guarded(settings)
    assert names(guard, connection) == ["inbox"]
    assert guard.has_library()
    unmount(settings.library)
    assert not guard.has_library()
    assert names(guard, connection) == []
    assert list(guard.missing) == ["library"]
    assert MARKER in guard.missing["library"]
    assert list(settings.library.iterdir()) == []
    mount_again(settings.library)
    assert names(guard, connection) == ["inbox"]
    assert guard.missing == {}


def test_an_inbox_that_is_away_holds_up_no_other(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path
) -> None:
    guard = guarded(settings, f"camera:move:{tmp_path}/camera")
    names(guard, connection)
    unmount(tmp_path / "camera")
    assert names(guard, connection) == ["inbox"]
    assert list(guard.missing) == ["inbox.camera"]


def test_another_disk_in_the_place_of_the_right_one_is_not_touched(
    settings: LibrarianSettings, connection: Connection
) -> None:
    guard = guarded(settings)
    names(guard, connection)
    (settings.library / MARKER).write_text(f"{uuid4()}\n")
    assert not guard.has_library()
    assert names(guard, connection) == []
    assert "another installation" in guard.missing["library"]


def test_a_marker_that_cannot_be_read_is_no_marker(
    settings: LibrarianSettings, connection: Connection
) -> None:
    guard = guarded(settings)
    names(guard, connection)
    (settings.library / MARKER).unlink()
    (settings.library / MARKER).mkdir()
    assert not guard.has_library()
    assert names(guard, connection) == []
    assert list(guard.missing) == ["library"]


def test_files_are_linked_only_where_they_can_and_may_be(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path, shm: Path
) -> None:
    more = f"near:move:{tmp_path}/near,far:move:{shm}/far,kept:keep:{tmp_path}/kept"
    guard = guarded(settings, more)
    assert names(guard, connection) == ["inbox", "near", "far", "kept"]
    assert guard.copied == {"far", "kept"}


def test_whether_files_can_be_linked_is_tried_again_after_the_folder_was_away(
    settings: LibrarianSettings, connection: Connection, shm: Path
) -> None:
    """A USB disk comes back as another mount; a library is moved to another disk."""
    guard = guarded(settings)
    names(guard, connection)
    assert guard.copied == set()
    shutil.move(settings.inbox, shm / "inbox")
    assert names(guard, connection) == []
    settings.inbox.symlink_to(shm / "inbox")
    assert names(guard, connection) == ["inbox"]
    assert guard.copied == {"inbox"}


def test_a_source_that_can_only_be_read_needs_no_marker(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path
) -> None:
    """A camera card, or a share that is mounted for reading: nothing is ever removed from it."""
    card = tmp_path / "card"
    card.mkdir()
    guard = guarded(settings, f"card:keep:{card}")
    card.chmod(0o555)
    with as_somebody_else(settings.data):
        assert names(guard, connection) == ["inbox", "card"]
    assert list(card.iterdir()) == []
    assert guard.missing == {}


def test_a_source_that_would_be_emptied_needs_one(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path
) -> None:
    card = tmp_path / "card"
    card.mkdir()
    guard = guarded(settings, f"card:move:{card}")
    card.chmod(0o555)
    with as_somebody_else(settings.data):
        assert names(guard, connection) == ["inbox"]
    assert str(card) in guard.missing["inbox.card"]


def test_a_kept_source_that_had_a_marker_is_away_without_it(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path
) -> None:
    """Its empty mount point cannot be written by the librarian either, as is usual."""
    card = tmp_path / "card"
    guard = guarded(settings, f"card:keep:{card}")
    assert names(guard, connection) == ["inbox", "card"]
    unmount(card)
    card.chmod(0o555)
    with as_somebody_else(settings.data):
        assert names(guard, connection) == ["inbox"]
    assert list(guard.missing) == ["inbox.card"]


def test_a_kept_source_that_is_not_there_at_all_is_away(
    settings: LibrarianSettings, connection: Connection, tmp_path: Path
) -> None:
    guard = guarded(settings, f"card:keep:{tmp_path}/no/such/card")
    (tmp_path / "no").write_text("a file where a folder should be")
    assert names(guard, connection) == ["inbox"]
    assert list(guard.missing) == ["inbox.card"]
