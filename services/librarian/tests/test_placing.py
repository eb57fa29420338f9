"""Names for originals and whole groups, and giving them without ever replacing a file."""

import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from batches import described, examined
from file_systems import KINDS, another_file_system, refusing, see_as, see_picky_names
from hypothesis import example, given
from hypothesis import strategies as st
from librarian.inbox import library_name
from librarian.placing import Outcome, Shelf, put
from photo_factory.storage import LONGEST_NAME_BYTES

pytestmark = pytest.mark.unit

DAY = "2024/2024-05-17"

NAMES = st.binary(min_size=1, max_size=255).filter(lambda name: not {0, 47} & set(name))
"""Whatever a file system takes: no NUL, no slash, not more than 255 bytes."""
SUFFIXES = st.lists(
    st.sampled_from([b".JPG", b".heic", b".MOV", b".cr2", b".webp", b".x3f", b""]),
    min_size=1,
    unique=True,
)
NUMBERS = st.integers(1, 99_999)


@pytest.fixture(scope="module")
def photo() -> Iterator[Path]:
    """Any file; only its name in the inbox matters."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"photo")
        file.flush()
        yield Path(file.name)


def shelf_of(photo: Path, names: Sequence[bytes], number: int = 0) -> Shelf:
    """Files that belong together, as they are put when the first has a name of its own."""
    files = tuple(described(examined(photo, name)) for name in names)
    return Shelf(DAY, files[0].name_parts[0], files, number)


def names_of(shelf: Shelf) -> list[str]:
    assert all(path.startswith(f"{DAY}/") for path in shelf.paths())
    return [path.removeprefix(f"{DAY}/") for path in shelf.paths()]


@given(NAMES, st.integers(0, 99_999))
@example(("ü" * 300 + ".jpg").encode(), 7)  # NTFS and SMB count letters, and not bytes
def test_any_name_becomes_one_that_can_be_stored(photo: Path, name: bytes, number: int) -> None:
    (found,) = names_of(shelf_of(photo, [name], number))
    assert 0 < len(found.encode()) <= LONGEST_NAME_BYTES
    assert not {"/", "\\", "\0", "\n", "\x7f"} & set(found)


@given(NAMES)
@example(b"A name that ends in no type. It has a long sentence behind its only dot instead")
@example(b"a.very-long-suffix")
def test_a_name_is_kept_where_nothing_speaks_against_it(photo: Path, name: bytes) -> None:
    wanted = library_name(name)
    if len(wanted.encode()) <= LONGEST_NAME_BYTES:
        assert names_of(shelf_of(photo, [name])) == [wanted]


@given(NAMES, st.lists(NUMBERS, min_size=2, max_size=2, unique=True))
def test_another_number_is_another_name(photo: Path, name: bytes, numbers: list[int]) -> None:
    one, other = (names_of(shelf_of(photo, [name], number)) for number in numbers)
    assert one != other


@given(NAMES, SUFFIXES, st.integers(0, 99_999))
@example(b"x" * 250, [b".MOV", b".heic"], 1)
@example(b"\xc3\xbc" * 125, [b".MOV", b".webp"], 12)
@example(b"a.very-long", [b"", b".MOV"], 0)
def test_a_group_keeps_its_common_stem_and_each_file_its_suffix(
    photo: Path, stem: bytes, suffixes: list[bytes], number: int
) -> None:
    """IMG_1.HEIC and IMG_1.MOV become IMG_1_7.HEIC and IMG_1_7.MOV, also if names are long."""
    longest = max(map(len, suffixes))
    names = [stem[: LONGEST_NAME_BYTES - longest] + suffix for suffix in suffixes]
    found = names_of(shelf_of(photo, names, number))
    assert len(set(found)) == len(names)
    stems = set()
    for name, suffix in zip(found, suffixes, strict=True):
        assert len(name.encode()) <= LONGEST_NAME_BYTES
        assert name.endswith(suffix.decode())
        stems.add(name.removesuffix(suffix.decode()))
    if all(suffixes):
        assert len(stems) == 1
        assert not number or stems.pop().endswith(f"_{number}")


@given(NAMES, st.lists(SUFFIXES, min_size=1, max_size=3))
def test_no_two_names_of_a_shelf_are_one(
    photo: Path, stem: bytes, suffixes: list[list[bytes]]
) -> None:
    names = [stem[:200] + suffix for suffix in suffixes[0]]
    assert len(set(names_of(shelf_of(photo, names)))) == len(names)


@pytest.fixture
def library(tmp_path: Path) -> Path:
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


def drop(inbox: Path, name: str, content: bytes) -> Path:
    path = inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def shelf(*sources: Path, copies: Sequence[Path | None] = ()) -> Shelf:
    """Files of the inbox that belong together, with where their copies wait if they have one."""
    pairs = zip(sources, copies or [None] * len(sources), strict=True)
    files = tuple(described(examined(source, copy=copy)) for source, copy in pairs)
    return Shelf(DAY, files[0].name_parts[0], files)


def stored(library: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (library / DAY).iterdir()}


def paths_of(outcome: Outcome) -> list[str]:
    return [one.path for one in outcome.placed]


def test_an_original_gets_its_name_and_the_source_stays(tmp_path: Path, library: Path) -> None:
    source = drop(tmp_path / "inbox", "a.jpg", b"photo")
    outcome = put(library, [shelf(source)], frozenset())
    assert paths_of(outcome) == [f"{DAY}/a.jpg"]
    assert stored(library) == {"a.jpg": b"photo"}
    assert source.read_bytes() == b"photo"


def test_a_file_that_has_the_name_is_never_replaced(tmp_path: Path, library: Path) -> None:
    drop(library / DAY, "a.jpg", b"another photo")
    outcome = put(library, [shelf(drop(tmp_path, "a.jpg", b"photo"))], frozenset())
    assert (paths_of(outcome), len(outcome.clashing)) == ([], 1)
    assert stored(library) == {"a.jpg": b"another photo"}


def test_a_name_that_a_row_has_is_left_to_it(tmp_path: Path, library: Path) -> None:
    """The row's original may be missing today and come back tomorrow."""
    outcome = put(library, [shelf(drop(tmp_path, "a.jpg", b"photo"))], {f"{DAY}/a.jpg"})
    assert (paths_of(outcome), len(outcome.clashing)) == ([], 1)
    assert stored(library) == {}


def test_two_of_one_name_in_one_batch_do_not_get_in_each_others_way(
    tmp_path: Path, library: Path
) -> None:
    shelves = [shelf(drop(tmp_path / where, "a.jpg", where.encode())) for where in ("1", "2")]
    outcome = put(library, shelves, frozenset())
    assert (paths_of(outcome), outcome.clashing) == ([f"{DAY}/a.jpg"], [shelves[1]])
    assert stored(library) == {"a.jpg": b"1"}


def test_what_a_crash_left_is_adopted(tmp_path: Path, library: Path) -> None:
    drop(library / DAY, "a.jpg", b"photo")
    outcome = put(library, [shelf(drop(tmp_path, "a.jpg", b"photo"))], frozenset())
    assert [(one.path, one.was_adopted) for one in outcome.placed] == [(f"{DAY}/a.jpg", True)]
    assert stored(library) == {"a.jpg": b"photo"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_group_is_put_as_a_whole_or_not_at_all(
    kind: str, tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The film's name is in use: the still, put just before, must not keep the name alone."""
    see_as(kind, monkeypatch)
    drop(library / DAY, "IMG_1.MOV", b"another film")
    sources = [drop(tmp_path / "inbox", f"IMG_1.{end}", end.encode()) for end in ("HEIC", "MOV")]
    copies = [drop(tmp_path / "incoming", source.name, source.read_bytes()) for source in sources]
    outcome = put(library, [shelf(*sources, copies=copies)], frozenset())
    assert (paths_of(outcome), len(outcome.clashing)) == ([], 1)
    assert stored(library) == {"IMG_1.MOV": b"another film"}
    assert [copy.read_bytes() for copy in copies] == [b"HEIC", b"MOV"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_copy_gets_its_name_on_any_file_system(
    kind: str, tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    see_as(kind, monkeypatch)
    source = drop(tmp_path / "inbox", "a.jpg", b"photo")
    copy = drop(library / ".incoming", "copy", b"photo")
    assert paths_of(put(library, [shelf(source, copies=[copy])], frozenset())) == [f"{DAY}/a.jpg"]
    assert stored(library) == {"a.jpg": b"photo"}
    assert (library / DAY / "a.jpg").stat().st_ino != source.stat().st_ino


@pytest.mark.parametrize("other_name", ["IMG_1.JPG", "img_1.jpg"])
def test_on_a_disk_that_knows_no_case_both_photos_are_kept(
    other_name: str, tmp_path: Path, library: Path
) -> None:
    """Such a disk answers for either name with the file that has one of them."""
    existing = drop(library / DAY, "IMG_1.JPG", b"first")
    if other_name != existing.name:
        (library / DAY / other_name).hardlink_to(existing)
    new = shelf(drop(tmp_path, other_name, b"second"))
    assert put(library, [new], frozenset()).clashing == [new]
    assert set(stored(library).values()) == {b"first"}


def test_a_source_that_was_replaced_is_not_stored(tmp_path: Path, library: Path) -> None:
    source = drop(tmp_path / "inbox", "a.jpg", b"photo")
    planned = shelf(source)
    drop(tmp_path / "inbox", "new.jpg", b"new photo").replace(source)
    outcome = put(library, [planned], frozenset())
    assert (paths_of(outcome), len(outcome.waiting)) == ([], 1)
    assert stored(library) == {}
    assert source.read_bytes() == b"new photo"


def test_a_source_that_has_gone_holds_up_no_other(tmp_path: Path, library: Path) -> None:
    gone, there = (drop(tmp_path / "inbox", f"{name}.jpg", name.encode()) for name in "ab")
    shelves = [shelf(gone), shelf(there)]
    gone.unlink()
    outcome = put(library, shelves, frozenset())
    assert paths_of(outcome) == [f"{DAY}/b.jpg"]
    assert [one.file.path for one, _ in outcome.waiting] == ["a.jpg"]


def test_a_disk_that_refuses_links_is_remembered_and_the_file_comes_again(library: Path) -> None:
    with another_file_system() as card:
        outcome = put(library, [shelf(drop(card, "a.jpg", b"photo"))], frozenset())
    assert outcome.unlinkable == {"inbox"}
    (((_, wait),)) = outcome.waiting
    assert (wait.delay_seconds, wait.code) == (0, None)
    assert stored(library) == {}


@pytest.mark.parametrize(
    ("code", "name"), [(errno.ENOSPC, "disk_full"), (errno.EROFS, "library_read_only")]
)
def test_nothing_counts_as_stored_that_may_not_be_on_disk(
    code: int, name: str, tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names are given, but the disk fails when it is asked to make them last."""
    shelves = [shelf(drop(tmp_path / "inbox", f"{one}.jpg", one.encode())) for one in "abc"]
    (library / DAY).mkdir(parents=True)
    monkeypatch.setattr(os, "fsync", refusing(code))
    outcome = put(library, shelves, frozenset())
    assert paths_of(outcome) == []
    assert [wait.code for _, wait in outcome.waiting] == [name] * 3
    monkeypatch.undo()
    again = put(library, shelves, frozenset())
    assert [one.was_adopted for one in again.placed] == [True] * 3


@pytest.mark.parametrize(
    ("name", "rounds", "expected"),
    [("10:30?.jpg", 1, "10_30__1.jpg"), ("Фото 10:30.jpg", 2, "____ 10_30_2.jpg")],
)
def test_a_name_that_the_disk_cannot_have_becomes_a_plainer_one(  # noqa: PLR0913, PLR0917 - what varies and what the test needs
    name: str,
    rounds: int,
    expected: str,
    tmp_path: Path,
    library: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """NTFS, exFAT and most shares know no colon, and some disks only the letters of a region."""

    def is_fit(wanted: str) -> bool:
        return wanted.isascii() and not set(':?"') & set(wanted)

    shelves = [shelf(drop(tmp_path / "inbox", name, b"photo"))]
    see_picky_names(is_fit, errno.EINVAL, monkeypatch)
    for number in range(1, rounds + 1):
        found = put(library, shelves, frozenset())
        assert (paths_of(found), found.waiting, len(found.clashing)) == ([], [], 1)
        shelves = [replace(one, number=number) for one in found.clashing]
    assert paths_of(put(library, shelves, frozenset())) == [f"{DAY}/{expected}"]
    assert stored(library) == {expected: b"photo"}


def test_a_disk_that_refuses_even_plain_names_cannot_be_written(
    tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelves = [shelf(drop(tmp_path / "inbox", "a.jpg", b"photo"))]
    see_picky_names(lambda _: False, errno.EINVAL, monkeypatch)
    for _ in range(2):
        shelves = put(library, shelves, frozenset()).clashing
    outcome = put(library, shelves, frozenset())
    assert [wait.code for _, wait in outcome.waiting] == ["library_read_only"]
    assert outcome.clashing == []
