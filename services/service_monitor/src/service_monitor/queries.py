"""The statements of service-monitor."""

import time
from datetime import datetime

from photo_factory import __version__
from photo_factory.database import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from service_monitor.observation import DatabaseReading, Observation

BATCH_ROWS = 5000
"""Rows deleted by one statement, so that none holds its locks for long."""

HEALTH = """
SELECT current_database() AS name,
    current_setting('server_version') AS server_version,
    current_setting('max_connections')::int AS max_connections,
    pg_database_size(current_database()) AS size_bytes,
    count(*) AS connections,
    coalesce(extract(epoch FROM now() - min(xact_start) FILTER (WHERE pid <> pg_backend_pid())), 0
        )::float8 AS oldest_transaction_seconds
FROM pg_stat_activity WHERE backend_type = 'client backend'
"""

UPSERT = """
INSERT INTO system_status AS s (service, instance, kind, status, message, version,
    interval_seconds, started_at, last_seen_at, details)
VALUES (%(service)s, %(instance)s, %(kind)s, %(status)s, %(message)s, %(version)s, %(interval)s,
    %(started_at)s, now(), %(details)s)
ON CONFLICT (service, instance) DO UPDATE SET
    kind = excluded.kind, status = excluded.status, message = excluded.message,
    version = excluded.version, interval_seconds = excluded.interval_seconds,
    started_at = excluded.started_at, last_seen_at = excluded.last_seen_at,
    details = excluded.details
"""

PRUNE_HEARTBEATS = """
DELETE FROM system_status_history WHERE id IN (
    SELECT id FROM system_status_history
    WHERE recorded_at < now() - make_interval(days => %(days)s)
    ORDER BY recorded_at LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
"""

PRUNE_METRICS = """
DELETE FROM stage_metrics WHERE (stage, minute) IN (
    SELECT stage, minute FROM stage_metrics
    WHERE minute < now() - make_interval(days => %(days)s)
    LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
"""

FORGET_SILENT = """
DELETE FROM system_status WHERE (service, instance) IN (
    SELECT service, instance FROM system_status
    WHERE last_seen_at < now() - make_interval(days => %(days)s)
    LIMIT %(rows)s FOR UPDATE SKIP LOCKED)
"""


def read_database(connection: Connection) -> DatabaseReading:
    """Ask PostgreSQL how it fares, and measure how long the shortest answer takes."""
    started = time.perf_counter()
    connection.execute("SELECT 1").fetchone()
    round_trip_ms = (time.perf_counter() - started) * 1000
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(HEALTH).fetchone() or {}
    return DatabaseReading(**row, round_trip_ms=round(round_trip_ms, 3))


def record(
    connection: Connection, seen: Observation, interval_seconds: float, started_at: datetime
) -> None:
    """Write what was seen of PostgreSQL or a volume into its one row."""
    connection.execute(
        UPSERT,
        {
            "service": seen.service,
            "instance": seen.instance,
            "kind": seen.kind,
            "status": seen.status,
            "message": seen.message,
            "version": __version__,
            "interval": interval_seconds,
            "started_at": started_at,
            "details": Jsonb(dict(seen.details)),
        },
    )


def prune_heartbeats(connection: Connection, days: int) -> int:
    """Delete one batch of the oldest heartbeats; returns how many."""
    return _delete(connection, PRUNE_HEARTBEATS, days)


def prune_metrics(connection: Connection, days: int) -> int:
    """Delete one batch of old throughput figures; returns how many."""
    return _delete(connection, PRUNE_METRICS, days)


def forget_silent(connection: Connection, days: int) -> int:
    """Delete one batch of status rows of instances that have been silent; returns how many."""
    return _delete(connection, FORGET_SILENT, days)


def _delete(connection: Connection, statement: str, days: int) -> int:
    return connection.execute(statement, {"days": days, "rows": BATCH_ROWS}).rowcount
