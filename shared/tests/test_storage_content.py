"""What a file is: its identity and its bytes; and folders that are made to last."""

import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_factory.storage import (
    CHUNK_BYTES,
    Identity,
    SourceUnreadableError,
    hash_file,
    holds,
    make_folder,
    make_folders,
)

pytestmark = pytest.mark.unit

SIGNED_64 = range(-(2**63), 2**63)


@given(st.binary(max_size=100), st.integers(0, 3))
def test_the_hash_is_that_of_all_bytes(tail: bytes, chunks: int) -> None:
    content = b"\xab" * (chunks * CHUNK_BYTES) + tail
    path = Path(f"/proc/self/fd/{os.memfd_create('content')}")
    path.write_bytes(content)
    assert hash_file(path) == sha256(content).hexdigest()
    os.close(int(path.name))


def test_signs_of_life_are_given_during_a_long_reading(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(bytes(5 * CHUNK_BYTES))
    signs: list[int] = []
    hash_file(tmp_path / "film.mp4", lambda: signs.append(1))
    assert len(signs) == 5


def test_a_file_holds_its_own_bytes_and_no_others(tmp_path: Path) -> None:
    digest = sha256(b"photo").hexdigest()
    (tmp_path / "a.jpg").write_bytes(b"photo")
    (tmp_path / "b.jpg").write_bytes(b"other")
    assert holds(tmp_path / "a.jpg", digest)
    assert not holds(tmp_path / "b.jpg", digest)


def test_what_is_no_file_holds_nothing(tmp_path: Path) -> None:
    """A link to the right bytes is no original either: they lie elsewhere."""
    digest = sha256(b"photo").hexdigest()
    (tmp_path / "a.jpg").write_bytes(b"photo")
    (tmp_path / "link.jpg").symlink_to(tmp_path / "a.jpg")
    (tmp_path / "folder.jpg").mkdir()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("link.jpg", "folder.jpg", "pipe.jpg", "gone.jpg", "a.jpg/below.jpg"):
        assert not holds(tmp_path / name, digest), name


def test_a_file_that_cannot_be_read_is_not_called_damaged() -> None:
    """Otherwise a healthy original would be put aside for a failing disk's sake."""
    with pytest.raises(SourceUnreadableError):
        hash_file(Path("/proc/self/mem"))


def test_any_change_makes_another_identity(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(b"photo")
    os.utime(path, ns=(0, 10**18))
    first = Identity.of(path.lstat())
    os.utime(path, ns=(0, 10**18 + 1))
    later = Identity.of(path.lstat())
    path.write_bytes(b"phot")
    os.utime(path, ns=(0, 10**18))
    shorter = Identity.of(path.lstat())
    (tmp_path / "b.jpg").write_bytes(b"photo")
    os.utime(tmp_path / "b.jpg", ns=(0, 10**18))
    (tmp_path / "b.jpg").replace(path)
    another = Identity.of(path.lstat())
    assert len({first, later, shorter, another}) == 4


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.integers(-(2**70), 2**70))
def test_any_identity_fits_the_database(device: int, inode: int, modified_ns: int) -> None:
    """Network shares and FUSE hand out numbers of 64 bits, which bigint has only with a sign.

    And a broken clock or a damaged disk dates files in the year 2413.
    """
    fields = (0o100644, inode, device, 1, 0, 0, 5, 0, 0, 0)
    found = Identity.of(os.stat_result(fields, {"st_mtime_ns": modified_ns}))
    assert found.device in SIGNED_64
    assert found.inode in SIGNED_64
    assert found.modified_ns in SIGNED_64
    assert found.modified_ns == modified_ns or abs(modified_ns) >= 2**63 - 1
    assert (found.device % 2**64, found.inode % 2**64) == (device, inode)


@pytest.mark.parametrize("make", [lambda root, name: make_folders(root, [name]), make_folder])
def test_folders_are_made_to_any_depth_and_again(make: object, tmp_path: Path) -> None:
    assert callable(make)
    make(tmp_path, "2024/2024-05-17/deep")
    make(tmp_path, "2024/2024-05-17")
    make(tmp_path, "2024/2024-05-18")
    folders = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*")}
    assert folders == {"2024", "2024/2024-05-17", "2024/2024-05-17/deep", "2024/2024-05-18"}


def test_a_file_in_the_place_of_a_folder_is_an_error_and_stays(tmp_path: Path) -> None:
    (tmp_path / "2024").write_bytes(b"photo")
    with pytest.raises(OSError, match=r"2024"):
        make_folders(tmp_path, ["2024/2024-05-17"])
    assert (tmp_path / "2024").read_bytes() == b"photo"
