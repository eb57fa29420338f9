"""Sidecars find their photos, early or late; on real rows."""

from collections.abc import Sequence

import pytest
from companion_rows import Shot, asset_id, insert_duplicate, store
from librarian.companions import companion_key
from librarian.sidecars import NewSidecar, SidecarHome, match, record, wake, wake_matched
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

DAY = "2024/2024-05-17"
WAITING = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    next_try_at, companion_key)
VALUES ('inbox', %(path)s::text::bytea, %(path)s, 1, 1, 9, 0, %(state)s,
    now() + interval '1 hour', %(key)s)
RETURNING id
"""


def home(connection: Connection, source: str) -> str | None:
    """Where a sidecar would be put."""
    found = match(connection, [asked(1, source)]).get(1)
    return None if found is None else f"{found.folder}/{found.name}"


def owner(connection: Connection, source: str) -> str | None:
    """The path of the asset that a sidecar is of."""
    found = match(connection, [asked(1, source)]).get(1)
    if found is None:
        return None
    row = connection.execute(
        "SELECT path FROM media_assets WHERE id = %s", (found.asset_id,)
    ).fetchone()
    assert row is not None
    return str(row[0]).rpartition("/")[2]


def asked(file_id: int, source: str) -> tuple[int, str, str]:
    return file_id, companion_key("inbox", source), source.rpartition("/")[2]


def park(connection: Connection, source: str, state: str = "waiting") -> int:
    """A sidecar that waits for its photo."""
    given = {"path": source, "state": state, "key": companion_key("inbox", source)}
    row = connection.execute(WAITING, given).fetchone()
    assert row is not None
    return int(row[0])


def due(connection: Connection) -> list[str]:
    rows = connection.execute("SELECT path FROM inbox_files WHERE next_try_at <= now()")
    return [path for (path,) in rows]


def rows_of(connection: Connection, sidecars: Sequence[NewSidecar]) -> dict[str, int]:
    with connection.transaction(), connection.cursor() as cursor:
        return record(cursor, sidecars)


def test_both_ways_to_name_a_sidecar_are_understood(connection: Connection) -> None:
    """One was overlooked, or both collided (immich PR#7813, immich-go#125, osxphotos#291)."""
    store(connection, Shot("DCIM/a.jpg"))
    assert home(connection, "DCIM/a.xmp") == f"{DAY}/a.xmp"
    assert home(connection, "DCIM/a.jpg.xmp") == f"{DAY}/a.jpg.xmp"
    assert home(connection, "DCIM/A.JPG.XMP") == f"{DAY}/a.jpg.XMP"


def test_a_sidecar_takes_over_the_number_of_its_photo(connection: Connection) -> None:
    store(connection, Shot("other/IMG_1.HEIC"))
    store(connection, Shot("IMG_1.HEIC"))
    assert home(connection, "IMG_1.xmp") == f"{DAY}/IMG_1_1.xmp"
    assert home(connection, "IMG_1.HEIC.xmp") == f"{DAY}/IMG_1_1.HEIC.xmp"
    assert home(connection, "IMG_1.AAE") == f"{DAY}/IMG_1_1.AAE"


def test_a_sidecar_from_another_folder_waits(connection: Connection) -> None:
    store(connection, Shot("one/a.jpg"))
    assert home(connection, "two/a.xmp") is None
    assert home(connection, "one/b.xmp") is None


def test_each_kind_goes_to_whom_such_sidecars_are_written_for(connection: Connection) -> None:
    store(connection, Shot("a.jpg"), Shot("a.CR2"), Shot("a.mov"))
    assert owner(connection, "a.xmp") == "a.CR2"
    assert owner(connection, "a.aae") == "a.jpg"
    assert owner(connection, "a.thm") == "a.mov"
    assert owner(connection, "a.srt") == "a.mov"
    assert owner(connection, "a.jpg.xmp") == "a.jpg"
    assert owner(connection, "a.mov.xmp") == "a.mov"


def test_subtitles_wait_for_a_film(connection: Connection) -> None:
    store(connection, Shot("DJI_1.JPG"))
    assert home(connection, "DJI_1.SRT") is None
    store(connection, Shot("DJI_1.MP4"))
    assert home(connection, "DJI_1.SRT") == f"{DAY}/DJI_1.SRT"


def test_a_sidecar_that_names_its_photo_waits_for_this_one(connection: Connection) -> None:
    store(connection, Shot("a.CR2"))
    assert owner(connection, "a.jpg.xmp") is None
    store(connection, Shot("a.jpg"))
    assert owner(connection, "a.jpg.xmp") == "a.jpg"


def test_an_edited_version_has_sidecars_of_its_own(connection: Connection) -> None:
    store(connection, Shot("IMG_1001.HEIC"), Shot("IMG_E1001.HEIC"))
    assert owner(connection, "IMG_E1001.xmp") == "IMG_E1001.HEIC"
    assert owner(connection, "IMG_1001.xmp") == "IMG_1001.HEIC"
    assert owner(connection, "IMG_1001.AAE") == "IMG_1001.HEIC"
    assert owner(connection, "IMG_O1001.AAE") == "IMG_1001.HEIC"


def test_of_a_counter_that_began_anew_the_newest_photo_has_the_sidecar(
    connection: Connection,
) -> None:
    """Even if last year's had a RAW, which sidecars are else for."""
    store(connection, Shot("IMG_0001.CR2", "2023-05-17 12:00:00"))
    store(connection, Shot("IMG_0001.JPG"))
    assert owner(connection, "IMG_0001.xmp") == "IMG_0001.JPG"


def test_a_sidecar_brought_with_a_duplicate_finds_the_asset(connection: Connection) -> None:
    """It lies where the asset lies, under the asset's name."""
    store(connection, Shot("phone/foo.jpg"))
    insert_duplicate(connection, f"{DAY}/foo.jpg", "card/IMG_7.jpg")
    assert home(connection, "card/IMG_7.jpg.xmp") == f"{DAY}/foo.jpg.xmp"
    assert home(connection, "card/IMG_7.xmp") == f"{DAY}/foo.xmp"


def test_many_sidecars_are_matched_at_once(connection: Connection) -> None:
    store(connection, *(Shot(f"IMG_{n}.JPG") for n in range(40)))
    found = match(connection, [asked(n, f"IMG_{n}.xmp") for n in range(41)])
    assert found == {
        n: SidecarHome(asset_id(connection, f"{DAY}/IMG_{n}.JPG"), DAY, f"IMG_{n}.xmp")
        for n in range(40)
    }
    assert match(connection, []) == {}


def test_a_sidecar_is_recorded_once(connection: Connection) -> None:
    store(connection, Shot("a.jpg"))
    asset = asset_id(connection, f"{DAY}/a.jpg")
    first = NewSidecar(asset, "xmp", f"{DAY}/a.xmp", "ab" * 32, "a.xmp", "inbox/a.xmp", 9)
    again = NewSidecar(asset, "xmp", f"{DAY}/a_1.xmp", "ab" * 32, "a.xmp", "inbox/a.xmp", 9)
    later = NewSidecar(asset, "xmp", f"{DAY}/a_2.xmp", "cd" * 32, "a.xmp", "inbox/a.xmp", 9)
    assert list(rows_of(connection, [first])) == [f"{DAY}/a.xmp"]
    assert list(rows_of(connection, [again, later])) == [f"{DAY}/a_2.xmp"]
    assert rows_of(connection, []) == {}
    assert connection.execute(
        "SELECT kind, encode(sha256, 'hex'), original_name, size_bytes FROM sidecars ORDER BY id"
    ).fetchall() == [("xmp", "ab" * 32, "a.xmp", 9), ("xmp", "cd" * 32, "a.xmp", 9)]


def test_a_stored_photo_wakes_the_sidecars_that_wait_for_it(connection: Connection) -> None:
    for source in ("a.xmp", "a.jpg.xmp", "b.xmp"):
        park(connection, source)
    park(connection, "a.AAE", "failed")
    with connection.cursor() as cursor:
        assert wake(cursor, [companion_key("inbox", "a.jpg")] * 2) == 2
        assert wake(cursor, []) == 0
    assert sorted(due(connection)) == ["a.jpg.xmp", "a.xmp"]


def test_a_sidecar_whose_photo_came_in_that_moment_does_not_sleep(connection: Connection) -> None:
    """Its photo was stored between its look for it and its being put to wait."""
    store(connection, Shot("a.jpg"))
    files = [asked(park(connection, source), source) for source in ("a.xmp", "a.CR2.xmp", "b.xmp")]
    assert wake_matched(connection, files[1:]) == 0
    assert wake_matched(connection, files) == 2, "both of this key; the one looks once more"
    assert "a.xmp" in due(connection)
    assert "b.xmp" not in due(connection)
