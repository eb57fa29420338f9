"""Companions that come together, late, first, twice, or at the same moment; on real rows."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from companion_rows import (
    Shot,
    asset_id,
    insert,
    insert_duplicate,
    library,
    planned_paths,
    store,
)
from librarian import groups
from librarian.groups import Move, find_astray, link_late, plan
from photo_factory.database import Connection, connect

pytestmark = pytest.mark.integration

DAY = "2024/2024-05-17"
NEXT_DAY = "2024/2024-05-18"


@pytest.fixture
def other(database_url: str) -> Iterator[Connection]:
    """The connection of a second librarian."""
    with connect(database_url, "other") as opened:
        yield opened


def late(connection: Connection, *paths: str) -> list[Move]:
    """Look again for the companions of assets."""
    ids = [asset_id(connection, path) for path in paths]
    with connection.transaction(), connection.cursor() as cursor:
        return link_late(cursor, ids)


def test_a_file_without_companions_stands_alone(connection: Connection) -> None:
    store(connection, Shot("a.jpg"), Shot("b.mov"))
    assert library(connection) == {f"{DAY}/a.jpg": "primary", f"{DAY}/b.mov": "primary"}


def test_a_pair_of_one_batch_is_not_split_over_midnight(connection: Connection) -> None:
    moves = store(
        connection,
        Shot("IMG_1.MOV", "2024-05-18 00:00:01", content="X"),
        Shot("IMG_1.HEIC", "2024-05-17 23:59:59", content="X"),
    )
    assert not moves
    assert library(connection) == {
        f"{DAY}/IMG_1.MOV": "A live_video",
        f"{DAY}/IMG_1.HEIC": "A primary",
    }


def test_a_pair_keeps_its_common_stem_when_a_number_is_needed(connection: Connection) -> None:
    """Also when only one of the two names is in use."""
    store(connection, Shot("other/IMG_1.MOV"))
    store(connection, Shot("IMG_1.HEIC", content="X"), Shot("IMG_1.MOV", content="X"))
    assert list(library(connection))[1:] == [f"{DAY}/IMG_1_1.HEIC", f"{DAY}/IMG_1_1.MOV"]


def test_a_film_that_comes_hours_later_goes_beside_its_still(connection: Connection) -> None:
    store(connection, Shot("other/IMG_1.HEIC"))
    store(connection, Shot("IMG_1.HEIC", content="X"))
    assert not store(connection, Shot("IMG_1.MOV", "2024-05-18 00:10:00", content="X"))
    assert library(connection) == {
        f"{DAY}/IMG_1.HEIC": "primary",
        f"{DAY}/IMG_1_1.HEIC": "A primary",
        f"{DAY}/IMG_1_1.MOV": "A live_video",
    }


def test_a_still_that_comes_last_takes_the_stem_of_its_film(connection: Connection) -> None:
    store(connection, Shot("other/IMG_1.MOV"))
    store(connection, Shot("IMG_1.MOV"))
    assert not store(connection, Shot("IMG_1.JPG"))
    assert library(connection)[f"{DAY}/IMG_1_1.JPG"] == "A primary"
    assert library(connection)[f"{DAY}/IMG_1_1.MOV"] == "A live_video"


def test_a_film_that_came_first_moves_to_the_day_of_its_still(connection: Connection) -> None:
    """The still keeps its right day; in UTC the evening in America is the next day."""
    store(connection, Shot("IMG_1.MOV", "2024-05-18 03:00:01", utc="2024-05-18 03:00:01"))
    film = asset_id(connection, f"{NEXT_DAY}/IMG_1.MOV")
    moves = store(connection, Shot("IMG_1.JPG", "2024-05-17 20:00:00"))
    assert moves == [Move(film, DAY, "IMG_1.MOV")]
    assert library(connection) == {
        f"{NEXT_DAY}/IMG_1.MOV": "A live_video",
        f"{DAY}/IMG_1.JPG": "A primary",
    }


def test_a_film_takes_the_number_that_its_still_got_later(connection: Connection) -> None:
    store(connection, Shot("other/IMG_1.JPG"), Shot("IMG_1.MOV", "2024-05-18 00:00:01"))
    moves = store(connection, Shot("IMG_1.JPG", "2024-05-17 23:59:59"))
    film = asset_id(connection, f"{NEXT_DAY}/IMG_1.MOV")
    assert moves == [Move(film, DAY, "IMG_1_1.MOV")]


@pytest.mark.parametrize("is_raw_first", [True, False])
def test_raw_and_jpeg_find_each_other(connection: Connection, *, is_raw_first: bool) -> None:
    store(connection, Shot("other/X.CR2"), Shot("other/X.JPG"))
    pair = [Shot("X.CR2"), Shot("X.JPG", "2024-05-17 12:00:01")]
    for shot in pair if is_raw_first else reversed(pair):
        store(connection, shot)
    assert library(connection)[f"{DAY}/X_1.CR2"] == "B raw"
    assert library(connection)[f"{DAY}/X_1.JPG"] == "B primary"


def test_a_counter_that_began_anew_pairs_nothing(connection: Connection) -> None:
    store(connection, Shot("DCIM/IMG_0001.CR2", "2023-05-17 12:00:00"))
    store(connection, Shot("DCIM/IMG_0001.JPG"), Shot("DCIM/IMG_0001.MOV", "2022-01-01 12:00:00"))
    store(connection, Shot("DCIM/IMG_E0001.JPG", "2021-01-01 12:00:00"))
    assert set(library(connection).values()) == {"primary"}


def test_one_name_in_two_folders_pairs_nothing(connection: Connection) -> None:
    store(connection, Shot("phone/IMG_1.JPG"), Shot("camera/IMG_1.CR2"), Shot("other/IMG_1.MOV"))
    assert set(library(connection).values()) == {"primary"}


def test_a_still_keeps_the_film_that_it_has(connection: Connection) -> None:
    """A second one with the same identifier takes nothing away (immich#11947)."""
    store(connection, Shot("a/IMG_1.HEIC", content="X"), Shot("a/IMG_1.MOV", content="X"))
    store(connection, Shot("b/IMG_1.MOV", content="X"))
    assert library(connection) == {
        f"{DAY}/IMG_1.HEIC": "A primary",
        f"{DAY}/IMG_1.MOV": "A live_video",
        f"{DAY}/IMG_1_1.MOV": "primary",
    }


@pytest.mark.parametrize("is_edited_first", [True, False])
def test_an_edited_version_keeps_its_name_beside_its_original(
    connection: Connection, *, is_edited_first: bool
) -> None:
    pair = [
        Shot("IMG_E1234.JPG", "2024-05-18 00:00:01"),
        Shot("IMG_1234.HEIC", "2024-05-17 23:59:59"),
    ]
    found = [store(connection, shot) for shot in (pair if is_edited_first else reversed(pair))]
    roles = {path.rpartition("/")[2]: role for path, role in library(connection).items()}
    assert roles == {"IMG_E1234.JPG": "A edited", "IMG_1234.HEIC": "A primary"}
    if is_edited_first:
        edited = asset_id(connection, f"{NEXT_DAY}/IMG_E1234.JPG")
        assert found[1] == [Move(edited, DAY, "IMG_E1234.JPG")]
    else:
        assert f"{DAY}/IMG_E1234.JPG" in library(connection)


def test_an_edited_version_without_a_date_goes_to_the_day_of_its_original(
    connection: Connection,
) -> None:
    store(connection, Shot("a.jpg"))
    store(connection, Shot("a-edited.png.jpg", "2025-01-01 09:00:00", is_dated=False))
    store(connection, Shot("a-edited.jpg", "2025-01-01 09:00:00", is_dated=False))
    assert library(connection) == {
        f"{DAY}/a.jpg": "A primary",
        "2025/2025-01-01/a-edited.png.jpg": "primary",
        f"{DAY}/a-edited.jpg": "A edited",
    }


def test_a_live_photo_with_its_edited_version_is_one_group(connection: Connection) -> None:
    """Immich tore them apart (immich#5473)."""
    names = ("IMG_E1.MOV", "IMG_1.MOV", "IMG_E1.HEIC", "IMG_1.HEIC")
    for name in names:
        store(connection, Shot(name.replace("1", "1001"), content="X"))
    assert library(connection) == {
        f"{DAY}/IMG_E1001.MOV": "A edited",
        f"{DAY}/IMG_1001.MOV": "A live_video",
        f"{DAY}/IMG_E1001.HEIC": "A edited",
        f"{DAY}/IMG_1001.HEIC": "A primary",
    }


def test_photos_of_a_burst_keep_their_days_and_names(connection: Connection) -> None:
    store(connection, Shot("IMG_1.HEIC", "2024-05-17 23:59:59", burst="B"))
    moves = store(connection, Shot("IMG_2.HEIC", "2024-05-18 00:00:00", burst="B"))
    assert not moves
    assert library(connection) == {
        f"{DAY}/IMG_1.HEIC": "A primary",
        f"{NEXT_DAY}/IMG_2.HEIC": "A burst",
    }


def test_what_comes_with_a_duplicate_finds_the_asset(connection: Connection) -> None:
    """The JPEG came from the camera by radio; the card brings it once more, and its RAW."""
    store(connection, Shot("radio/X.JPG"))
    insert_duplicate(connection, f"{DAY}/X.JPG", "card/DCIM/X.JPG")
    store(connection, Shot("card/DCIM/X.CR2"))
    assert library(connection) == {f"{DAY}/X.JPG": "A primary", f"{DAY}/X.CR2": "A raw"}


def test_two_files_of_one_name_get_two_numbers(connection: Connection) -> None:
    """Both are edited versions of one photo, exported into two folders."""
    store(connection, Shot("IMG_1001.HEIC", content="X"))
    store(
        connection,
        Shot("a/IMG_E1001.HEIC", content="X"),
        Shot("b/IMG_E1001.HEIC", content="X"),
    )
    assert library(connection) == {
        f"{DAY}/IMG_1001.HEIC": "A primary",
        f"{DAY}/IMG_E1001.HEIC": "A edited",
        f"{DAY}/IMG_E1001_1.HEIC": "A edited",
    }


def test_half_a_pair_that_could_not_be_stored_hides_nothing(connection: Connection) -> None:
    """A film without its still must not be kept out of sight as if it had one."""
    film, still = Shot("IMG_1.MOV", content="X"), Shot("IMG_1.HEIC", content="X")
    plans = plan(connection, [film.member(), still.member()])
    with connection.transaction(), connection.cursor() as cursor:
        insert(cursor, [film.member()], plans)
    assert library(connection) == {f"{DAY}/IMG_1.MOV": "primary"}
    store(connection, still)
    assert library(connection) == {
        f"{DAY}/IMG_1.MOV": "A live_video",
        f"{DAY}/IMG_1.HEIC": "A primary",
    }


def test_identifiers_that_are_read_later_join_a_pair(connection: Connection) -> None:
    store(connection, Shot("a/IMG_1.JPG"), Shot("b/clip.MOV", "2024-05-18 09:00:00", content="X"))
    assert set(library(connection).values()) == {"primary"}
    connection.execute("UPDATE media_assets SET content_identifier = 'X'")
    moves = late(connection, f"{DAY}/IMG_1.JPG")
    film = asset_id(connection, f"{NEXT_DAY}/clip.MOV")
    assert moves == [Move(film, DAY, "clip.MOV")]
    assert set(library(connection).values()) == {"A primary", "A live_video"}
    assert late(connection, f"{DAY}/IMG_1.JPG") == moves, "it is wanted until it is made"


def test_halves_stored_by_two_librarians_at_once_are_joined(
    connection: Connection, other: Connection
) -> None:
    """Neither sees the other's row until both have committed."""
    still, film = Shot("IMG_1.HEIC", content="X"), Shot("IMG_1.MOV", content="X")
    with (
        connection.transaction(),
        other.transaction(),
        connection.cursor() as one,
        other.cursor() as two,
    ):
        insert(one, [still.member()], plan(connection, [still.member()]))
        insert(two, [film.member()], plan(other, [film.member()]))
    assert set(library(connection).values()) == {"primary"}
    late(connection, f"{DAY}/IMG_1.HEIC")
    assert set(library(connection).values()) == {"A primary", "A live_video"}


def test_two_librarians_who_join_the_same_photo_agree(
    connection: Connection, other: Connection
) -> None:
    """One brings its RAW, the other its edited version, at the same moment."""
    for number in range(10):
        name = f"IMG_{1000 + number}"
        store(connection, Shot(f"{name}.JPG"))
        start = threading.Barrier(2)

        def bring(opened: Connection, shot: Shot, start: threading.Barrier = start) -> None:
            start.wait()
            store(opened, shot)

        edited = Shot(f"IMG_E{1000 + number}.JPG")
        second = threading.Thread(target=bring, args=(other, edited))
        second.start()
        bring(connection, Shot(f"{name}.CR2"))
        second.join()
        late(connection, f"{DAY}/{name}.JPG", f"{DAY}/{name}.CR2")
    sizes = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE role = 'primary') FROM media_assets "
        "GROUP BY group_id"
    ).fetchall()
    assert sizes == [(3, 1)] * 10


def test_what_lies_astray_after_a_crash_is_found(connection: Connection) -> None:
    """The move was wanted and never made."""
    store(connection, Shot("a.jpg"), Shot("a.mov"))
    store(connection, Shot("IMG_1.MOV", "2024-05-18 00:00:01"))
    moves = store(connection, Shot("IMG_1.JPG", "2024-05-17 23:59:59"))
    with connection.transaction(), connection.cursor() as cursor:
        assert link_late(cursor, find_astray(connection)) == moves
    connection.execute(
        "UPDATE media_assets SET path = %s WHERE id = %s", (f"{DAY}/IMG_1.MOV", moves[0].asset_id)
    )
    assert find_astray(connection) == []


class _Counting(psycopg.Cursor[Any]):
    """Counts the statements that are sent."""

    statements = 0

    def execute(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - passes on what it gets
        _Counting.statements += 1
        return super().execute(*args, **kwargs)


def test_a_large_batch_costs_no_more_statements_than_a_small_one(connection: Connection) -> None:
    store(connection, *(Shot(f"IMG_{n}.JPG", content=f"C{n}") for n in range(50)))
    connection.cursor_factory = _Counting
    shots = [
        Shot(f"IMG_{n}.{kind}", content=f"C{n}", burst="B")
        for n in range(50)
        for kind in ("MOV", "CR2")
    ]
    _Counting.statements = 0
    plans = plan(connection, [shot.member() for shot in shots])
    assert _Counting.statements <= 2
    assert {one.role for one in plans.values()} == {"live_video", "raw"}
    with connection.transaction(), connection.cursor() as cursor:
        insert(cursor, [shot.member() for shot in shots], plans)
    ids = [row[0] for row in connection.execute("SELECT id FROM media_assets")]
    _Counting.statements = 0
    with connection.transaction(), connection.cursor() as cursor:
        link_late(cursor, ids)
    assert _Counting.statements <= 3


def test_look_ups_use_the_indexes(connection: Connection) -> None:
    """Else each batch would read the whole table, and a large library be slow."""
    connection.execute(
        "INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, "
        "size_bytes, captured_local, captured_source, companion_key, content_identifier) "
        "SELECT sha256(('bulk' || n)::bytea), n::text, n || '.jpg', 's', 'photo', 'image/jpeg', 1, "
        "now(), 't', 'inbox:/' || n, 'C' || n FROM generate_series(1, 20000) AS n"
    )
    connection.execute("ANALYZE media_assets")
    given = {"keys": ["inbox:/7"] * 50, "contents": ["C8"], "bursts": ["B"], "ids": [9]}
    rows = connection.execute("EXPLAIN " + groups.RELATED, given).fetchall()
    assert not [row for (row,) in rows if "Seq Scan on media_assets" in row]


def test_a_name_that_thousands_have_is_looked_up_as_quickly(connection: Connection) -> None:
    """And the newest, which are the likeliest companions, are the ones that are seen."""
    connection.execute(
        "INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, "
        "size_bytes, captured_local, captured_source, companion_key) "
        "SELECT sha256(('bulk' || n)::bytea), n::text, 'image.jpg', 's', 'photo', 'image/jpeg', 1, "
        "timestamp '2020-01-01' + n * interval '1 hour', 't', 'inbox:/image' "
        "FROM generate_series(1, 5000) AS n"
    )
    store(connection, Shot("image.jpg"))
    store(connection, Shot("image.mov"))
    assert library(connection)[f"{DAY}/image.mov"] == "A live_video"


def test_a_plan_names_the_same_places_again(connection: Connection) -> None:
    """A batch that is cut short and tried once more is planned alike."""
    store(connection, Shot("IMG_1.HEIC", content="X"))
    members = [Shot("IMG_1.MOV", content="X").member(), Shot("IMG_1.DNG").member()]
    with connection.cursor() as cursor:
        first, second = (
            planned_paths(cursor, members, plan(connection, members)) for _ in range(2)
        )
    assert first == second
