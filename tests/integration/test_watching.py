"""What the librarian sees in an inbox by events, on a real PostgreSQL and real files."""

import ctypes
import errno
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from librarian import events, inotify
from librarian.inboxes import Inbox
from librarian.lookout import Lookout
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from viewing import SOON_SECONDS, Start, Viewer, make_files, viewers

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


def test_files_that_come_change_and_go_are_noticed(root: Path, watching: Start) -> None:
    viewer = watching()
    (root / "a.jpg").write_text("a")
    viewer.look_until(lambda: viewer.seen() == {b"a.jpg"})
    (root / "a.jpg").write_text("longer")
    viewer.look_until(
        lambda: viewer.connection.execute("SELECT size_bytes FROM inbox_files").fetchall() == [(6,)]
    )
    (root / "a.jpg").unlink()
    viewer.look_until(lambda: viewer.seen() == set())


@pytest.fixture
def quick_root(root: Path) -> Iterator[Path]:
    """An inbox in memory, if there is room for one: 100,000 files take a busy disk minutes."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else root) as folder:
        inbox = Path(folder) / "inbox"
        inbox.mkdir()
        yield inbox


def test_a_burst_of_50000_files_is_seen_to_the_last_one(
    quick_root: Path, connection: Connection
) -> None:
    """Another program copies them while the lookout looks, into folders that come as well."""
    card = quick_root.with_name("card")
    for number in range(10):
        make_files(card / f"roll{number}", 5000)
    with viewers(quick_root, connection) as start:
        viewer = start()
        with subprocess.Popen(["cp", "-r", str(card), str(quick_root)]) as copying:
            viewer.look_until(lambda: copying.poll() == 0 and viewer.count() == 50_000, 60)


def test_a_folder_moved_in_whole_is_seen_with_all_below_it_and_watched_from_then_on(
    root: Path, watching: Start
) -> None:
    viewer = watching()
    outside = root.parent / "card"
    make_files(outside / "DCIM" / "100CANON", 3)
    make_files(outside / "DCIM" / "101CANON", 3)
    outside.rename(root / "card")
    viewer.look_until(lambda: viewer.count() == 6)
    make_files(root / "card" / "DCIM" / "101CANON" / "later", 1)
    viewer.look_until(lambda: viewer.count() == 7)


def test_a_folder_moved_away_is_forgotten_with_all_below_it(root: Path, watching: Start) -> None:
    make_files(root / "card" / "DCIM", 3)
    make_files(root / "card0", 1)
    viewer = watching()
    assert viewer.count() == 4
    (root / "card").rename(root.parent / "card")
    viewer.look_until(lambda: viewer.seen() == {b"card0/IMG_00000.jpg"})
    make_files(root.parent / "card" / "DCIM", 5)  # of no interest any more
    viewer.look()
    assert viewer.count() == 1


def test_many_folders_moved_away_at_once_are_forgotten_too(root: Path, watching: Start) -> None:
    for number in range(30):
        make_files(root / f"roll{number}", 2)
    viewer = watching()
    assert viewer.count() == 60
    for number in range(30):
        (root / f"roll{number}").rename(root.parent / f"roll{number}")
    viewer.look_until(lambda: viewer.count() == 0)


def test_files_and_folders_renamed_while_they_wait_are_known_by_their_new_names(
    root: Path, watching: Start
) -> None:
    make_files(root / "a" / "deep", 2)
    (root / "x.jpg").write_text("x")
    viewer = watching()
    (root / "x.jpg").rename(root / "a" / "y.jpg")
    (root / "a").rename(root / "b")
    (root / "b" / "deep").rename(root / "b" / "deeper")
    expected = {b"b/y.jpg", b"b/deeper/IMG_00000.jpg", b"b/deeper/IMG_00001.jpg"}
    viewer.look_until(lambda: viewer.seen() == expected)
    (root / "b" / "deeper" / "IMG_00000.jpg").rename(root / "b" / "deeper" / "z.jpg")
    expected = {b"b/y.jpg", b"b/deeper/z.jpg", b"b/deeper/IMG_00001.jpg"}
    viewer.look_until(lambda: viewer.seen() == expected)


def test_folders_that_swap_their_names_are_told_apart(root: Path, watching: Start) -> None:
    make_files(root / "a", 1)
    make_files(root / "b" / "c", 2)
    viewer = watching()
    (root / "a").rename(root / "t")
    (root / "b").rename(root / "a")
    (root / "t").rename(root / "b")
    expected = {b"a/c/IMG_00000.jpg", b"a/c/IMG_00001.jpg", b"b/IMG_00000.jpg"}
    viewer.look_until(lambda: viewer.seen() == expected)
    (root / "a" / "c" / "new.jpg").touch()
    viewer.look_until(lambda: viewer.seen() == expected | {b"a/c/new.jpg"})


def test_a_tree_of_200_levels_is_seen_to_its_bottom(root: Path, watching: Start) -> None:
    bottom = root.joinpath(*["deep"] * 200)
    viewer = watching()
    bottom.mkdir(parents=True)
    (bottom / "x.jpg").touch()
    viewer.look_until(lambda: viewer.count() == 1)
    (bottom / "y.jpg").touch()
    viewer.look_until(lambda: viewer.count() == 2)


def test_a_tree_too_deep_to_be_named_is_reported_and_the_rest_is_seen(
    root: Path, watching: Start
) -> None:
    """Longer than a path may be: rsync and others build such trees step by step."""
    (root / "x.jpg").touch()
    here = os.getcwd()  # noqa: PTH109 - restored below
    try:
        os.chdir(root)
        for _ in range(30):
            os.mkdir("l" * 200)  # noqa: PTH102 - no path can name it
            os.chdir("l" * 200)
    finally:
        os.chdir(here)
    viewer = watching("poll")
    codes = viewer.connection.execute("SELECT error_code, count(*) FROM inbox_files GROUP BY 1")
    assert dict(codes.fetchall()) == {None: 1, "unreadable": 1}
    subprocess.run(["rm", "-r", str(root / ("l" * 200))], check=True)


def test_events_lost_in_the_kernels_queue_lead_to_a_scan_that_finds_all(
    root: Path, connection: Connection
) -> None:
    """The thread that reads the queue stands still until it has overflowed."""
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    is_free = threading.Event()

    def stand_still() -> None:
        is_free.wait(30)
        viewer.woken.set()

    settings = LibrarianSettings(data_dir=root.parent, watch_mode="events", scan_seconds=3600)
    viewer = Viewer(
        Lookout(Inbox("inbox", root, "move"), settings, stand_still, lambda: None), connection
    )
    viewer.look()
    (root / "first.jpg").touch()
    time.sleep(0.2)  # till the thread stands
    make_files(root / "filler", 10)
    for number in range(most + 100):
        (root / f"{number % 2}.jpg").touch()
    make_files(root / "late" / "later", 10)
    is_free.set()
    viewer.look_until(lambda: viewer.count() == 23)
    (root / "late" / "later" / "x.jpg").touch()
    viewer.look_until(lambda: viewer.count() == 24)
    viewer.lookout.stop()


@contextmanager
def watches_granted(monkeypatch: pytest.MonkeyPatch, most: int) -> Iterator[None]:
    """The kernel grants so many watches in all; its limit holds for the whole machine."""
    add = inotify.LIBC.inotify_add_watch
    granted: set[bytes] = set()

    def answer(descriptor: int, folder: bytes, mask: int) -> int:
        if folder not in granted and len(granted) >= most:
            ctypes.set_errno(errno.ENOSPC)
            return -1
        granted.add(folder)
        return int(add(descriptor, folder, mask))

    with monkeypatch.context() as patched:
        patched.setattr(inotify.LIBC, "inotify_add_watch", answer)
        yield


@pytest.mark.parametrize("most", [0, 1, 3])
def test_without_enough_watches_the_inbox_is_scanned_and_says_so(
    most: int, root: Path, watching: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_files(root / f"roll{number}", 1)
    with watches_granted(monkeypatch, most):
        viewer = watching(poll_scan_seconds=1)
        assert viewer.count() == 5
        assert viewer.lookout.noticing == "scans"
        warning = viewer.lookout.warning
        assert warning is not None
        assert warning.startswith("The inbox inbox is scanned every 1 seconds")
        assert "fs.inotify.max_user_watches is reached. On the host: sudo sysctl" in warning
        assert 0 < viewer.lookout.seconds_to_scan <= 1
        make_files(root / "roll3", 2)
        time.sleep(1.1)
        viewer.look()
        assert viewer.count() == 6


def test_watches_that_run_out_later_lose_nothing_and_come_back_when_there_are_more(
    root: Path, watching: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "RETRY_SECONDS", 0.5)
    with watches_granted(monkeypatch, 3):
        make_files(root / "a", 1)
        viewer = watching()
        assert [viewer.lookout.noticing, viewer.lookout.warning] == ["events", None]
        for name in "bcd":
            make_files(root / name, 1)
        viewer.look_until(lambda: viewer.count() == 4)
        assert viewer.lookout.noticing == "scans"
        time.sleep(0.5)
        viewer.look()
        assert viewer.lookout.warning is not None, "the second try fails as well"
    time.sleep(0.5)
    viewer.look()
    assert [viewer.lookout.noticing, viewer.lookout.warning] == ["events", None]
    (root / "d" / "x.jpg").touch()
    viewer.look_until(lambda: viewer.count() == 5)


def test_an_inbox_that_vanishes_and_comes_back_is_watched_again_and_nothing_is_forgotten(
    root: Path, watching: Start
) -> None:
    make_files(root / "a", 2)
    viewer = watching()
    away = root.with_name("away")
    root.rename(away)
    viewer.look()
    assert viewer.count() == 2
    viewer.lookout.stop()  # as the engine does when the guard finds no marker
    make_files(away / "a", 3)
    away.rename(root)
    viewer.look()
    assert viewer.count() == 3
    (root / "a" / "x.jpg").touch()
    viewer.look_until(lambda: viewer.count() == 4)


def test_an_empty_folder_in_place_of_the_inbox_makes_nothing_count_as_gone(
    root: Path, watching: Start, connection: Connection
) -> None:
    """The share may be unmounted between the guard's look at its marker and this one."""
    make_files(root, 2)
    viewer = watching()
    away = root.with_name("away")
    root.rename(away)
    root.mkdir()
    viewer.lookout.scan_now()
    viewer.lookout.look(connection)
    assert viewer.count() == 2
    root.rmdir()
    away.rename(root)
    viewer.look()
    (root / "x.jpg").touch()
    viewer.look_until(lambda: viewer.count() == 3)


def test_what_events_have_named_is_found_again_after_the_database_was_away(
    root: Path, watching: Start, database_url: str
) -> None:
    viewer = watching()
    (root / "a.jpg").touch()
    assert viewer.woken.wait(SOON_SECONDS)
    with connect(database_url, "broken") as broken:
        broken.close()
        with pytest.raises(psycopg.OperationalError):
            viewer.lookout.look(broken)
    viewer.look()
    assert viewer.seen() == {b"a.jpg"}
