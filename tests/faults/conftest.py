"""Librarians that look again soon, so that what takes them minutes takes tests seconds."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ingest_runs import eager
from librarian import examination, intake, loop
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.pulse import Pulse

RETRY_SECONDS = 0.5
TRIAL_SECONDS = 0.2
GUARD_SECONDS = 0.2


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> LibrarianSettings:
    return eager(tmp_path, database_url)


@pytest.fixture
def start(connection: Connection) -> Iterator[Callable[[LibrarianSettings], LibrarianLoop]]:
    """Begins librarians, and ends them with the test."""
    loops: list[LibrarianLoop] = []

    def begin(settings: LibrarianSettings) -> LibrarianLoop:
        loops.append(LibrarianLoop(settings, Pulse()))
        return loops[-1]

    yield begin
    for one in loops:
        one.close(connection)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """The librarian's waits after a fault are shorter."""
    monkeypatch.setattr(examination, "RETRY_SECONDS", RETRY_SECONDS)
    monkeypatch.setattr(intake, "TRIAL_SECONDS", TRIAL_SECONDS)
    monkeypatch.setattr(loop, "GUARD_SECONDS", GUARD_SECONDS)


@pytest.fixture
def no_exiftool(monkeypatch: pytest.MonkeyPatch) -> None:
    """No child process starts: what the quick reader understands needs none."""
    monkeypatch.setenv("PATH", "/nonexistent")
