"""What a killed librarian has left in the library without a row, while the inbox has moved on."""

import time
from collections.abc import Callable

import pytest
from inbox_drops import AAE
from ingest_runs import (
    assert_library_is_sound,
    files_below,
    hashes_below,
    settle,
)
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.storage import Identity
from photo_files import problems, rows, save_photo

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("no_exiftool"),
]
DAY = "2024/2024-05-17"
CRASHED = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    next_try_at, attempts, intended_path)
VALUES ('inbox', %s, %s, %s, %s, %s, %s, %s, now(), 1, %s)
"""


@pytest.fixture
def librarian(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
) -> LibrarianLoop:
    loop = start(settings)
    loop.turn(connection)
    return loop


@pytest.fixture
def crash(settings: LibrarianSettings, connection: Connection) -> Callable[[str, str, str], None]:
    """Leave a file of the inbox in the library as well, its row only knowing the intention."""

    def leave(name: str, path: str, state: str = "ingesting") -> None:
        target = settings.library / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(settings.inbox / name)
        found = Identity.of(target.lstat())
        identity = (found.device, found.inode, found.size_bytes, found.modified_ns)
        connection.execute(CRASHED, (name.encode(), name, *identity, state, path))

    return leave


def settle_wholly(librarian: LibrarianLoop, connection: Connection) -> None:
    """Until two scans more have found nothing that was brought back into the inbox."""
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        settle(librarian, connection)
        time.sleep(0.1)


def test_a_file_that_was_replaced_after_a_crash_is_kept_as_well_as_the_new_one(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    crash: Callable[..., None],
) -> None:
    former = save_photo(settings.inbox / "a.jpg", "red")
    crash("a.jpg", f"{DAY}/a.jpg")
    (settings.inbox / "a.jpg").unlink()
    new = save_photo(settings.inbox / "a.jpg", "blue")
    settle_wholly(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == {former, new}


def test_a_file_that_is_put_elsewhere_after_a_crash_does_not_stand_twice(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    crash: Callable[..., None],
) -> None:
    """It was to lie beside a companion that has gone since, and now has a day of its own."""
    digest = save_photo(settings.inbox / "a.jpg")
    crash("a.jpg", "2000/2000-01-01/a_1.jpg")
    settle_wholly(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert rows(connection, "path, encode(sha256, 'hex')") == [(f"{DAY}/a.jpg", digest)]


def test_a_sidecar_that_is_put_elsewhere_after_a_crash_does_not_stand_twice(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    crash: Callable[..., None],
) -> None:
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    (settings.inbox / "a.aae").write_text(AAE)
    crash("a.aae", "2000/2000-01-01/a_1.aae")
    settle_wholly(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert len(files_below(settings.library)) == 2


@pytest.mark.parametrize("state", ["ingesting", "waiting", "failed"])
def test_a_file_that_gave_way_to_one_that_cannot_be_taken_in_comes_back_under_another_name(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    crash: Callable[..., None],
    state: str,
) -> None:
    digest = save_photo(settings.inbox / "a.jpg")
    crash("a.jpg", f"{DAY}/a.jpg", state)
    (settings.inbox / "a.jpg").unlink()
    (settings.inbox / "a.jpg").write_text("this is no picture")
    settle_wholly(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert hashes_below(settings.library) == {digest: 1}
    assert problems(connection) == {"a.jpg": "not_media"}


@pytest.mark.parametrize("state", ["waiting", "failed"])
def test_a_file_that_went_away_while_it_waited_is_not_forgotten_with_its_intention(
    librarian: LibrarianLoop,
    settings: LibrarianSettings,
    connection: Connection,
    crash: Callable[..., None],
    state: str,
) -> None:
    """It was renamed: the same bytes are there under another name, and stand once at the end."""
    digest = save_photo(settings.inbox / "a.jpg")
    connection.execute("UPDATE inbox_files SET next_try_at = now() + interval '1 day'")
    crash("a.jpg", f"{DAY}/a.jpg", state)
    connection.execute("UPDATE inbox_files SET next_try_at = now() + interval '1 day'")
    (settings.inbox / "a.jpg").rename(settings.inbox / "b.jpg")
    settle_wholly(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert hashes_below(settings.library) == {digest: 1}
