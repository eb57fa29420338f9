"""Names in the inbox."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.inbox import (
    folders_behind_links,
    is_folder,
    is_gone,
    is_ignored,
    library_name,
    look,
    printable,
    release_key,
    walk,
)
from photo_factory.storage import LONGEST_NAME_BYTES, candidate_names

pytestmark = pytest.mark.unit

names = st.binary(min_size=1, max_size=255).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in {b".", b".."}
)


@given(names)
def test_a_library_name_is_always_one_that_can_be_stored(name: bytes) -> None:
    """Valid UTF-8 without control characters, no separator, never longer than a name may be."""
    for candidate, _ in zip(candidate_names(library_name(name)), range(12), strict=False):
        assert 0 < len(candidate.encode()) <= LONGEST_NAME_BYTES
        assert not set(candidate) & {"/", "\\", "\0", "\n"}


@given(names)
def test_candidates_differ_and_keep_the_suffix(name: bytes) -> None:
    stored = library_name(name)
    candidates = [c for c, _ in zip(candidate_names(stored), range(20), strict=False)]
    assert len(set(candidates)) == 20
    suffix = os.path.splitext(stored)[1]  # noqa: PTH122 - as the code under test does it
    if len(suffix.encode()) <= 32:
        assert all(candidate.endswith(suffix) for candidate in candidates)


@given(names)
def test_a_printable_path_can_be_stored_and_shown(name: bytes) -> None:
    shown = printable(name)
    assert shown.isprintable()
    assert shown.encode("utf-8").decode("utf-8") == shown


@given(names)
def test_a_plain_name_is_kept_as_it_is(name: bytes) -> None:
    try:
        text = name.decode()
    except UnicodeDecodeError:
        return
    if text.isprintable() and "\\" not in text and not text.startswith(".pf-release-"):
        assert library_name(name) == text


def test_a_number_comes_before_the_suffix() -> None:
    candidates = candidate_names("IMG_1.JPG")
    assert [next(candidates) for _ in range(3)] == ["IMG_1.JPG", "IMG_1_1.JPG", "IMG_1_2.JPG"]


@pytest.mark.parametrize(
    "name",
    [
        b"a/.stfolder/x.jpg",
        b".stversions/IMG_1~20240102-150405.jpg",
        b".syncthing.IMG_1.jpg.tmp",
        b"~syncthing~IMG_1.jpg.tmp",
        b".hidden",
        b".photo-factory-root",
        b".pending-1700000000-PXL_1.jpg",
        b".trashed-1700000000-PXL_1.jpg",
        b"._IMG_1.jpg",
        b".DS_Store",
        b"Icon\r",
        b".IMG_1.jpg.x7Yz1Q",
        b"IMG_1.jpg.part",
        b"IMG_1.jpg.CRDOWNLOAD",
        b"IMG_1.jpg.download/IMG_1.jpg",
        b"IMG_1.jpg.opdownload",
        b"IMG_1.jpg.partial",
        b"IMG_1.jpg.filepart",
        b"IMG_1.jpg.!ut",
        b"IMG_1.jpg.!qB",
        b"THUMBS.DB",
        b"Thumbs.db:encryptable",
        b"@eaDir/IMG_1.jpg/SYNOPHOTO_THUMB_XL.jpg",
        b"#recycle/IMG_1.jpg",
        b"@Recycle/IMG_1.jpg",
        b".@__thumb/IMG_1.jpg",
        b"$RECYCLE.BIN/S-1/IMG_1.jpg",
        b"lost+found",
    ],
)
def test_foreign_names_are_ignored(name: bytes) -> None:
    assert is_ignored(name)


@pytest.mark.parametrize(
    "name",
    [
        b"IMG.jpg",
        b"-x.jpg",
        b"part.jpg",
        b"download.jpg",
        b"x.tmp.jpg",
        b"my.download.folder/x.jpg",
        b"~syncthing~x.jpg",
        b"pending-1-x.jpg",
        b"eaDir/x.jpg",
        b".pf-release-7",
        b"x.sync-conflict-20240102-150405-ABCDEFG.jpg",
    ],
)
def test_other_names_are_not_and_a_conflict_copy_may_be_the_only_photo(name: bytes) -> None:
    assert not is_ignored(name)


def test_a_half_released_file_names_its_row() -> None:
    assert release_key(b"a/.pf-release-42") == 42
    assert release_key(b"a/42") is None


def test_walking_finds_files_at_any_depth_and_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.jpg").write_text("x")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = {sighting.path: sighting.refusal for sighting in walk(tmp_path)}
    assert found == {b"a/b/x.jpg": None, b"loop": "symlink"}
    assert look(tmp_path, b"a") is None
    assert look(tmp_path, b"gone.jpg") is None


@pytest.fixture
def closed_inbox() -> Iterator[Path]:
    """An inbox with a folder that an ordinary user may not read, looked at as such a user."""
    with tempfile.TemporaryDirectory() as name:
        inbox = Path(name)
        inbox.chmod(0o755)
        (inbox / "closed").mkdir()
        (inbox / "closed" / "x.jpg").write_text("x")
        (inbox / "open.jpg").write_text("x")
        (inbox / "closed").chmod(0)
        user = os.geteuid()
        os.seteuid(user or 65534)
        yield inbox
        os.seteuid(user)
        (inbox / "closed").chmod(0o700)


def test_a_folder_that_cannot_be_read_is_reported_and_the_rest_is_seen(closed_inbox: Path) -> None:
    found = {sighting.path: sighting.refusal for sighting in walk(closed_inbox)}
    assert found == {b"closed": "unreadable", b"open.jpg": None}
    (sighting,) = [one for one in walk(closed_inbox) if one.refusal]
    assert sighting.message is not None
    assert sighting.message.startswith("closed: the folder cannot be read")


def test_only_what_is_certainly_gone_counts_as_gone(closed_inbox: Path) -> None:
    assert is_gone(closed_inbox, b"gone.jpg")
    assert is_gone(closed_inbox, b"open.jpg/below-a-file.jpg")
    assert is_gone(closed_inbox, b"now-ignored.part")
    assert not is_gone(closed_inbox, b"open.jpg")
    assert not is_gone(closed_inbox, b"closed"), "it is what has been seen"
    assert not is_gone(closed_inbox, b"closed/x.jpg"), "nobody can tell"
    assert look(closed_inbox, b"closed/x.jpg") is None


def test_a_folder_that_can_be_read_again_is_no_problem_any_more(closed_inbox: Path) -> None:
    mine = os.geteuid()
    os.seteuid(0 if os.getuid() == 0 else mine)
    (closed_inbox / "closed").chmod(0o755)
    os.seteuid(mine)
    assert is_gone(closed_inbox, b"closed")


def test_a_folder_is_told_from_a_link_to_one_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "x.jpg").touch()
    (tmp_path / ".stversions").mkdir()
    names = [b"a", b"link", b"x.jpg", b"gone", b".stversions"]
    assert [is_folder(tmp_path, name) for name in names] == [True, False, False, False, False]


def test_what_is_reached_through_a_link_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    paths = [b"x.jpg", b"a/x.jpg", b"a/b/x.jpg", b"link", b"link/x.jpg", b"link/b/x.jpg", b"no/x"]
    assert folders_behind_links(tmp_path, paths) == {b"link", b"link/b"}
    deep = b"/".join([b"a"] * 2000)
    assert folders_behind_links(tmp_path, [deep]) == set()


def test_a_path_for_people_escapes_what_cannot_be_shown() -> None:
    assert printable(b"a\nb\xff.jpg") == "a\\nb\\xff.jpg"
    assert printable("Zoë/📷.jpg".encode()) == "Zoë/📷.jpg"
