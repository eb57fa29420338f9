"""Names in the library: kept within limits, and never taken from another file."""

import os
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pytest
from file_systems import KINDS, another_file_system, refusing, see_as
from hypothesis import given
from hypothesis import strategies as st
from photo_factory.storage import (
    LONGEST_NAME_BYTES,
    PLAINEST,
    candidate_names,
    link_without_replacing,
    numbered,
    plain_stem,
)

pytestmark = pytest.mark.unit

TEXT = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), max_size=300)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each kind of file system, which this process sees from now on."""
    see_as(request.param, monkeypatch)
    return str(request.param)


def write(path: Path, content: bytes = b"photo") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_a_name_is_given_and_bytes_and_time_are_kept(kind: str, tmp_path: Path) -> None:
    source = write(tmp_path / "incoming")
    os.utime(source, ns=(10**18, 10**18))
    link_without_replacing(source, tmp_path / "a.jpg")
    assert (tmp_path / "a.jpg").read_bytes() == b"photo"
    assert (tmp_path / "a.jpg").stat().st_mtime_ns == 10**18
    assert source.exists() == (kind == "hard links")


@pytest.mark.usefixtures("kind")
def test_a_name_in_use_is_never_taken(tmp_path: Path) -> None:
    source = write(tmp_path / "incoming")
    taken = write(tmp_path / "a.jpg", b"another photo")
    with pytest.raises(FileExistsError):
        link_without_replacing(source, taken)
    assert (taken.read_bytes(), source.read_bytes()) == (b"another photo", b"photo")


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize(
    "make",
    [Path.mkdir, os.mkfifo, lambda path: path.symlink_to("nowhere")],
    ids=["folder", "pipe", "broken link"],
)
def test_what_is_no_file_keeps_its_name_too(make: Callable[[Path], None], tmp_path: Path) -> None:
    source, target = write(tmp_path / "incoming"), tmp_path / "a.jpg"
    make(target)
    before = target.lstat().st_ino
    with pytest.raises(FileExistsError):
        link_without_replacing(source, target)
    assert target.lstat().st_ino == before
    assert source.read_bytes() == b"photo"


@pytest.mark.usefixtures("kind")
def test_of_many_that_want_one_name_one_gets_it_and_no_bytes_are_lost(tmp_path: Path) -> None:
    """Threads of this process; between librarians it is the file system that decides as well."""
    crowd, rounds = 4, 10
    start = threading.Barrier(crowd)
    won: Counter[int] = Counter()

    def reach_for_names(number: int) -> None:
        for at in range(rounds):
            source = write(tmp_path / f"incoming-{number}-{at}", f"{number}-{at}".encode())
            start.wait(30)
            try:
                link_without_replacing(source, tmp_path / f"{at}.jpg")
                won[at] += 1
                source.unlink(missing_ok=True)
            except FileExistsError:
                pass

    threads = [threading.Thread(target=reach_for_names, args=(one,)) for one in range(crowd)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert won == dict.fromkeys(range(rounds), 1)
    found = Counter(path.read_text() for path in tmp_path.iterdir())
    assert found == {f"{number}-{at}": 1 for number in range(crowd) for at in range(rounds)}


def test_a_reservation_that_was_cut_short_is_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without links and safe renames, a crash can leave the name with an empty file."""
    see_as("neither", monkeypatch)
    source = write(tmp_path / "incoming")
    (tmp_path / "a.jpg").touch()
    link_without_replacing(source, tmp_path / "a.jpg")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"photo"]


def test_a_living_reservation_is_not_taken_for_one_that_was_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another librarian wants the name just when it is reserved and not yet replaced."""
    see_as("neither", monkeypatch)
    ours, theirs = write(tmp_path / "ours", b"ours"), write(tmp_path / "theirs", b"theirs")
    replace, is_reserved, other_is_done = Path.replace, threading.Event(), threading.Event()

    def take_their_time(source: Path, target: Path) -> Path:
        if source == ours:
            is_reserved.set()
            other_is_done.wait(0.3)
        return replace(source, target)

    def come_between() -> None:
        is_reserved.wait(10)
        with suppress(FileExistsError):
            link_without_replacing(theirs, tmp_path / "a.jpg")
        other_is_done.set()

    monkeypatch.setattr(Path, "replace", take_their_time)
    other = threading.Thread(target=come_between)
    other.start()
    link_without_replacing(ours, tmp_path / "a.jpg")
    other.join(10)
    assert {path.read_bytes() for path in tmp_path.iterdir()} == {b"ours", b"theirs"}


def test_a_reservation_of_no_use_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rename onto it fails, as between two disks: no empty file is left in its place."""
    see_as("neither", monkeypatch)
    source = write(tmp_path / "a.jpg")
    with another_file_system() as elsewhere:
        with pytest.raises(OSError, match="cross-device"):
            link_without_replacing(source, elsewhere / "a.jpg")
        assert list(elsewhere.iterdir()) == []
    assert source.read_bytes() == b"photo"


def test_a_name_on_another_disk_is_refused_and_reserved_by_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jpg")
    with another_file_system() as elsewhere:
        with pytest.raises(OSError, match="cross-device"):
            link_without_replacing(source, elsewhere / "a.jpg")
        assert list(elsewhere.iterdir()) == []
    assert source.read_bytes() == b"photo"


def test_an_error_that_has_nothing_to_do_with_links_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is no reason to try it another way."""
    monkeypatch.setattr(os, "link", refusing(28))
    with pytest.raises(OSError, match="No space left"):
        link_without_replacing(write(tmp_path / "incoming"), tmp_path / "a.jpg")
    assert [path.name for path in tmp_path.iterdir()] == ["incoming"]


def test_candidates_count_up_before_the_suffix() -> None:
    assert list(islice(candidate_names("IMG_1.JPG"), 3)) == [
        "IMG_1.JPG",
        "IMG_1_1.JPG",
        "IMG_1_2.JPG",
    ]
    assert list(islice(candidate_names("noend"), 2)) == ["noend", "noend_1"]


@given(TEXT, TEXT.map(lambda text: f".{text}"[:40]), st.integers(0, 10**5))
def test_a_numbered_name_fits_the_file_system(stem: str, suffix: str, number: int) -> None:
    name = numbered(stem, suffix, number)
    assert len(name.encode()) <= LONGEST_NAME_BYTES
    assert number == 0 or f"_{number}" in name


@given(TEXT, st.lists(st.integers(1, 10**5), min_size=2, max_size=2, unique=True))
def test_two_numbers_make_two_names(stem: str, numbers: list[int]) -> None:
    one, other = (numbered(stem, ".jpg", number) for number in numbers)
    assert one != other


@given(TEXT, st.integers(1, PLAINEST))
def test_a_plain_stem_is_short_and_fit_for_any_disk(stem: str, plainness: int) -> None:
    found = plain_stem(stem, plainness)
    assert len(os.fsencode(found)) <= 100
    assert not set('<>:"/\\|?*') & set(found)
    assert not found.endswith((" ", "."))
    assert plainness < PLAINEST or found.isascii()


@given(TEXT)
def test_a_stem_stays_as_it_is_where_no_disk_has_refused_it(stem: str) -> None:
    assert plain_stem(stem, 0) == stem
