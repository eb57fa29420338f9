"""The librarian on a real PostgreSQL, real files and a real ExifTool."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from ingest_runs import assert_library_is_sound, hashes_below, settle, unsettled
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.roots import MARKER
from photo_files import problems, rows, save_photo

pytestmark = pytest.mark.integration


def test_a_photo_is_filed_under_its_local_day(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Taken at 23:30 in Tokyo: the folder is that evening's, the instant is kept in UTC."""
    digest = save_photo(settings.inbox / "DCIM" / "IMG_1.JPG")
    settle(librarian, connection)
    assert hashes_below(settings.library / "2024" / "2024-05-17") == {digest: 1}
    assert rows(connection, "path, captured_at::text, utc_offset_minutes, width, height") == [
        ("2024/2024-05-17/IMG_1.JPG", "2024-05-17 14:30:00+00", 540, 64, 48)
    ]
    assert not list(settings.inbox.rglob("*.JPG"))
    assert connection.execute("SELECT stage FROM stage_work").fetchall() == [("thumbnailer",)]


def test_two_photos_of_one_name_are_both_kept(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    contents = {save_photo(settings.inbox / c / "IMG_1.JPG", c) for c in ("red", "blue", "green")}
    settle(librarian, connection)
    assert set(hashes_below(settings.library)) == contents
    assert [path for (path,) in rows(connection, "path")] == [
        "2024/2024-05-17/IMG_1.JPG",
        "2024/2024-05-17/IMG_1_1.JPG",
        "2024/2024-05-17/IMG_1_2.JPG",
    ]


def test_a_duplicate_goes_only_after_the_proof(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    save_photo(settings.inbox / "again" / "b.jpg")
    time.sleep(1.1)
    settle(librarian, connection)
    assert not list(settings.inbox.rglob("*.jpg"))
    assert connection.execute("SELECT path FROM duplicates").fetchall() == [("again/b.jpg",)]
    assert len(rows(connection, "id")) == 1


def test_bad_files_stay_and_explain_themselves(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    good = save_photo(settings.inbox / "good.jpg")
    inbox = settings.inbox
    whole = (inbox / "good.jpg").read_bytes()
    (inbox / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (inbox / "text.jpg").write_text("this is no picture")
    (inbox / "empty.jpg").touch()
    (inbox / "link.jpg").symlink_to("/etc/passwd")
    os.mkfifo(inbox / "pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(inbox / "socket.jpg"))
    settle(librarian, connection)
    assert problems(connection) == {
        "half.jpg": "truncated",
        "text.jpg": "not_media",
        "empty.jpg": "empty_file",
        "link.jpg": "symlink",
        "pipe.jpg": "not_a_regular_file",
        "socket.jpg": "not_a_regular_file",
    }
    assert len([path for path in inbox.iterdir() if path.suffix == ".jpg"]) == 6
    assert hashes_below(settings.library) == {good: 1}


def test_odd_names_are_taken_in(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """Names that a shell, ExifTool's protocol, HTML or PostgreSQL would trip over."""
    names = [
        "📷 emoji.jpg",
        "new\nline.jpg",
        "\"quotes' `and` $(more).jpg",
        "-delete_original.jpg",
        "ü" * 100 + ".jpg",
        "l" * 200 + ".jpg",
        "percent%d%f.jpg",
        "<script>alert(1)<.jpg",
    ]
    contents = {save_photo(settings.inbox / name, f"#0000{i:02x}") for i, name in enumerate(names)}
    undecodable = settings.inbox / os.fsdecode(b"caf\xe9.jpg")
    contents.add(save_photo(settings.inbox / "plain.jpg", "white"))
    (settings.inbox / "plain.jpg").rename(undecodable)
    settle(librarian, connection)
    assert problems(connection) == {}
    assert set(hashes_below(settings.library)) == contents
    stored = {Path(path).name for (path,) in rows(connection, "path")}
    assert {"📷 emoji.jpg", "new_line.jpg", "-delete_original.jpg", "caf_.jpg"} <= stored
    originals = {name for (name,) in rows(connection, "original_name")}
    assert {"new\\nline.jpg", "caf\\xe9.jpg"} <= originals


def test_a_file_in_writing_waits(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
) -> None:
    """Open for writing, unchanged for ages, complete by its look: it still waits."""
    librarian = start(settings)
    save_photo(settings.inbox / "a.jpg")
    with (settings.inbox / "a.jpg").open("ab"):
        for _ in range(5):
            librarian.turn(connection)
        assert rows(connection, "id") == []
        assert unsettled(connection) == 1
    settle(librarian, connection)
    assert len(rows(connection, "id")) == 1


def test_a_growing_file_is_taken_only_when_it_has_stopped(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
) -> None:
    patient = settings.model_copy(update={"stability_seconds": 1.0})
    librarian = start(patient)
    digest = save_photo(settings.inbox / "a.jpg")
    whole = (settings.inbox / "a.jpg").read_bytes()
    (settings.inbox / "a.jpg").unlink()
    for end in range(100, len(whole) + 100, 100):
        with (settings.inbox / "a.jpg").open("ab") as file:
            file.write(whole[end - 100 : end])
        librarian.turn(connection)
        time.sleep(0.3)
        assert rows(connection, "id") == []
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}


@pytest.mark.parametrize("root", ["library", "inbox"])
def test_an_unmounted_folder_pauses_everything(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection, root: str
) -> None:
    """An empty mount point has no marker: nothing is stored, nothing counts as gone."""
    save_photo(settings.inbox / "a.jpg")
    (settings.inbox / "note.txt").write_text("no media")
    settle(librarian, connection)
    folder: Path = getattr(settings, root)
    shutil.move(folder, folder.with_name("unmounted"))
    folder.mkdir()
    if root == "library":
        save_photo(settings.inbox / "b.jpg", "blue")
    librarian.turn(connection)
    assert librarian.status().state == "paused"
    assert MARKER in librarian.status().message
    assert list(folder.iterdir()) == []
    assert problems(connection) == {"note.txt": "not_media"}

    folder.rmdir()
    shutil.move(folder.with_name("unmounted"), folder)
    settle(librarian, connection)
    assert librarian.status().state == "healthy"
    assert len(rows(connection, "id")) == (2 if root == "library" else 1)


def test_temporary_and_foreign_names_are_left_alone(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    names = [
        ".syncthing.IMG_1.JPG.tmp",
        "~syncthing~IMG_1.JPG.tmp",
        ".stfolder/IMG_2.jpg",
        ".stversions/IMG_3.jpg",
        "film.mp4.part",
        "IMG_4.jpg.crdownload",
        ".trashed-1700000000-IMG_5.jpg",
        "._IMG_6.jpg",
        "@eaDir/IMG_7.jpg",
        "#recycle/IMG_8.jpg",
        "Thumbs.db",
    ]
    for name in names:
        save_photo(settings.inbox / name)
    settle(librarian, connection)
    assert rows(connection, "id") == []
    assert problems(connection) == {}
    assert sum(hashes_below(settings.inbox).values()) == len(names)


def test_two_librarians_on_one_inbox_double_nothing(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
) -> None:
    contents = {
        save_photo(settings.inbox / f"{i % 7}" / f"IMG_{i % 10}.jpg", f"#0000{i % 60:02x}")
        for i in range(70)
    }
    loops = [start(settings), start(settings)]
    deadline = time.monotonic() + 60
    while unsettled(connection) or not rows(connection, "id"):
        assert time.monotonic() < deadline
        for loop in loops:
            loop.turn(connection)
    assert set(hashes_below(settings.library)) == contents
    assert_library_is_sound(connection, settings.library)


def test_an_event_is_enough(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
) -> None:
    """Between two scans far apart, a file and a folder moved in whole are noticed by events."""
    watching = settings.model_copy(update={"watch_mode": "events", "scan_seconds": 3600.0})
    librarian = start(watching)
    librarian.turn(connection)
    outside = settings.data / "outside"
    contents = {save_photo(settings.inbox / "a.jpg"), save_photo(outside / "deep/b.jpg", "blue")}
    outside.rename(settings.inbox / "moved")
    deadline = time.monotonic() + 20
    while len(rows(connection, "id")) < 2:
        assert time.monotonic() < deadline
        librarian.turn(connection)
        time.sleep(0.05)
    assert set(hashes_below(settings.library)) == contents


def test_an_unexpected_error_fails_one_file_and_no_other(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """The database refuses one row of a batch: its file is blamed, the others are stored."""
    connection.execute(
        "ALTER TABLE media_assets ADD CONSTRAINT poison CHECK (original_name <> 'poison.jpg')"
    )
    contents = {save_photo(settings.inbox / f"{c}.jpg", c) for c in ("red", "blue", "green")}
    poison = save_photo(settings.inbox / "poison.jpg", "black")
    settle(librarian, connection)
    assert problems(connection) == {"poison.jpg": "bug"}
    assert_library_rows(connection, contents)
    assert hashes_below(settings.inbox) == {poison: 1}


def assert_library_rows(connection: Connection, contents: set[str]) -> None:
    assert {digest for (digest,) in rows(connection, "encode(sha256, 'hex')")} == contents


def test_a_failed_file_that_the_user_removes_is_forgotten(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    settings.inbox.mkdir(parents=True)
    (settings.inbox / "note.txt").write_text("no media")
    settle(librarian, connection)
    assert problems(connection) == {"note.txt": "not_media"}
    (settings.inbox / "note.txt").unlink()
    time.sleep(1.1)
    settle(librarian, connection)
    assert problems(connection) == {}
