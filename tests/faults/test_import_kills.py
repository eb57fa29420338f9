"""SIGKILL while an import runs: after every step that changes something, and at any instant."""

import random
import shutil
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest
from file_systems import another_file_system, see_as
from import_runs import await_end, import_in_child, remaining, snapshot, start_import
from inbox_drops import drop_basics
from ingest_runs import assert_library_is_sound, files_below, hashes_below, without_exiftool
from librarian.inboxes import Mode
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_files import save_photo

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
TABLES = "media_assets, inbox_files, settings, duplicates, sidecars, seen, relocations, alerts"
SURVIVORS = 3
"""So many runs that end before the step at which they are to be killed: all steps are through."""
MANY = 400
MOST_KILLS = 40


@dataclass(frozen=True)
class Case:
    """How a source of two photos, a duplicate and something else is imported."""

    mode: Mode
    is_elsewhere: bool = False
    file_system: str = "hard links"


CASES = {
    "copy": Case("keep"),
    "copy to another file system": Case("keep", is_elsewhere=True),
    "copy without hard links": Case("keep", file_system="no hard links"),
    "move": Case("move"),
    "move to another file system": Case("move", is_elsewhere=True),
}


@dataclass(frozen=True)
class Card:
    """A source, and where it is imported to."""

    case: Case
    settings: LibrarianSettings
    connection: Connection
    origin: Path

    @property
    def source(self) -> Path:
        return self.origin.with_name("card")

    def restart(self) -> None:
        """Empty the library and the tables, and fill the card anew."""
        self.connection.execute(f"TRUNCATE {TABLES} CASCADE")
        for folder in (self.settings.library, self.source):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.origin, self.source)

    def run(self, kill_at: int | None = None) -> int | None:
        """One import in the world of this case."""
        steps = import_in_child(self.settings, self.source, self.case.mode, kill_at, self._prepare)
        await_end(self.connection)
        return steps

    def _prepare(self) -> None:
        see_as(self.case.file_system, pytest.MonkeyPatch())
        without_exiftool()

    def assert_nothing_is_lost(self, message: str) -> None:
        """A copy has not touched the card; a move has all bytes in one place or the other."""
        if self.case.mode == "keep":
            assert snapshot(self.source) == snapshot(self.origin), message
        found = set(hashes_below(self.source)) | set(hashes_below(self.settings.library))
        assert found >= set(hashes_below(self.origin)), message

    def assert_all_is_done(self, message: str) -> None:
        """It is as if nothing had happened."""
        self.assert_nothing_is_lost(message)
        assert_library_is_sound(self.connection, self.settings.library)
        assert len(files_below(self.settings.library)) == 2, message
        row = self.connection.execute("SELECT count(*) FROM duplicates").fetchone()
        assert row == (1,), message
        assert remaining(self.connection) == {"note.jpg": "not_media"}, message
        if self.case.mode == "move":
            assert [path.name for path in files_below(self.source)] == ["note.jpg"], message


@pytest.fixture(params=CASES)
def card(
    request: pytest.FixtureRequest, tmp_path: Path, database_url: str, connection: Connection
) -> Iterator[Card]:
    case = CASES[request.param]
    drop_basics(tmp_path / "origin")
    with another_file_system() if case.is_elsewhere else nullcontext(tmp_path) as folder:
        settings = LibrarianSettings(
            data_dir=tmp_path / "data",
            library_dir=folder / "library",
            database_url=database_url,
            keep_free_bytes=0,
        )
        yield Card(case, settings, connection, tmp_path / "origin")


def test_killed_after_any_step_the_same_import_ends_as_if_nothing_had_happened(card: Card) -> None:
    card.restart()
    steps = card.run()
    assert steps is not None
    assert steps > 15
    card.assert_all_is_done("not killed at all")
    survivors, step = 0, 1
    while survivors < SURVIVORS:
        card.restart()
        survivors += card.run(kill_at=step) is not None
        card.assert_nothing_is_lost(f"killed after step {step}")
        assert card.run() is not None
        card.assert_all_is_done(f"killed after step {step}")
        step += 1


@pytest.mark.parametrize("option", ["--copy", "--move"])
def test_the_command_killed_again_and_again_comes_to_its_end(
    option: str, tmp_path: Path, database_url: str, connection: Connection
) -> None:
    source, data = tmp_path / "card", tmp_path / "data"
    for number in range(MANY):
        save_photo(source / f"{number % 9}" / f"{number}.jpg", f"#{number:06x}")
    before, contents = snapshot(source), set(hashes_below(source))
    chance = random.Random(option)  # noqa: S311 - the same instants in every run
    for _ in range(MOST_KILLS):
        process = start_import(source, data, database_url, option)
        seconds = 0.8 + chance.random()
        deadline = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        has_ended = process.poll() is not None
        process.kill()
        process.communicate()
        if has_ended:
            break
        await_end(connection)
        assert contents <= set(hashes_below(source)) | set(hashes_below(data / "library"))
    last = start_import(source, data, database_url, option)
    output, errors = last.communicate(timeout=200)
    assert last.returncode == 0, output + errors
    assert remaining(connection) == {}, output
    assert_library_is_sound(connection, data / "library")
    assert set(hashes_below(data / "library")) == contents
    assert snapshot(source) == before if option == "--copy" else not files_below(source)
