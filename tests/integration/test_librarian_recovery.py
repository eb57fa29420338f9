"""What the librarian makes of what it finds: damaged originals, its own interrupted work."""

import shutil
import time
from collections.abc import Callable
from hashlib import sha256

import psycopg
import pytest
from ingest_runs import assert_library_is_sound, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from photo_factory.storage import Identity
from photo_files import rows, save_photo

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_a_healthy_copy_heals_a_damaged_original(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection, damage: str
) -> None:
    digest = save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    stored = settings.library / "2024/2024-05-17/a.jpg"
    if damage == "missing":
        stored.unlink()
    else:
        stored.write_bytes(b"rotten")
    save_photo(settings.inbox / "a.jpg")
    time.sleep(1.1)
    settle(librarian, connection)
    assert sha256(stored.read_bytes()).hexdigest() == digest
    assert_library_is_sound(connection, settings.library)
    kept = [path.read_bytes() for path in settings.quarantine.glob("*")]
    assert kept == ([] if damage == "missing" else [b"rotten"])


def test_events_of_an_outage_are_not_lost(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
    database_url: str,
) -> None:
    """The database fails just when events are written down; the next scan is an hour away."""
    librarian = start(settings.model_copy(update={"watch_mode": "events", "scan_seconds": 3600.0}))
    librarian.turn(connection)
    save_photo(settings.inbox / "a.jpg")
    time.sleep(0.5)
    with connect(database_url, "holder") as holder, holder.transaction():
        holder.execute("LOCK TABLE inbox_files")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            librarian.turn(connection)
    settle(librarian, connection)
    assert len(rows(connection, "id")) == 1


def test_a_file_that_could_not_be_removed_is_no_duplicate_of_itself(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Stored, but its folder was closed to the librarian; now it is open and retried."""
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    shutil.copy2(settings.library / "2024/2024-05-17/a.jpg", settings.inbox / "a.jpg")
    identity = Identity.of((settings.inbox / "a.jpg").lstat())
    connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns,"
        " state, next_try_at, asset_id) SELECT 'inbox', 'a.jpg', 'a.jpg', %s, %s, %s, %s,"
        " 'waiting', now(), id FROM media_assets",
        (identity.device, identity.inode, identity.size_bytes, identity.modified_ns),
    )
    settle(librarian, connection)
    assert not (settings.inbox / "a.jpg").exists()
    assert connection.execute("SELECT count(*) FROM duplicates").fetchone() == (0,)


def leave_as_a_crash_would(
    settings: LibrarianSettings, connection: Connection, name: str, path: str
) -> None:
    """Put a file of the inbox into the library, its row only knowing the intention."""
    (settings.library / path).parent.mkdir(parents=True, exist_ok=True)
    (settings.library / path).hardlink_to(settings.inbox / name)
    identity = Identity.of((settings.inbox / name).lstat())
    connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns,"
        " state, next_try_at, attempts, intended_path)"
        " VALUES ('inbox', %s, %s, %s, %s, %s, %s, 'ingesting', now(), 1, %s)",
        (
            name.encode(),
            name,
            identity.device,
            identity.inode,
            identity.size_bytes,
            identity.modified_ns,
            path,
        ),
    )


def test_a_crash_whose_source_went_away_loses_nothing(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """In the library without a row, gone from the inbox: it is taken in all the same."""
    librarian.turn(connection)
    digest = save_photo(settings.inbox / "a.jpg")
    leave_as_a_crash_would(settings, connection, "a.jpg", "2000/2000-01-01/a.jpg")
    (settings.inbox / "a.jpg").unlink()
    settle(librarian, connection)
    time.sleep(1.1)
    settle(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert rows(connection, "path, encode(sha256, 'hex')") == [("2024/2024-05-17/a.jpg", digest)]


def test_a_crash_leaves_no_second_copy(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Its bytes came in under another name meanwhile: what the crash left is removed."""
    save_photo(settings.inbox / "first.jpg")
    settle(librarian, connection)
    save_photo(settings.inbox / "again.jpg")
    leave_as_a_crash_would(settings, connection, "again.jpg", "2000/2000-01-01/again.jpg")
    settle(librarian, connection)
    assert_library_is_sound(connection, settings.library)
    assert [path for (path,) in rows(connection, "path")] == ["2024/2024-05-17/first.jpg"]
