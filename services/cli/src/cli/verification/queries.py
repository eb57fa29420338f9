"""The reads of verify: assets in pages, and which paths the database accounts for."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import LiteralString

from photo_factory.database import Connection
from psycopg.rows import class_row

PAGE = 500

KEPT = """(
    SELECT id, sha256, path, size_bytes FROM media_assets
    UNION ALL
    SELECT -id, sha256, path, size_bytes FROM sidecars
) AS kept"""
"""Originals, and sidecars under the negative of their ids, so that one number tells them apart."""
EXTENT = f"""
SELECT count(*) AS originals, coalesce(sum(size_bytes), 0)::bigint AS size_bytes,
    coalesce((SELECT max(id) FROM media_assets), 0) AS last_id
FROM {KEPT}
"""  # noqa: S608 - a constant of this file, as below
COLUMNS = "SELECT {} AS id, encode(sha256, 'hex') AS sha256, path, size_bytes FROM "
ASSETS_AFTER = COLUMNS.format("id") + "media_assets WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"
SIDECARS_AFTER = COLUMNS.format("-id") + "sidecars WHERE id > %s ORDER BY sidecars.id LIMIT %s"
KEPT_WITH = COLUMNS.format("id") + f"{KEPT} WHERE id = ANY(%s) ORDER BY id"

KNOWN = """
SELECT path FROM media_assets WHERE path = ANY(%(paths)s)
UNION ALL
SELECT path FROM sidecars WHERE path = ANY(%(paths)s)
"""
ACCOUNTED = f"""
{KNOWN}
UNION ALL
SELECT new_path FROM relocations WHERE new_path = ANY(%(paths)s)
UNION ALL
SELECT path FROM relocations WHERE path = ANY(%(paths)s)
UNION ALL
SELECT intended_path FROM inbox_files
WHERE intended_path = ANY(%(paths)s) AND state IN ('waiting', 'ingesting', 'releasing')
"""  # noqa: S608 - a constant of this file

KNOWS_LIBRARY = """
SELECT EXISTS (SELECT FROM settings WHERE key = 'root.library')
    OR NOT EXISTS (SELECT FROM media_assets)
"""


@dataclass(frozen=True, slots=True)
class Asset:
    """An original as the database has it; a sidecar, if its id is negative."""

    id: int
    sha256: str
    path: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is to read, sidecars too; assets that come later have a higher id."""

    originals: int
    size_bytes: int
    last_id: int


def read_extent(connection: Connection) -> Extent:
    """Count the assets."""
    with connection.cursor(row_factory=class_row(Extent)) as cursor:
        return cursor.execute(EXTENT).fetchone() or Extent(0, 0, 0)


def knows_library(connection: Connection) -> bool:
    """Whether the database can tell the library from an empty folder; False only with assets."""
    row = connection.execute(KNOWS_LIBRARY).fetchone()
    return row is not None and bool(row[0])


def read_all(connection: Connection, last_id: int) -> Iterator[Asset]:
    """Every asset up to an id, then every sidecar, a page at a time."""
    done = 0
    while page := _page(connection, ASSETS_AFTER, (done, last_id, PAGE)):
        yield from page
        done = page[-1].id
    done = 0
    while page := _page(connection, SIDECARS_AFTER, (done, PAGE)):
        yield from page
        done = -page[-1].id


def _page(connection: Connection, query: LiteralString, values: Sequence[object]) -> list[Asset]:
    with connection.cursor(row_factory=class_row(Asset)) as cursor:
        return cursor.execute(query, values).fetchall()


def draw_sample(connection: Connection, number: int) -> "array[int]":
    """Ids of so many assets, each as likely as any other, in ascending order."""
    drawn = connection.execute(
        f"SELECT id FROM {KEPT} ORDER BY random() LIMIT %s",  # noqa: S608 - a constant
        (number,),
    )
    return array("q", sorted(row[0] for row in drawn))


def sum_sizes(connection: Connection, ids: Sequence[int]) -> int:
    """Bytes that these assets have together."""
    row = connection.execute(
        f"SELECT coalesce(sum(size_bytes), 0)::bigint FROM {KEPT} WHERE id = ANY(%s)",  # noqa: S608 - a constant
        (list(ids),),
    ).fetchone()
    return 0 if row is None else int(row[0])


def read_some(connection: Connection, ids: Sequence[int]) -> Iterator[Asset]:
    """The assets with these ids as they are now, a page at a time."""
    for start in range(0, len(ids), PAGE):
        with connection.cursor(row_factory=class_row(Asset)) as cursor:
            page = cursor.execute(KEPT_WITH, (list(ids[start : start + PAGE]),)).fetchall()
        yield from page


def known_paths(connection: Connection, paths: Sequence[str]) -> set[str]:
    """Which of these paths in the library an asset or a sidecar has."""
    return {row[0] for row in connection.execute(KNOWN, {"paths": list(paths)})}


def accounted_paths(connection: Connection, paths: Sequence[str]) -> set[str]:
    """The same, and the paths that a librarian is about to record."""
    return {row[0] for row in connection.execute(ACCOUNTED, {"paths": list(paths)})}
