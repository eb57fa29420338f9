"""The SQL of moves within the library: what lies where, what has begun, what is done."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import psycopg
from photo_factory.database import Connection
from psycopg.rows import class_row

Table = Literal["media_assets", "sidecars"]
"""Where the row of a file is."""

LOCK_KEY = "hashtextextended('relocation.' || %s::bigint, 0)"

BELONGINGS = """
SELECT 'media_assets' AS owner, id, path, encode(sha256, 'hex') AS sha256
FROM media_assets WHERE id = %(asset)s
UNION ALL
(SELECT 'sidecars', id, path, encode(sha256, 'hex')
FROM sidecars WHERE asset_id = %(asset)s ORDER BY id)
"""

# A row that still has the old path wins: another file of the same bytes may have the new one.
BEGUN = """
SELECT owned.asset_id, owned.owner, owned.id, r.path, r.new_path,
    encode(r.sha256, 'hex') AS sha256, owned.is_recorded
FROM relocations r CROSS JOIN LATERAL (
    SELECT 'media_assets' AS owner, id, id AS asset_id, path = r.new_path AS is_recorded
    FROM media_assets WHERE path IN (r.path, r.new_path) AND sha256 = r.sha256
    UNION ALL
    SELECT 'sidecars', id, asset_id, path = r.new_path
    FROM sidecars WHERE path IN (r.path, r.new_path) AND sha256 = r.sha256
    ORDER BY is_recorded LIMIT 1
) AS owned
WHERE %(asset)s::bigint IS NULL OR owned.asset_id = %(asset)s
ORDER BY r.started_at, r.path
"""

OWNED = """
SELECT path FROM media_assets WHERE path = ANY(%(paths)s)
UNION ALL
SELECT path FROM sidecars WHERE path = ANY(%(paths)s)
"""

INTEND = """
INSERT INTO relocations (path, new_path, sha256)
SELECT i.path, i.new_path, decode(i.sha256, 'hex')
FROM unnest(%s::text[], %s::text[], %s::text[]) AS i (path, new_path, sha256)
ON CONFLICT (path) DO UPDATE SET new_path = excluded.new_path, sha256 = excluded.sha256,
    started_at = now()
"""

FORGET_OWNERLESS = """
DELETE FROM relocations r
WHERE NOT EXISTS (SELECT 1 FROM media_assets
        WHERE path IN (r.path, r.new_path) AND sha256 = r.sha256)
    AND NOT EXISTS (SELECT 1 FROM sidecars
        WHERE path IN (r.path, r.new_path) AND sha256 = r.sha256)
RETURNING path
"""


@dataclass(frozen=True, slots=True)
class Belonging:
    """A file of the library that goes where its asset goes: the original, or a sidecar."""

    owner: Table
    id: int
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Move:
    """One file's way from one name in the library to another.

    Attributes:
        owner: The table with the file's row.
        id: Of that row.
        is_recorded: The row has the new path already.
    """

    asset_id: int
    owner: Table
    id: int
    path: str
    new_path: str
    sha256: str
    is_recorded: bool = False


@contextmanager
def hold_still(connection: Connection, asset_id: int) -> Iterator[None]:
    """Let nobody else relocate an asset meanwhile; may be nested within one connection.

    Raises:
        psycopg.errors.LockNotAvailable: Another process has been at it for too long.
    """
    connection.execute(f"SELECT pg_advisory_lock({LOCK_KEY})", (asset_id,))
    try:
        yield
    finally:
        with suppress(psycopg.OperationalError, psycopg.InterfaceError):
            # A connection that is lost has given the lock back.
            connection.execute(f"SELECT pg_advisory_unlock({LOCK_KEY})", (asset_id,))


def belongings(connection: Connection, asset_id: int) -> list[Belonging]:
    """The original of an asset and then its sidecars; empty if there is no such asset."""
    with connection.cursor(row_factory=class_row(Belonging)) as cursor:
        return cursor.execute(BELONGINGS, {"asset": asset_id}).fetchall()


def owned(connection: Connection, paths: Iterable[str]) -> set[str]:
    """Those of the paths that some row has."""
    return {row[0] for row in connection.execute(OWNED, {"paths": list(paths)})}


def intend(connection: Connection, moves: Sequence[Move]) -> None:
    """Remember moves that are about to begin; an earlier intention for a file is replaced."""
    columns = ([getattr(move, name) for move in moves] for name in ("path", "new_path", "sha256"))
    connection.execute(INTEND, tuple(columns))


def begun(connection: Connection, asset_id: int | None = None) -> list[Move]:
    """Moves that have begun and not ended, of one asset or of all."""
    with connection.cursor(row_factory=class_row(Move)) as cursor:
        return cursor.execute(BEGUN, {"asset": asset_id}).fetchall()


def record(connection: Connection, moves: Sequence[Move]) -> None:
    """Give the rows their new paths, all or none.

    Raises:
        psycopg.errors.UniqueViolation: Another row has got one of the paths just now.
    """
    ids = {
        owner: [[move.id, move.new_path] for move in moves if move.owner == owner]
        for owner in ("media_assets", "sidecars")
    }
    with connection.transaction(), connection.cursor() as cursor:
        for asset_id, path in ids["media_assets"]:
            cursor.execute(
                "UPDATE media_assets SET path = %s, updated_at = now() WHERE id = %s",
                (path, asset_id),
            )
        for sidecar_id, path in ids["sidecars"]:
            cursor.execute("UPDATE sidecars SET path = %s WHERE id = %s", (path, sidecar_id))


def end(connection: Connection, moves: Sequence[Move]) -> None:
    """Forget the intentions of moves that have ended or were given up."""
    connection.execute(
        "DELETE FROM relocations r USING unnest(%s::text[], %s::text[]) AS m (path, new_path) "
        "WHERE r.path = m.path AND r.new_path = m.new_path",
        ([move.path for move in moves], [move.new_path for move in moves]),
    )


def forget_ownerless(connection: Connection) -> list[str]:
    """Forget intentions for files that no row has any more; returns their old paths."""
    return [row[0] for row in connection.execute(FORGET_OWNERLESS)]
