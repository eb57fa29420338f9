"""Placing and releasing originals, on real file systems and with calls refused as some do."""

import errno
import fcntl
import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from photo_factory import storage
from photo_factory.storage import Identity, Original, SourceChangedError, place, release

pytestmark = pytest.mark.unit


def original(path: Path, content: bytes = b"photo") -> Original:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Original(path, sha256(content).hexdigest())


def is_free(path: str) -> bool:
    return path != "taken by a row"


@pytest.fixture(params=["hard links", "no hard links"])
def library(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A library on a file system with hard links, and on one that refuses them."""
    if request.param == "no hard links":

        def refuse(*_: object, **__: object) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    (tmp_path / "library").mkdir()
    return tmp_path / "library"


def test_placing_leaves_the_source_and_its_time(library: Path, tmp_path: Path) -> None:
    photo = original(tmp_path / "inbox/a.jpg")
    os.utime(photo.source, ns=(10**18, 10**18))
    placement = place(photo, library, "2024/2024-05-17", "a.jpg", is_free)
    assert placement.path == "2024/2024-05-17/a.jpg"
    stored = library / placement.path
    assert stored.read_bytes() == photo.source.read_bytes() == b"photo"
    assert stored.stat().st_mtime_ns == 10**18
    assert {path.name for path in library.rglob("*.*")} <= {"a.jpg", storage.INCOMING_FOLDER}


def test_nothing_is_ever_overwritten(library: Path, tmp_path: Path) -> None:
    for number in range(3):
        photo = original(tmp_path / f"inbox/{number}/a.jpg", bytes([number]))
        place(photo, library, "2024", "a.jpg", is_free)
    contents = {path.name: path.read_bytes() for path in (library / "2024").iterdir()}
    assert contents == {"a.jpg": b"\0", "a_1.jpg": b"\1", "a_2.jpg": b"\2"}


def test_what_a_crash_left_is_adopted(library: Path, tmp_path: Path) -> None:
    photo = original(tmp_path / "inbox/a.jpg")
    original(library / "2024/a.jpg")
    placement = place(photo, library, "2024", "a.jpg", is_free)
    assert (placement.path, placement.was_adopted) == ("2024/a.jpg", True)
    assert len(list((library / "2024").iterdir())) == 1


def test_a_name_that_a_row_has_is_left_to_it(library: Path, tmp_path: Path) -> None:
    """The row's original may be missing today and come back tomorrow."""
    photo = original(tmp_path / "inbox/a.jpg")
    placement = place(photo, library, "2024", "a.jpg", lambda path: path != "2024/a.jpg")
    assert placement.path == "2024/a_1.jpg"


def test_a_source_that_changed_is_not_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copied, its bytes are compared with the hash; nothing is left of the copy."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    photo = original(tmp_path / "inbox/a.jpg")
    photo.source.write_bytes(b"other")
    with pytest.raises(SourceChangedError):
        place(photo, tmp_path, "2024", "a.jpg", is_free)
    assert not (tmp_path / "2024/a.jpg").exists()
    assert list((tmp_path / storage.INCOMING_FOLDER).iterdir()) == []


def test_releasing_removes_the_file_that_was_stored(tmp_path: Path) -> None:
    photo = original(tmp_path / "a.jpg")
    assert release(photo.source, Identity.of(photo.source.lstat()), 7)
    assert list(tmp_path.iterdir()) == []


def test_releasing_twice_is_harmless(tmp_path: Path) -> None:
    photo = original(tmp_path / "a.jpg")
    identity = Identity.of(photo.source.lstat())
    assert release(photo.source, identity, 7)
    assert release(photo.source, identity, 7)


def test_another_file_under_the_old_name_stays(tmp_path: Path) -> None:
    photo = original(tmp_path / "a.jpg")
    identity = Identity.of(photo.source.lstat())
    replacement = original(tmp_path / "new.jpg", b"new photo")
    replacement.source.replace(photo.source)
    assert not release(photo.source, identity, 7)
    assert photo.source.read_bytes() == b"new photo"


def test_a_file_that_arrives_between_the_two_steps_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment after the comparison: the phone replaces the file. It must survive."""
    photo = original(tmp_path / "a.jpg")
    identity = Identity.of(photo.source.lstat())
    rename: Callable[[Path, Path], Path] = Path.rename

    def replaced_just_before(self: Path, target: Path) -> Path:
        original(tmp_path / "new.jpg", b"new photo").source.replace(photo.source)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", replaced_just_before)
    assert not release(photo.source, identity, 7)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"new photo"}


def test_half_copied_files_are_swept_but_not_those_in_work(tmp_path: Path) -> None:
    left = original(tmp_path / storage.INCOMING_FOLDER / "left").source
    busy = original(tmp_path / storage.INCOMING_FOLDER / "busy").source
    with busy.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        storage.sweep_incoming(tmp_path)
        assert busy.exists()
    assert not left.exists()


def test_publishing_again_after_a_crash_is_harmless(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch.jpg"
    scratch.write_bytes(b"thumb")
    storage.publish(scratch, tmp_path, "thumb/aa/x.jpg")
    storage.publish(scratch, tmp_path, "thumb/aa/x.jpg")
    assert (tmp_path / "thumb/aa/x.jpg").read_bytes() == b"thumb"
