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
    unsettled,
)
from librarian.settings import LibrarianSettings
from librarian_service import LibrarianService
from photo_factory.database import connect
from photo_files import problems, save_photo

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
FAST = {"fsync": "off", "full_page_writes": "off"}
"""A killed process loses nothing by it, only a power cut would."""
KILLS = 6
WAVE = 60
DEADLINE_SECONDS = 240


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
                stored = len(files_below(settings.library))
                contents |= drop_wave(settings, wave)
                wait_until(lambda: len(files_below(settings.library)) > stored, service)  # noqa: B023 - called at once
                time.sleep(chance.uniform(0, 0.2))
                kill(server)
                time.sleep(chance.uniform(0, 0.5))
                server.start()
            wait_until(lambda: not files_below(settings.inbox), service)
            with connect(server.address(), "test") as connection:
                wait_until(lambda: not unsettled(connection), service)
                assert problems(connection) == {}
                assert_library_is_sound(connection, settings.library)
                row = connection.execute("SELECT count(*) FROM duplicates").fetchone()
                assert row == (KILLS * WAVE / 10,)
            assert set(hashes_below(settings.library)) == contents
            assert service.stop() == 0
        assert files_below(settings.library / ".incoming") == []
