"""SIGKILL at random instants, again and again, while an inbox is in use."""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from busy_inbox import BusyInbox
from file_systems import another_file_system, see_as
from ingest_runs import (
    ORIGINALS,
    assert_library_is_sound,
    assert_nothing_is_lost,
    eager,
    files_below,
    hash_of,
    hashes_below,
    run_in_child,
    without_exiftool,
)
from librarian.settings import LibrarianSettings
from librarian_lives import begin_life
from photo_factory.database import Connection
from photo_files import problems
from thoroughness import KILLS, SEED, show_seed

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(3600)]
LONGEST_LIFE_SECONDS = 0.3
LONGEST_REST_SECONDS = 0.02
LOOKED_AT_EVERY = 20


@dataclass(frozen=True)
class World:
    """Where librarians live."""

    settings: LibrarianSettings
    file_system: str

    def enter(self) -> None:
        """In the process of a librarian, before anything else."""
        see_as(self.file_system, pytest.MonkeyPatch())
        without_exiftool()


@pytest.fixture(params=["same file system", "another file system", "neither"])
def world(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[World]:
    """neither: a file system without hard links, and without renames that replace nothing."""
    is_elsewhere = request.param == "another file system"
    with another_file_system() if is_elsewhere else nullcontext(tmp_path) as disk:
        settings = eager(tmp_path, database_url, library_dir=disk / "library", incomplete_seconds=2)
        yield World(settings, "neither" if request.param == "neither" else "hard links")


def use_until(inbox: BusyInbox, chance: Random, deadline: float) -> None:
    """Let people work in the inbox for a while."""
    while time.monotonic() < deadline:
        inbox.step()
        time.sleep(chance.uniform(0, LONGEST_REST_SECONDS))


def assert_rows_are_true(connection: Connection, settings: LibrarianSettings) -> None:
    """What is recorded is there; a killed librarian may have left files without rows."""
    for path, digest in connection.execute(ORIGINALS):
        assert hash_of(settings.library / path) == digest, path


@pytest.mark.parametrize("librarians", [1, 2])
def test_killed_at_any_instant_nothing_is_lost_and_nothing_stands_twice(
    world: World, connection: Connection, librarians: int
) -> None:
    show_seed()
    settings = world.settings
    chance = Random(SEED)  # noqa: S311 - a choice of instants, no secret
    inbox = BusyInbox(settings.inbox, chance)
    lives = [begin_life(settings, world.enter) for _ in range(librarians)]
    for kill in range(1, KILLS + 1):
        use_until(inbox, chance, time.monotonic() + chance.uniform(0, LONGEST_LIFE_SECONDS))
        is_looked_at = kill % LOOKED_AT_EVERY == 0 or kill == KILLS
        for life in lives if is_looked_at else lives[:1]:
            life.end()
        if is_looked_at:
            assert_nothing_is_lost(settings, inbox.contents, f"after {kill} kills")
            assert_rows_are_true(connection, settings)
        lives = [] if is_looked_at else lives[1:]
        lives += [begin_life(settings, world.enter) for _ in range(librarians - len(lives))]
    for life in lives:
        life.end()
    inbox.finish()
    for _ in range(3):  # what is brought back into the inbox is seen by the next scan
        assert run_in_child(settings, prepare=world.enter) is not None
    assert problems(connection) == {}
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) >= inbox.contents
    assert set(hashes_below(settings.library)) <= inbox.contents | inbox.replaced
    assert files_below(settings.inbox) == []
