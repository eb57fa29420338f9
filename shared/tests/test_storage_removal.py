"""Files that leave their place: nothing goes but what was meant to, and nothing is lost."""

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from file_systems import KINDS, another_file_system, refusing, see_as
from photo_factory import storage
from photo_factory.storage import (
    RELEASE_PREFIX,
    Identity,
    Original,
    SourceChangedError,
    bring_back,
    release,
    replace_damaged,
    set_aside,
)

pytestmark = pytest.mark.unit
STORED = Path(__file__)
"""Stands in for the library's copy: it is there."""


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of file system, which this process sees from now on."""
    see_as(request.param, monkeypatch)
    return str(request.param)


def write(path: Path, content: bytes = b"photo") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def identity(path: Path) -> Identity:
    return Identity.of(path.lstat())


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path in it."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def replace_before_renaming(monkeypatch: pytest.MonkeyPatch, newcomer: Path, path: Path) -> None:
    """Let another program put a new file under a path just before it is renamed."""
    rename: Callable[[Path, Path], Path] = Path.rename

    def replaced_just_before(self: Path, target: Path) -> Path:
        if newcomer.exists():
            newcomer.replace(path)
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", replaced_just_before)


def test_releasing_removes_the_file_that_was_stored(tmp_path: Path) -> None:
    photo = write(tmp_path / "a.jpg")
    assert release(photo, identity(photo), 7, STORED)
    assert contents(tmp_path) == {}


def test_releasing_twice_is_harmless(tmp_path: Path) -> None:
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    assert release(photo, expected, 7, STORED)
    assert release(photo, expected, 7, STORED)


def test_a_release_that_was_cut_short_is_taken_up_again(tmp_path: Path) -> None:
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    photo.rename(tmp_path / f"{RELEASE_PREFIX}7")
    assert release(photo, expected, 7, STORED)
    assert contents(tmp_path) == {}


def test_a_new_file_under_the_name_of_one_that_is_being_released_stays(tmp_path: Path) -> None:
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    photo.rename(tmp_path / f"{RELEASE_PREFIX}7")
    write(photo, b"new photo")
    assert release(photo, expected, 7, STORED)
    assert contents(tmp_path) == {"a.jpg": b"new photo"}


def test_another_file_under_the_old_name_stays(tmp_path: Path) -> None:
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    write(tmp_path / "new.jpg", b"new photo").replace(photo)
    assert not release(photo, expected, 7, STORED)
    assert contents(tmp_path) == {"a.jpg": b"new photo"}


def test_a_file_that_was_changed_in_place_stays(tmp_path: Path) -> None:
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    write(photo, b"longer photo")
    assert not release(photo, expected, 7, STORED)
    assert contents(tmp_path) == {"a.jpg": b"longer photo"}


@pytest.mark.usefixtures("kind")
def test_a_file_that_arrives_between_the_two_steps_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moment after the comparison: the phone replaces the file. It must survive."""
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    replace_before_renaming(monkeypatch, write(tmp_path / "new.jpg", b"new photo"), photo)
    assert not release(photo, expected, 7, STORED)
    assert contents(tmp_path) == {"a.jpg": b"new photo"}


@pytest.mark.usefixtures("kind")
def test_of_two_files_that_arrive_between_the_two_steps_both_stay(tmp_path: Path) -> None:
    """One was taken for the stored file and renamed; by now its name is in use again."""
    photo = write(tmp_path / "a.jpg")
    expected = identity(photo)
    write(tmp_path / f"{RELEASE_PREFIX}7", b"new photo")
    write(photo, b"newest photo")
    with pytest.raises(FileExistsError):
        release(photo, expected, 7, STORED)
    assert sorted(contents(tmp_path).values()) == [b"new photo", b"newest photo"]


def test_what_is_put_aside_keeps_its_bytes_and_is_found_by_its_name(tmp_path: Path) -> None:
    note = write(tmp_path / "inbox/note.txt", b"no photo")
    found = set_aside(note, identity(note), tmp_path / "quarantine")
    assert found is not None
    assert found.name.endswith("-note.txt")
    assert contents(tmp_path) == {f"quarantine/{found.name}": b"no photo"}


def test_two_of_one_name_are_both_put_aside(tmp_path: Path) -> None:
    for content in (b"one", b"other"):
        note = write(tmp_path / "inbox/note.txt", content)
        set_aside(note, identity(note), tmp_path / "quarantine")
    assert sorted(contents(tmp_path / "quarantine").values()) == [b"one", b"other"]


def test_the_longest_name_can_be_put_aside(tmp_path: Path) -> None:
    note = write(tmp_path / "inbox" / ("ü" * 125 + ".text"), b"no photo")
    found = set_aside(note, identity(note), tmp_path / "quarantine")
    assert found is not None
    assert found.suffix == ".text"


@pytest.mark.parametrize("name", [b"caf\xe9.txt", b"\xe9" * 250, b"\xff.\xfe"])
def test_names_that_are_no_text_can_be_put_aside(name: bytes, tmp_path: Path) -> None:
    note = write(tmp_path / os.fsdecode(name), b"no photo")
    found = set_aside(note, identity(note), tmp_path / "quarantine")
    assert found is not None
    assert found.read_bytes() == b"no photo"


@pytest.mark.usefixtures("kind")
def test_the_quarantine_may_be_on_another_disk(tmp_path: Path) -> None:
    note = write(tmp_path / "inbox/note.txt", b"no photo")
    with another_file_system() as elsewhere:
        found = set_aside(note, identity(note), elsewhere / "quarantine")
        assert found is not None
        assert contents(elsewhere) == {f"quarantine/{found.name}": b"no photo"}
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["same disk", "another disk"])
def test_a_file_that_was_replaced_is_not_put_aside(tmp_path: Path, *, is_elsewhere: bool) -> None:
    note = write(tmp_path / "inbox/note.txt", b"no photo")
    expected = identity(note)
    write(tmp_path / "new.txt", b"another").replace(note)
    with another_file_system() as elsewhere:
        folder = elsewhere if is_elsewhere else tmp_path / "quarantine"
        assert set_aside(note, expected, folder) is None
        assert contents(folder) == {}
    assert contents(tmp_path) == {"inbox/note.txt": b"another"}


def test_a_full_quarantine_leaves_the_file_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    note = write(tmp_path / "inbox/note.txt", b"no photo")
    with another_file_system() as elsewhere:
        monkeypatch.setattr(os, "write", refusing(28))
        with pytest.raises(OSError, match="No space left"):
            set_aside(note, identity(note), elsewhere)
        monkeypatch.undo()
        assert contents(elsewhere) == {}
    assert contents(tmp_path) == {"inbox/note.txt": b"no photo"}


def healthy(path: Path) -> Original:
    return Original(write(path), sha256(b"photo").hexdigest())


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("damage", [None, b"", b"rotten"], ids=["missing", "empty", "altered"])
def test_a_healthy_copy_takes_the_place_of_a_damaged_original(
    damage: bytes | None, tmp_path: Path
) -> None:
    copy = healthy(tmp_path / "inbox/a.jpg")
    if damage is not None:
        write(tmp_path / "library/2024/a.jpg", damage)
    (tmp_path / "library").mkdir(exist_ok=True)
    replace_damaged(copy, tmp_path / "library", "2024/a.jpg", tmp_path / "quarantine")
    assert contents(tmp_path / "library") == {"2024/a.jpg": b"photo"}
    assert copy.source.read_bytes() == b"photo"
    put_aside = list(contents(tmp_path / "quarantine").values())
    assert put_aside == ([] if damage is None else [damage])


def test_what_heals_is_a_copy_and_no_second_name_of_the_file(tmp_path: Path) -> None:
    """A phone that later changes its file must not change the library's."""
    copy = healthy(tmp_path / "inbox/a.jpg")
    (tmp_path / "library").mkdir()
    replace_damaged(copy, tmp_path / "library", "a.jpg", tmp_path / "quarantine")
    copy.source.write_bytes(b"edited")
    assert contents(tmp_path / "library") == {"a.jpg": b"photo"}


def test_a_copy_that_is_not_healthy_itself_heals_nothing(tmp_path: Path) -> None:
    copy = healthy(tmp_path / "inbox/a.jpg")
    copy.source.write_bytes(b"other")
    write(tmp_path / "library/a.jpg", b"rotten")
    with pytest.raises(SourceChangedError):
        replace_damaged(copy, tmp_path / "library", "a.jpg", tmp_path / "quarantine")
    assert contents(tmp_path / "library") == {"a.jpg": b"rotten"}


def test_a_damaged_original_stays_if_there_is_no_room_to_heal_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = healthy(tmp_path / "inbox/a.jpg")
    write(tmp_path / "library/a.jpg", b"rotten")
    monkeypatch.setattr(os, "write", refusing(28))
    with pytest.raises(OSError, match="No space left"):
        replace_damaged(copy, tmp_path / "library", "a.jpg", tmp_path / "quarantine")
    assert contents(tmp_path / "library") == {"a.jpg": b"rotten"}


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["same disk", "another disk"])
def test_what_a_crash_left_in_the_library_returns(tmp_path: Path, *, is_elsewhere: bool) -> None:
    with another_file_system() as elsewhere:
        inbox = elsewhere if is_elsewhere else tmp_path / "inbox"
        leftover = write(tmp_path / "library/a.jpg")
        bring_back(leftover, inbox / "DCIM/a.jpg")
        assert contents(inbox) == {"DCIM/a.jpg": b"photo"}
        assert not leftover.exists()
        assert [path.name for path in (inbox / "DCIM").iterdir()] == ["a.jpg"]


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize("is_elsewhere", [False, True], ids=["same disk", "another disk"])
def test_what_returns_replaces_nothing(tmp_path: Path, *, is_elsewhere: bool) -> None:
    with another_file_system() as elsewhere:
        inbox = elsewhere if is_elsewhere else tmp_path / "inbox"
        leftover = write(tmp_path / "library/a.jpg")
        write(inbox / "a.jpg", b"new photo")
        with pytest.raises(FileExistsError):
            bring_back(leftover, inbox / "a.jpg")
        assert contents(inbox) == {"a.jpg": b"new photo"}
        assert leftover.read_bytes() == b"photo"


def test_publishing_again_after_a_crash_is_harmless(tmp_path: Path) -> None:
    scratch = write(tmp_path / "scratch.jpg", b"thumb")
    storage.publish(scratch, tmp_path, "thumb/aa/x.jpg")
    storage.publish(scratch, tmp_path, "thumb/aa/x.jpg")
    assert contents(tmp_path) == {"thumb/aa/x.jpg": b"thumb"}


def test_nothing_is_removed_when_the_library_loses_it_by_that(tmp_path: Path) -> None:
    """On a pooled file system the library's file may be the inbox's, seen by another way."""
    photo = write(tmp_path / "a.jpg")
    assert not release(photo, identity(photo), 7, photo)
    assert contents(tmp_path) == {"a.jpg": b"photo"}
