"""What is written down of files that are seen, on a real PostgreSQL."""

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from librarian.inbox import Sighting, walk
from librarian.sightings import observe
from photo_factory.database import Connection, connect
from viewing import Start, make_files, viewers

pytestmark = pytest.mark.integration


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(root: Path, connection: Connection) -> Iterator[Start]:
    with viewers(root, connection) as start:
        yield start


def remember_as_seen(connection: Connection) -> None:
    """What the engine does in mode keep, with the numbers that another mount would have."""
    connection.execute(
        "INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, "
        "size_bytes, captured_local, captured_source) "
        "VALUES (sha256('x'), 'x.jpg', 'x.jpg', 'inbox', 'photo', 'image/jpeg', 1, now(), 'name')"
    )
    connection.execute(
        "INSERT INTO seen (inbox, path_bytes, device, inode, size_bytes, modified_ns, asset_id) "
        "SELECT inbox, path_bytes, device + 1, inode + 1, f.size_bytes, modified_ns, a.id "
        "FROM inbox_files f, media_assets a"
    )
    connection.execute("DELETE FROM inbox_files")


def test_a_kept_file_comes_back_only_when_it_has_changed(
    root: Path, watching: Start, connection: Connection
) -> None:
    make_files(root / "a", 3)
    viewer = watching()
    remember_as_seen(connection)
    viewer.lookout.stop()
    viewer.look()
    assert viewer.seen() == set()
    one = root / "a" / "IMG_00001.jpg"
    times = one.stat()
    one.write_text("y")
    os.utime(one, ns=(times.st_atime_ns, times.st_mtime_ns))
    (root / "a" / "IMG_00002.jpg").write_text("edited")
    viewer.look_until(lambda: viewer.seen() == {b"a/IMG_00002.jpg"})
    shutil.copy2(root / "a" / "IMG_00002.jpg", root / "a" / "copy.jpg")
    viewer.look_until(lambda: viewer.seen() == {b"a/IMG_00002.jpg", b"a/copy.jpg"})


def test_the_ledger_of_one_inbox_is_not_that_of_another(
    root: Path, watching: Start, connection: Connection
) -> None:
    make_files(root, 1)
    watching()
    remember_as_seen(connection)
    (sighting,) = walk(root)
    assert observe(connection, "inbox", [sighting], 0) == 0
    assert observe(connection, "camera", [sighting, sighting], 0) == 1
    assert observe(connection, "camera", [sighting], 0) == 0


@pytest.mark.parametrize(
    ("state", "is_new"), [("ingesting", False), ("releasing", False), ("quarantined", True)]
)
def test_a_file_in_hand_is_left_alone_and_one_back_from_the_quarantine_is_new(
    state: str,
    is_new: bool,  # noqa: FBT001 - a parameter
    root: Path,
    connection: Connection,
) -> None:
    make_files(root, 1)
    (sighting,) = walk(root)
    observe(connection, "inbox", [sighting], 0)
    connection.execute("UPDATE inbox_files SET state = %s, attempts = 1", (state,))
    assert observe(connection, "inbox", [sighting], 0) == int(is_new)
    (root / "IMG_00000.jpg").write_text("changed")
    assert observe(connection, "inbox", list(walk(root)), 0) == int(is_new)
    assert connection.execute("SELECT state FROM inbox_files").fetchall() == [
        ("waiting" if is_new else state,)
    ]


def test_a_half_released_file_is_left_to_its_row(root: Path, connection: Connection) -> None:
    make_files(root, 1)
    observe(connection, "inbox", list(walk(root)), 0)
    row = connection.execute("UPDATE inbox_files SET state = 'releasing' RETURNING id").fetchone()
    assert row is not None
    (root / "IMG_00000.jpg").rename(root / f".pf-release-{row[0]}")
    (root / ".pf-release-987654").touch()
    assert observe(connection, "inbox", list(walk(root)), 0) == 1
    rows = connection.execute("SELECT path FROM inbox_files ORDER BY id").fetchall()
    assert rows == [("IMG_00000.jpg",), (".pf-release-987654",)]


def test_two_librarians_see_one_inbox_without_waiting_for_each_other_in_a_circle(
    root: Path, database_url: str, connection: Connection
) -> None:
    make_files(root, 4000)
    found = list(walk(root))
    failures: list[Exception] = []

    def see(sightings: list[Sighting]) -> None:
        try:
            with connect(database_url, "second") as own:
                for start in range(0, len(sightings), 1000):
                    observe(own, "inbox", sightings[start : start + 1000], 0)
        except psycopg.Error as error:
            failures.append(error)

    threads = [threading.Thread(target=see, args=(each,)) for each in (found, found[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert connection.execute("SELECT count(*) FROM inbox_files").fetchall() == [(4000,)]


@pytest.mark.parametrize("folders", [1, 10])
def test_seeing_costs_one_statement_per_thousand_files(
    folders: int, root: Path, watching: Start, connection: Connection
) -> None:
    """Counted by the server: a statement per file would make 5,000 of them."""
    for number in range(folders):
        make_files(root / f"roll{number}", 5000 // folders)
    viewer = watching()
    assert viewer.count() == 5000
    before = transactions(connection)
    viewer.lookout.scan_now()
    viewer.look()
    assert transactions(connection) - before < 40


def transactions(connection: Connection) -> int:
    """How many this database has committed; each statement of a lookout is one."""
    connection.execute("SELECT pg_stat_force_next_flush()")
    connection.execute("SELECT pg_stat_clear_snapshot()")
    row = connection.execute(
        "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    ).fetchone()
    return 0 if row is None else int(row[0])
