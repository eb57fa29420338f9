"""The reads of the commands that no other service shares."""

import time
from dataclasses import dataclass
from uuid import UUID

from photo_factory.database import Connection

ROOTS = """
SELECT substr(key, 6), value #>> '{}' FROM settings WHERE key LIKE 'root.%%' ORDER BY key
"""


@dataclass(frozen=True, slots=True)
class Server:
    """The PostgreSQL server as `doctor` sees it.

    Attributes:
        number: Such as 150018 for 15.18.
        ahead_seconds: How far its clock is ahead of the one here.
    """

    version: str
    number: int
    ahead_seconds: float


def read_server(connection: Connection) -> Server:
    """Ask for version and clock; half of the way there and back is taken off the clock."""
    before = time.time()
    row = connection.execute(
        "SELECT current_setting('server_version'), current_setting('server_version_num')::int, "
        "extract(epoch FROM clock_timestamp())::float8"
    ).fetchone()
    after = time.time()
    version, number, there = row or ("", 0, 0.0)
    return Server(version, number, there - (before + after) / 2)


def read_roots(connection: Connection) -> dict[str, UUID]:
    """The marker of every root folder that this installation knows, by its name."""
    return {name: UUID(marker) for name, marker in connection.execute(ROOTS, [])}
