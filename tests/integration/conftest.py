"""A librarian that takes files in at once."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.pulse import Pulse


@pytest.fixture(autouse=True, scope="session")
def ignored_leases() -> None:
    """As the service does: whoever breaks a lease on a file would end this process."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> LibrarianSettings:
    return LibrarianSettings(
        data_dir=tmp_path,
        database_url=database_url,
        stability_seconds=0,
        incomplete_seconds=0,
        watch_mode="poll",
        poll_scan_seconds=1,
    )


@pytest.fixture
def start(connection: Connection) -> Iterator[Callable[[LibrarianSettings], LibrarianLoop]]:
    loops: list[LibrarianLoop] = []

    def begin(settings: LibrarianSettings) -> LibrarianLoop:
        loops.append(LibrarianLoop(settings, Pulse()))
        return loops[-1]

    yield begin
    for loop in loops:
        loop.close(connection)


@pytest.fixture
def librarian(
    settings: LibrarianSettings, start: Callable[[LibrarianSettings], LibrarianLoop]
) -> LibrarianLoop:
    return start(settings)
