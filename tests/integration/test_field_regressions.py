"""Faults of an earlier system that did the same job: each is impossible here.

Held by other tests already:
- a duplicate is deleted though the kept copy is damaged:
  test_a_healthy_copy_heals_a_damaged_original
- a date with an offset is not understood: test_local_time_decides_and_utc_stands_beside_it
- a film's UTC is taken for local time: test_a_movie_in_utc_becomes_local_by_the_home_zone
- a health check that says yes whatever happens: shared/tests/test_healthcheck.py
- containers that run as root: tests/e2e/test_compose_settings.py
- emptying a synchronised folder empties the phone: services/librarian/tests/test_syncthing.py
"""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from generate import SANTIAGO, exif
from ingest_runs import assert_library_is_sound, hashes_below, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import problems, rows, save_photo
from PIL import Image

pytestmark = pytest.mark.integration

SCAN_SECONDS = 1.1
Start = Callable[[LibrarianSettings], LibrarianLoop]


def test_an_original_is_never_moved_before_it_is_recorded(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """The database refuses the row: the photo is still in the inbox, and nowhere else."""
    connection.execute("ALTER TABLE media_assets ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    digest = save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)
    assert problems(connection) == {"a.jpg": "bug"}
    assert hashes_below(settings.inbox) == {digest: 1}
    assert_library_is_sound(connection, settings.library)

    connection.execute("ALTER TABLE media_assets DROP CONSTRAINT full_up")
    connection.execute("UPDATE inbox_files SET state = 'waiting', next_try_at = now()")
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert_library_is_sound(connection, settings.library)


def test_the_same_bytes_are_the_same_photo_under_any_date_and_name(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """No date inside, so that each copy would be filed under another day by its file time."""
    for day, name in enumerate(("a.jpg", "sub/b.jpg", "IMG_20190101_101010.jpg")):
        digest = save_photo(settings.inbox / name, taken=None)
        os.utime(settings.inbox / name, (1.5e9 + day * 86_400, 1.5e9 + day * 86_400))
        settle(librarian, connection)
        time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
    assert hashes_below(settings.inbox) == {}
    duplicates = connection.execute("SELECT path FROM duplicates ORDER BY id").fetchall()
    assert duplicates == [("sub/b.jpg",), ("IMG_20190101_101010.jpg",)]


def test_a_bad_file_is_tried_once_and_shown_until_it_changes(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    settings.inbox.mkdir()
    (settings.inbox / "note.jpg").write_text("no picture")
    for _ in range(3):
        settle(librarian, connection)
        time.sleep(SCAN_SECONDS)
    failed = "SELECT sum(failed)::int FROM stage_metrics WHERE stage = 'librarian'"
    assert connection.execute(failed).fetchone() == (1,)
    assert problems(connection) == {"note.jpg": "not_media"}

    save_photo(settings.inbox / "note.jpg")
    time.sleep(SCAN_SECONDS)
    settle(librarian, connection)
    assert problems(connection) == {}
    assert len(rows(connection, "id")) == 1


def test_a_state_stays_bad_for_as_long_as_it_is_bad(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """No turn that did nothing says that all is well again."""
    librarian.turn(connection)
    settings.library.rename(settings.library.with_name("unmounted"))
    for _ in range(3):
        librarian.turn(connection)
        assert librarian.status().state == "paused"
    settings.library.with_name("unmounted").rename(settings.library)
    librarian.turn(connection)
    librarian.turn(connection)
    assert librarian.status().state == "healthy"


def test_a_place_in_the_southwest_is_stored_with_its_signs(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    settings.inbox.mkdir()
    tags = exif(None, place=SANTIAGO)
    Image.new("RGB", (64, 48)).save(settings.inbox / "a.jpg", exif=tags)
    Image.new("RGB", (64, 48)).save(settings.inbox / "b.png", exif=tags)
    settle(librarian, connection)
    found = rows(connection, "location -> 'latitude', location -> 'longitude'")
    assert [(round(south, 3), round(west, 3)) for south, west in found] == [(-33.449, -70.669)] * 2


def test_exiftool_is_started_once_per_core_and_not_once_per_file(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exiftool, log = shutil.which("exiftool"), tmp_path / "starts"
    assert exiftool is not None
    tool = tmp_path / "bin" / "exiftool"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\necho started >> {log}\nexec {exiftool} "$@"\n')
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
    settings.inbox.mkdir()
    for number in range(120):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(settings.inbox / f"{number}.png")
    settle(start(settings), connection)
    assert len(rows(connection, "id")) == 120
    assert len(log.read_text().splitlines()) <= 4


def test_only_photos_and_videos_are_filed_whatever_they_are_called(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """What no list of forbidden names has thought of is known by its content."""
    settings.inbox.mkdir()
    for name, content in {
        "IMG_1.jpg.json": b'{"title": "IMG_1.jpg"}',
        "scan.pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        "setup.exe": b"MZ\x90\x00",
        "song.mp3": b"ID3\x04\x00",
        "notes.jpg": b"Dear diary",
        "report.docx": b"PK\x03\x04",
    }.items():
        (settings.inbox / name).write_bytes(content)
    kept = save_photo(settings.inbox / "a.sync-conflict-20240102-150405-ABCDEFG.jpg")
    settle(librarian, connection)
    assert hashes_below(settings.library) == {kept: 1}  # it may be somebody's only photo
    assert set(problems(connection).values()) == {"not_media"}
    assert len(problems(connection)) == 6


def test_a_file_that_grows_while_its_time_stands_still_is_not_stable(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """Some programs set the time of the original at once, and go on writing."""
    librarian = start(settings.model_copy(update={"stability_seconds": 1.0}))
    digest = save_photo(settings.inbox / "a.jpg")
    whole = (settings.inbox / "a.jpg").read_bytes() + bytes(8000)
    (settings.inbox / "a.jpg").unlink()
    for end in range(1000, len(whole), 1000):
        with (settings.inbox / "a.jpg").open("wb") as file:
            file.write(whole[:end])
        os.utime(settings.inbox / "a.jpg", (1.5e9, 1.5e9))
        librarian.turn(connection)
        time.sleep(0.4)
        assert rows(connection, "id") == []
    assert digest not in hashes_below(settings.library)


def test_a_writer_that_pauses_for_longer_than_the_delay_is_waited_for(
    librarian: LibrarianLoop, settings: LibrarianSettings, connection: Connection
) -> None:
    """The delay is 0 here; that the file is open for writing, and unfinished, holds it back."""
    digest = save_photo(settings.inbox / "whole.jpg")
    content = (settings.inbox / "whole.jpg").read_bytes()
    (settings.inbox / "whole.jpg").unlink()
    with (settings.inbox / "a.jpg").open("wb", buffering=0) as file:
        for half in (content[:900], content[900:]):
            file.write(half)
            for _ in range(4):
                librarian.turn(connection)
                time.sleep(0.05)
            assert rows(connection, "id") == []
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}
