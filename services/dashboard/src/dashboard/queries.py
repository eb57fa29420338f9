"""What the dashboard reads beyond the overview that it shares with the command line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from photo_factory.alerts import Alert, open_alerts
from photo_factory.database import Connection
from photo_factory.overview import (
    Overview,
    Problem,
    ProblemGroup,
    read_overview,
    read_problem_groups,
    read_problems,
)
from photo_factory.waiting import WaitingGroup, read_waiting

RECENT = 24
EXAMPLES = 4
"""Problems of one cause that are shown by name."""
WAITING_NAMES = 20
"""Files of one cause that are named while they wait."""
WAITING_SECONDS = 60.0
"""Who waits for less is not shown: that is how files normally come in."""
EXPLAINED_CAUSES = 20
"""Causes that are shown with examples; each costs a query."""

Work = Literal["ready", "leased", "dead", "skipped"]
Kind = Literal["thumb", "preview"]

ARRIVED_SINCE = "SELECT count(*) FROM media_assets WHERE ingested_at >= %(since)s"

# The newest are found in the index alone, before anything is joined to them.
LATEST = """
WITH latest AS (
    SELECT id, original_name, media_type, captured_local, captured_source, ingested_at,
           duration_seconds, place_id
    FROM media_assets
    WHERE (ingested_at, id) < (coalesce(%(before_at)s::timestamptz, 'infinity'),
                               coalesce(%(before_id)s::bigint, 9223372036854775807))
    ORDER BY ingested_at DESC, id DESC LIMIT %(limit)s
)
SELECT a.id, a.original_name, a.media_type, a.captured_local, a.captured_source, a.ingested_at,
       a.duration_seconds, p.name, p.country,
       extract(epoch FROM t.created_at)::bigint, extract(epoch FROM v.created_at)::bigint,
       w.state, w.error_message
FROM latest a
LEFT JOIN places p ON p.id = a.place_id
LEFT JOIN derivatives t ON t.asset_id = a.id AND t.kind = 'thumb'
LEFT JOIN derivatives v ON v.asset_id = a.id AND v.kind = 'preview'
LEFT JOIN stage_work w ON w.asset_id = a.id AND w.stage = 'thumbnailer'
ORDER BY a.ingested_at DESC, a.id DESC
"""

DERIVATIVE = """
SELECT d.path, d.mime_type, encode(a.sha256, 'hex'), d.version,
       extract(epoch FROM d.created_at)::bigint
FROM derivatives d JOIN media_assets a ON a.id = d.asset_id
WHERE d.asset_id = %(asset_id)s AND d.kind = %(kind)s
"""


@dataclass(frozen=True, slots=True)
class LatestAsset:
    """An asset as the strip of latest photos shows it.

    Attributes:
        thumb_made: When its thumbnail was made, in seconds since 1970; None if there is none.
        preview_made: The same of its preview.
        work: State of its row for the thumbnailer; None if there is no such row.
        reason: Why the thumbnailer failed on it or skipped it.
    """

    id: int
    name: str
    media_type: str
    captured_local: datetime
    captured_source: str
    ingested_at: datetime
    duration_seconds: float | None
    place: str | None
    country: str | None
    thumb_made: int | None
    preview_made: int | None
    work: Work | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What Home shows, read at one instant of the database's clock."""

    read_at: datetime
    overview: Overview
    arrived_today: int
    latest: tuple[LatestAsset, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs a person.

    Attributes:
        causes: Of failed files, the most frequent first, with some examples each.
        alerts: States of the installation that have not ended.
        waiting: What waits for longer than a minute, and what was put aside, by cause.
    """

    read_at: datetime
    causes: tuple[tuple[ProblemGroup, tuple[Problem, ...]], ...]
    alerts: tuple[Alert, ...]
    waiting: tuple[WaitingGroup, ...]


@dataclass(frozen=True, slots=True)
class Derivative:
    """Where a picture lies, and what makes this version of it unmistakable."""

    path: str
    mime_type: str
    sha256: str
    version: int
    made: int


def read_snapshot(connection: Connection, zone: str) -> Snapshot:
    """Everything that Home shows. `zone` is an IANA name and decides what today is."""
    read_at = read_clock(connection)
    return Snapshot(
        read_at=read_at,
        overview=read_overview(connection),
        arrived_today=read_arrived_since(connection, midnight(read_at, zone)),
        latest=read_latest(connection),
    )


def midnight(instant: datetime, zone: str) -> datetime:
    """When the day of this instant began in the time zone."""
    return instant.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def read_clock(connection: Connection) -> datetime:
    """The database's time: the one clock that all services share."""
    (now,) = connection.execute("SELECT now()").fetchone() or (None,)
    assert isinstance(now, datetime)  # noqa: S101 - SELECT now() has one row
    return now


def read_arrived_since(connection: Connection, since: datetime) -> int:
    """Assets that came into the library since then."""
    row = connection.execute(ARRIVED_SINCE, {"since": since}).fetchone()
    return int(row[0]) if row else 0


def read_latest(
    connection: Connection, limit: int = RECENT, before: tuple[datetime, int] | None = None
) -> tuple[LatestAsset, ...]:
    """The assets that came in last, newest first.

    Args:
        connection: Where to read.
        limit: At most so many.
        before: (ingested_at, id) of the last one seen, to go on behind it.
    """
    before_at, before_id = before or (None, None)
    rows = connection.execute(
        LATEST, {"limit": limit, "before_at": before_at, "before_id": before_id}
    )
    return tuple(LatestAsset(*row) for row in rows)


def read_attention(connection: Connection) -> Attention:
    """Open alerts, failed files and work by cause, and what waits."""
    groups = read_problem_groups(connection)
    causes = tuple(
        (group, _read_examples(connection, group) if place < EXPLAINED_CAUSES else ())
        for place, group in enumerate(groups)
    )
    waiting = read_waiting(connection, WAITING_NAMES, WAITING_SECONDS)
    return Attention(read_clock(connection), causes, open_alerts(connection), waiting)


def _read_examples(connection: Connection, group: ProblemGroup) -> tuple[Problem, ...]:
    return read_problems(connection, group.scope, EXAMPLES, group.code)


def read_derivative(connection: Connection, asset_id: int, kind: Kind) -> Derivative | None:
    """The derivative of an asset, if there is one."""
    row = connection.execute(DERIVATIVE, {"asset_id": asset_id, "kind": kind}).fetchone()
    return Derivative(*row) if row else None
