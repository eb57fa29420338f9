"""The clock by which files wait is set forward or back."""

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from ingest_runs import (
    assert_library_is_sound,
    eager,
    files_below,
    hash_of,
    hashes_below,
    settle,
    unsettled,
)
from instants import Instant
from librarian import loop
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from photo_factory.storage import Identity
from photo_files import problems, rows, save_photo
from pretended_clock import PretendedClock

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("no_exiftool"),
]
JUMPS = [timedelta(days=1), timedelta(days=-1), timedelta(minutes=-2), timedelta(minutes=2)]
SEEN = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    owner, attempts, asset_id, next_try_at, changed_at)
VALUES ('inbox', %s, %s, %s, %s, %s, %s, %s, %s, 1, %s,
    now() + interval '1 year', now() + interval '1 year')
"""
Start = Callable[[LibrarianSettings], LibrarianLoop]


@pytest.fixture(autouse=True)
def _always_on_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is looked at in every turn."""
    monkeypatch.setattr(loop, "GUARD_SECONDS", 0.0)


@pytest.fixture
def clock(database_url: str) -> PretendedClock:
    return PretendedClock(database_url)


@pytest.fixture
def connection(clock: PretendedClock, database_url: str) -> Iterator[Connection]:
    """Opened after the clock is there; stands for the one of all tests."""
    assert clock is not None
    with connect(database_url, "test") as opened:
        yield opened


def grow(path: Path) -> None:
    """As a recorder does that opens its file anew each time; what is there looks complete."""
    with path.open("ab") as file:
        file.write(os.urandom(100))


def test_set_forward_it_ends_no_wait_of_a_growing_file(
    tmp_path: Path,
    database_url: str,
    clock: PretendedClock,
    start: Start,
    connection: Connection,
) -> None:
    settings = eager(tmp_path, database_url, stability_seconds=2)
    librarian = start(settings)
    growing = settings.inbox / "growing.jpg"
    save_photo(growing)
    for step in range(10):
        grow(growing)
        librarian.turn(connection)
        if step == 5:
            clock.set_by(timedelta(days=1))
        time.sleep(0.3)
        librarian.turn(connection)
        assert rows(connection, "id") == []
    digest = hash_of(growing)
    settle(librarian, connection)
    assert hashes_below(settings.library) == {digest: 1}


def test_set_back_it_holds_up_no_file(
    tmp_path: Path,
    database_url: str,
    clock: PretendedClock,
    start: Start,
    connection: Connection,
) -> None:
    settings = eager(tmp_path, database_url, stability_seconds=2)
    librarian = start(settings)
    contents = {save_photo(settings.inbox / f"{c}.jpg", c) for c in ("red", "green", "blue")}
    librarian.turn(connection)
    assert unsettled(connection) == 3
    clock.set_by(timedelta(days=-1))
    settle(librarian, connection)
    assert set(hashes_below(settings.library)) == contents


@pytest.mark.parametrize("jump", JUMPS, ids=str)
def test_set_in_the_midst_of_a_batch_it_loses_and_doubles_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    settings: LibrarianSettings,
    clock: PretendedClock,
    start: Start,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    jump: timedelta,
) -> None:
    """Two librarians have files in hand; by the new clock their leases have run out, or never."""
    librarians = [start(settings), start(settings)]
    settings.inbox.mkdir()
    contents = {save_photo(settings.inbox / f"{n}.jpg", f"#0000{n:02x}") for n in range(60)}
    Instant(monkeypatch, "readv", settings.inbox, 20, lambda: clock.set_by(jump))
    deadline = time.monotonic() + 60
    while files_below(settings.inbox) or unsettled(connection):
        assert time.monotonic() < deadline
        for librarian in librarians:
            librarian.turn(connection)
    assert problems(connection) == {}
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == contents
    assert connection.execute("SELECT path FROM duplicates").fetchall() == []


def leave(
    settings: LibrarianSettings, connection: Connection, state: str, owner: UUID | None
) -> None:
    """A file that was seen and put off in a year to come."""
    found = settings.inbox / "again.jpg"
    found.write_bytes((settings.library / "2024/2024-05-17/first.jpg").read_bytes())
    one = Identity.of(found.lstat())
    identity = (one.device, one.inode, one.size_bytes, one.modified_ns)
    (asset,) = rows(connection, "id")[0] if state == "releasing" else (None,)
    connection.execute(SEEN, (b"again.jpg", "again.jpg", *identity, state, owner, asset))


@pytest.mark.parametrize("owner", [None, uuid4()], ids=["given back", "killed"])
@pytest.mark.parametrize("state", ["waiting", "ingesting", "releasing"])
def test_what_was_seen_or_claimed_in_a_year_to_come_is_taken_in_at_the_next_start(
    settings: LibrarianSettings,
    start: Start,
    connection: Connection,
    state: str,
    owner: UUID | None,
) -> None:
    """A machine without a battery for its clock was a year ahead until it was started again."""
    digest = save_photo(settings.inbox / "first.jpg")
    settle(start(settings), connection)
    leave(settings, connection, state, owner)
    settle(start(settings), connection)
    assert files_below(settings.inbox) == []
    assert hashes_below(settings.library) == {digest: 1}


def test_what_was_seen_before_and_put_off_while_the_clock_was_ahead_is_taken_in_as_well(
    settings: LibrarianSettings, start: Start, connection: Connection
) -> None:
    """The library was read-only while the machine believed to be in the next year."""
    digest = save_photo(settings.inbox / "first.jpg")
    settle(start(settings), connection)
    leave(settings, connection, "waiting", None)
    connection.execute("UPDATE inbox_files SET changed_at = now() - interval '1 hour'")
    settle(start(settings), connection)
    assert files_below(settings.inbox) == []
    assert hashes_below(settings.library) == {digest: 1}
