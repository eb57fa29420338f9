"""The SQL of a bulk import: its own rows of `inbox_files`, and what has come of its files."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from photo_factory.database import Connection
from photo_factory.imports import IMPORT_LOCKS
from psycopg.rows import class_row

from librarian.companions import MEDIA_SUFFIXES
from librarian.inbox import Sighting

AT_ONCE = 1000

Kind = Literal["new", "duplicate", "sidecar"]
"""What a file is that is in the library now."""

RESTART = """
WITH forgotten AS (
    DELETE FROM inbox_files
    WHERE inbox = ANY(%(names)s) AND state IN ('waiting', 'failed') AND intended_path IS NULL
        AND (%(only)s::bytea[] IS NULL OR sha256(path_bytes) = ANY(%(only)s))
)
UPDATE inbox_files SET state = 'waiting', next_try_at = now(), attempts = 0, owner = NULL,
    error_code = NULL, error_message = NULL, companion_key = NULL
WHERE inbox = %(own)s AND state IN ('waiting', 'failed') AND intended_path IS NOT NULL
    AND (%(only)s::bytea[] IS NULL OR sha256(path_bytes) = ANY(%(only)s))
"""

SEEN = """
SELECT n.path_bytes
FROM unnest(%s::bytea[], %s::bigint[], %s::bigint[]) AS n (path_bytes, size_bytes, modified_ns)
WHERE EXISTS (
    SELECT FROM seen s
    WHERE s.inbox = %s AND sha256(s.path_bytes) = sha256(n.path_bytes)
        AND (s.size_bytes, s.modified_ns) = (n.size_bytes, n.modified_ns)
    OFFSET 0
)
"""
"""As in librarian.sightings, which says why."""

HOLD_BACK = """
WITH unplaced AS (
    DELETE FROM inbox_files
    WHERE inbox = %(inbox)s AND state = 'ingesting' AND intended_path IS NULL
)
UPDATE inbox_files SET state = 'waiting', owner = NULL, attempts = 0, device = 0, inode = 0,
    companion_key = NULL, next_try_at = now() + interval '1 day'
WHERE inbox = %(inbox)s AND state IN ('waiting', 'ingesting') AND intended_path IS NOT NULL
"""

LONELY = "(state = 'waiting' AND companion_key IS NOT NULL AND next_try_at > now())"
"""A sidecar that waits for its photo: an import does not wait with it."""

HELD = "(state = 'waiting' AND inode = 0 AND next_try_at > now() + interval '1 hour')"
"""What `hold_back` lets wait."""

OPEN = f"""
SELECT count(*) AS files, coalesce(sum(size_bytes), 0)::bigint AS size_bytes,
    mode() WITHIN GROUP (ORDER BY error_message) AS reason
FROM inbox_files
WHERE inbox = ANY(%s) AND state IN ('waiting', 'ingesting', 'releasing') AND NOT {LONELY}
    AND NOT {HELD}
"""  # noqa: S608 - a constant of this file

# A file whose name promises a photo or video and whose content is none stays: it may be damaged.
FORGET_OTHERS = r"""
WITH others AS (
    DELETE FROM inbox_files
    WHERE inbox = ANY(%s) AND state = 'failed' AND error_code = 'not_media'
        AND coalesce(lower(substring(path FROM '[^/](\.[^./]+)$')), '') <> ALL(%s)
    RETURNING coalesce(lower(substring(path FROM '[^/](\.[^./]+)$')), '') AS suffix, size_bytes
)
SELECT suffix, count(*), sum(size_bytes)::bigint FROM others GROUP BY suffix
"""

STILL_BEFORE = """
SELECT n.path_bytes FROM unnest(%s::bytea[]) AS n (path_bytes)
WHERE EXISTS (
    SELECT FROM inbox_files k
    WHERE k.inbox = %s AND sha256(k.path_bytes) = sha256(n.path_bytes)
        AND k.state IN ('waiting', 'ingesting', 'releasing')
    OFFSET 0
)
"""

FORGET_WAITING = """
DELETE FROM inbox_files WHERE inbox = ANY(%s) AND state IN ('waiting', 'ingesting')
    AND owner IS NULL AND intended_path IS NULL
"""

NEW = """
SELECT id, substr(source, length(%(name)s) + 2) AS path, size_bytes, path AS stored_as,
    captured_source AS date_source
FROM media_assets WHERE id > %(mark)s AND starts_with(source, %(name)s || '/')
"""
DUPLICATE = """
SELECT d.id, d.path, d.size_bytes, a.path AS stored_as, NULL AS date_source
FROM duplicates d JOIN media_assets a ON a.id = d.asset_id
WHERE d.id > %(mark)s AND d.inbox = %(name)s
"""
SIDECAR = """
SELECT id, substr(source, length(%(name)s) + 2) AS path, size_bytes, path AS stored_as,
    NULL AS date_source
FROM sidecars WHERE id > %(mark)s AND starts_with(source, %(name)s || '/')
"""
STORED: dict[Kind, str] = {"new": NEW, "duplicate": DUPLICATE, "sidecar": SIDECAR}

LEFT = """
SELECT id, path, size_bytes, coalesce(error_code, '') AS code,
    coalesce(error_message, '') AS message
FROM inbox_files
WHERE inbox = %(inbox)s AND id > %(last_id)s AND state = ANY(%(states)s)
    AND (%(only)s::bytea[] IS NULL OR sha256(path_bytes) = ANY(%(only)s))
ORDER BY id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Open:
    """What an import still has to deal with.

    Attributes:
        reason: The commonest sentence on why they wait, if any has one.
    """

    files: int
    size_bytes: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is in the library now.

    Attributes:
        path: Below the import's folder, for people.
        stored_as: Below the library; of a duplicate, the original that it equals.
        date_source: What its day was drawn from; only of a new original.
    """

    id: int
    path: str
    size_bytes: int
    stored_as: str
    date_source: str | None


@dataclass(frozen=True, slots=True)
class LeftFile:
    """A file that was not taken in."""

    id: int
    path: str
    size_bytes: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Marks:
    """Where the tables ended when the import began: what comes later is told by its id."""

    new: int
    duplicate: int
    sidecar: int


def lock(connection: Connection, name: str, *, is_first: bool) -> bool:
    """Hold an import's folder for as long as the connection lives; False if another one does.

    Args:
        connection: The import's.
        name: Of the folder.
        is_first: If not, what holds it may be this import's own former connection: it is waited
            for a while.
    """
    if not is_first:
        connection.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", (IMPORT_LOCKS, name))
        return True
    row = connection.execute(
        "SELECT pg_try_advisory_lock(%s, hashtext(%s))", (IMPORT_LOCKS, name)
    ).fetchone()
    return row is not None and bool(row[0])


def restart(connection: Connection, own: str, other: str, only: Sequence[bytes] | None) -> None:
    """Forget what an earlier import left waiting or failed, so that it is tried anew.

    Rows that say where a file was about to be put stay, and are tried as they are.

    Args:
        connection: Where to write.
        own: The name of the import's folder.
        other: Its name in the other mode.
        only: Only these paths; None means all.
    """
    connection.execute(RESTART, {"own": own, "names": [own, other], "only": _digests(only)})


def hold_back(connection: Connection, inbox: str) -> None:
    """Let files wait for a day that an earlier import was about to put somewhere.

    For an import that makes its files itself: they are not there yet. What is shown to the engine
    is tried at once; the rest once `let_on` is called.
    """
    connection.execute(HOLD_BACK, {"inbox": inbox})


def let_on(connection: Connection, inbox: str) -> None:
    """Have tried what `hold_back` let wait and nobody has brought again."""
    connection.execute(
        f"UPDATE inbox_files SET next_try_at = now() WHERE inbox = %s AND {HELD}",  # noqa: S608 - a constant of this file
        (inbox,),
    )


def still_before(connection: Connection, inbox: str, paths: Sequence[bytes]) -> set[bytes]:
    """Those of the paths that the engine has not done with."""
    rows = connection.execute(STILL_BEFORE, (list(paths), inbox))
    return {path for (path,) in rows}


def releasing(connection: Connection, names: Sequence[str]) -> tuple[int, int]:
    """Files, and their bytes, that are stored and that a killed import was about to remove."""
    row = connection.execute(
        "SELECT count(*), coalesce(sum(size_bytes), 0)::bigint FROM inbox_files "
        "WHERE inbox = ANY(%s) AND state = 'releasing'",
        (list(names),),
    ).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def marks(connection: Connection) -> Marks:
    """Where the tables end now."""
    row = connection.execute(
        "SELECT (SELECT coalesce(max(id), 0) FROM media_assets), "
        "(SELECT coalesce(max(id), 0) FROM duplicates), "
        "(SELECT coalesce(max(id), 0) FROM sidecars)"
    ).fetchone()
    return Marks(0, 0, 0) if row is None else Marks(*row)


def seen(connection: Connection, inbox: str, sightings: Sequence[Sighting]) -> set[bytes]:
    """The paths of those files that an earlier import took in and that have not changed since."""
    identities = [one.identity for one in sightings]
    values = (
        [one.path for one in sightings],
        [identity.size_bytes for identity in identities],
        [identity.modified_ns for identity in identities],
        inbox,
    )
    return {path for (path,) in connection.execute(SEEN, values)}


def still_open(connection: Connection, inboxes: Sequence[str]) -> Open:
    """What is left to do."""
    with connection.cursor(row_factory=class_row(Open)) as cursor:
        return cursor.execute(OPEN, (list(inboxes),)).fetchone() or Open(0, 0, None)


def forget_others(connection: Connection, inboxes: Sequence[str]) -> list[tuple[str, int, int]]:
    """Delete the rows of what neither is nor claims to be a photo or video.

    Returns:
        Suffix, files and bytes; the suffix is empty for names without one.
    """
    return connection.execute(FORGET_OTHERS, (list(inboxes), sorted(MEDIA_SUFFIXES))).fetchall()


def forget_waiting(connection: Connection, inboxes: Sequence[str]) -> None:
    """Delete the rows of what the import leaves alone; the next one sees it anew."""
    connection.execute(FORGET_WAITING, (list(inboxes),))


def count_stored(connection: Connection, kind: Kind, inbox: str, mark: int) -> tuple[int, int]:
    """Files that have come into the library from an import, and their bytes."""
    row = connection.execute(
        f"SELECT count(*), coalesce(sum(size_bytes), 0)::bigint FROM ({STORED[kind]}) AS s",  # noqa: S608 - a constant of this file
        {"name": inbox, "mark": mark},
    ).fetchone()
    return (0, 0) if row is None else (row[0], row[1])


def read_stored(connection: Connection, kind: Kind, inbox: str, mark: int) -> Iterator[StoredFile]:
    """The same one by one, in the order in which they came."""
    with connection.cursor(row_factory=class_row(StoredFile)) as cursor:
        while rows := cursor.execute(
            f"SELECT * FROM ({STORED[kind]}) AS s ORDER BY id LIMIT {AT_ONCE}",  # noqa: S608 - constants of this file
            {"name": inbox, "mark": mark},
        ).fetchall():
            yield from rows
            mark = rows[-1].id


def read_left(
    connection: Connection, states: Sequence[str], inbox: str, only: Sequence[bytes] | None
) -> Iterator[LeftFile]:
    """Files of an import that are in one of these states."""
    wanted = {
        "states": list(states),
        "inbox": inbox,
        "only": _digests(only),
        "last_id": 0,
        "limit": AT_ONCE,
    }
    with connection.cursor(row_factory=class_row(LeftFile)) as cursor:
        while rows := cursor.execute(LEFT, wanted).fetchall():
            yield from rows
            wanted["last_id"] = rows[-1].id


def _digests(only: Sequence[bytes] | None) -> list[bytes] | None:
    return None if only is None else [sha256(path).digest() for path in only]
