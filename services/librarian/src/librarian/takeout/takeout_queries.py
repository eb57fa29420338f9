"""The SQL of a Takeout: which asset each medium became, its JSON beside it, albums, what waits."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from photo_factory.database import Connection, Cursor
from photo_factory.storage import Identity
from psycopg.rows import class_row

AT_ONCE = 1000

ASSETS = """
SELECT n.at, a.id, a.path, a.role
FROM unnest(%s::text[], %s::bytea[]) WITH ORDINALITY AS n (inbox, path_bytes, at)
CROSS JOIN LATERAL (
    SELECT asset_id FROM seen
    WHERE inbox = n.inbox AND sha256(path_bytes) = sha256(n.path_bytes) OFFSET 0
) AS s
JOIN media_assets a ON a.id = s.asset_id
"""

# The film of a Live Photo has its still's JSON: it lies once, beside the still.
HAS_NOTE = """
SELECT w.asset_id, encode(w.sha256, 'hex')
FROM unnest(%s::bigint[], %s::bytea[]) AS w (asset_id, sha256)
JOIN media_assets a ON a.id = w.asset_id
WHERE EXISTS (SELECT FROM sidecars s WHERE s.asset_id = a.id AND s.sha256 = w.sha256)
    OR a.role = 'live_video' AND EXISTS (
        SELECT FROM media_assets g JOIN sidecars s ON s.asset_id = g.id
        WHERE g.group_id = a.group_id AND s.sha256 = w.sha256
    )
"""

# Of a film, also what lies beside its still.
NOTE_SOURCES = """
SELECT s.source FROM sidecars s
WHERE s.kind = 'takeout' AND s.asset_id IN (
    SELECT unnest(%(ids)s::bigint[])
    UNION ALL
    SELECT g.id FROM media_assets a JOIN media_assets g ON g.group_id = a.group_id
    WHERE a.id = ANY(%(ids)s) AND a.role = 'live_video'
)
"""

INTEND = """
INSERT INTO inbox_files AS f (inbox, path_bytes, path, device, inode, size_bytes, modified_ns,
    state, next_try_at, intended_path)
SELECT %(inbox)s, n.path_bytes, n.path, n.device, n.inode, n.size_bytes, n.modified_ns, 'waiting',
    now() + interval '1 day', n.intended_path
FROM unnest(%(paths_bytes)s::bytea[], %(paths)s::text[], %(devices)s::bigint[],
        %(inodes)s::bigint[], %(sizes)s::bigint[], %(times)s::bigint[], %(intended)s::text[])
    AS n (path_bytes, path, device, inode, size_bytes, modified_ns, intended_path)
ON CONFLICT (inbox, sha256(path_bytes)) DO UPDATE SET intended_path = excluded.intended_path,
    device = excluded.device, inode = excluded.inode, size_bytes = excluded.size_bytes,
    modified_ns = excluded.modified_ns, state = 'waiting', next_try_at = excluded.next_try_at
"""

BEGUN = """
SELECT id, intended_path, device, inode, size_bytes, modified_ns FROM inbox_files
WHERE inbox = %s AND starts_with(path, %s)
"""

RECORD = """
INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes, tags)
SELECT asset_id, 'takeout', path, decode(sha256, 'hex'), original_name, source, size_bytes, tags
FROM json_to_recordset(%s::json) AS s (asset_id bigint, path text, sha256 text,
    original_name text, source text, size_bytes bigint, tags jsonb)
ON CONFLICT DO NOTHING RETURNING path
"""

# An album's JSON may be in another part: its title is not given up for the folder's name.
ALBUM = """
INSERT INTO albums AS a (source, title, description) VALUES (%s, %s, %s)
ON CONFLICT (source) DO UPDATE SET
    title = CASE WHEN %s THEN excluded.title ELSE a.title END,
    description = coalesce(excluded.description, a.description)
RETURNING id
"""

MEMBERS = """
INSERT INTO album_assets (album_id, asset_id)
SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING
"""

KEEP = """
INSERT INTO takeout_metadata (inbox, path, body)
SELECT %s, n.path, n.body FROM unnest(%s::text[], %s::bytea[]) AS n (path, body)
ON CONFLICT (inbox, path) DO UPDATE SET body = excluded.body
"""

DATES = """
SELECT a.captured_source, count(*) FROM media_assets a
WHERE a.id IN (SELECT asset_id FROM seen WHERE inbox = ANY(%s)) GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The asset that a medium of the Takeout became, or was already."""

    id: int
    path: str
    role: str


@dataclass(frozen=True, slots=True)
class Intention:
    """A JSON that is about to get a name in the library.

    Attributes:
        key: Its name among the files of the import.
        identity: Of its bytes on the library's disk; the name will have the same.
        path: Below the library.
    """

    key: str
    identity: Identity
    path: str


@dataclass(frozen=True, slots=True)
class Begun:
    """An intention of a killed import."""

    id: int
    intended_path: str
    device: int
    inode: int
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class NewNote:
    """A row of sidecars to be; the names are those of its columns."""

    asset_id: int
    path: str
    sha256: str
    original_name: str
    source: str
    size_bytes: int
    tags: dict[str, object]


def assets(connection: Connection, files: Sequence[tuple[str, bytes]]) -> dict[int, Stored]:
    """The assets of files (inbox, path), by their position; those not stored are left out."""
    columns = ([inbox for inbox, _ in files], [path for _, path in files])
    rows = connection.execute(ASSETS, columns)
    return {at - 1: Stored(asset_id, path, role) for at, asset_id, path, role in rows}


def noted(connection: Connection, wanted: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
    """Which of these pairs of asset and hash of a JSON are stored already."""
    ids = [asset_id for asset_id, _ in wanted]
    digests = [bytes.fromhex(digest) for _, digest in wanted]
    return set(connection.execute(HAS_NOTE, (ids, digests)).fetchall())


def note_sources(cursor: Cursor, asset_ids: Sequence[int]) -> set[str]:
    """Where the JSON beside these assets came from."""
    rows = cursor.execute(NOTE_SOURCES, {"ids": list(asset_ids)})
    return {source for (source,) in rows}


def intend(connection: Connection, inbox: str, intentions: Sequence[Intention]) -> None:
    """Write down what is about to be put where, so that a crash leaves nothing unexplained."""
    found = [one.identity for one in intentions]
    given = {
        "inbox": inbox,
        "paths_bytes": [one.key.encode() for one in intentions],
        "paths": [one.key for one in intentions],
        "devices": [one.device for one in found],
        "inodes": [one.inode for one in found],
        "sizes": [one.size_bytes for one in found],
        "times": [one.modified_ns for one in found],
        "intended": [one.path for one in intentions],
    }
    connection.execute(INTEND, given)


def begun(connection: Connection, inbox: str, prefix: str) -> list[Begun]:
    """What a killed import was about to put somewhere; keys begin with the prefix."""
    with connection.cursor(row_factory=class_row(Begun)) as cursor:
        return cursor.execute(BEGUN, (inbox, prefix)).fetchall()


def forget(cursor: Cursor, inbox: str, keys: Sequence[str]) -> None:
    """The intentions are carried out."""
    digests = [sha256(key.encode()).digest() for key in keys]
    cursor.execute(
        "DELETE FROM inbox_files WHERE inbox = %s AND sha256(path_bytes) = ANY(%s)",
        (inbox, digests),
    )


def record(cursor: Cursor, notes: Sequence[NewNote]) -> set[str]:
    """Insert rows; returns their paths. Absent is what another process has stored just now."""
    rows = cursor.execute(RECORD, (json.dumps([asdict(one) for one in notes]),))
    return {path for (path,) in rows}


def album(cursor: Cursor, source: str, title: str, description: str, *, is_titled: bool) -> int:
    """The id of an album, which is made if need be.

    Args:
        cursor: In a transaction.
        source: What makes it the same album.
        title: As it is to be shown.
        description: "" if there is none.
        is_titled: Whether the title is more than the folder's name.
    """
    row = cursor.execute(ALBUM, (source, title, description or None, is_titled)).fetchone()
    assert row is not None  # noqa: S101 - an upsert that always updates returns a row
    return int(row[0])


def add_members(cursor: Cursor, members: Sequence[tuple[int, int]]) -> int:
    """Put assets into albums (album, asset); returns how many were not in them."""
    columns = ([album_id for album_id, _ in members], [asset_id for _, asset_id in members])
    return cursor.execute(MEMBERS, columns).rowcount


def keep(cursor: Cursor, inbox: str, notes: Sequence[tuple[str, bytes]]) -> None:
    """Keep JSON (path, body) until its medium comes."""
    cursor.execute(KEEP, (inbox, [path for path, _ in notes], [body for _, body in notes]))


def drop(cursor: Cursor, inbox: str, paths: Sequence[str]) -> None:
    """Keep JSON no longer, for it lies beside its medium."""
    cursor.execute(
        "DELETE FROM takeout_metadata WHERE inbox = %s AND path = ANY(%s)", (inbox, list(paths))
    )


def kept_notes(connection: Connection, inbox: str) -> Iterator[tuple[str, bytes]]:
    """Paths and bodies of what is kept."""
    last = ""
    query = (
        "SELECT path, body FROM takeout_metadata WHERE inbox = %s AND path > %s "
        "ORDER BY path LIMIT %s"
    )
    while rows := connection.execute(query, (inbox, last, AT_ONCE)).fetchall():
        yield from rows
        last = rows[-1][0]


def attached_notes(connection: Connection, inbox: str) -> Iterator[tuple[str, str]]:
    """Where the JSON came from that lies in the library (its path in the tree), and where it lies.

    For people, the first of the two has its control characters escaped; such a one is not found.
    """
    last = 0
    query = (
        "SELECT id, substr(source, length(%(inbox)s) + 2), path FROM sidecars "
        "WHERE kind = 'takeout' AND starts_with(source, %(inbox)s || '/') AND id > %(last)s "
        "ORDER BY id LIMIT %(limit)s"
    )
    while rows := connection.execute(
        query, {"inbox": inbox, "last": last, "limit": AT_ONCE}
    ).fetchall():
        yield from ((tree, path) for _, tree, path in rows)
        last = rows[-1][0]


def seen_media(connection: Connection, inbox: str) -> Iterator[tuple[bytes, int, int]]:
    """Path, size and time of all that earlier runs took in."""
    last = b""
    query = (
        "SELECT sha256(path_bytes), path_bytes, size_bytes, modified_ns FROM seen "
        "WHERE inbox = %s AND sha256(path_bytes) > %s ORDER BY sha256(path_bytes) LIMIT %s"
    )
    while rows := connection.execute(query, (inbox, last, AT_ONCE)).fetchall():
        yield from ((path, size_bytes, time_ns) for _, path, size_bytes, time_ns in rows)
        last = rows[-1][0]


def date_sources(connection: Connection, inboxes: Iterable[str]) -> dict[str, int]:
    """What the dates of an import's assets were drawn from, and of how many each."""
    return dict(connection.execute(DATES, (list(inboxes),)).fetchall())
