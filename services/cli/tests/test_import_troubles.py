"""What comes between while an import runs: a stop, an outage, a full disk, a pulled card."""

import os
import shutil
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest
from import_runs import Run, counts, document, dump, remaining, snapshot, start_import
from inbox_drops import AAE
from ingest_runs import assert_library_is_sound, files_below, hashes_below, settle
from librarian import bulk, bulk_flow
from librarian.bulk import Import
from librarian.bulk_sources import Source, find_sources
from librarian.inboxes import Mode
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from photo_factory.problems import retry_problems
from photo_factory.pulse import Pulse
from photo_files import save_photo

pytestmark = pytest.mark.integration

MANY = 300
RELEASING = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    next_try_at, asset_id)
SELECT %s, 'a.jpg', 'a.jpg', %s, %s, %s, %s, 'releasing', now(), max(id) FROM media_assets
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    save_photo(tmp_path / "card" / "a.jpg")
    return tmp_path / "card"


@pytest.fixture
def many(tmp_path: Path) -> Path:
    """A card with photos enough to be interrupted at."""
    folder = tmp_path / "card"
    for number in range(MANY):
        save_photo(folder / f"{number % 7}" / f"{number}.jpg", f"#{number:06x}")
    return folder


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> LibrarianSettings:
    return LibrarianSettings(
        data_dir=tmp_path / "data",
        database_url=database_url,
        stability_seconds=0.1,
        incomplete_seconds=0,
        watch_mode="poll",
        poll_scan_seconds=1,
        keep_free_bytes=0,
    )


class Driven:
    """An import that a test turns by hand."""

    def __init__(self, settings: LibrarianSettings, source: Path, mode: Mode = "keep") -> None:
        self.settings = settings
        self.work = Import(settings, find_sources([source], settings, mode), mode, Pulse())

    def finish(self, connection: Connection, seconds: float = 60) -> None:
        """Turn it until it has ended."""
        deadline = time.monotonic() + seconds
        while (delay := self.work.turn(connection)) is not None:
            assert time.monotonic() < deadline, "the import does not end"
            time.sleep(min(0.05, delay))


@pytest.fixture
def short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "PATIENCE_SECONDS", 0.5)


def wait_for(connection: Connection, assets: int, seconds: float = 60) -> None:
    """Wait until so many assets are stored."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        row = connection.execute("SELECT count(*) FROM media_assets").fetchone()
        if row is not None and row[0] >= assets:
            return
        time.sleep(0.02)
    pytest.fail("the import does not get going")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_leaves_everything_in_order_and_the_same_command_goes_on(
    number: signal.Signals,
    many: Path,
    database_url: str,
    connection: Connection,
    run_import: Run,
) -> None:
    before, data = snapshot(many), many.with_name("data")
    process = start_import(many, data, database_url)
    wait_for(connection, 1)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode in (0, 1)  # 0 if it was quicker than the signal
    assert process.returncode == 0 or "The same command goes on" in output
    assert remaining(connection) == {}
    assert_library_is_sound(connection, data / "library")
    result = run_import(many, "--json")
    assert result.exit_code == 0
    found = counts(result)
    assert found.get("known", 0) + found.get("new", 0) == MANY
    assert snapshot(many) == before
    assert len(files_below(data / "library")) == MANY
    assert_library_is_sound(connection, data / "library")


def test_a_database_that_goes_away_for_a_moment_is_waited_for(
    many: Path, settings: LibrarianSettings, database_url: str, connection: Connection
) -> None:
    process = start_import(many, settings.data, database_url, "--move")
    for assets in (1, 30):
        wait_for(connection, assets)
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE application_name = 'photo-factory cli' AND datname = current_database()"
        )
    output, errors = process.communicate(timeout=100)
    assert process.returncode == 0, output + errors
    assert files_below(many) == []
    assert len(files_below(settings.library)) == MANY
    assert_library_is_sound(connection, settings.library)


def test_the_same_photos_in_an_inbox_and_in_an_import_at_once_are_stored_once(
    many: Path,
    settings: LibrarianSettings,
    connection: Connection,
    database_url: str,
    run_import: Run,
) -> None:
    before = snapshot(many)
    shutil.copytree(many, settings.inbox / "phone")
    loop = LibrarianLoop(settings, Pulse())
    librarian = threading.Thread(target=_serve, args=(loop, database_url))
    librarian.start()
    result = run_import(many, "--json")
    librarian.join()
    found = counts(result)
    assert result.exit_code == 0
    assert found.get("new", 0) + found.get("duplicate", 0) == MANY
    assert snapshot(many) == before
    assert files_below(settings.inbox) == []
    assert len(files_below(settings.library)) == MANY
    assert_library_is_sound(connection, settings.library)


def _serve(loop: LibrarianLoop, database_url: str) -> None:
    """A librarian that runs till its inbox is empty."""
    with connect(database_url, "librarian") as own:
        settle(loop, own)
        loop.close(own)


def test_a_full_disk_ends_the_import_with_its_reason_and_loses_nothing(
    run_import: Run, source: Path, connection: Connection, short_patience: None
) -> None:
    del short_patience
    result = run_import(source, PF_KEEP_FREE_BYTES=str(1 << 60))
    assert result.exit_code == 1
    assert "there is no room in the library" in result.stdout
    assert "Stopped before the end" in result.stdout
    assert remaining(connection) == {}
    assert counts(run_import(source, "--json")) == {"new": 1}


def test_a_file_that_is_being_written_is_left_and_named(
    run_import: Run, source: Path, connection: Connection, short_patience: None
) -> None:
    del short_patience
    save_photo(source / "b.jpg", "blue")
    with (source / "b.jpg").open("ab"):
        result = run_import(source, "--move", "--json")
    assert (result.exit_code, counts(result)) == (1, {"new": 1, "left": 1})
    (left,) = [one for one in document(result)["files"] if one["verdict"] == "left"]
    assert "had it open for writing" in left["message"]
    assert remaining(connection) == {}
    assert counts(run_import(source, "--move", "--json")) == {"new": 1}


def test_a_card_that_is_pulled_ends_the_import_and_is_not_written_to(
    many: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    driven = Driven(settings, many, "move")
    driven.work.turn(connection)
    pulled = many.with_name("pulled")
    many.rename(pulled)
    driven.finish(connection)
    driven.work.close(connection)
    report = driven.work.report(connection)
    driven.work.tidy(connection)
    assert not report.is_complete
    assert report.trouble is not None
    assert "has gone. Is the disk, card or share still connected?" in report.trouble
    assert not many.exists()
    pulled.rename(many)
    again = Driven(settings, many, "move")
    again.finish(connection)
    again.work.close(connection)
    assert files_below(many) == []
    assert len(files_below(settings.library)) == MANY
    assert_library_is_sound(connection, settings.library)


def test_a_library_that_is_unmounted_meanwhile_ends_the_import(
    many: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    driven = Driven(settings, many)
    driven.work.turn(connection)
    settings.library.rename(settings.library.with_name("elsewhere"))
    settings.library.mkdir()
    driven.finish(connection)
    driven.work.close(connection)
    report = driven.work.report(connection)
    assert not report.is_complete
    assert "Is the disk or share mounted?" in str(report.trouble)
    assert files_below(settings.library) == []


def test_only_so_many_files_stand_in_the_table_at_a_time(
    many: Path,
    settings: LibrarianSettings,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk, "LOOKAHEAD", 20)
    monkeypatch.setattr(bulk_flow, "AT_ONCE", 10)
    driven, most = Driven(settings, many), 0
    while driven.work.turn(connection) is not None:
        row = connection.execute("SELECT count(*) FROM inbox_files").fetchone()
        most = max(most, 0 if row is None else row[0])
    driven.work.close(connection)
    assert 0 < most <= 30
    progress = driven.work.progress
    assert (progress.done.files, progress.total.files) == (MANY, MANY)
    assert driven.work.report(connection).verdicts["new"].files == MANY


def test_a_killed_move_lets_no_later_copy_remove_anything(
    run_import: Run, source: Path, connection: Connection
) -> None:
    """The row says that the file may be removed: that was said to the move."""
    run_import(source)
    status = (source / "a.jpg").stat()
    identity = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    moving = Source(source).inbox("move").name
    connection.execute(RELEASING, (moving, *identity))
    before = snapshot(source)
    assert run_import(source).exit_code == 0
    assert snapshot(source) == before
    result = run_import(source, "--move", "--json")
    assert (result.exit_code, counts(result)) == (0, {"known": 1})
    assert files_below(source) == []
    assert remaining(connection) == {}


def test_what_a_killed_import_put_into_the_library_comes_in_though_its_source_has_gone(
    run_import: Run,
    source: Path,
    settings: LibrarianSettings,
    connection: Connection,
) -> None:
    """Nothing is written to the source: another card may be in its place by now."""
    run_import(source)
    content = save_photo(settings.library / "2024" / "2024-05-17" / "b.jpg", "blue")
    connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, "
        "modified_ns, state, next_try_at, intended_path) VALUES (%s, 'b.jpg', 'b.jpg', 1, 1, 1, 1, "
        "'ingesting', now(), '2024/2024-05-17/b.jpg')",
        (Source(source).inbox("keep").name,),
    )
    before = snapshot(source)
    assert run_import(source).exit_code == 0
    assert snapshot(source) == before
    assert list(hashes_below(settings.inbox)) == [content]
    assert remaining(connection) == {}
    assert_library_is_sound(connection, settings.library)


def test_what_an_import_left_is_not_tried_by_the_librarian(
    run_import: Run,
    source: Path,
    settings: LibrarianSettings,
    connection: Connection,
) -> None:
    (source / "empty.jpg").touch()
    (source / "lonely.aae").write_text(AAE)
    run_import(source, "--move")
    assert retry_problems(connection).total == 0
    before = dump(connection)["inbox_files"]
    loop = LibrarianLoop(settings, Pulse())
    settle(loop, connection)
    loop.close(connection)
    assert dump(connection)["inbox_files"] == before


@pytest.fixture
def hundred_others(tmp_path: Path) -> Path:
    """A folder in which hardly anything is a photo."""
    folder = tmp_path / "mixed"
    for number in range(100):
        (folder / f"{number}").mkdir(parents=True)
        (folder / f"{number}" / f"report.{number % 3}oc").write_text("words")
    save_photo(folder / "9" / "a.jpg")
    os.utime(folder / "9" / "a.jpg", (0, 0))
    return folder


def test_thousands_of_other_files_leave_no_trace_in_the_database(
    run_import: Run, hundred_others: Path, connection: Connection
) -> None:
    result = run_import(hundred_others, "--json")
    assert counts(result) == {"new": 1, "other": 100}
    assert document(result)["other"]["suffixes"] == {".0oc": 34, ".1oc": 33, ".2oc": 33}
    assert remaining(connection) == {}


def test_an_import_that_lost_its_connection_shows_again_that_it_lives(
    many: Path, settings: LibrarianSettings, connection: Connection, database_url: str
) -> None:
    driven = Driven(settings, many)
    with connect(database_url, "cli") as first:
        driven.work.turn(first)
    with pytest.raises(psycopg.OperationalError):
        driven.work.turn(first)
    with connect(database_url, "cli") as second:
        driven.finish(second)
        driven.work.close(second)
        assert driven.work.report(second).verdicts["new"].files == MANY
    assert_library_is_sound(connection, settings.library)
