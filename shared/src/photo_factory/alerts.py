"""Alerts: states that a person should know of, from when they began till they ended.

A problem is about a file or an asset; an alert is about the installation. The service that raised
one resolves it by itself when the state has ended.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from photo_factory.database import Connection

Severity = Literal["warning", "critical"]
"""critical: something stands still or a promise is in danger. warning: it works, but not well."""

REMEDIES = {
    "root_missing": "Mount the disk or share, or correct the path in the settings. "
    "Nothing is touched until the folder is back; then it goes on by itself.",
    "disk_full": "Make room on that disk, or move the folder to a larger one. "
    "What waits stays where it is; it goes on by itself once there is room.",
    "library_read_only": "Mount the library's disk for writing. If it became read-only by itself, "
    "it may be failing: look at the system's log and verify your originals.",
    "watch_limit": "Raise fs.inotify.max_user_watches on the host to 1048576, then restart the "
    "librarian. Until then new files are found by scans, which takes longer.",
    "syncthing_folder_type": "In Syncthing, set the folder on this machine to Receive Only, or "
    "set the inbox to mode keep. Otherwise the phone deletes what was taken in here.",
    "exiftool_missing": "Install it: apt install libimage-exiftool-perl, then restart the "
    "librarian. Until then dates, places and pairs of some files may be wrong or missing.",
}
"""What to do about an alert, in a sentence or two; the whole of it is in docs/runbooks."""

RAISE = """
INSERT INTO alerts AS open (key, service, severity, code, message)
VALUES (%(key)s, %(service)s, %(severity)s, %(code)s, %(message)s)
ON CONFLICT (key) WHERE resolved_at IS NULL DO UPDATE
SET severity = excluded.severity, code = excluded.code, message = excluded.message
WHERE (open.severity, open.code, open.message)
    IS DISTINCT FROM (excluded.severity, excluded.code, excluded.message)
"""

RESOLVE = "UPDATE alerts SET resolved_at = now() WHERE key = %s AND resolved_at IS NULL"

RESOLVE_OTHERS = """
UPDATE alerts SET resolved_at = now()
WHERE service = %s AND resolved_at IS NULL AND NOT key = ANY (%s)
"""

OPEN = """
SELECT key, service, severity, code, message, raised_at FROM alerts
WHERE resolved_at IS NULL
ORDER BY severity = 'critical' DESC, raised_at, id
"""


@dataclass(frozen=True, slots=True)
class Alert:
    """A state that has not ended yet.

    Attributes:
        key: What it is about, such as librarian.root.library.
        code: snake_case noun; it has a page in docs/runbooks.
        raised_at: When the state began, on PostgreSQL's clock.
    """

    key: str
    service: str
    severity: Severity
    code: str
    message: str
    raised_at: datetime


def raise_alert(  # noqa: PLR0913, PLR0917 - one for each column
    connection: Connection, key: str, service: str, severity: Severity, code: str, message: str
) -> None:
    """Open an alert, or bring the open one of this key up to date; it began when it began.

    Called as often as the state is seen. The message is made of whole sentences and must not
    change each time (no seconds, no free bytes to the last digit), or every call writes a row.
    """
    values = {"key": key, "service": service, "severity": severity, "code": code}
    connection.execute(RAISE, {**values, "message": message})


def resolve_alert(connection: Connection, key: str) -> bool:
    """The state of this key has ended; returns whether an alert was open."""
    return connection.execute(RESOLVE, [key]).rowcount > 0


def resolve_alerts(connection: Connection, service: str, keep: Collection[str]) -> int:
    """Resolve every open alert of a service but those of some keys; returns how many."""
    return connection.execute(RESOLVE_OTHERS, [service, list(keep)]).rowcount


def open_alerts(connection: Connection) -> tuple[Alert, ...]:
    """Every state that has not ended: critical ones first, of these the longest first."""
    with connection.cursor(row_factory=class_row(Alert)) as cursor:
        return tuple(cursor.execute(OPEN))


def remedy(code: str) -> str:
    """What to do about an alert of this code."""
    return REMEDIES.get(code, f"The page docs/runbooks/{code}.md says what to do.")
