"""The SQL of having files in hand: claims, leases, and the clock by which files wait."""

from collections.abc import Sequence
from uuid import UUID

from photo_factory.database import Connection

from librarian.queries import InboxFile

LEASE_SECONDS = 60.0
HUGE_BYTES = 64 << 20
"""Files larger than this take their own way, so that they hold up no other (see the index)."""
OWNER_LOCKS = 7_205_759
"""First key of the advisory locks by which a living librarian is told from a dead one."""

# A claim that a crash of PostgreSQL undoes is made anew: its commit need not wait for the disk.
CLAIM = """
WITH due AS (
    SELECT id FROM inbox_files
    WHERE inbox = ANY(%(inboxes)s) AND state IN ('waiting', 'ingesting', 'releasing')
        AND (size_bytes > 67108864) = %(is_huge)s
        AND next_try_at <= now() AND (attempts > 0) = %(is_suspect)s
    ORDER BY next_try_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE inbox_files f
SET state = CASE f.state WHEN 'releasing' THEN 'releasing' ELSE 'ingesting' END,
    owner = %(owner)s, attempts = f.attempts + 1,
    next_try_at = now() + make_interval(secs => %(lease)s)
FROM due, (SELECT set_config('synchronous_commit', 'off', true)) AS quick
WHERE f.id = due.id
RETURNING f.id, f.inbox, f.path_bytes, f.path, f.device, f.inode, f.size_bytes, f.modified_ns,
    f.state, f.attempts, f.asset_id, f.intended_path,
    extract(epoch FROM now() - f.changed_at)::float8 AS unchanged_seconds
"""

RESTART_WAITS = """
UPDATE inbox_files SET changed_at = now(), next_try_at = now() + make_interval(secs => %s)
WHERE inbox = ANY(%s)
    AND (state = 'waiting' OR (state IN ('ingesting', 'releasing') AND owner IS NULL))
"""
FROM_THE_FUTURE = """
    AND (changed_at > now() + interval '2 seconds' OR next_try_at > now() + interval '2 days'
        OR (state <> 'waiting' AND next_try_at > now() + interval '2 seconds'))
"""
"""By a clock that was ahead. Nothing waits longer than a day; what was given back, not at all."""

RECOVER = """
WITH dead AS (
    SELECT owner FROM (SELECT DISTINCT owner FROM inbox_files
        WHERE state IN ('ingesting', 'releasing') AND owner IS NOT NULL AND owner <> %(owner)s
    ) AS owners
    WHERE pg_try_advisory_xact_lock(%(locks)s, hashtext(owner::text))
)
UPDATE inbox_files f SET next_try_at = now(), owner = NULL FROM dead
WHERE f.owner = dead.owner AND f.state IN ('ingesting', 'releasing')
"""


def claim(
    connection: Connection, owner: UUID, inboxes: Sequence[str], limit: int, *, is_huge: bool
) -> list[InboxFile]:
    """Take files that have waited long enough, or that a dead librarian left behind.

    A file on which an attempt has failed comes alone, so that it takes no other down with it.
    """
    if limit == 0:
        return []
    given = {
        "inboxes": list(inboxes),
        "owner": owner,
        "lease": LEASE_SECONDS,
        "is_huge": is_huge,
    }
    rows = connection.execute(CLAIM, {**given, "limit": limit, "is_suspect": False}).fetchall()
    if not rows:
        rows = connection.execute(CLAIM, {**given, "limit": 1, "is_suspect": True}).fetchall()
    return [InboxFile(*row) for row in rows]


def hold_owner_lock(connection: Connection, owner: UUID) -> None:
    """Show that this librarian lives, for as long as the connection does."""
    connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (OWNER_LOCKS, str(owner)))


def recover(connection: Connection, owner: UUID) -> int:
    """Take over what librarians hold that live no more; returns the number of files."""
    return connection.execute(RECOVER, {"owner": owner, "locks": OWNER_LOCKS}).rowcount


def give_back(connection: Connection, ids: Sequence[int]) -> None:
    """Let files be claimed again at once; the attempt counts."""
    if not ids:
        return
    connection.execute(
        "UPDATE inbox_files SET next_try_at = now(), owner = NULL WHERE id = ANY(%s) "
        "AND state IN ('ingesting', 'releasing')",
        (list(ids),),
    )


def give_back_all(connection: Connection, owner: UUID, but: Sequence[int]) -> None:
    """The same for all that this librarian lost hold of; no attempt is counted."""
    connection.execute(
        "UPDATE inbox_files SET next_try_at = now(), owner = NULL, attempts = 0 "
        "WHERE owner = %s AND state IN ('ingesting', 'releasing') AND id <> ALL(%s)",
        (owner, list(but)),
    )


def hold_on(connection: Connection, owner: UUID, ids: Sequence[int]) -> None:
    """Claim what is in hand once more, where a crash of PostgreSQL has undone the claim."""
    connection.execute(
        "UPDATE inbox_files SET state = 'ingesting', owner = %s, "
        "next_try_at = now() + make_interval(secs => %s) WHERE id = ANY(%s) AND state = 'waiting'",
        (owner, LEASE_SECONDS, list(ids)),
    )


def renew(connection: Connection, owner: UUID, ids: Sequence[int]) -> None:
    """Keep files in hand during long work."""
    connection.execute(
        "UPDATE inbox_files SET next_try_at = now() + make_interval(secs => %s) "
        "WHERE id = ANY(%s) AND owner = %s AND state = 'ingesting'",
        (LEASE_SECONDS, list(ids), owner),
    )


def seconds_to_next(connection: Connection, inboxes: Sequence[str]) -> float | None:
    """Seconds until a file is due; None if none waits."""
    row = connection.execute(
        "SELECT extract(epoch FROM min(next_try_at) - now())::float8 FROM inbox_files "
        "WHERE inbox = ANY(%s) AND state IN ('waiting', 'ingesting', 'releasing')",
        (list(inboxes),),
    ).fetchone()
    return None if row is None else row[0]


def database_clock(connection: Connection) -> float:
    """The clock by which files wait, in seconds."""
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    return 0.0 if row is None else float(row[0])


def restart_waits(connection: Connection, inboxes: Sequence[str], delay: float) -> None:
    """Let all that waits wait anew: the clock by which it waited has jumped."""
    connection.execute(RESTART_WAITS, (delay, list(inboxes)))


def restart_future_waits(connection: Connection, inboxes: Sequence[str], delay: float) -> None:
    """The same for what has begun to wait at a time that is still to come."""
    connection.execute(f"{RESTART_WAITS} {FROM_THE_FUTURE}", (delay, list(inboxes)))
