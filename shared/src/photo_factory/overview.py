"""What people want to know of the line, read in a few cheap statements for screen and terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from psycopg.rows import class_row, dict_row

from photo_factory.alerts import Alert, open_alerts
from photo_factory.database import Connection
from photo_factory.imports import HAS_ENDED, IS_IMPORT
from photo_factory.problems import Problem, ProblemGroup, read_problem_groups, read_problems

__all__ = [
    "SERVICES",
    "STAGES",
    "Alert",
    "InboxCounts",
    "Overview",
    "Problem",
    "ProblemGroup",
    "ServiceState",
    "StageCounts",
    "judge",
    "read_overview",
    "read_problem_groups",
    "read_problems",
]

STAGES = ("geocoder", "thumbnailer", "backup")
"""The stages in the order in which they are shown."""

SERVICES = ("librarian", "geocoder", "thumbnailer", "backup", "service-monitor", "dashboard")
"""The services that a complete installation runs, in the order in which they are shown."""

STALE_INTERVALS = 2
DOWN_INTERVALS = 5
FORGOTTEN_SECONDS = 86_400.0
"""An instance that has been down for longer is left out while another one does its work."""

State = Literal[
    "healthy", "degraded", "paused", "not_configured", "stale", "down", "stopped", "never_seen"
]

ASSETS = """
SELECT count(*) AS assets,
    count(*) FILTER (WHERE media_type = 'photo') AS photos,
    count(*) FILTER (WHERE media_type = 'video') AS videos,
    coalesce(sum(size_bytes), 0)::bigint AS total_bytes,
    count(*) FILTER (WHERE is_geocoded) AS geocoder,
    count(*) FILTER (WHERE is_thumbnailed) AS thumbnailer,
    count(*) FILTER (WHERE is_backed_up) AS backup,
    (SELECT count(*) FROM duplicates) AS duplicates
FROM media_assets
"""

INBOX = f"""
SELECT count(*) FILTER (WHERE is_open AND NOT is_import AND NOT is_alone) AS waiting,
    count(*) FILTER (WHERE state = 'failed') AS failed,
    extract(epoch FROM now() - min(first_seen_at)
        FILTER (WHERE is_open AND NOT is_import AND NOT is_alone))::float8
        AS oldest_waiting_seconds,
    count(*) FILTER (WHERE is_open AND is_import AND NOT has_ended) AS importing,
    count(*) FILTER (WHERE is_open AND NOT is_import AND is_alone) AS sidecars,
    count(*) FILTER (WHERE state = 'quarantined') AS put_aside
FROM (SELECT first_seen_at, state, state NOT IN ('failed', 'quarantined') AS is_open,
    {IS_IMPORT} AS is_import, {HAS_ENDED} AS has_ended,
    state = 'waiting' AND companion_key IS NOT NULL AND next_try_at > now() AS is_alone
    FROM inbox_files) AS files
"""  # noqa: S608 - constants of this package

WORK = """
WITH work AS (
    SELECT stage,
        count(*) FILTER (WHERE state = 'ready' OR state = 'leased' AND run_at <= now()) AS pending,
        count(*) FILTER (WHERE state = 'leased' AND run_at > now()) AS running,
        count(*) FILTER (WHERE state = 'dead') AS failed,
        count(*) FILTER (WHERE state = 'skipped') AS skipped,
        min(enqueued_at) FILTER (WHERE state = 'ready' OR state = 'leased' AND run_at <= now())
            AS oldest
    FROM stage_work GROUP BY stage
), recent AS (
    SELECT stage, sum(done) AS done
    FROM stage_metrics WHERE minute > now() - interval '1 hour' GROUP BY stage
)
SELECT name,
    coalesce(work.pending, 0) AS pending,
    coalesce(work.running, 0) AS running,
    coalesce(work.failed, 0) AS failed,
    coalesce(work.skipped, 0) AS skipped,
    extract(epoch FROM now() - work.oldest)::float8 AS oldest_pending_seconds,
    coalesce(recent.done, 0)::bigint AS done_last_hour
FROM unnest(%s::text[]) WITH ORDINALITY AS wanted (name, place)
LEFT JOIN work ON work.stage = name
LEFT JOIN recent ON recent.stage = name
ORDER BY place
"""

STATUS = """
SELECT service, instance, kind, status, message, version, interval_seconds, items_in_hand,
    memory_bytes, details,
    greatest(0, extract(epoch FROM now() - last_seen_at))::float8 AS age_seconds,
    extract(epoch FROM now() - last_work_at)::float8 AS last_work_age_seconds
FROM system_status ORDER BY service, instance
"""


@dataclass(frozen=True, slots=True)
class StageCounts:
    """How far one stage has come.

    Attributes:
        pending: Waits for its turn, a repeated attempt or the end of a lease that nobody renews.
        failed: Needs a person.
        skipped: The stage does not apply, although its flag is not set.
        done: Assets that carry the stage's flag.
    """

    name: str
    pending: int
    running: int
    failed: int
    skipped: int
    done: int
    oldest_pending_seconds: float | None
    done_last_hour: int


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The latest news of one instance of a service, of PostgreSQL or of a volume.

    Attributes:
        kind: service, database or volume.
        status: Already judged by the age of the news, on PostgreSQL's clock. PostgreSQL and
            volumes are never down, only stale: then service-monitor has not looked.
        age_seconds: Age of the last heartbeat; None if there never was one.
    """

    service: str
    instance: str
    kind: str
    status: State
    message: str
    version: str
    age_seconds: float | None
    interval_seconds: float
    last_work_age_seconds: float | None
    items_in_hand: int
    memory_bytes: int | None
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """Files that lie in the inbox: those on their way and those that need a person.

    Attributes:
        waiting: On their way into the library.
        failed: Also those that a bulk import could not take in.
        importing: Files that a bulk import has before it, in its source; it sees only some
            thousands ahead. Those that an import which has ended left behind are not on their way.
        sidecars: Those that wait for their photo, which may never come.
        put_aside: Files of no photo or video in the quarantine; they ask for nothing.
    """

    waiting: int
    failed: int
    oldest_waiting_seconds: float | None
    importing: int = 0
    sidecars: int = 0
    put_aside: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the first screen and `photo-factory status` show.

    Attributes:
        duplicates: Files that were removed from the inbox because the library already had them.
        database: None until service-monitor has looked.
        volumes: Empty until service-monitor has looked.
        alerts: States that have not ended, critical ones first.
    """

    assets: int
    photos: int
    videos: int
    total_bytes: int
    duplicates: int
    inbox: InboxCounts
    stages: tuple[StageCounts, ...]
    services: tuple[ServiceState, ...]
    database: ServiceState | None
    volumes: tuple[ServiceState, ...]
    alerts: tuple[Alert, ...] = ()


def judge(status: str, age_seconds: float, interval_seconds: float) -> State:
    """What a heartbeat of this age is worth.

    A service that said goodbye stays stopped. One that fell silent is stale after two intervals
    and down after five, whatever it said of itself before.
    """
    if status == "stopped":
        return "stopped"
    if age_seconds > DOWN_INTERVALS * interval_seconds:
        return "down"
    if age_seconds > STALE_INTERVALS * interval_seconds:
        return "stale"
    if status == "paused":
        return "paused"
    if status == "not_configured":
        return "not_configured"
    return "healthy" if status == "healthy" else "degraded"


def read_overview(connection: Connection) -> Overview:
    """Read the whole picture in one transaction, so that its numbers agree with each other."""
    with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        assets = cursor.execute(ASSETS).fetchone() or {}
        work = cursor.execute(WORK, [list(STAGES)]).fetchall()
        news = [_state(row) for row in cursor.execute(STATUS)]
        with connection.cursor(row_factory=class_row(InboxCounts)) as inbox_cursor:
            inbox = inbox_cursor.execute(INBOX).fetchone() or InboxCounts(0, 0, None)
        alerts = open_alerts(connection)
    return Overview(
        assets=assets["assets"],
        photos=assets["photos"],
        videos=assets["videos"],
        total_bytes=assets["total_bytes"],
        duplicates=assets["duplicates"],
        inbox=inbox,
        stages=tuple(StageCounts(done=assets[row["name"]], **row) for row in work),
        services=present_services([state for state in news if state.kind == "service"]),
        database=next((state for state in news if state.kind == "database"), None),
        volumes=tuple(state for state in news if state.kind == "volume"),
        alerts=alerts,
    )


def read_services(connection: Connection) -> tuple[ServiceState, ...]:
    """Read only the services, as `Overview.services` has them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        news = [_state(row) for row in cursor.execute(STATUS)]
    return present_services([state for state in news if state.kind == "service"])


def _state(row: dict[str, Any]) -> ServiceState:
    status = judge(row.pop("status"), row["age_seconds"], row["interval_seconds"])
    if row["kind"] != "service" and status == "down":
        status = "stale"  # old news of a disk says that the monitor is silent, not the disk
    return ServiceState(status=status, **row)


def present_services(seen: Sequence[ServiceState]) -> tuple[ServiceState, ...]:
    """Order instances by service, add those never seen, and leave out what has been replaced.

    A container that was made anew has a new instance name; its forerunner is of no interest once
    the new one lives.
    """
    extra = sorted({state.service for state in seen} - set(SERVICES))
    found: list[ServiceState] = []
    for service in (*SERVICES, *extra):
        instances = [state for state in seen if state.service == service]
        found += _without_replaced(instances) or [_never_seen(service)]
    return tuple(found)


def _without_replaced(instances: list[ServiceState]) -> list[ServiceState]:
    gone = [state for state in instances if _is_gone(state)]
    present = [state for state in instances if not _is_gone(state)]
    if any(state.status != "down" for state in present):
        return present
    return present + sorted(gone, key=lambda state: state.age_seconds or 0.0)[:1]


def _is_gone(state: ServiceState) -> bool:
    is_long_down = state.status == "down" and (state.age_seconds or 0.0) > FORGOTTEN_SECONDS
    return state.status == "stopped" or is_long_down


def _never_seen(service: str) -> ServiceState:
    return ServiceState(
        service=service,
        instance="",
        kind="service",
        status="never_seen",
        message="",
        version="",
        age_seconds=None,
        interval_seconds=0.0,
        last_work_age_seconds=None,
        items_in_hand=0,
        memory_bytes=None,
    )
