"""A disk that answers some reads with an error."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from file_systems import refusing
from ingest_runs import assert_library_is_sound, hash_of, hashes_below, settle
from librarian import examination
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import problems, rows, save_photo
from turning import alerts, turn_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("impatience", "no_exiftool"),
]
Start = Callable[[LibrarianSettings], LibrarianLoop]
REASON = "SELECT error_message FROM inbox_files WHERE path = 'bad.jpg' AND state = 'waiting'"


class FailingDisk:
    """Lets every read of some files fail, as that of a bad sector does.

    Attributes:
        bad: Those files.
    """

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.bad: set[Path] = set()
        patch.setattr(os, "readv", self._reading(os.readv))

    def _reading(self, call: Callable[..., int]) -> Callable[..., int]:
        def reading(descriptor: int, buffers: Any) -> int:  # noqa: ANN401 - stands in for readv
            if Path(f"/proc/self/fd/{descriptor}").readlink() in self.bad:
                refusing(errno.EIO)()
            return call(descriptor, buffers)

        return reading


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> FailingDisk:
    return FailingDisk(monkeypatch)


def test_a_file_that_cannot_be_read_waits_and_is_refused_at_last_while_others_go_on(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    disk: FailingDisk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(examination, "FAULT_SECONDS", 3.0)
    bad = save_photo(settings.inbox / "bad.jpg", "red")
    good = {save_photo(settings.inbox / f"{c}.jpg", c) for c in ("blue", "green", "white")}
    disk.bad.add(settings.inbox / "bad.jpg")
    librarian = start(settings)
    turn_until(librarian, connection, lambda: len(rows(connection, "id")) == len(good))
    turn_until(librarian, connection, lambda: connection.execute(REASON).fetchone() is not None)
    assert "cannot be read now" in str(connection.execute(REASON).fetchone())
    turn_until(librarian, connection, lambda: problems(connection) == {"bad.jpg": "unreadable"})
    assert alerts(connection) == set()
    assert_library_is_sound(connection, settings.library)
    assert hashes_below(settings.inbox) == {bad: 1}


def test_a_file_that_can_be_read_again_is_taken_in(
    settings: LibrarianSettings, start: Start, connection: Connection, disk: FailingDisk
) -> None:
    """A plug that sat loose: the disk answers again before the file counts as unreadable."""
    digest = save_photo(settings.inbox / "bad.jpg", "red")
    disk.bad.add(settings.inbox / "bad.jpg")
    librarian = start(settings)
    turn_until(librarian, connection, lambda: connection.execute(REASON).fetchone() is not None)
    disk.bad.clear()
    settle(librarian, connection)
    assert problems(connection) == {}
    assert hashes_below(settings.library) == {digest: 1}


def test_an_original_that_cannot_be_read_any_more_is_healed_by_a_copy_of_it(
    settings: LibrarianSettings, start: Start, connection: Connection, disk: FailingDisk
) -> None:
    """What cannot be read proves nothing, so the copy goes only once it has taken its place."""
    digest = save_photo(settings.inbox / "a.jpg")
    librarian = start(settings)
    settle(librarian, connection)
    stored = settings.library / "2024/2024-05-17/a.jpg"
    broken = stored.stat().st_ino
    disk.bad.add(stored)
    save_photo(settings.inbox / "again.jpg")
    turn_until(
        librarian,
        connection,
        lambda: stored.exists() and stored.stat().st_ino != broken,
    )
    disk.bad.clear()
    settle(librarian, connection)
    assert hash_of(stored) == digest
    assert_library_is_sound(connection, settings.library)
    assert [path.stat().st_ino for path in settings.quarantine.iterdir()] == [broken]
    assert hashes_below(settings.inbox) == {}
