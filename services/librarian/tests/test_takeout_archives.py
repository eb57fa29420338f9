import gzip
import io
import os
import stat
import struct
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.takeout.archives import DamagedError, Fault, Parts, open_parts
from librarian.takeout.paths import UnsafePathError, safe_path

pytestmark = pytest.mark.unit

GOOD = "Takeout/Google Photos/Photos from 2019/a.jpg"
LAST = "Takeout/Google Photos/Photos from 2019/z.jpg"
Content = bytes | Callable[[tarfile.TarInfo], None]


def write_zip(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo("x", (2024, 5, 6, 7, 8, 10))
            entry.filename = name  # as it is, where the constructor would make it harmless
            archive.writestr(entry, content)
    return path


def write_tgz(path: Path, files: dict[str, Content]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in files.items():
            header = tarfile.TarInfo(name)
            header.mtime = 1_704_067_200
            if callable(content):
                content(header)
                archive.addfile(header)
            else:
                header.size = len(content)
                archive.addfile(header, io.BytesIO(content))
    return path


def read(parts: Parts) -> dict[str, bytes]:
    """All members that can be read, by path."""
    found, damage = {}, []
    for part in parts.parts:
        for member, stream in part.members():
            try:
                found[member.path] = stream.read()
            except DamagedError as error:
                damage.append(error.fault)
                continue
            assert len(found[member.path]) == member.size_bytes
            assert member.part == part.name
    assert all(fault in parts.faults for fault in damage)
    return found


def read_one(path: Path) -> tuple[dict[str, bytes], list[tuple[str | None, str]]]:
    parts = open_parts([path])
    found = read(parts)
    for fault in parts.faults:
        assert fault.part == path.name
        assert fault.message.endswith(".")
        assert fault.message.isprintable()
    return found, [(fault.path, fault.code) for fault in parts.faults]


BAD_NAMES = [
    ("../a.jpg", "name_unsafe"),
    ("Takeout/../../a.jpg", "name_unsafe"),
    ("/etc/a.jpg", "name_unsafe"),
    ("C:/a.jpg", "name_unsafe"),
    ("c:a.jpg", "name_unsafe"),
    ("Takeout\\a.jpg", "name_unsafe"),
    ("Takeout//a.jpg", "name_empty"),
    ("Takeout/" + "a" * 252 + ".jpg", "name_too_long"),
    ("Takeout/" + "é" * 126 + ".jpg", "name_too_long"),
    ("a/" * 2100 + "a.jpg", "name_too_long"),
]


@pytest.mark.parametrize(("name", "code"), BAD_NAMES, ids=[name[:12] for name, _ in BAD_NAMES])
def test_a_zip_member_with_a_bad_name_is_left_out_and_the_rest_goes_on(
    tmp_path: Path, name: str, code: str
) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: b"one", name: b"evil", LAST: b"two"})
    found, faults = read_one(path)
    assert found == {GOOD: b"one", LAST: b"two"}
    assert faults == [(name.encode("unicode_escape").decode() if "\0" in name else name, code)]


@pytest.mark.parametrize(("name", "code"), BAD_NAMES, ids=[name[:12] for name, _ in BAD_NAMES])
def test_a_tgz_member_with_a_bad_name_is_left_out_and_the_rest_goes_on(
    tmp_path: Path, name: str, code: str
) -> None:
    path = write_tgz(tmp_path / "a.tgz", {GOOD: b"one", name: b"evil", LAST: b"two"})
    assert read_one(path) == ({GOOD: b"one", LAST: b"two"}, [(name, code)])


def test_a_zero_byte_in_a_zips_name_is_seen(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: b"one", "Takeout/b.jpg!.exe": b"evil"})
    path.write_bytes(path.read_bytes().replace(b"b.jpg!.exe", b"b.jpg\0.exe"))
    assert read_one(path) == ({GOOD: b"one"}, [("Takeout/b.jpg\\x00.exe", "name_unsafe")])


def _link(header: tarfile.TarInfo) -> None:
    header.type, header.linkname = tarfile.SYMTYPE, "/etc/passwd"


def _hard_link(header: tarfile.TarInfo) -> None:
    header.type, header.linkname = tarfile.LNKTYPE, GOOD


def _device(header: tarfile.TarInfo) -> None:
    header.type = tarfile.CHRTYPE


def _pipe(header: tarfile.TarInfo) -> None:
    header.type = tarfile.FIFOTYPE


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (_link, "member_link"),
        (_hard_link, "member_link"),
        (_device, "member_special"),
        (_pipe, "member_special"),
    ],
)
def test_what_is_no_file_in_a_tgz_is_left_out(tmp_path: Path, content: Content, code: str) -> None:
    path = write_tgz(tmp_path / "a.tgz", {GOOD: b"one", "Takeout/b.jpg": content, LAST: b"two"})
    assert read_one(path) == ({GOOD: b"one", LAST: b"two"}, [("Takeout/b.jpg", code)])


def test_a_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("Takeout/link.jpg")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
        archive.writestr(GOOD, b"one")
    assert read_one(path) == ({GOOD: b"one"}, [("Takeout/link.jpg", "member_link")])


def test_links_and_pipes_in_a_folder_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / GOOD).parent.mkdir(parents=True)
    (folder / GOOD).write_bytes(b"one")
    (folder / "Takeout/link.jpg").symlink_to("/etc/passwd")
    (folder / "Takeout/others").symlink_to("/etc")
    os.mkfifo(folder / "Takeout/pipe.jpg")
    found, faults = read_one(folder)
    assert found == {GOOD: b"one"}
    assert set(faults) == {
        ("Takeout/link.jpg", "member_link"),
        ("Takeout/others", "member_link"),
        ("Takeout/pipe.jpg", "member_special"),
    }


def patch_zip(path: Path, name: str, offset: int, value: bytes) -> None:
    """Change a field of a member's line in the list at the end of a zip."""
    content = bytearray(path.read_bytes())
    start = content.rindex(name.encode()) - 46
    assert content[start : start + 4] == b"PK\1\2"
    content[start + offset : start + offset + len(value)] = value
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("offset", "value", "code"),
    [
        (8, b"\1", "member_encrypted"),
        (10, b"\x0c", "method_unknown"),
        (10, b"\x63", "method_unknown"),
        (16, b"\0\0\0\0", "member_damaged"),  # another checksum
        (24, struct.pack("<I", 1000), "member_damaged"),  # declares more than it has
        (24, struct.pack("<I", 2), "member_damaged"),  # and less
        (42, struct.pack("<I", 1 << 30), "member_damaged"),  # begins behind the end
    ],
)
def test_a_damaged_zip_member_is_left_out_and_the_rest_goes_on(
    tmp_path: Path, offset: int, value: bytes, code: str
) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: b"one", "Takeout/b.jpg": b"b" * 99, LAST: b"two"})
    patch_zip(path, "Takeout/b.jpg", offset, value)
    assert read_one(path) == ({GOOD: b"one", LAST: b"two"}, [("Takeout/b.jpg", code)])


def test_a_zip_bomb_gives_no_more_than_it_declares(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: bytes(50_000_000)})
    patch_zip(path, GOOD, 24, struct.pack("<I", 1000))
    parts = open_parts([path])
    for member, stream in parts.parts[0].members():
        assert member.size_bytes == 1000
        with pytest.raises(DamagedError):
            stream.read()
    assert [fault.code for fault in parts.faults] == ["member_damaged"]


def test_zip_members_that_share_bytes_are_read_once(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: b"one" * 99, LAST: b"two" * 99})
    patch_zip(path, LAST, 42, struct.pack("<I", 1))
    _, faults = read_one(path)
    assert faults == [(LAST, "member_overlaps")]


def test_a_zip_member_may_not_declare_more_than_any_file_has(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(GOOD, b"one")
        archive.filelist[0].file_size = 1 << 62
    assert read_one(path) == ({}, [(GOOD, "size_impossible")])


def test_a_zip_cut_short_says_so(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: os.urandom(999)})
    path.write_bytes(path.read_bytes()[:-30])
    assert read_one(path) == ({}, [(None, "archive_damaged")])


@pytest.mark.parametrize("share", [0.3, 0.9, 0.999])
def test_a_tgz_cut_short_is_read_up_to_there(tmp_path: Path, share: float) -> None:
    files: dict[str, Content] = {f"Takeout/{n:02}.jpg": os.urandom(9000) for n in range(30)}
    path = write_tgz(tmp_path / "a.tgz", files)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    found, faults = read_one(path)
    assert found.items() <= files.items()
    assert len(found) >= 30 * share - 3
    assert (None, "archive_damaged") in faults


def test_a_tgz_with_a_wrong_byte_in_a_photo_says_that_all_of_it_is_doubtful(
    tmp_path: Path,
) -> None:
    path = write_tgz(tmp_path / "a.tgz", {GOOD: b"one", LAST: b"two"})
    whole = gzip.decompress(path.read_bytes())
    wrong = bytearray(gzip.compress(whole, compresslevel=0))
    wrong[wrong.index(b"two")] ^= 1
    path.write_bytes(wrong)
    _, faults = read_one(path)
    assert faults == [(None, "checksum_wrong")]


def test_a_zip_member_that_hides_its_bytes_is_left_out(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: b"one", LAST: b"two"})
    patch_zip(path, LAST, 24, bytes(4))
    assert read_one(path) == ({GOOD: b"one"}, [(LAST, "member_damaged")])


def test_a_tar_with_a_damaged_header_does_not_pass_for_whole(tmp_path: Path) -> None:
    path = write_tgz(tmp_path / "a.tgz", {GOOD: b"one", LAST: b"two"})
    content = bytearray(gzip.decompress(path.read_bytes()))
    content[1024 + 20] ^= 1
    (tmp_path / "a.tar").write_bytes(content)
    found, faults = read_one(tmp_path / "a.tar")
    assert found == {GOOD: b"one"}
    assert faults == [(None, "archive_damaged")]


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.GNUTYPE_LONGNAME])
def test_a_tgz_with_a_name_that_would_fill_the_memory_is_refused(
    tmp_path: Path, kind: bytes
) -> None:
    header = tarfile.TarInfo("long")
    header.type, header.size = kind, 1 << 33
    path = tmp_path / "a.tgz"
    path.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(10_000_000)))
    assert read_one(path) == ({}, [(None, "archive_damaged")])


@pytest.mark.parametrize("content", [b"", b"<html>Sign in</html>", b"\x1f\x8b", bytes(1024)])
def test_a_file_that_is_no_archive_is_a_fault(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "takeout-20240101T000000Z-001.zip"
    path.write_bytes(content)
    found, faults = read_one(path)
    assert found == {}
    assert [path for path, _ in faults] == [None]
    assert faults[0][1] in ("not_an_archive", "archive_damaged")


def test_a_path_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert read_one(tmp_path / "none.zip") == ({}, [(None, "archive_unreadable")])


@given(st.binary(max_size=300), st.sampled_from([b"", b"PK\3\4", b"PK\5\6", b"\x1f\x8b\x08\0"]))
def test_any_bytes_are_read_without_a_crash(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, head: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.zip"
    path.write_bytes(head + content)
    assert read(open_parts([path])) == {}


@given(st.integers(0, 2000), st.integers(0, 255), st.sampled_from(["zip", "tgz"]))
def test_one_wrong_byte_gives_no_crash_and_no_wrong_bytes(
    tmp_path_factory: pytest.TempPathFactory, place: int, value: int, kind: str
) -> None:
    folder = tmp_path_factory.mktemp("any")
    files: dict[str, Content] = {GOOD: b"one" * 50, LAST: b"two" * 50}
    if kind == "zip":
        path = write_zip(folder / "a.zip", {GOOD: b"one" * 50, LAST: b"two" * 50})
    else:
        path = write_tgz(folder / "a.tgz", files)
    content = bytearray(path.read_bytes())
    content[place % len(content)] = value
    path.write_bytes(content)
    found = read(open_parts([path]))
    if kind == "zip":
        assert set(found.values()) <= set(files.values())


def test_names_are_read_in_utf_8_and_in_the_old_code_page(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"Takeout/Zoë.jpg": b"1", "Takeout/b\xe9.jpg": b"2"})
    content = bytearray(path.read_bytes().replace("bé".encode(), "b├".encode("cp437") + b"x"))
    content[content.index(b"Takeout/b") - 23] = 0  # no flag for UTF-8, in the member's own head
    path.write_bytes(content)
    patch_zip(path, "Takeout/b", 9, b"\0")
    parts = open_parts([path])
    names = [member.path for part in parts.parts for member, _ in part.members()]
    assert names == ["Takeout/Zoë.jpg", "Takeout/b├x.jpg"]


def test_utf_8_without_its_flag_is_read_as_such(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"Takeout/Zoë.jpg": b"1"})
    content = path.read_bytes()
    for start in (content.index(b"PK\3\4") + 7, content.index(b"PK\1\2") + 9):
        content = content[:start] + b"\0" + content[start + 1 :]
    path.write_bytes(content)
    assert read_one(path) == ({"Takeout/Zoë.jpg": b"1"}, [])


def test_names_are_brought_to_one_form(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Takeout/Zoë.jpg")
    (tmp_path / "Takeout").mkdir()
    (tmp_path / decomposed).write_bytes(b"1")
    assert list(read(open_parts([tmp_path]))) == ["Takeout/Zoë.jpg"]


def test_names_that_are_no_unicode_are_kept_readable(tmp_path: Path) -> None:
    (tmp_path / "Takeout").mkdir()
    (tmp_path / "Takeout" / os.fsdecode(b"a\xff.jpg")).write_bytes(b"1")
    assert list(read(open_parts([tmp_path]))) == ["Takeout/a\ufffd.jpg"]


def test_times_are_told_where_they_are_known(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo("Takeout/no.jpg"), b"")
        archive.writestr(zipfile.ZipInfo("Takeout/bad.jpg", (2024, 13, 45, 0, 0, 0)), b"")
        archive.writestr(zipfile.ZipInfo("Takeout/zip.jpg", (2024, 5, 6, 7, 8, 10)), b"")
        exact = zipfile.ZipInfo("Takeout/exact.jpg", (2024, 5, 6, 7, 8, 10))
        exact.extra = struct.pack("<HHBi", 0x5455, 5, 1, 1_700_000_000)
        archive.writestr(exact, b"")
    write_tgz(tmp_path / "b.tgz", {"Takeout/tar.jpg": b""})
    parts = open_parts([tmp_path])
    times = {member.path: member.modified for part in parts.parts for member, _ in part.members()}
    assert times == {
        "Takeout/no.jpg": None,
        "Takeout/bad.jpg": None,
        "Takeout/zip.jpg": datetime(2024, 5, 6, 7, 8, 10, tzinfo=UTC),
        "Takeout/exact.jpg": datetime.fromtimestamp(1_700_000_000, UTC),
        "Takeout/tar.jpg": datetime(2024, 1, 1, tzinfo=UTC),
    }


def test_the_same_member_of_two_zips_is_read_once(tmp_path: Path) -> None:
    write_zip(tmp_path / "takeout-20240101T000000Z-001.zip", {GOOD: b"one"})
    write_zip(tmp_path / "takeout-20240101T000000Z-001 (1).zip", {GOOD: b"one"})
    parts = open_parts([tmp_path])
    assert [member.path for part in parts.parts for member, _ in part.members()] == [GOOD]


def test_a_tgz_that_was_downloaded_twice_is_read_once(tmp_path: Path) -> None:
    path = write_tgz(tmp_path / "takeout-20240101T000000Z-001.tgz", {GOOD: b"one"})
    (tmp_path / "takeout-20240101T000000Z-001(1).tgz").write_bytes(path.read_bytes())
    assert read(open_parts([tmp_path])) == {GOOD: b"one"}


def test_two_contents_of_one_path_are_both_kept_under_paths_that_stay(tmp_path: Path) -> None:
    one = write_zip(tmp_path / "takeout-20240101T000000Z-001.zip", {GOOD: b"one"})
    two = write_zip(tmp_path / "takeout-20240202T000000Z-001.zip", {GOOD: b"two"})
    expected = {GOOD: b"one", f"takeout-20240202T000000Z/{GOOD}": b"two"}
    for paths in ([one, two], [two, one], [two, one, two], [tmp_path]):
        parts = open_parts(paths)
        assert read(parts) == expected
        assert read(parts) == expected
        assert parts.faults == []


def test_faults_are_told_once_though_the_parts_are_read_twice(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"../a.jpg": b"evil"})
    parts = open_parts([path])
    read(parts)
    read(parts)
    assert len(parts.faults) == 1


def test_a_stream_is_of_no_use_after_its_turn(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {GOOD: b"one", LAST: b"two"})
    streams = [stream for _, stream in open_parts([path]).parts[0].members()]
    with pytest.raises(ValueError, match="next member"):
        streams[0].read()


def test_a_stream_may_be_read_in_pieces_or_not_at_all(tmp_path: Path) -> None:
    files: dict[str, Content] = {GOOD: b"0123456789", "Takeout/b": b"x" * 99_999, LAST: b"two"}
    path = write_tgz(tmp_path / "a.tgz", files)
    seen = []
    for member, stream in open_parts([path]).parts[0].members():
        if member.path == GOOD:
            seen += [stream.read(4), stream.read(0), stream.read(4), stream.read(4), stream.read(4)]
        if member.path == LAST:
            buffer = bytearray(5)
            count = stream.readinto(buffer)  # type: ignore[attr-defined] # BinaryIO has it not
            seen.append(bytes(buffer[:count]))
    assert seen == [b"0123", b"", b"4567", b"89", b"", b"two"]


def test_a_folder_of_downloads_gives_its_takeouts_only(tmp_path: Path) -> None:
    write_zip(tmp_path / "takeout-20240101T000000Z-002.zip", {GOOD: b"one"})
    write_zip(tmp_path / "holiday.zip", {"b.jpg": b"other"})
    (tmp_path / "unpacked/Takeout").mkdir(parents=True)
    (tmp_path / "unpacked/Takeout/c.jpg").write_bytes(b"three")
    (tmp_path / "private").mkdir()
    (tmp_path / "private/d.jpg").write_bytes(b"four")
    parts = open_parts([tmp_path])
    assert read(parts) == {GOOD: b"one", "Takeout/c.jpg": b"three"}
    assert [(fault.part, fault.code) for fault in parts.faults] == [("holiday.zip", "not_a_part")]
    assert parts.missing == ("takeout-20240101T000000Z-001.zip",)


@pytest.mark.parametrize("named", [".", "Takeout", "Takeout/Google Photos"])
def test_paths_are_the_same_whichever_folder_is_named(tmp_path: Path, named: str) -> None:
    (tmp_path / GOOD).parent.mkdir(parents=True)
    (tmp_path / GOOD).write_bytes(b"one")
    assert read(open_parts([tmp_path / named])) == {GOOD: b"one"}


E = "takeout-20240101T000000Z"


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ([f"{E}-001.zip"], []),
        ([f"{E}-001.zip", f"{E}-004.zip"], [f"{E}-002.zip", f"{E}-003.zip"]),
        ([f"{E}-002.tgz"], [f"{E}-001.tgz"]),
        ([f"{E}-1-001.zip", f"{E}-1-003.zip"], [f"{E}-1-002.zip"]),
        ([f"{E}-1-001.zip", f"{E}-3-001.zip"], [f"{E}-2-001.zip"]),
        ([f"{E}-001.zip", "takeout-20250101T000000Z-001.zip"], []),
        ([f"{E}-002.zip", f"{E}-002 (1).zip"], [f"{E}-001.zip"]),
        (["a.zip"], []),
    ],
)
def test_parts_are_missing_whose_numbers_are_passed_over(
    tmp_path: Path, names: list[str], missing: list[str]
) -> None:
    for name in names:
        write_zip(tmp_path / name, {})
    assert list(open_parts(tmp_path / name for name in names).missing) == missing


@given(st.text(max_size=40))
def test_a_safe_path_stays_in_its_tree(name: str) -> None:
    code, path = None, "a"
    try:
        path = safe_path(name)
    except UnsafePathError as error:
        code = error.code
    assert code in (None, "name_unsafe", "name_empty", "name_too_long")
    assert not path.startswith("/")
    assert not {"", ".", ".."} & set(path.split("/"))
    path.encode()


def test_a_fault_can_be_shown_whatever_the_name(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"../\x1b[31m\n.jpg": b""})
    parts = open_parts([path])
    read(parts)
    assert parts.faults == [
        Fault(
            "a.zip",
            "../\\x1b[31m\\n.jpg",
            "name_unsafe",
            "../\\x1b[31m\\n.jpg in a.zip has a path that leads out of the archive; "
            "it is left out.",
        )
    ]
