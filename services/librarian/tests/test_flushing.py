"""What a batch has written is on disk before a row says so, at the cost of few calls."""

import ctypes
import errno
import os
from collections import Counter
from pathlib import Path

import pytest
from file_systems import another_file_system
from librarian.flushing import FEW, flush

pytestmark = pytest.mark.unit


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the system was asked to write to its disks; it is asked indeed."""
    made: Counter[str] = Counter()
    fsync = os.fsync

    def counted_fsync(descriptor: int) -> None:
        made["fsync"] += 1
        fsync(descriptor)

    class Counted(ctypes.CDLL):
        def syncfs(self, descriptor: int) -> int:
            made["syncfs"] += 1
            return int(self["syncfs"](descriptor))

    monkeypatch.setattr(os, "fsync", counted_fsync)
    monkeypatch.setattr(ctypes, "CDLL", Counted)
    return made


def make_files(folder: Path, count: int) -> list[Path]:
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for path in paths:
        path.write_bytes(b"photo")
    return paths


def test_a_few_files_are_flushed_alone(tmp_path: Path, calls: Counter[str]) -> None:
    flush(tmp_path, make_files(tmp_path, FEW - 1), {tmp_path})
    assert calls == {"fsync": FEW}


def test_a_large_batch_costs_one_call(tmp_path: Path, calls: Counter[str]) -> None:
    flush(tmp_path, make_files(tmp_path, 100), {tmp_path})
    assert sum(calls.values()) == (1 if calls["syncfs"] else 101)


def test_where_one_call_proves_nothing_each_file_is_flushed(calls: Counter[str]) -> None:
    """Of file systems that are not known to wait in syncfs, such as FUSE and shares."""
    with another_file_system() as folder:
        flush(folder, make_files(folder, 100), {folder})
    assert calls == {"fsync": 101}


def test_nothing_to_flush_is_no_call(tmp_path: Path, calls: Counter[str]) -> None:
    flush(tmp_path, [], set())
    assert calls == {}


def test_a_disk_that_cannot_be_written_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(ctypes.CDLL):
        def syncfs(self, _descriptor: int) -> int:
            ctypes.set_errno(errno.EIO)
            return -1

    def refuse(_descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(ctypes, "CDLL", Failing)
    monkeypatch.setattr(os, "fsync", refuse)
    for count in (1, 100):
        with pytest.raises(OSError, match="Input/output") as caught:
            flush(tmp_path, make_files(tmp_path, count), {tmp_path})
        assert caught.value.errno == errno.EIO


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        flush(tmp_path, [tmp_path / "gone.jpg"], {tmp_path})
