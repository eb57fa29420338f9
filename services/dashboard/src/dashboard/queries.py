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
COUNTED_UNSURE = 1000
"""Of each confidence, so many of the newest dates are looked at; beyond, counts say "and more"."""
UNSURE_EXAMPLES = 6
UNSURE_GROUPS = 10
"""Sources of doubtful dates that are shown."""

Work = Literal["ready", "leased", "dead", "skipped"]
Kind = Literal["thumb", "preview"]

ARRIVED_SINCE = "SELECT count(*) FROM media_assets WHERE ingested_at >= %(since)s"

CHOSEN = """id, original_name, media_type, captured_local, captured_source, ingested_at,
    duration_seconds, place_id"""
SHOWN = """
SELECT a.id, a.original_name, a.media_type, a.captured_local, a.captured_source, a.ingested_at,
       a.duration_seconds, p.name, p.country,
       extract(epoch FROM t.created_at)::bigint, w.state, w.error_message
FROM chosen a
LEFT JOIN places p ON p.id = a.place_id
LEFT JOIN derivatives t ON t.asset_id = a.id AND t.kind = 'thumb'
LEFT JOIN stage_work w ON w.asset_id = a.id AND w.stage = 'thumbnailer'
"""

# The newest are found in the index alone, before anything is joined to them.
LATEST = f"""
WITH chosen AS (
    SELECT {CHOSEN} FROM media_assets
    WHERE (ingested_at, id) < (coalesce(%(before_at)s::timestamptz, 'infinity'),
                               coalesce(%(before_id)s::bigint, 9223372036854775807))
    ORDER BY ingested_at DESC, id DESC LIMIT %(limit)s
)
{SHOWN} ORDER BY a.ingested_at DESC, a.id DESC
"""  # noqa: S608 - constants of this file

NAMED = f"""
WITH chosen AS (SELECT {CHOSEN} FROM media_assets WHERE id = ANY (%(ids)s))
{SHOWN} ORDER BY a.id DESC
"""  # noqa: S608 - as above

# Only the newest of each confidence are looked at: what a page costs must not grow with what waits.
# The words stand in the statement itself, so that the partial index fits whatever is planned; and
# they are compared as ranges, so that no other index has this order. The primary key would read all
# newer assets before the first doubtful one. In every collation "low" comes before "none".
UNSURE = """
WITH unsure AS (
    (SELECT id, captured_confidence AS found, captured_source, capture_rules FROM media_assets
     WHERE captured_confidence IN ('low', 'none') AND captured_confidence >= 'none'
     ORDER BY captured_confidence DESC, id DESC LIMIT %(limit)s + 1)
    UNION ALL
    (SELECT id, captured_confidence, captured_source, capture_rules FROM media_assets
     WHERE captured_confidence IN ('low', 'none') AND captured_confidence < 'none'
     ORDER BY captured_confidence DESC, id DESC LIMIT %(limit)s + 1)
), judged AS (
    SELECT id, found, CASE WHEN capture_rules = 0 THEN 'unjudged' ELSE found END AS confidence,
        CASE WHEN capture_rules = 0 THEN '' ELSE captured_source END AS source
    FROM unsure
)
SELECT confidence, source, least(count(*), %(limit)s),
    sum(count(*)) OVER (PARTITION BY found) > %(limit)s,
    (array_agg(id ORDER BY id DESC))[1:%(examples)s]
FROM judged GROUP BY found, confidence, source
ORDER BY array_position('{none,low,unjudged}', confidence), count(*) DESC, source
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
class UnsureGroup:
    """Assets whose dates rest on the same little.

    Attributes:
        confidence: none, low, or unjudged: decided before it was noted how sure a date is.
        source: What the dates come from; empty for unjudged ones.
        number: Of the newest that were looked at.
        is_more: There are older ones of this confidence that were not looked at.
        examples: The newest.
    """

    confidence: str
    source: str
    number: int
    is_more: bool
    examples: tuple[LatestAsset, ...]


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs a person.

    Attributes:
        causes: Of failed files, the most frequent first, with some examples each.
        alerts: States of the installation that have not ended.
        waiting: What waits for longer than a minute, and what was put aside, by cause.
        unsure: Dates that rest on little, by what they rest on.
    """

    read_at: datetime
    causes: tuple[tuple[ProblemGroup, tuple[Problem, ...]], ...]
    alerts: tuple[Alert, ...]
    waiting: tuple[WaitingGroup, ...]
    unsure: tuple[UnsureGroup, ...] = ()


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
    """Open alerts, failed files and work by cause, what waits, and doubtful dates."""
    groups = read_problem_groups(connection)
    causes = tuple(
        (group, _read_examples(connection, group) if place < EXPLAINED_CAUSES else ())
        for place, group in enumerate(groups)
    )
    waiting = read_waiting(connection, WAITING_NAMES, WAITING_SECONDS)
    alerts, unsure = open_alerts(connection), read_unsure(connection)
    return Attention(read_clock(connection), causes, alerts, waiting, unsure)


def read_unsure(
    connection: Connection, limit: int = COUNTED_UNSURE, examples: int = UNSURE_EXAMPLES
) -> tuple[UnsureGroup, ...]:
    """Dates of low or no confidence, the weakest first, by their source.

    Args:
        connection: Where to read.
        limit: At most so many of the newest of each confidence are looked at.
        examples: At most so many of each source are shown.
    """
    bounds = {"limit": limit, "examples": examples}
    groups = connection.execute(UNSURE, bounds).fetchmany(UNSURE_GROUPS)
    ids = [asset_id for *_, found in groups for asset_id in found]
    shown = {row[0]: LatestAsset(*row) for row in connection.execute(NAMED, {"ids": ids})}
    return tuple(
        UnsureGroup(confidence, source, number, is_more, tuple(shown[i] for i in newest))
        for confidence, source, number, is_more, newest in groups
    )


def _read_examples(connection: Connection, group: ProblemGroup) -> tuple[Problem, ...]:
    return read_problems(connection, group.scope, EXAMPLES, group.code)


def read_derivative(connection: Connection, asset_id: int, kind: Kind) -> Derivative | None:
    """The derivative of an asset, if there is one."""
    row = connection.execute(DERIVATIVE, {"asset_id": asset_id, "kind": kind}).fetchone()
    return Derivative(*row) if row else None
