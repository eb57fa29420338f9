"""The librarian's SQL: what it sees in the inbox, what it stores, what it lets go."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from photo_factory.database import Connection, Cursor
from photo_factory.storage import Identity
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from librarian.inbox import Sighting, printable

INBOX = "inbox"
LEASE_SECONDS = 60.0

OBSERVE = """
INSERT INTO inbox_files AS f (inbox, path_bytes, path, device, inode, size_bytes, modified_ns,
    state, next_try_at, error_code, error_message)
VALUES (%(inbox)s, %(path_bytes)s, %(path)s, %(device)s, %(inode)s, %(size_bytes)s,
    %(modified_ns)s, %(state)s, now() + make_interval(secs => %(delay)s), %(code)s, %(message)s)
ON CONFLICT (inbox, sha256(path_bytes)) DO UPDATE SET
    device = excluded.device, inode = excluded.inode, size_bytes = excluded.size_bytes,
    modified_ns = excluded.modified_ns, state = excluded.state, changed_at = now(),
    next_try_at = excluded.next_try_at, error_code = excluded.error_code,
    error_message = excluded.error_message, attempts = 0, owner = NULL, asset_id = NULL
WHERE f.state NOT IN ('ingesting', 'releasing')
    AND (f.device, f.inode, f.size_bytes, f.modified_ns) IS DISTINCT FROM
        (excluded.device, excluded.inode, excluded.size_bytes, excluded.modified_ns)
"""

CLAIM = """
WITH due AS (
    SELECT id FROM inbox_files
    WHERE inbox = %(inbox)s AND state IN ('waiting', 'ingesting', 'releasing')
        AND next_try_at <= now() AND (attempts > 0) = %(is_suspect)s
    ORDER BY next_try_at, size_bytes
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE inbox_files f
SET state = CASE f.state WHEN 'releasing' THEN 'releasing' ELSE 'ingesting' END,
    owner = %(owner)s, attempts = f.attempts + 1,
    next_try_at = now() + make_interval(secs => %(lease)s)
FROM due WHERE f.id = due.id
RETURNING f.id, f.path_bytes, f.path, f.device, f.inode, f.size_bytes, f.modified_ns, f.state,
    f.attempts, f.asset_id, f.intended_path,
    extract(epoch FROM now() - f.changed_at)::float8 AS unchanged_seconds
"""

POSTPONE = """
UPDATE inbox_files
SET state = 'waiting', owner = NULL, attempts = 0, device = %(device)s, inode = %(inode)s,
    size_bytes = %(size_bytes)s, modified_ns = %(modified_ns)s,
    changed_at = CASE WHEN %(is_changed)s THEN now() ELSE changed_at END,
    next_try_at = now() + make_interval(secs => %(delay)s), error_message = %(message)s
WHERE id = %(id)s
"""

INSERT_ASSET = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_at, captured_local, utc_offset_minutes, captured_source, width, height,
    duration_seconds, orientation, camera_make, camera_model, lens, location, metadata)
VALUES (decode(%(sha256)s, 'hex'), %(path)s, %(original_name)s, %(source)s, %(media_type)s,
    %(mime_type)s, %(size_bytes)s, %(captured_at)s, %(captured_local)s, %(utc_offset_minutes)s,
    %(captured_source)s, %(width)s, %(height)s, %(duration_seconds)s, %(orientation)s,
    %(camera_make)s, %(camera_model)s, %(lens)s, %(location)s, %(metadata)s)
ON CONFLICT DO NOTHING
RETURNING id
"""


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file of the inbox in this librarian's hands."""

    id: int
    path_bytes: bytes
    path: str
    device: int
    inode: int
    size_bytes: int
    modified_ns: int
    state: str
    attempts: int
    asset_id: int | None
    intended_path: str | None
    unchanged_seconds: float

    @property
    def identity(self) -> Identity:
        """The file as it was when it was last seen."""
        return Identity(self.device, self.inode, self.size_bytes, self.modified_ns)


@dataclass(frozen=True, slots=True)
class KnownAsset:
    """An asset that has the same bytes."""

    id: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A row of media_assets to be."""

    sha256: str
    path: str
    original_name: str
    source: str
    media_type: str
    mime_type: str
    size_bytes: int
    captured_at: datetime | None
    captured_local: datetime
    utc_offset_minutes: int | None
    captured_source: str
    width: int | None
    height: int | None
    duration_seconds: float | None
    orientation: int | None
    camera_make: str | None
    camera_model: str | None
    lens: str | None
    location: dict[str, object] | None
    metadata: dict[str, object]


def observe(connection: Connection, sightings: Iterable[Sighting], delay_seconds: float) -> None:
    """Remember what was seen; a file that has changed waits anew."""
    rows = [
        {
            "inbox": INBOX,
            "path_bytes": sighting.path,
            "path": printable(sighting.path),
            "state": "waiting" if sighting.refusal is None else "failed",
            "delay": delay_seconds,
            "code": sighting.refusal,
            "message": sighting.message,
            **_columns(sighting.identity),
        }
        for sighting in sightings
    ]
    if rows:
        with connection.transaction(), connection.cursor() as cursor:
            cursor.executemany(OBSERVE, rows)


def _columns(identity: Identity) -> dict[str, int]:
    return {
        "device": identity.device,
        "inode": identity.inode,
        "size_bytes": identity.size_bytes,
        "modified_ns": identity.modified_ns,
    }


def claim(connection: Connection, owner: UUID, limit: int) -> list[InboxFile]:
    """Take files that have waited long enough, or that a dead librarian left behind.

    A file on which an attempt has failed comes alone, so that it takes no other down with it.
    """
    parameters = {"inbox": INBOX, "owner": owner, "lease": LEASE_SECONDS}
    with connection.cursor(row_factory=class_row(InboxFile)) as cursor:
        fresh = {**parameters, "limit": limit, "is_suspect": False}
        if files := cursor.execute(CLAIM, fresh).fetchall():
            return files
        return cursor.execute(CLAIM, {**parameters, "limit": 1, "is_suspect": True}).fetchall()


def intend(connection: Connection, paths: Sequence[tuple[int, str]]) -> None:
    """Remember where files (row id, path in the library) are about to be put."""
    connection.execute(
        "UPDATE inbox_files f SET intended_path = i.path "
        "FROM unnest(%s::bigint[], %s::text[]) AS i (id, path) WHERE f.id = i.id",
        ([file_id for file_id, _ in paths], [path for _, path in paths]),
    )


def give_back(connection: Connection, ids: Sequence[int]) -> None:
    """Let files be claimed again at once; the attempt counts."""
    connection.execute(
        "UPDATE inbox_files SET next_try_at = now(), owner = NULL WHERE id = ANY(%s) "
        "AND state IN ('ingesting', 'releasing')",
        (list(ids),),
    )


def renew(connection: Connection, owner: UUID, ids: Sequence[int]) -> None:
    """Keep files in hand during long work."""
    connection.execute(
        "UPDATE inbox_files SET next_try_at = now() + make_interval(secs => %s) "
        "WHERE id = ANY(%s) AND owner = %s AND state = 'ingesting'",
        (LEASE_SECONDS, list(ids), owner),
    )


def seconds_to_next(connection: Connection) -> float | None:
    """Seconds until a file is due; None if none waits."""
    row = connection.execute(
        "SELECT extract(epoch FROM min(next_try_at) - now())::float8 FROM inbox_files "
        "WHERE inbox = %s AND state IN ('waiting', 'ingesting', 'releasing')",
        (INBOX,),
    ).fetchone()
    return None if row is None else row[0]


def postpone(
    connection: Connection, file: InboxFile, found: Identity, delay: float, reason: str | None
) -> None:
    """Let a file wait again."""
    connection.execute(
        POSTPONE,
        {
            "id": file.id,
            "is_changed": found != file.identity,
            "delay": delay,
            "message": reason,
            **_columns(found),
        },
    )


def fail(connection: Connection, file_id: int, code: str, message: str) -> None:
    """Hand a file over to a person. It stays where it is."""
    connection.execute(
        "UPDATE inbox_files SET state = 'failed', owner = NULL, error_code = %s, "
        "error_message = %s WHERE id = %s",
        (code, message, file_id),
    )


def forget(connection: Connection, file_ids: Sequence[int]) -> None:
    """Delete the rows of files that are no longer in the inbox."""
    connection.execute("DELETE FROM inbox_files WHERE id = ANY(%s)", (list(file_ids),))


def forget_paths(connection: Connection, paths: Sequence[bytes]) -> None:
    """The same by path, for files that went away before their turn."""
    if not paths:
        return
    connection.execute(
        "DELETE FROM inbox_files WHERE inbox = %s AND state IN ('waiting', 'failed') "
        "AND sha256(path_bytes) = ANY(SELECT sha256(p) FROM unnest(%s::bytea[]) AS p)",
        (INBOX, list(paths)),
    )


def in_release(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Which of these rows are about to be removed from the inbox."""
    rows = connection.execute(
        "SELECT id FROM inbox_files WHERE id = ANY(%s) AND state = 'releasing'", (list(ids),)
    )
    return {row[0] for row in rows}


def remembered_after(connection: Connection, last_id: int, limit: int) -> list[tuple[int, bytes]]:
    """Rows that wait or have failed, in the order of their ids, for a check that they exist."""
    return connection.execute(
        "SELECT id, path_bytes FROM inbox_files WHERE inbox = %s AND id > %s "
        "AND state IN ('waiting', 'failed') ORDER BY id LIMIT %s",
        (INBOX, last_id, limit),
    ).fetchall()


def assets_with(connection: Connection, hashes: Sequence[str]) -> dict[str, KnownAsset]:
    """The assets that have these bytes, by hash."""
    with connection.cursor(row_factory=class_row(KnownAsset)) as cursor:
        rows = cursor.execute(
            "SELECT id, encode(sha256, 'hex') AS sha256, path FROM media_assets "
            "WHERE sha256 = ANY(SELECT decode(h, 'hex') FROM unnest(%s::text[]) AS h)",
            (list(hashes),),
        )
        return {row.sha256: row for row in rows}


def is_taken(connection: Connection, path: str) -> bool:
    """Whether a row has this path in the library."""
    query = "SELECT 1 FROM media_assets WHERE path = %s"
    return connection.execute(query, (path,)).fetchone() is not None


def insert_asset(cursor: Cursor, asset: NewAsset) -> int | None:
    """Insert a row; None if another librarian has stored the same bytes or path just now."""
    values: dict[str, Any] = {name: getattr(asset, name) for name in NewAsset.__slots__}
    values["location"] = None if asset.location is None else Jsonb(asset.location)
    values["metadata"] = Jsonb(asset.metadata)
    row = cursor.execute(INSERT_ASSET, values).fetchone()
    return None if row is None else row[0]


def insert_duplicate(cursor: Cursor, file: InboxFile, asset: KnownAsset, name: str) -> None:
    """Record a duplicate that is about to be removed from the inbox."""
    cursor.execute(
        "INSERT INTO duplicates (asset_id, sha256, inbox, path, original_name, size_bytes) "
        "VALUES (%s, decode(%s, 'hex'), %s, %s, %s, %s)",
        (asset.id, asset.sha256, INBOX, file.path, name, file.size_bytes),
    )


def let_go(cursor: Cursor, file_id: int, asset_id: int) -> None:
    """Mark a file as stored: from now on it may be removed from the inbox."""
    cursor.execute(
        "UPDATE inbox_files SET state = 'releasing', asset_id = %s, error_code = NULL, "
        "error_message = NULL WHERE id = %s",
        (asset_id, file_id),
    )
