"""Parts of a Takeout that are damaged or hostile: each fault is told, and the rest comes in."""

import json
import os
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest
from ingest_runs import assert_library_is_sound, files_below
from librarian.bulk_sources import RefusedError
from librarian.settings import LibrarianSettings
from librarian.takeout import spool
from librarian.takeout.spool import Limits
from photo_factory.database import Connection
from photo_files import rows, save_photo
from takeout_runs import Ended, assert_nothing_lies_around, run_takeout

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]
YEAR = "Takeout/Google Photos/Photos from 2024"
NAME = "takeout-20240101T000000Z-001.zip"
ENCRYPTED = 0x1


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> LibrarianSettings:
    return LibrarianSettings(
        data_dir=tmp_path / "data", database_url=database_url, keep_free_bytes=0
    )


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    save_photo(tmp_path / "good.jpg", "green")
    return (tmp_path / "good.jpg").read_bytes()


def pack(part: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(part, "w") as archive:
        for path, content in members.items():
            archive.writestr(zipfile.ZipInfo(path, (2024, 1, 1, 0, 0, 0)), content)
    return part


def change(part: Path, old: bytes, new: bytes) -> None:
    content = part.read_bytes()
    assert old in content
    part.write_bytes(content.replace(old, new))


def codes(ended: Ended) -> set[str]:
    return {fault.code for fault in ended.takeout.faults}


def assert_only_the_good_one_came(
    ended: Ended, connection: Connection, settings: LibrarianSettings
) -> None:
    assert ended.report.is_complete, ended.report.trouble
    assert rows(connection, "original_name") == [("good.jpg",)]
    assert_library_is_sound(connection, settings.library)
    assert_nothing_lies_around(connection, settings.library)


@pytest.mark.parametrize("name", ["../evil.jpg", "/evil.jpg", "a/../../evil.jpg", "C:/evil.jpg"])
def test_a_name_that_leads_elsewhere_writes_nothing_there(
    name: str,
    good: bytes,
    tmp_path: Path,
    settings: LibrarianSettings,
    connection: Connection,
) -> None:
    part = pack(tmp_path / NAME, {name: good + b"evil", f"{YEAR}/good.jpg": good})
    ended = run_takeout(settings, [part])
    assert codes(ended) == {"name_unsafe"}
    assert_only_the_good_one_came(ended, connection, settings)
    assert not [path for path in files_below(tmp_path) if path.name == "evil.jpg"]


def test_a_photo_whose_bytes_are_damaged_is_told_and_comes_with_a_sound_part(
    good: bytes, tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    save_photo(tmp_path / "bad.jpg", "red")
    bad = (tmp_path / "bad.jpg").read_bytes()
    members = {f"{YEAR}/bad.jpg": bad, f"{YEAR}/good.jpg": good}
    part = pack(tmp_path / NAME, members)
    change(part, bad, bad[:200] + bytes(9) + bad[209:])
    ended = run_takeout(settings, [part])
    assert codes(ended) == {"member_damaged"}
    assert [(one.verdict, one.code) for one in ended.results if one.verdict == "failed"] == [
        ("failed", "member_damaged")
    ]
    assert_only_the_good_one_came(ended, connection, settings)
    pack(part, members)
    assert run_takeout(settings, [part]).counts == {"new": 1, "known": 1}


def test_an_encrypted_member_is_left_out(
    good: bytes, tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    part = pack(tmp_path / NAME, {f"{YEAR}/secret.jpg": b"x" * 99, f"{YEAR}/good.jpg": good})
    content = bytearray(part.read_bytes())
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = content.index(signature) + at
        struct.pack_into("<H", content, place, ENCRYPTED)
    part.write_bytes(content)
    ended = run_takeout(settings, [part])
    assert codes(ended) == {"member_encrypted"}
    assert_only_the_good_one_came(ended, connection, settings)


def test_of_parts_one_of_which_is_cut_off_the_others_come(
    good: bytes, tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    part = pack(tmp_path / NAME, {f"{YEAR}/good.jpg": good})
    cut = pack(tmp_path / NAME.replace("001", "002"), {f"{YEAR}/lost.jpg": good * 20})
    os.truncate(cut, 4000)
    ended = run_takeout(settings, [cut, part])
    assert codes(ended) == {"archive_damaged"}
    assert_only_the_good_one_came(ended, connection, settings)


def test_a_huge_json_is_not_read(
    good: bytes, tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    huge = json.dumps({"title": "x" * 5_000_000, "photoTakenTime": {"timestamp": "1"}}).encode()
    small = json.dumps({"title": "other.jpg", "photoTakenTime": {"timestamp": "1"}}).encode()
    members = {
        f"{YEAR}/good.jpg.json": huge,
        f"{YEAR}/other.jpg.json": small,
        f"{YEAR}/good.jpg": good,
    }
    part = pack(tmp_path / NAME, members)
    ended = run_takeout(settings, [part])
    assert codes(ended) == {"note_too_large"}
    assert_only_the_good_one_came(ended, connection, settings)


def test_a_folder_and_a_file_of_one_name_do_not_stop_the_rest(
    good: bytes, tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    other = good + b"other"
    members = {f"{YEAR}/good.jpg": good, f"{YEAR}/good.jpg/inner.jpg": other}
    ended = run_takeout(settings, [pack(tmp_path / NAME, members)])
    assert ended.report.is_complete
    assert ended.counts in ({"new": 2}, {"new": 1, "failed": 1})
    assert_library_is_sound(connection, settings.library)


def test_no_more_lies_unpacked_than_is_allowed(
    good: bytes,
    tmp_path: Path,
    settings: LibrarianSettings,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photos = {f"{YEAR}/{number}.jpg": good + bytes([number]) for number in range(30)}
    most = 0
    set_time = os.utime

    def watched(*arguments: Any, **named: Any) -> None:  # noqa: ANN401 - handed on as they are
        nonlocal most
        set_time(*arguments, **named)
        spools = (settings.library / ".incoming").glob("takeout-*")
        most = max(most, sum(len(files_below(folder)) for folder in spools))

    monkeypatch.setattr(os, "utime", watched)
    ended = run_takeout(
        settings, [pack(tmp_path / NAME, photos)], limits=Limits(files=10, size_bytes=1 << 30)
    )
    assert ended.counts == {"new": 30}
    assert 1 < most <= 10
    assert_nothing_lies_around(connection, settings.library)


def test_without_room_nothing_is_unpacked_and_the_reason_is_told(
    good: bytes,
    tmp_path: Path,
    settings: LibrarianSettings,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spool, "PATIENCE_SECONDS", 0.2)
    part = pack(tmp_path / NAME, {f"{YEAR}/good.jpg": good})
    ended = run_takeout(settings, [part], limits=Limits(keep_free_bytes=1 << 60))
    assert not ended.report.is_complete
    assert "no room" in (ended.report.trouble or "")
    assert rows(connection, "path") == []
    assert run_takeout(settings, [part]).counts == {"new": 1}


def test_what_is_no_takeout_is_refused_in_a_sentence(
    tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    del connection
    (tmp_path / "letter.zip").write_text("Dear Anna")
    with pytest.raises(RefusedError, match=r"letter\.zip is neither"):
        run_takeout(settings, [tmp_path / "letter.zip"])


def test_nothing_is_taken_in_from_a_tgz_whose_checksum_is_wrong(
    good: bytes, tmp_path: Path, settings: LibrarianSettings, connection: Connection
) -> None:
    """Which of its files are damaged cannot be told; the other parts come in."""
    save_photo(tmp_path / "doubtful.jpg", "red")
    doubtful = tmp_path / "takeout-20240101T000000Z-002.tgz"
    with tarfile.open(doubtful, "w:gz") as archive:
        archive.add(tmp_path / "doubtful.jpg", f"{YEAR}/doubtful.jpg")
    content = bytearray(doubtful.read_bytes())
    content[-8] ^= 1  # the last eight bytes are CRC-32 and length (RFC 1952)
    doubtful.write_bytes(content)
    part = pack(tmp_path / NAME, {f"{YEAR}/good.jpg": good})
    ended = run_takeout(settings, [part, doubtful])
    assert codes(ended) == {"checksum_wrong"}
    assert_only_the_good_one_came(ended, connection, settings)
