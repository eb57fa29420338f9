"""Two librarians on one inbox, as processes of their own."""

import shutil
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from file_systems import another_file_system
from ingest_runs import (
    assert_library_is_sound,
    assert_nothing_is_lost,
    eager,
    files_below,
    hashes_below,
    settle,
    unsettled,
)
from librarian import claims
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from librarian_service import LibrarianService
from photo_factory.database import Connection, connect
from photo_files import problems, save_photo

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(600)]
FILES = 300
FILES_IN_A_WAVE = 10
MOST_WAVES = 300
DEADLINE_SECONDS = 240


def drop_wave(settings: LibrarianSettings, wave: int) -> set[str]:
    """Photos of the same few names in many folders, every fifth of them twice."""
    contents = set()
    for number in range(FILES_IN_A_WAVE):
        path = settings.inbox / f"{wave}" / f"IMG_{number % 3}_{number // 3}.jpg"
        contents.add(save_photo(path, f"#{wave:03x}0{number:02x}"))
        if number % 5 == 0:
            shutil.copy2(path, path.with_name(f"again {number}.jpg"))
    return contents


def wait_until(is_met: Callable[[], bool], services: list[LibrarianService]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_met():
        assert all(service.is_running for service in services)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_two_librarians_share_the_work_and_each_content_is_one_asset(
    tmp_path: Path, database_url: str, connection: Connection
) -> None:
    settings = eager(tmp_path, database_url)
    first = LibrarianService(tmp_path, database_url, "first")
    second = LibrarianService(tmp_path, database_url, "second")
    services = [first, second]
    contents: set[str] = set()
    with first, second:
        wait_until(lambda: all(service.events() for service in services), services)
        for wave in range(MOST_WAVES):
            contents |= drop_wave(settings, wave)
            have_both_worked = all(service.count("stored") for service in services)
            if len(contents) >= FILES and have_both_worked:
                break
            time.sleep(0.02)
        wait_until(lambda: not files_below(settings.inbox), services)
        wait_until(lambda: not unsettled(connection), services)
        assert [service.stop() for service in services] == [0, 0]
    assert problems(connection) == {}
    assert_nothing_is_lost(settings, contents)
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == contents
    assert first.count("stored") + second.count("stored") == len(contents)
    assert min(first.count("stored"), second.count("stored")) > 0
    paths = [path for (path,) in connection.execute("SELECT path FROM duplicates")]
    assert len(paths) == len(set(paths)) == len(contents) // 5
    for service in services:
        errors = [one for one in service.events() if one["level"] == "error"]
        assert errors == [], errors


@pytest.mark.usefixtures("no_exiftool")
@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["same disk", "another disk"])
@pytest.mark.parametrize("turns", range(1, 6))
def test_a_librarian_that_slept_longer_than_its_leases_spoils_nothing_when_it_wakes(  # noqa: PLR0913, PLR0917 - fixtures
    tmp_path: Path,
    database_url: str,
    connection: Connection,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    monkeypatch: pytest.MonkeyPatch,
    turns: int,
    *,
    is_elsewhere: bool,
) -> None:
    """A laptop that was closed, for one; meanwhile the other one has taken its files over."""
    monkeypatch.setattr(claims, "LEASE_SECONDS", 0.3)
    with another_file_system() if is_elsewhere else nullcontext(tmp_path) as disk:
        settings = eager(tmp_path, database_url, library_dir=disk / "library")
        contents = drop_wave(settings, 1) | drop_wave(settings, 2)
        sleeper, other = start(settings), start(settings)
        with connect(database_url, "sleeper") as its_connection:
            for _ in range(turns):
                sleeper.turn(its_connection)
            time.sleep(0.5)
            settle(other, connection)
            for _ in range(5):
                sleeper.turn(its_connection)
            settle(other, connection)
            settle(sleeper, its_connection)
            sleeper.close(its_connection)
        assert problems(connection) == {}
        assert files_below(settings.inbox) == []
        assert_library_is_sound(connection, settings.library)
        assert set(hashes_below(settings.library)) == contents
        paths = [path for (path,) in connection.execute("SELECT path FROM duplicates")]
        assert len(paths) == len(set(paths)) == len(contents) // 5
