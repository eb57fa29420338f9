"""SIGKILL at random instants, again and again, while an inbox is in use."""

import os
import time
from collections.abc import Iterator
from contextlib import nullcontext
from random import Random

import pytest
from busy_inbox import BusyInbox
from file_systems import another_file_system
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

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(3600)]
KILLS = int(os.environ.get("PF_TEST_KILLS", "25"))
"""In each of the tests below; 150 and more take a quiet quarter of an hour."""
SEED = int(os.environ.get("PF_TEST_SEED", "0")) or time.time_ns() % 1_000_000
LONGEST_LIFE_SECONDS = 0.3
LONGEST_REST_SECONDS = 0.02
LOOKED_AT_EVERY = 20


@pytest.fixture(params=["same file system", "another file system"])
def settings(
    request: pytest.FixtureRequest, database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LibrarianSettings]:
    folder = tmp_path_factory.mktemp("line")
    is_elsewhere = request.param == "another file system"
    with another_file_system() if is_elsewhere else nullcontext(folder) as disk:
        yield eager(folder, database_url, library_dir=disk / "library", incomplete_seconds=2)


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
    settings: LibrarianSettings, connection: Connection, librarians: int
) -> None:
    print("seed", SEED)  # noqa: T201 - shown if it fails; PF_TEST_SEED repeats it
    chance = Random(SEED)  # noqa: S311 - a choice of instants, no secret
    inbox = BusyInbox(settings.inbox, chance)
    lives = [begin_life(settings, without_exiftool) for _ in range(librarians)]
    for kill in range(1, KILLS + 1):
        use_until(inbox, chance, time.monotonic() + chance.uniform(0, LONGEST_LIFE_SECONDS))
        is_looked_at = kill % LOOKED_AT_EVERY == 0 or kill == KILLS
        for life in lives if is_looked_at else lives[:1]:
            life.end()
        if is_looked_at:
            assert_nothing_is_lost(settings, inbox.contents, f"after {kill} kills")
            assert_rows_are_true(connection, settings)
        lives = [] if is_looked_at else lives[1:]
        lives += [begin_life(settings, without_exiftool) for _ in range(librarians - len(lives))]
    for life in lives:
        life.end()
    inbox.finish()
    for _ in range(3):  # what is brought back into the inbox is seen by the next scan
        assert run_in_child(settings, prepare=without_exiftool) is not None
    assert problems(connection) == {}
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) >= inbox.contents
    assert set(hashes_below(settings.library)) <= inbox.contents | inbox.replaced
    assert files_below(settings.inbox) == []
