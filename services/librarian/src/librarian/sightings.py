"""The SQL of seeing: what is in an inbox is written into `inbox_files`, what has gone is deleted.

Each statement takes a whole batch, for bursts of tens of thousands of files are usual.
"""

from collections.abc import Sequence
from hashlib import sha256

from photo_factory.database import Connection

from librarian.inbox import Sighting, printable, release_key

OBSERVE = """
INSERT INTO inbox_files AS f (inbox, path_bytes, path, device, inode, size_bytes, modified_ns,
    state, next_try_at, error_code, error_message)
SELECT %(inbox)s, n.path_bytes, n.path, n.device, n.inode, n.size_bytes, n.modified_ns,
    CASE WHEN n.code IS NULL THEN 'waiting' ELSE 'failed' END,
    now() + make_interval(secs => %(delay)s), n.code, n.message
FROM unnest(%(paths_bytes)s::bytea[], %(paths)s::text[], %(devices)s::bigint[],
        %(inodes)s::bigint[], %(sizes)s::bigint[], %(times)s::bigint[], %(codes)s::text[],
        %(messages)s::text[])
    AS n (path_bytes, path, device, inode, size_bytes, modified_ns, code, message)
WHERE NOT EXISTS (
    SELECT FROM inbox_files k
    WHERE k.inbox = %(inbox)s AND sha256(k.path_bytes) = sha256(n.path_bytes)
        AND (k.state IN ('ingesting', 'releasing') OR k.state <> 'quarantined'
            AND (k.device, k.inode, k.size_bytes, k.modified_ns)
                = (n.device, n.inode, n.size_bytes, n.modified_ns))
    OFFSET 0
) AND NOT EXISTS (
    SELECT FROM seen s
    WHERE s.inbox = %(inbox)s AND sha256(s.path_bytes) = sha256(n.path_bytes)
        AND (s.size_bytes, s.modified_ns) = (n.size_bytes, n.modified_ns)
    OFFSET 0
)
ORDER BY sha256(n.path_bytes)
ON CONFLICT (inbox, sha256(path_bytes)) DO UPDATE SET
    device = excluded.device, inode = excluded.inode, size_bytes = excluded.size_bytes,
    modified_ns = excluded.modified_ns, state = excluded.state, changed_at = now(),
    next_try_at = excluded.next_try_at, error_code = excluded.error_code,
    error_message = excluded.error_message, attempts = 0, owner = NULL, asset_id = NULL,
    companion_key = NULL
WHERE f.state NOT IN ('ingesting', 'releasing')
"""
"""What is known and unchanged is left out before the upsert, which would lock and so rewrite its
row. A file that comes back from the quarantine is tried anew. In the ledger, size and time alone
decide: a share that is mounted anew has another device, and a file that is restored has another
inode. OFFSET 0 makes each a look into the index per file: a join would read the whole table as
long as its statistics are not made (after an import: 2 s instead of 15 ms a batch). The order
keeps two librarians from waiting for each other in a circle."""

GONE = "f.inbox = %s AND sha256(f.path_bytes) = ANY(%s::bytea[])"
BELOW = """unnest(%s::bytea[], %s::bytea[]) AS p (first, last)
WHERE f.path_bytes >= p.first AND f.path_bytes < p.last AND f.inbox = %s"""
FORGET = """
DELETE FROM inbox_files f {} AND f.state IN ('waiting', 'failed') AND f.intended_path IS NULL
"""
TRY_AGAIN = """
UPDATE inbox_files f SET state = 'waiting', next_try_at = now()
{} AND f.state IN ('waiting', 'failed') AND f.intended_path IS NOT NULL
"""
"""Of a file that has gone, an earlier attempt may have put the bytes into the library: another
attempt sees to that."""


def observe(
    connection: Connection, inbox: str, sightings: Sequence[Sighting], delay_seconds: float
) -> int:
    """Remember what was seen; a file that has changed waits anew.

    What the ledger `seen` has in the same size and with the same time is left out.

    Returns:
        The number of files that are new or have changed.
    """
    seen = list({sighting.path: sighting for sighting in sightings}.values())
    seen = _without_half_released(connection, seen)
    if not seen:
        return 0
    parameters = {
        "inbox": inbox,
        "delay": delay_seconds,
        "paths_bytes": [sighting.path for sighting in seen],
        "paths": [printable(sighting.path) for sighting in seen],
        "devices": [sighting.identity.device for sighting in seen],
        "inodes": [sighting.identity.inode for sighting in seen],
        "sizes": [sighting.identity.size_bytes for sighting in seen],
        "times": [sighting.identity.modified_ns for sighting in seen],
        "codes": [sighting.refusal for sighting in seen],
        "messages": [sighting.message for sighting in seen],
    }
    return connection.execute(OBSERVE, parameters).rowcount


def _without_half_released(connection: Connection, sightings: list[Sighting]) -> list[Sighting]:
    """Leave out files whose release was cut short: their own row sees to them."""
    keys = {sighting.path: release_key(sighting.path) for sighting in sightings}
    asides = [key for key in keys.values() if key is not None]
    if not asides:
        return sightings
    rows = connection.execute(
        "SELECT id FROM inbox_files WHERE id = ANY(%s) AND state = 'releasing'", (asides,)
    )
    known = {file_id for (file_id,) in rows}
    return [sighting for sighting in sightings if keys[sighting.path] not in known]


def forget_paths(connection: Connection, inbox: str, paths: Sequence[bytes]) -> None:
    """Delete the rows of files that have gone, unless someone has taken them in hand."""
    if paths:
        given = (inbox, [sha256(path).digest() for path in paths])
        connection.execute(FORGET.format(f"WHERE {GONE}"), given)
        connection.execute(TRY_AGAIN.format(f"WHERE {GONE}"), given)


def forget_below(connection: Connection, inbox: str, folders: Sequence[bytes]) -> None:
    """The same for all below folders that were moved away."""
    if folders:
        # A slash is followed by a zero: all that begins with "folder/" lies between the two.
        given = ([name + b"/" for name in folders], [name + b"0" for name in folders], inbox)
        connection.execute(FORGET.format(f"USING {BELOW}"), given)
        connection.execute(TRY_AGAIN.format(f"FROM {BELOW}"), given)


def remembered_after(
    connection: Connection, inbox: str, last_id: int, limit: int
) -> list[tuple[int, bytes]]:
    """Rows (id, path) that wait or have failed, in the order of their ids."""
    return connection.execute(
        "SELECT id, path_bytes FROM inbox_files WHERE inbox = %s AND id > %s "
        "AND state IN ('waiting', 'failed') ORDER BY id LIMIT %s",
        (inbox, last_id, limit),
    ).fetchall()
