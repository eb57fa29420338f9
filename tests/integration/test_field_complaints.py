"""What users of other programs of this kind have lost photos or patience by: impossible here.

Held by other tests already:
- temporary files of Syncthing are taken for photos (syncthing#2208):
  test_temporary_and_foreign_names_are_left_alone
- an unmounted disk empties the library (immich#13731): test_an_unmounted_folder_pauses_everything
- an interrupted move loses or doubles files (immich#10505): tests/faults/test_ingest_kills.py
- originals rot unnoticed (elodie#158): services/cli/tests/test_verify.py
"""

import fcntl
import os
import shutil
import threading
import time
from collections.abc import Callable

import pytest
from file_systems import as_somebody_else
from ingest_runs import assert_library_is_sound, hashes_below, settle
from librarian import mounts
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.alerts import open_alerts
from photo_factory.database import Connection
from photo_files import problems, rows, save_photo

pytestmark = pytest.mark.integration

SCAN_SECONDS = 1.1
Start = Callable[[LibrarianSettings], LibrarianLoop]


def explained(connection: Connection) -> tuple[str, str]:
    """Why the only file waits."""
    (found,) = connection.execute("SELECT cause, reason FROM inbox_explained").fetchall()
    return str(found[0]), str(found[1])


def try_again(connection: Connection) -> None:
    """Let the time pass till files that wait are due."""
    connection.execute("UPDATE inbox_files SET next_try_at = now()")


@pytest.mark.parametrize("kind", ["nfs4", "cifs", "fuse.sshfs"])
def test_a_share_that_tells_of_no_changes_is_scanned_without_being_told_to(
    kind: str,
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Events never come from network shares (watchdog#409, paperless-ngx#431)."""
    table = settings.data / "mounts"
    table.write_text(f"/dev/sda1 / ext4 rw 0 0\nnas:/photos {settings.data} {kind} rw 0 0\n")
    monkeypatch.setattr(mounts.file_system, "__defaults__", (table,))
    librarian = start(settings.model_copy(update={"watch_mode": "auto", "scan_seconds": 3600.0}))
    librarian.turn(connection)
    assert librarian.status().details == {"noticing": {"inbox": "scans"}}
    save_photo(settings.inbox / "a.jpg")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert len(rows(connection, "id")) == 1


def test_a_busy_file_is_not_given_up(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """A file that another program holds is rejected once and never again (paperless-ngx#9698).

    The system answers "try again" to who opens it, as file servers do for their clients.
    """
    librarian.turn(connection)
    save_photo(settings.inbox / "a.jpg")
    holder = os.open(settings.inbox / "a.jpg", os.O_RDWR)
    fcntl.fcntl(holder, fcntl.F_SETLEASE, fcntl.F_WRLCK)
    time.sleep(SCAN_SECONDS)
    for _ in range(4):
        librarian.turn(connection)
    assert explained(connection) == ("not_ready", "another program has it in use")
    connection.execute("UPDATE inbox_files SET changed_at = now() - interval '1 day'")
    try_again(connection)
    for _ in range(4):
        librarian.turn(connection)
    assert problems(connection) == {}
    os.close(holder)
    try_again(connection)
    settle(librarian, connection)
    assert len(rows(connection, "id")) == 1


def test_an_empty_file_that_is_filled_later_is_a_photo(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Programs make a name first and write its bytes later (paperless-ngx#1279, immich#29416)."""
    settings.inbox.mkdir()
    (settings.inbox / "a.jpg").touch()
    settle(librarian, connection)
    assert problems(connection) == {"a.jpg": "empty_file"}
    assert rows(connection, "id") == []
    digest = save_photo(settings.inbox / "a.jpg")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert problems(connection) == {}


def test_a_file_that_seems_stable_and_is_not_whole_waits_and_does_not_fail(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """On a share, a file can stand still for a while and go on growing (paperless-ngx#14219)."""
    librarian = start(settings.model_copy(update={"incomplete_seconds": 600.0}))
    digest = save_photo(settings.inbox / "a.jpg")
    content = (settings.inbox / "a.jpg").read_bytes()
    (settings.inbox / "a.jpg").write_bytes(content[:-300])
    librarian.turn(connection)
    librarian.turn(connection)
    assert problems(connection) == {}
    assert explained(connection) == (
        "not_ready",
        "looks unfinished: it ends before its picture data",
    )
    with (settings.inbox / "a.jpg").open("ab") as file:
        file.write(content[-300:])
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}


@pytest.mark.parametrize("mode", ["events", "poll"])
def test_of_many_files_copied_at_once_none_is_dropped_or_taken_twice(
    mode: str, settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """Half of 200 files were dropped, others came four times (paperless-ngx#9277)."""
    librarian = start(settings.model_copy(update={"watch_mode": mode}))
    librarian.turn(connection)
    contents = {
        save_photo(settings.data / "card" / f"{n}.jpg", f"#00{n:02x}00") for n in range(200)
    }

    def copy_in() -> None:
        for path in sorted((settings.data / "card").iterdir()):
            partial = settings.inbox / path.name
            with partial.open("wb") as file:  # several events for each of them
                content = path.read_bytes()
                file.write(content[:500])
                file.flush()
                file.write(content[500:])
            partial.rename(partial)

    copying = threading.Thread(target=copy_in)
    copying.start()
    while copying.is_alive():
        librarian.turn(connection)
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert set(hashes_below(settings.library)) == contents
    assert_library_is_sound(connection, settings.library)
    assert problems(connection) == {}
    assert connection.execute("SELECT count(*) FROM duplicates").fetchone() == (0,)


def test_syncthings_own_files_and_folders_outlive_the_photos(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Tidying away its marks stopped Syncthing (photoprism#1319, photoprism#1348)."""
    inbox = settings.inbox
    for folder in (".stfolder", ".stversions", "Camera/.thumbnails", "Camera/2024", "empty"):
        (inbox / folder).mkdir(parents=True)
    (inbox / ".stignore").write_text("*.tmp")
    (inbox / ".stfolder/syncthing-folder-abc.txt").write_text("folderID: abc")
    before = set(inbox.rglob("*"))
    save_photo(inbox / "Camera/2024/a.jpg")
    settle(librarian, connection)
    assert len(rows(connection, "id")) == 1
    assert before <= set(inbox.rglob("*"))
    assert not list(inbox.rglob("*.jpg"))


def test_a_phone_that_shares_its_folder_both_ways_loses_nothing(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """A removal here would travel back (syncthing#9795): a kept inbox is only read."""
    librarian = start(settings.model_copy(update={"inbox_mode": "keep"}))
    digest = save_photo(settings.inbox / "DCIM/a.jpg")
    for _ in range(3):
        settle(librarian, connection)
        time.sleep(SCAN_SECONDS)
    assert hashes_below(settings.inbox) == hashes_below(settings.library) == {digest: 1}
    assert connection.execute("SELECT count(*) FROM duplicates").fetchone() == (0,)
    stored = next(settings.library.rglob("*.jpg"))
    assert stored.stat().st_ino != (settings.inbox / "DCIM/a.jpg").stat().st_ino


def test_a_full_disk_is_told_as_such_and_fails_no_file(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """It was shown as "unable to upload" (immich#27472)."""
    crowded = {"inbox_mode": "keep", "keep_free_bytes": 1 << 60}
    librarian = start(settings.model_copy(update=crowded))
    digest = save_photo(settings.inbox / "a.jpg")
    for _ in range(4):
        librarian.turn(connection)
    librarian._watch_due = 0.0  # noqa: SLF001 - what is looked at every 10 s
    librarian.turn(connection)
    assert librarian.status().state == "paused"
    assert "there is no room in the library" in librarian.status().message
    assert librarian.status().message.endswith("MB of its disk are kept free")
    assert [alert.code for alert in open_alerts(connection)] == ["disk_full"]
    assert problems(connection) == {}
    assert hashes_below(settings.library) == {}
    librarian.close(connection)

    roomy = start(settings.model_copy(update={"inbox_mode": "keep", "keep_free_bytes": 0}))
    try_again(connection)
    settle(roomy, connection)
    assert hashes_below(settings.library) == {digest: 1}


def test_a_folder_of_another_owner_is_named_and_stops_no_start(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Changing owners at the start, or failing it, was worse (immich#14384, immich#14438)."""
    settings.library.mkdir()
    settings.library.chmod(0o555)
    save_photo(settings.inbox / "a.jpg")
    monkeypatch.setenv("PATH", "/nonexistent")
    librarian = start(settings)
    with as_somebody_else(settings.data):
        librarian.turn(connection)
        status = librarian.status()
        assert status.state == "paused"
        assert str(settings.library) in status.message
        assert "Permission denied" in status.message
        settings.library.chmod(0o755)
        settle(librarian, connection)
    assert len(rows(connection, "id")) == 1


def test_an_unmounted_inbox_forgets_nothing_that_waits_or_has_failed(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """An empty folder was taken for the news that all had been deleted (immich#17419)."""
    settings.inbox.mkdir()
    (settings.inbox / "note.txt").write_text("no media")
    settle(librarian, connection)
    settings.inbox.rename(settings.inbox.with_name("unmounted"))
    settings.inbox.mkdir()
    for _ in range(3):
        librarian.turn(connection)
        time.sleep(SCAN_SECONDS / 2)
    assert problems(connection) == {"note.txt": "not_media"}


@pytest.mark.parametrize("new_name", ["IMG_1.jpg", "other/name.JPG"])
def test_a_file_that_was_renamed_is_the_photo_that_it_was(
    new_name: str, settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """It became a new one, and what was known of it was lost (immich#18933, immich#29995)."""
    librarian = start(settings.model_copy(update={"inbox_mode": "keep"}))
    digest = save_photo(settings.inbox / "IMG_1.JPG")
    settle(librarian, connection)
    before = rows(connection, "id, path, ingested_at")
    (settings.inbox / new_name).parent.mkdir(exist_ok=True)
    (settings.inbox / "IMG_1.JPG").rename(settings.inbox / new_name)
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert rows(connection, "id, path, ingested_at") == before
    assert hashes_below(settings.library) == {digest: 1}


def test_restarts_rename_nothing(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """Each interrupted run had put another "+1" behind 12,000 names (immich#30919)."""
    for number in range(3):
        save_photo(settings.inbox / f"IMG_{number}.JPG", f"#0000{number:02x}")
    for _ in range(5):
        librarian = start(settings)
        librarian.turn(connection)  # at some step of it
        librarian.close(connection)
    settle(start(settings), connection)
    names = [path.rpartition("/")[2] for (path,) in rows(connection, "path")]
    assert names == ["IMG_0.JPG", "IMG_1.JPG", "IMG_2.JPG"]
    assert_library_is_sound(connection, settings.library)


def test_a_file_without_a_row_is_never_removed_for_that(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """A stale list of "untracked" files deleted originals (immich#30933)."""
    settle(librarian, connection)
    stranger = save_photo(settings.library / "2024/2024-05-17/a.jpg", "blue")
    hand_copied = save_photo(settings.library / "my own folder/b.jpg", "green")
    taken_in = save_photo(settings.inbox / "a.jpg", "red")
    shutil.copy2(settings.library / "my own folder/b.jpg", settings.inbox / "c.jpg")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    found = hashes_below(settings.library)
    assert found == {stranger: 1, hand_copied: 2, taken_in: 1}


def test_a_file_that_was_deleted_from_the_library_can_come_back(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """What had been deleted once was refused for ever (photoprism#300, immich#22254)."""
    digest = save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    next(settings.library.rglob("a.jpg")).unlink()
    save_photo(settings.inbox / "again.jpg")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert_library_is_sound(connection, settings.library)
