"""The librarian's SQL: what is stored, what is let go. One statement per batch."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

from photo_factory.database import Connection, Cursor
from photo_factory.storage import Identity
from psycopg.rows import class_row

from librarian.derived import DERIVED

POSTPONE = """
UPDATE inbox_files f
SET state = 'waiting', owner = NULL, attempts = 0, device = w.device, inode = w.inode,
    size_bytes = w.size_bytes, modified_ns = w.modified_ns,
    changed_at = CASE WHEN w.is_changed THEN now() ELSE f.changed_at END,
    next_try_at = now() + make_interval(secs => w.delay),
    error_code = w.code, error_message = w.message, companion_key = w.companion_key
FROM json_to_recordset(%s::json) AS w (id bigint, device bigint, inode bigint, size_bytes bigint,
    modified_ns bigint, is_changed boolean, delay float8, code text, message text,
    companion_key text)
WHERE f.id = w.id
"""

ASSET_COLUMNS = {
    "sha256": "text",
    "path": "text",
    "original_name": "text",
    "source": "text",
    "media_type": "text",
    "mime_type": "text",
    "size_bytes": "bigint",
    "file_modified_at": "timestamptz",
    "width": "integer",
    "height": "integer",
    "duration_seconds": "float8",
    "orientation": "smallint",
    "camera_make": "text",
    "camera_model": "text",
    "lens": "text",
    "metadata": "jsonb",
    "role": "text",
    "group_id": "uuid",
    "companion_key": "text",
    "content_identifier": "text",
    "burst_identifier": "text",
    "is_misnamed": "boolean",
    "is_described": "boolean",
    "has_embedded_video": "boolean",
    **DERIVED,
}
ASSET_NAMES = ", ".join(ASSET_COLUMNS)
INSERT_ASSETS = f"""
INSERT INTO media_assets ({ASSET_NAMES})
SELECT decode(sha256, 'hex'), {ASSET_NAMES.partition(",")[2]}
FROM json_to_recordset(%s::json) AS a ({", ".join(map(" ".join, ASSET_COLUMNS.items()))})
ON CONFLICT DO NOTHING
RETURNING id, path
"""  # noqa: S608 - constants of this file

SEEN = """
INSERT INTO seen AS s (inbox, path_bytes, device, inode, size_bytes, modified_ns, asset_id)
SELECT f.inbox, f.path_bytes, f.device, f.inode, f.size_bytes, f.modified_ns, k.asset_id
FROM unnest(%s::bigint[], %s::bigint[]) AS k (id, asset_id) JOIN inbox_files f ON f.id = k.id
ON CONFLICT (inbox, sha256(path_bytes)) DO UPDATE SET device = excluded.device,
    inode = excluded.inode, size_bytes = excluded.size_bytes,
    modified_ns = excluded.modified_ns, asset_id = excluded.asset_id, seen_at = now()
"""

FORGET = """
DELETE FROM inbox_files USING (SELECT set_config('synchronous_commit', 'off', true)) AS quick
WHERE id = ANY(%s)
"""

# A claim may be lost with the connection; of two who are at one file the second writes nothing.
INSERT_DUPLICATES = """
WITH d AS (
    SELECT * FROM json_to_recordset(%s::json)
        AS d (asset bigint, hash text, file bigint, name text, key text)
), f AS (
    SELECT i.* FROM inbox_files i JOIN d ON i.id = d.file
    WHERE i.state <> 'releasing' FOR UPDATE OF i
)
INSERT INTO duplicates (asset_id, sha256, inbox, path, original_name, size_bytes, companion_key)
SELECT d.asset, decode(d.hash, 'hex'), f.inbox, f.path, d.name, f.size_bytes, d.key
FROM d JOIN f ON f.id = d.file
"""


@dataclass(frozen=True, slots=True)
class InboxFile:
    """A file of an inbox in this librarian's hands."""

    id: int
    inbox: str
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

    @property
    def modified_at(self) -> datetime:
        """When its content was last changed; file systems hold years that no calendar has."""
        try:
            return datetime.fromtimestamp(self.modified_ns / 1e9, UTC)
        except (OverflowError, ValueError, OSError):
            return datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Postponement:
    """Why and how long a file waits again.

    Attributes:
        found: What stands there now.
        code: Set where something is wrong that is not the file's fault, such as a full disk.
        companion_key: Of a sidecar that waits for its photo.
    """

    file: InboxFile
    found: Identity
    delay_seconds: float
    message: str | None = None
    code: str | None = None
    companion_key: str | None = None


@dataclass(frozen=True, slots=True)
class KnownAsset:
    """An asset that has the same bytes."""

    id: int
    sha256: str
    path: str


@dataclass(frozen=True, slots=True)
class NewAsset:
    """A row of media_assets to be; the names are those of its columns.

    Attributes:
        derived: The columns that follow from the tags.
    """

    sha256: str
    path: str
    original_name: str
    source: str
    media_type: str
    mime_type: str
    size_bytes: int
    file_modified_at: datetime
    width: int | None
    height: int | None
    duration_seconds: float | None
    orientation: int | None
    camera_make: str | None
    camera_model: str | None
    lens: str | None
    metadata: dict[str, object]
    role: str
    group_id: UUID | None
    companion_key: str
    content_identifier: str | None
    burst_identifier: str | None
    is_misnamed: bool
    is_described: bool
    has_embedded_video: bool
    derived: dict[str, object]


def intend(connection: Connection, paths: Sequence[tuple[int, str]]) -> None:
    """Remember where files (row id, path in the library) are about to be put."""
    connection.execute(
        "UPDATE inbox_files f SET intended_path = i.path "
        "FROM unnest(%s::bigint[], %s::text[]) AS i (id, path) WHERE f.id = i.id",
        ([file_id for file_id, _ in paths], [path for _, path in paths]),
    )


def intended_path(connection: Connection, file_id: int) -> str | None:
    """Where a file was about to be put at the latest attempt."""
    row = connection.execute(
        "SELECT intended_path FROM inbox_files WHERE id = %s", (file_id,)
    ).fetchone()
    return None if row is None else row[0]


def is_intended_by_others(connection: Connection, path: str, file_id: int) -> bool:
    """Whether another file of an inbox is about to be put there, or has just been."""
    row = connection.execute(
        "SELECT 1 FROM inbox_files WHERE intended_path = %s AND id <> %s LIMIT 1", (path, file_id)
    ).fetchone()
    return row is not None


def postpone(connection: Connection, postponements: Iterable[Postponement]) -> None:
    """Let files wait again."""
    rows = [
        {
            "id": one.file.id,
            **asdict(one.found),
            "is_changed": one.found != one.file.identity,
            "delay": one.delay_seconds,
            "code": one.code,
            "message": one.message,
            "companion_key": one.companion_key,
        }
        for one in postponements
    ]
    if rows:
        connection.execute(POSTPONE, (json.dumps(rows),))


def fail(connection: Connection, file_id: int, code: str, message: str) -> None:
    """Hand a file over to a person. It stays where it is."""
    connection.execute(
        "UPDATE inbox_files SET state = 'failed', owner = NULL, error_code = %s, "
        "error_message = %s WHERE id = %s",
        (code, message, file_id),
    )


def put_aside(connection: Connection, file_id: int, code: str, message: str) -> None:
    """Remember a file that is in the quarantine now."""
    connection.execute(
        "UPDATE inbox_files SET state = 'quarantined', owner = NULL, error_code = %s, "
        "error_message = %s WHERE id = %s",
        (code, message, file_id),
    )


def undescribed(connection: Connection, limit: int) -> list[tuple[int, str]]:
    """Assets (id, path) whose tags have been read only as far as they decide date and place."""
    return connection.execute(
        "SELECT id, path FROM media_assets WHERE NOT is_described ORDER BY id LIMIT %s", (limit,)
    ).fetchall()


def forget(connection: Connection, file_ids: Sequence[int]) -> None:
    """Delete the rows of files that are no longer in the inbox.

    The commit does not wait for the disk: a row that a crash brings back is deleted once more.
    """
    if file_ids:
        connection.execute(FORGET, (list(file_ids),))


def trouble_codes(connection: Connection, inboxes: Sequence[str]) -> dict[str, str]:
    """What keeps waiting files from being stored that is not their fault: code and sentence."""
    rows = connection.execute(
        "SELECT error_code, max(error_message) FROM inbox_files WHERE inbox = ANY(%s) "
        "AND state IN ('waiting', 'ingesting') AND error_code IS NOT NULL GROUP BY error_code",
        (list(inboxes),),
    )
    return dict(rows.fetchall())


def assets_with(connection: Connection, hashes: Sequence[str]) -> dict[str, KnownAsset]:
    """The assets that have these bytes, by hash."""
    with connection.cursor(row_factory=class_row(KnownAsset)) as cursor:
        rows = cursor.execute(
            "SELECT id, encode(sha256, 'hex') AS sha256, path FROM media_assets "
            "WHERE sha256 = ANY(SELECT decode(h, 'hex') FROM unnest(%s::text[]) AS h)",
            (list(hashes),),
        )
        return {row.sha256: row for row in rows}


def paths_of(connection: Connection, asset_ids: Sequence[int]) -> dict[int, str]:
    """Where assets lie in the library, by id."""
    rows = connection.execute(
        "SELECT id, path FROM media_assets WHERE id = ANY(%s)", (list(asset_ids),)
    )
    return dict(rows.fetchall())


def taken(connection: Connection, paths: Sequence[str]) -> set[str]:
    """Which of these paths in the library a row has: of an original, a sidecar, or a move."""
    rows = connection.execute(
        "SELECT path FROM media_assets WHERE path = ANY(%(paths)s) "
        "UNION ALL SELECT path FROM sidecars WHERE path = ANY(%(paths)s) "
        "UNION ALL SELECT new_path FROM relocations WHERE new_path = ANY(%(paths)s)",
        {"paths": list(paths)},
    )
    return {path for (path,) in rows}


def stored_sidecars(
    connection: Connection, wanted: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], str]:
    """The paths of sidecars that the library has already, by asset and hash."""
    rows = connection.execute(
        "SELECT s.asset_id, encode(s.sha256, 'hex'), s.path FROM sidecars s "
        "JOIN unnest(%s::bigint[], %s::text[]) AS w (asset_id, hash) "
        "ON s.asset_id = w.asset_id AND s.sha256 = decode(w.hash, 'hex')",
        ([asset_id for asset_id, _ in wanted], [sha256 for _, sha256 in wanted]),
    )
    return {(asset_id, sha256): path for asset_id, sha256, path in rows}


def insert_assets(cursor: Cursor, assets: Sequence[NewAsset]) -> dict[str, int]:
    """Insert rows; returns the ids by path.

    Those are absent whose bytes or path another librarian has stored just now.
    """
    own = [name for name in NewAsset.__slots__ if name != "derived"]
    values = [{name: getattr(one, name) for name in own} | one.derived for one in assets]
    rows = cursor.execute(INSERT_ASSETS, (json.dumps(values, default=str),)).fetchall()
    return {path: asset_id for asset_id, path in rows}


def insert_duplicates(
    cursor: Cursor, found: Sequence[tuple[InboxFile, KnownAsset, str, str]]
) -> None:
    """Record duplicates (file, asset, name, companion key) that are about to leave the inbox."""
    rows = [
        {"asset": asset.id, "hash": asset.sha256, "file": file.id, "name": name, "key": key}
        for file, asset, name, key in found
    ]
    cursor.execute(INSERT_DUPLICATES, (json.dumps(rows),))


def let_go(cursor: Cursor, stored: Sequence[tuple[int, int]]) -> None:
    """Mark files (row id, asset id) as stored: they may be removed from the inbox now."""
    cursor.execute(
        "UPDATE inbox_files f SET state = 'releasing', asset_id = s.asset_id, error_code = NULL, "
        "error_message = NULL FROM unnest(%s::bigint[], %s::bigint[]) AS s (id, asset_id) "
        "WHERE f.id = s.id",
        ([file_id for file_id, _ in stored], [asset_id for _, asset_id in stored]),
    )


def remember_seen(cursor: Cursor, stored: Sequence[tuple[int, int]]) -> None:
    """Enter files (row id, asset id) that stay where they are into the ledger."""
    ids = [file_id for file_id, _ in stored]
    cursor.execute(SEEN, (ids, [asset_id for _, asset_id in stored]))
    cursor.execute("DELETE FROM inbox_files WHERE id = ANY(%s)", (ids,))
