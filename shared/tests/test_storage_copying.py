"""Copies into the library: read once, proven by a second reading, never too much for the disk."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from file_systems import another_file_system, refusing
from photo_factory import storage
from photo_factory.storage import (
    CHUNK_BYTES,
    INCOMING_FOLDER,
    Incoming,
    SourceChangedError,
    SourceUnreadableError,
    can_link,
    sweep_incoming,
)
from photo_factory.storage.copying import FLUSHED_AT_ONCE_BYTES

pytestmark = pytest.mark.unit

Copy = Callable[..., tuple[Path, str]]


def write(path: Path, content: bytes = b"photo") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.fixture
def copy() -> Iterator[Copy]:
    """Copies a file into a library; the folder for copies stays open, as a librarian's does."""
    with ExitStack() as opened:

        def copy_one(
            library: Path,
            source: Path,
            alive: Callable[[], None] = nothing,
            keep_free_bytes: int = 0,
        ) -> tuple[Path, str]:
            incoming = opened.enter_context(Incoming(library, keep_free_bytes, alive))
            incoming.open()
            return copy_into(incoming, source)

        yield copy_one


def nothing() -> None:
    """Stand in for a caller that need not hear of progress."""


def copy_into(incoming: Incoming, source: Path) -> tuple[Path, str]:
    descriptor = os.open(source, os.O_RDONLY)
    try:
        return incoming.copy(descriptor, ".jpg")
    finally:
        os.close(descriptor)


def half_copied(library: Path) -> list[Path]:
    return [path for path in (library / INCOMING_FOLDER).rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 5, CHUNK_BYTES, 2 * CHUNK_BYTES + 1])
def test_a_copy_has_the_bytes_the_time_and_the_hash(size: int, tmp_path: Path, copy: Copy) -> None:
    content = os.urandom(size)
    with another_file_system() as card:
        source = write(card / "a.jpg", content)
        os.utime(source, ns=(10**18, 10**18))
        found, digest = copy(tmp_path, source)
        assert source.read_bytes() == content
    assert found.read_bytes() == content
    assert digest == sha256(content).hexdigest()
    assert found.stat().st_mtime_ns == 10**18
    assert found.suffix == ".jpg"
    assert found.parent.parent == tmp_path / INCOMING_FOLDER


def test_a_copy_is_independent_of_its_source(tmp_path: Path, copy: Copy) -> None:
    source = write(tmp_path / "inbox/a.jpg")
    found, _ = copy(tmp_path, source)
    source.write_bytes(b"later")
    assert found.read_bytes() == b"photo"
    assert found.stat().st_nlink == 1


def test_a_source_that_changes_meanwhile_is_not_copied(tmp_path: Path, copy: Copy) -> None:
    source = write(tmp_path / "inbox/a.jpg")

    def touch() -> None:
        os.utime(source, ns=(10**18, 10**18))

    with pytest.raises(SourceChangedError):
        copy(tmp_path, source, touch)
    assert half_copied(tmp_path) == []


def test_a_copy_that_the_disk_has_spoilt_is_thrown_away(tmp_path: Path, copy: Copy) -> None:
    """What was written is read back: another byte stands on the disk than was meant to."""
    source = write(tmp_path / "inbox/a.jpg")

    def spoil() -> None:
        for one in half_copied(tmp_path):
            with one.open("r+b") as file:
                file.write(b"X")

    with pytest.raises(SourceChangedError):
        copy(tmp_path, source, spoil)
    assert half_copied(tmp_path) == []
    assert source.read_bytes() == b"photo"


def test_only_a_copy_whose_source_stays_is_trusted_unread(tmp_path: Path) -> None:
    """A kept source can be copied again; one that goes is worth a second reading."""
    source = write(tmp_path / "inbox/a.jpg", os.urandom(CHUNK_BYTES * 2))
    reads: list[int] = []
    with Incoming(tmp_path, alive=lambda: reads.append(1)) as incoming:
        incoming.open()
        descriptor = os.open(source, os.O_RDONLY)
        incoming.copy(descriptor)
        twice = len(reads)
        os.lseek(descriptor, 0, os.SEEK_SET)
        incoming.copy(descriptor, is_read_back=False)
        os.close(descriptor)
    assert (twice, len(reads) - twice) in {(4, 2), (3, 1)}  # or where blocks can be shared


def test_small_copies_can_be_put_on_disk_together_and_large_ones_are_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    with Incoming(tmp_path) as incoming:
        incoming.open()
        monkeypatch.setattr(os, "fsync", flushed.append)
        for size in (1000, FLUSHED_AT_ONCE_BYTES + 1):
            source = write(tmp_path / "inbox/a.jpg")
            os.truncate(source, size)
            descriptor = os.open(source, os.O_RDONLY)
            incoming.copy(descriptor, is_flushed_later=True)
            os.close(descriptor)
            assert len(flushed) == (0 if size == 1000 else 1)


def test_a_source_that_cannot_be_read_is_told_from_a_library_that_cannot_be_written(
    tmp_path: Path, copy: Copy
) -> None:
    """The memory of a process is a file whose first page nobody can read."""
    with pytest.raises(SourceUnreadableError) as caught:
        copy(tmp_path, Path("/proc/self/mem"))
    assert caught.value.errno == errno.EIO
    assert half_copied(tmp_path) == []


def test_a_disk_that_fails_at_the_last_moment_keeps_no_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "inbox/a.jpg")
    with Incoming(tmp_path) as incoming:
        incoming.open()
        monkeypatch.setattr(os, "fsync", refusing(errno.EIO))
        with pytest.raises(OSError, match="Input/output") as caught:
            copy_into(incoming, source)
        assert not isinstance(caught.value, SourceUnreadableError)
        assert half_copied(tmp_path) == []


def test_a_file_larger_than_the_disk_is_not_begun(tmp_path: Path, copy: Copy) -> None:
    disk = os.statvfs(tmp_path)
    source = tmp_path / "film.mp4"
    with source.open("wb") as file:
        file.truncate(disk.f_bavail * disk.f_frsize + (1 << 30))
    begun: list[int] = []
    with pytest.raises(OSError, match="No space left"):
        copy(tmp_path, source, lambda: begun.append(1))
    assert (begun, half_copied(tmp_path)) == ([], [])


def test_room_is_kept_free_for_others(tmp_path: Path, copy: Copy) -> None:
    source = write(tmp_path / "a.jpg")
    disk = os.statvfs(tmp_path)
    with pytest.raises(OSError, match=r"MB of its disk are kept free") as raised:
        copy(tmp_path, source, keep_free_bytes=disk.f_blocks * disk.f_frsize)
    assert raised.value.errno == errno.ENOSPC
    assert half_copied(tmp_path) == []


def test_a_copy_can_be_broken_off(tmp_path: Path, copy: Copy) -> None:
    def stop() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        copy(tmp_path, write(tmp_path / "a.jpg"), stop)
    assert half_copied(tmp_path) == []


def test_many_threads_copy_at_the_same_time(tmp_path: Path) -> None:
    contents = [os.urandom(3000 * (number % 400)) for number in range(60)]
    sources = [write(tmp_path / f"inbox/{at}", content) for at, content in enumerate(contents)]
    with Incoming(tmp_path) as incoming, ThreadPoolExecutor(8) as threads:
        incoming.open()

        found = list(threads.map(partial(copy_into, incoming), sources))
        assert [path.read_bytes() for path, _ in found] == contents
        assert [digest for _, digest in found] == [sha256(one).hexdigest() for one in contents]
        assert len({path for path, _ in found}) == 60


def test_nothing_is_left_when_the_folder_is_closed(tmp_path: Path) -> None:
    with Incoming(tmp_path) as incoming:
        incoming.open()
        copy_into(incoming, write(tmp_path / "a.jpg"))
    assert list((tmp_path / INCOMING_FOLDER).iterdir()) == []


def test_the_folder_is_made_anew_after_the_disk_was_away(tmp_path: Path) -> None:
    with Incoming(tmp_path / "library") as incoming:
        (tmp_path / "library").mkdir()
        incoming.open()
        (tmp_path / "library").rename(tmp_path / "unmounted")
        (tmp_path / "library").mkdir()
        incoming.open()
        assert copy_into(incoming, write(tmp_path / "a.jpg"))[0].is_file()


def test_copying_without_a_folder_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="open"):
        Incoming(tmp_path).copy(0)


PROCESS = """
import os, sys, time
from pathlib import Path
from photo_factory.storage import Incoming
incoming = Incoming(Path(sys.argv[1]))
incoming.open()
incoming.copy(os.open(sys.argv[2], os.O_RDONLY))
print("copied", flush=True)
time.sleep(60)
"""


def test_what_a_killed_process_had_copied_is_swept_away_and_that_of_a_living_one_is_not(
    tmp_path: Path,
) -> None:
    source = write(tmp_path / "a.jpg")
    command = [sys.executable, "-c", PROCESS, str(tmp_path), str(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "copied\n"
        sweep_incoming(tmp_path)
        assert [path.read_bytes() for path in half_copied(tmp_path)] == [b"photo"]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    sweep_incoming(tmp_path)
    assert list((tmp_path / INCOMING_FOLDER).iterdir()) == []


def test_single_files_are_swept_away_unless_they_are_in_use(tmp_path: Path) -> None:
    left = write(tmp_path / INCOMING_FOLDER / "left")
    busy = write(tmp_path / INCOMING_FOLDER / "busy")
    with busy.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        sweep_incoming(tmp_path)
        assert busy.exists()
    assert not left.exists()


def test_a_library_that_has_never_been_copied_into_is_swept_in_peace(tmp_path: Path) -> None:
    sweep_incoming(tmp_path)
    sweep_incoming(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


def test_whether_files_can_be_linked_is_tried(tmp_path: Path) -> None:
    write(tmp_path / "inbox/marker")
    (tmp_path / "library").mkdir()
    assert can_link(tmp_path / "inbox", "marker", tmp_path / "library")
    assert not can_link(tmp_path / "inbox", "no such file", tmp_path / "library")
    with another_file_system() as elsewhere:
        assert not can_link(tmp_path / "inbox", "marker", elsewhere)
    assert half_copied(tmp_path / "library") == []


@pytest.mark.parametrize("code", sorted(storage.NO_HARD_LINKS))
def test_every_way_to_refuse_links_is_understood(
    code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "marker")
    monkeypatch.setattr(os, "link", refusing(code))
    assert not can_link(tmp_path, "marker", tmp_path)


def test_a_trial_that_another_librarian_sweeps_away_is_still_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "marker")
    link = os.link

    def link_and_be_swept(source: Path, target: Path, *, follow_symlinks: bool) -> None:
        link(source, target, follow_symlinks=follow_symlinks)
        sweep_incoming(tmp_path)

    monkeypatch.setattr(os, "link", link_and_be_swept)
    assert can_link(tmp_path, "marker", tmp_path)
