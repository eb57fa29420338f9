"""PostgreSQL is killed in the middle of ingest, and started again."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate
from file_systems import another_file_system
from ingest_runs import (
    assert_library_is_sound,
    eager,
    files_below,
    hashes_below,
    settle,
    unsettled,
)
from instants import Instant
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from librarian_service import LibrarianService
from photo_factory.database import Connection, connect
from photo_files import problems, save_photo
from turning import turn_until

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
FAST = {"fsync": "off", "full_page_writes": "off"}
"""A killed process loses nothing by it, only a power cut would."""
KILLS = 6
WAVE = 60
DEADLINE_SECONDS = 240
UNDO = "UPDATE inbox_files SET state = 'waiting', owner = NULL, next_try_at = now(), attempts = 0"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    folder = tmp_path_factory.mktemp("postgres")
    with EmbeddedPostgres(folder / "postgres", folder / "log", options=FAST) as started:
        migrate(started.address())
        yield started


def kill(server: EmbeddedPostgres) -> None:
    """As the kernel does when memory runs out."""
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    while server.is_running:
        time.sleep(0.01)


def drop_wave(settings: LibrarianSettings, wave: int) -> set[str]:
    """Photos, every tenth of which comes a second time."""
    contents = set()
    for number in range(WAVE):
        path = settings.inbox / f"{wave}" / f"{number}.jpg"
        contents.add(save_photo(path, f"#{wave:02x}00{number:02x}"))
        if number % 10 == 0:
            (settings.inbox / f"again-{wave}-{number}.jpg").write_bytes(path.read_bytes())
    return contents


def placed(settings: LibrarianSettings) -> int:
    """Files that have their names in the library."""
    return len(files_below(settings.library / "2024"))


def wait_until(is_met: Callable[[], bool], service: LibrarianService) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not is_met():
        assert service.is_running, service.events()[-3:]
        assert time.monotonic() < deadline, service.events()[-3:]
        time.sleep(0.05)


def test_an_outage_of_the_database_in_the_middle_of_ingest_loses_and_doubles_nothing(
    tmp_path: Path, server: EmbeddedPostgres
) -> None:
    chance = Random(20240517)  # noqa: S311 - a choice of instants, no secret
    contents: set[str] = set()
    with another_file_system() as disk:
        settings = eager(tmp_path, server.address(), library_dir=disk / "library")
        library = str(settings.library)
        with LibrarianService(tmp_path, server.address(), "one", PF_LIBRARY_DIR=library) as service:
            wait_until(settings.inbox.exists, service)
            for wave in range(KILLS):
                stored = placed(settings)
                contents |= drop_wave(settings, wave)
                wait_until(lambda: placed(settings) > stored, service)  # noqa: B023 - called at once
                time.sleep(chance.uniform(0, 0.2))
                kill(server)
                time.sleep(chance.uniform(0, 0.5))
                server.start()
            wait_until(lambda: not files_below(settings.inbox), service)
            with connect(server.address(), "test") as connection:
                wait_until(lambda: not unsettled(connection), service)
                assert problems(connection) == {}
                assert_library_is_sound(connection, settings.library)
                paths = [path for (path,) in connection.execute("SELECT path FROM duplicates")]
                assert len(paths) == len(set(paths)) == KILLS * WAVE // 10
            assert set(hashes_below(settings.library)) == contents
            assert service.stop() == 0
        assert files_below(settings.library / ".incoming") == []


def test_a_claim_that_a_crash_has_undone_makes_no_second_duplicate_of_one_file(
    settings: LibrarianSettings,
    start: Callable[[LibrarianSettings], LibrarianLoop],
    connection: Connection,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Claims are not waited for by PostgreSQL: a crash may give a file back that is in hand."""
    monkeypatch.setenv("PATH", "/nonexistent")
    librarian = start(settings)
    save_photo(settings.inbox / "a.jpg")
    settle(librarian, connection)

    def undo() -> None:
        with connect(database_url, "test") as other:
            other.execute(UNDO)
        time.sleep(0.5)  # meanwhile it is claimed and read once more

    save_photo(settings.inbox / "again.jpg")
    instant = Instant(monkeypatch, "readv", settings.library, 1, undo)
    turn_until(librarian, connection, lambda: not files_below(settings.inbox))
    settle(librarian, connection)
    assert instant.has_come
    paths = connection.execute("SELECT path FROM duplicates").fetchall()
    assert paths == [("again.jpg",)]
