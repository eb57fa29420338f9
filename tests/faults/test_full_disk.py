"""A library that cannot be written, for there is no room or the disk is read-only."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ingest_runs import (
    assert_library_is_sound,
    assert_nothing_is_lost,
    eager,
    files_below,
    hashes_below,
    settle,
)
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import problems, save_photo
from small_disks import BOTH, Disk, small_disk
from turning import alerts, is_paused, turn_for, turn_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("impatience", "no_exiftool"),
]
DISK_BYTES = 6 << 20
PHOTO_BYTES = 300_000
Start = Callable[[LibrarianSettings], LibrarianLoop]


@pytest.fixture(params=BOTH)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    with small_disk(request.param, tmp_path / "disk", DISK_BYTES) as found:
        yield found


@pytest.fixture
def settings(tmp_path: Path, database_url: str, disk: Disk) -> LibrarianSettings:
    return eager(tmp_path, database_url, library_dir=disk.root / "library")


def drop(settings: LibrarianSettings, count: int, size_bytes: int = PHOTO_BYTES) -> set[str]:
    """Photos of one size."""
    paths = [settings.inbox / f"{size_bytes}-{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        save_photo(path, f"#0000{number:02x}")
        os.truncate(path, size_bytes)
    return set(hashes_below(settings.inbox))


def half_copies(settings: LibrarianSettings) -> list[Path]:
    return files_below(settings.library / ".incoming")


@pytest.mark.parametrize("answer", ["true", "too good"])
def test_a_full_disk_pauses_ingest_which_goes_on_by_itself_when_there_is_room(  # noqa: PLR0913, PLR0917 - fixtures
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    """Asked for its room, a disk with a quota tells too much: then it is the writing that fails."""
    librarian = start(settings)
    librarian.turn(connection)
    contents = drop(settings, 8)
    disk.leave(3 * PHOTO_BYTES)
    if answer == "too good":
        plenty = os.statvfs("/")
        monkeypatch.setattr(os, "statvfs", lambda _: plenty)
    turn_until(librarian, connection, is_paused(librarian))
    assert "no room" in librarian.status().message
    assert alerts(connection) == {"disk_full"}
    assert problems(connection) == {}
    assert 1 <= len(hashes_below(settings.library)) <= 3
    assert half_copies(settings) == []
    assert_nothing_is_lost(settings, contents)

    disk.make_room()
    settle(librarian, connection)
    turn_until(librarian, connection, lambda: not alerts(connection))
    assert librarian.status().state != "paused"
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == contents
    assert files_below(settings.inbox) == []


def test_room_that_is_to_be_kept_free_is_kept_free(
    settings: LibrarianSettings, start: Start, connection: Connection, disk: Disk
) -> None:
    careful = settings.model_copy(update={"keep_free_bytes": 4 << 20})
    librarian = start(careful)
    drop(careful, 16)
    turn_until(librarian, connection, is_paused(librarian))
    room = os.statvfs(disk.root)
    most_hands = 4  # each of which may be at a photo for which there still was room
    lack = room.f_bavail * room.f_frsize - (4 << 20)
    assert -most_hands * PHOTO_BYTES <= lack < 2 * PHOTO_BYTES


def test_small_files_that_fit_go_on_beside_a_large_one_that_does_not(
    settings: LibrarianSettings, start: Start, connection: Connection, disk: Disk
) -> None:
    librarian = start(settings)
    librarian.turn(connection)
    disk.leave(1_000_000)
    large = drop(settings, 1, 2_000_000)
    turn_until(librarian, connection, is_paused(librarian))
    contents = drop(settings, 20, 10_000) - large
    turn_until(librarian, connection, lambda: len(hashes_below(settings.library)) == 20)
    assert set(hashes_below(settings.library)) == contents
    turn_until(librarian, connection, lambda: alerts(connection) == {"disk_full"})


def test_many_photos_that_wait_for_room_cost_few_attempts(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    disk: Disk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Forty photos wait half a second each between two attempts: it could be 240 in 3 seconds."""
    librarian = start(settings)
    librarian.turn(connection)
    disk.leave(0)
    drop(settings, 40)
    turn_until(librarian, connection, is_paused(librarian))
    opened = count_openings(monkeypatch, settings.inbox)
    turn_for(librarian, connection, 3)
    assert 0 < len(opened) <= 20


def count_openings(patch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    """Every opening of a photo below a folder from now on."""
    opened: list[str] = []
    call: Callable[..., int] = os.open

    def noted(path: Any, *args: Any, **kwargs: Any) -> int:  # noqa: ANN401 - stands in for os.open
        if str(path).startswith(str(folder)) and str(path).endswith(".jpg"):
            opened.append(str(path))
        return call(path, *args, **kwargs)

    patch.setattr(os, "open", noted)
    return opened


def test_a_disk_that_becomes_read_only_pauses_ingest_which_goes_on_by_itself(
    settings: LibrarianSettings, start: Start, connection: Connection, disk: Disk
) -> None:
    librarian = start(settings)
    librarian.turn(connection)
    contents = drop(settings, 3)
    disk.set_writable(is_writable=False)
    turn_until(librarian, connection, is_paused(librarian))
    assert alerts(connection) == {"library_read_only"}
    assert problems(connection) == {}
    assert_nothing_is_lost(settings, contents)

    disk.set_writable(is_writable=True)
    settle(librarian, connection)
    turn_until(librarian, connection, lambda: not alerts(connection))
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == contents


@pytest.mark.parametrize("fault", ["full", "read-only"])
def test_a_librarian_that_starts_on_such_a_disk_says_so_and_goes_on_by_itself(
    settings: LibrarianSettings, start: Start, connection: Connection, disk: Disk, fault: str
) -> None:
    """The one before it was killed, and left half a copy and its own folder behind."""
    start(settings).turn(connection)
    left = settings.library / ".incoming/3d0ad6c3-8a5b-4ee3-8a2b-2f0b8f0d3c11"
    left.mkdir()
    (left / "half.jpg").write_bytes(b"half")
    contents = drop(settings, 3)
    if fault == "full":
        disk.leave(0)
    else:
        disk.set_writable(is_writable=False)
    librarian = start(settings)
    turn_until(librarian, connection, is_paused(librarian))
    assert alerts(connection) == {"disk_full" if fault == "full" else "library_read_only"}

    if fault == "full":
        disk.make_room()
    else:
        disk.set_writable(is_writable=True)
    settle(librarian, connection)
    turn_until(librarian, connection, lambda: not alerts(connection))
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == contents
