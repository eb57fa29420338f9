"""What waits in the inboxes: why, since when, and when it is looked at next; for people to read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import dict_row

from photo_factory.alerts import REMEDIES, remedy
from photo_factory.database import Connection
from photo_factory.holdups import read_holdups
from photo_factory.imports import HAS_ENDED, IMPORT_PREFIX, IS_IMPORT

HELD = "held"
IMPORT_ENDED = "import_ended"
PUT_ASIDE = "put_aside"

FLOWING = frozenset({"in_hand", "in_line"})
"""Causes of files that are on their way; they are too many and too soon gone to be named."""

UNTIMED = frozenset({HELD, IMPORT_ENDED, "in_hand"})
"""Causes whose end no time is set for."""

WORDS: Mapping[str, tuple[str, str]] = {
    "disk_full": ("No room in the library", REMEDIES["disk_full"]),
    "library_read_only": ("The library cannot be written", REMEDIES["library_read_only"]),
    HELD: ("Held up", ""),
    IMPORT_ENDED: (
        "Left by an import that has ended",
        "Each lies where it was. Run the same import again: it goes on from there.",
    ),
    "not_ready": (
        "Not ready yet",
        "Each is looked at again by itself. What stays like this becomes a problem.",
    ),
    "settling": ("Still changing", "Each is taken in once it has not changed for a while."),
    "sidecar_alone": (
        "Sidecars without their photo",
        "Each is put beside its photo or video as soon as that arrives.",
    ),
    "in_hand": ("Being taken in", "Being read, stored or removed just now."),
    "in_line": ("In line", "Taken in one after the other; small files pass huge ones."),
    PUT_ASIDE: (
        "Put aside",
        "No photos or videos, so they were moved to the quarantine folder. Nothing is to be done.",
    ),
}
"""Title and explanation of each cause, in the order in which they are shown."""

FILES = f"""
SELECT id, inbox, path, size_bytes, first_seen_at AS since, next_try_at AS next_look_at, reason,
    CASE
        WHEN state = 'quarantined' THEN '{PUT_ASIDE}'
        WHEN {HAS_ENDED} THEN '{IMPORT_ENDED}'
        WHEN cause IN ('in_line', 'settling') AND NOT {IS_IMPORT}
            AND inbox = ANY(%(held)s) THEN '{HELD}'
        ELSE cause
    END AS cause
FROM inbox_explained
WHERE state <> 'failed' AND first_seen_at <= now() - make_interval(secs => %(seconds)s)
"""  # noqa: S608 - constants of this package

GROUPS = f"""
SELECT cause, inbox, count(*) AS count, sum(size_bytes)::bigint AS size_bytes, min(since) AS since
FROM ({FILES}) AS files GROUP BY cause, inbox
"""  # noqa: S608 - constants of this file

# What waits: the oldest first. What was put aside: the newest first.
OF_CAUSE = f"""
SELECT id, inbox, path, size_bytes, since, next_look_at, reason
FROM ({FILES}) AS files WHERE cause = %(cause)s AND inbox = %(inbox)s
ORDER BY CASE WHEN cause <> '{PUT_ASIDE}' THEN since END, since DESC, id
LIMIT %(limit)s
"""  # noqa: S608 - constants of this file


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file that the librarian, or an import, has seen and not finished with.

    Attributes:
        path: Below its inbox, control characters escaped.
        since: When it was first seen.
        next_look_at: None if that depends on something else than time.
        reason: A clause without a subject, or a sentence.
    """

    id: int
    inbox: str
    path: str
    size_bytes: int
    since: datetime
    next_look_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class WaitingGroup:
    """All files of one inbox that wait for the same reason.

    Attributes:
        cause: An error code or one of the words of `WORDS`.
        inbox: Its name, or of an import `import:` and the folder.
        since: When the first of them was seen.
        title: The cause for people.
        explanation: What becomes of them, or what helps; in sentences.
        files: Some of them by name.
    """

    cause: str
    inbox: str
    count: int
    size_bytes: int
    since: datetime
    title: str
    explanation: str
    files: tuple[WaitingFile, ...]

    @property
    def source(self) -> str:
        """The folder of an import; empty for an inbox."""
        if not self.inbox.startswith(IMPORT_PREFIX):
            return ""
        return self.inbox.removeprefix(IMPORT_PREFIX).removeprefix("move:")


def read_waiting(
    connection: Connection, names: int, longer_than_seconds: float = 0.0
) -> tuple[WaitingGroup, ...]:
    """What waits, and what was put aside, by cause: first what needs a look, last what is well.

    Args:
        connection: Where to read.
        names: Files at most that each group names.
        longer_than_seconds: Only files that were first seen so long ago.
    """
    holdups = read_holdups(connection)
    wanted = {"held": list(holdups), "seconds": longer_than_seconds, "limit": names}
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = sorted(cursor.execute(GROUPS, wanted), key=_place)
        found = [
            (row, cursor.execute(OF_CAUSE, {**wanted, **row}).fetchall() if names else [])
            for row in rows
        ]
    return tuple(_group(row, holdups, files) for row, files in found)


def _place(row: Mapping[str, Any]) -> tuple[int, datetime, str]:
    """Codes that are not known here come first: they need a look as well."""
    cause = row["cause"]
    return list(WORDS).index(cause) if cause in WORDS else -1, row["since"], row["inbox"]


def _group(
    row: dict[str, Any], holdups: Mapping[str, str], files: list[dict[str, Any]]
) -> WaitingGroup:
    cause, inbox = row["cause"], row["inbox"]
    title, explanation = WORDS.get(cause, (cause.replace("_", " ").capitalize(), remedy(cause)))
    if cause == HELD:
        explanation = holdups[inbox]
    if cause in UNTIMED:
        files = [{**file, "next_look_at": None} for file in files]
    named = tuple(WaitingFile(**file) for file in files)
    return WaitingGroup(title=title, explanation=explanation, files=named, **row)
