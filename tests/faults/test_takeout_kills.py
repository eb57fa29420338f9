"""SIGKILL while a Takeout is imported: after every step that changes something."""

import json
import shutil
import signal
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pytest
from import_runs import await_end, start_import
from ingest_runs import assert_library_is_sound, hashes_below, without_exiftool
from librarian.settings import LibrarianSettings
from librarian.takeout.archives import Member
from librarian.takeout.zip_part import ZipPart
from photo_factory.database import Connection
from photo_files import save_photo
from takeout_runs import assert_nothing_lies_around, digest, run_takeout_in_child
from thoroughness import IS_THOROUGH, SEED, show_seed

pytestmark = [pytest.mark.faults, pytest.mark.integration, pytest.mark.timeout(900)]
TABLES = (
    "media_assets, inbox_files, settings, duplicates, sidecars, seen, relocations, alerts, albums, "
    "takeout_metadata"
)
MANY = 300
MOST_STOPS = 6
STRIDE = 4
"""Each run begins at another step, so that some runs have tried all."""
YEAR = "Takeout/Google Photos/Photos from 2024"
ALBUM = "Takeout/Google Photos/Summer"
"""The photos say 2024-05-17 themselves; the JSON of one says so too, that of the other does not."""


class Export:
    """Two parts with two photos, one of them in an album as well, and what came of them."""

    def __init__(self, folder: Path, settings: LibrarianSettings, connection: Connection) -> None:
        self.settings = settings
        self.connection = connection
        red, green = (_photo(folder, colour) for colour in ("red", "green"))
        self.contents = {digest(red), digest(green)}
        self.notes = {name: _note(name) for name in ("red.jpg", "green.jpg", "elsewhere.jpg")}
        self.parts = [
            _pack(
                folder / "takeout-20240101T000000Z-001.zip",
                {
                    f"{YEAR}/red.jpg": red,
                    f"{YEAR}/green.jpg.json": self.notes["green.jpg"],
                    f"{ALBUM}/red.jpg": red,
                },
            ),
            _pack(
                folder / "takeout-20240101T000000Z-002.zip",
                {
                    f"{YEAR}/red.jpg.json": self.notes["red.jpg"],
                    f"{YEAR}/green.jpg": green,
                    f"{YEAR}/elsewhere.jpg.json": self.notes["elsewhere.jpg"],
                    f"{ALBUM}/metadata.json": json.dumps({"title": "Summer!"}).encode(),
                },
            ),
        ]

    def restart(self) -> None:
        """Empty the library and the tables."""
        self.connection.execute(f"TRUNCATE {TABLES} CASCADE")
        shutil.rmtree(self.settings.data_dir, ignore_errors=True)

    def run(
        self, kill_at: int | None = None, prepare: Callable[[], None] = without_exiftool
    ) -> int | None:
        """One import; the steps that it took, None if it was killed."""
        steps = run_takeout_in_child(self.settings, self.parts, kill_at, prepare)
        await_end(self.connection)
        return steps

    def assert_all_is_done(self, message: str) -> None:
        """It is as if nothing had happened."""
        library = self.settings.library
        assert_library_is_sound(self.connection, library)
        wanted = self.contents | {digest(self.notes[name]) for name in ("red.jpg", "green.jpg")}
        assert hashes_below(library) == dict.fromkeys(wanted, 1), message
        assert not hashes_below(self.settings.inbox), message
        assert self._ask("SELECT count(*) FROM sidecars WHERE kind = 'takeout'") == [(2,)], message
        assert self._ask("SELECT original_name, is_favorite FROM media_assets ORDER BY 1") == [
            ("green.jpg", True),
            ("red.jpg", True),
        ], message
        albums = (
            "SELECT albums.title, original_name FROM album_assets "
            "JOIN albums ON albums.id = album_id JOIN media_assets a ON a.id = asset_id"
        )
        assert self._ask(albums) == [("Summer!", "red.jpg")], message
        kept = [(f"{YEAR}/elsewhere.jpg.json",)]
        assert self._ask("SELECT path FROM takeout_metadata") == kept, message
        assert_nothing_lies_around(self.connection, library)

    def _ask(self, query: str) -> Sequence[tuple[object, ...]]:
        return self.connection.execute(query).fetchall()


@pytest.fixture
def export(tmp_path: Path, database_url: str, connection: Connection) -> Export:
    settings = LibrarianSettings(
        data_dir=tmp_path / "data", database_url=database_url, keep_free_bytes=0
    )
    return Export(tmp_path, settings, connection)


def test_killed_after_any_step_the_same_command_ends_as_if_nothing_had_happened(
    export: Export,
) -> None:
    steps = export.run()
    assert steps is not None
    export.assert_all_is_done("not killed at all")
    show_seed()
    every = 1 if IS_THOROUGH else STRIDE
    for step in range(1 + SEED % every, steps + 1, every):
        export.restart()
        export.run(kill_at=step)
        assert export.run(prepare=_slowly) is not None
        export.assert_all_is_done(f"killed after step {step}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_command_stopped_again_and_again_comes_to_its_end(
    number: signal.Signals, tmp_path: Path, database_url: str, connection: Connection
) -> None:
    photos = {f"{YEAR}/{n}.jpg": _photo(tmp_path / "made", f"#{n:06x}") for n in range(MANY)}
    notes = {f"{path}.json": _note(path.rpartition("/")[2]) for path in photos}
    part = _pack(tmp_path / "takeout-20240101T000000Z-001.zip", photos | notes)
    data = tmp_path / "data"
    for attempt in range(MOST_STOPS):
        process = start_import(part, data, database_url, "--takeout")
        time.sleep(0.9 + 0.25 * attempt)
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
        assert "Traceback" not in errors, errors
        if process.returncode == 0:
            break
        await_end(connection)
    last = start_import(part, data, database_url, "--takeout")
    output, errors = last.communicate(timeout=200)
    assert last.returncode == 0, output + errors
    assert_library_is_sound(connection, data / "library")
    found = connection.execute(
        "SELECT count(DISTINCT asset_id), count(*) FROM sidecars WHERE kind = 'takeout'"
    ).fetchall()
    assert found == [(MANY, MANY)], output
    assert_nothing_lies_around(connection, data / "library")


def _slowly() -> None:
    """Let the engine find nothing unpacked at first, as it is with large files."""
    without_exiftool()
    members = ZipPart.members

    def late(self: ZipPart) -> Iterator[tuple[Member, BinaryIO]]:
        time.sleep(0.2)
        yield from members(self)

    pytest.MonkeyPatch().setattr(ZipPart, "members", late)


def _photo(folder: Path, colour: str) -> bytes:
    save_photo(folder / f"{colour}.jpg", colour)
    return (folder / f"{colour}.jpg").read_bytes()


def _note(title: str) -> bytes:
    taken = {"timestamp": "1715956200", "formatted": "May 17, 2024"}
    return json.dumps({"title": title, "photoTakenTime": taken, "favorited": True}).encode()


def _pack(part: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(part, "w") as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), content)
    return part
