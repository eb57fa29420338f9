"""What the librarian sees in an inbox by scans, on a real PostgreSQL and real files."""

import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from photo_factory.database import Connection
from viewing import Start, Viewer, make_files, viewers

pytestmark = pytest.mark.integration

LONG_AGO = 1_000_000_000
LISTED: Counter[bytes] = Counter()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


@pytest.fixture
def watching(root: Path, connection: Connection) -> Iterator[Start]:
    with viewers(root, connection) as start:
        yield start


def note_listing(event: str, arguments: tuple[object, ...]) -> None:
    """Count the folders that Python lists; such a hook stays for good."""
    if event == "os.scandir" and isinstance(arguments[0], bytes):
        LISTED[arguments[0]] += 1


sys.addaudithook(note_listing)


def listings(viewer: Viewer, root: Path) -> Counter[bytes]:
    """Which folders a scan lists, below the inbox."""
    time.sleep(viewer.lookout.seconds_to_scan)
    LISTED.clear()
    viewer.look()
    beginning = os.fsencode(root)
    return Counter({name[len(beginning) :]: LISTED[name] for name in LISTED if beginning in name})


def settle(root: Path) -> None:
    """Make folders look as if nothing had changed in them for long."""
    for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
        os.utime(folder, (LONG_AGO, LONG_AGO))


def test_a_scan_lists_only_folders_that_have_changed(root: Path, watching: Start) -> None:
    for name in ("a/one", "a/two", "b"):
        make_files(root / name, 2)
    settle(root)
    viewer = watching("poll", poll_scan_seconds=1)
    assert viewer.lookout.noticing == "scans"
    assert listings(viewer, root) == {}
    (root / "a" / "two" / "new.jpg").touch()
    assert listings(viewer, root) == {b"/a/two": 1}
    assert listings(viewer, root) == {b"/a/two": 1}, "it might have changed in the same moment"
    assert viewer.count() == 7
    settle(root)
    assert listings(viewer, root) == {b"": 1, b"/a": 1, b"/a/one": 1, b"/a/two": 1, b"/b": 1}
    assert listings(viewer, root) == {}
    make_files(root / "c" / "d", 2)
    assert listings(viewer, root) == {b"": 1, b"/c": 1, b"/c/d": 1}
    assert viewer.count() == 9
    shutil.rmtree(root / "a")
    assert set(listings(viewer, root)) <= {b"", b"/c", b"/c/d", b"/a"}
    assert viewer.count() == 4
    viewer.lookout.scan_now()
    assert listings(viewer, root) == {b"": 1, b"/b": 1, b"/c": 1, b"/c/d": 1}


def test_a_waiting_or_failed_file_is_looked_at_again_though_its_folder_is_unchanged(
    root: Path, watching: Start, connection: Connection
) -> None:
    make_files(root / "a", 2)
    settle(root)
    viewer = watching("poll", poll_scan_seconds=1)
    connection.execute("UPDATE inbox_files SET state = 'failed', error_code = 'truncated'")
    with (root / "a" / "IMG_00000.jpg").open("a") as file:
        file.write("the rest")
    assert listings(viewer, root) == {}
    states = connection.execute("SELECT path, state, size_bytes FROM inbox_files ORDER BY path")
    assert states.fetchall() == [
        ("a/IMG_00000.jpg", "waiting", 9),
        ("a/IMG_00001.jpg", "failed", 1),
    ]


def test_a_folder_that_could_not_be_read_is_listed_once_it_can_be(
    root: Path, watching: Start
) -> None:
    make_files(root / "closed", 1)
    (root / "closed").chmod(0)
    settle(root)
    with as_an_ordinary_user(root):
        viewer = watching("poll", poll_scan_seconds=1)
        assert viewer.seen() == {b"closed"}
        viewer.look_when_due()
        assert viewer.seen() == {b"closed"}
    (root / "closed").chmod(0o755)
    with as_an_ordinary_user(root):
        viewer.look_when_due()
    assert viewer.seen() == {b"closed/IMG_00000.jpg"}


@contextmanager
def as_an_ordinary_user(root: Path) -> Iterator[None]:
    """Root may read everything, so look as somebody else."""
    user = os.geteuid()
    for folder in (root, *root.parents):
        if user == 0 and folder.stat().st_uid == 0 and len(folder.parts) > 2:
            folder.chmod(folder.stat().st_mode | 0o055)
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_replaced_by_a_link_is_not_followed(root: Path, watching: Start) -> None:
    make_files(root / "a" / "b", 1)
    viewer = watching("poll", poll_scan_seconds=1)
    private = root.with_name("private")
    (root / "a").rename(private)
    make_files(private / "b", 3)
    (root / "a").symlink_to(private)
    viewer.look_when_due()
    assert viewer.seen() == {b"a"}
    failed = viewer.connection.execute("SELECT path, error_code FROM inbox_files").fetchall()
    assert failed == [("a", "symlink")]
