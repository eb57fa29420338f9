"""Connections to PostgreSQL with the limits that every service keeps."""

from typing import Any

import psycopg

Connection = psycopg.Connection[tuple[Any, ...]]
Cursor = psycopg.Cursor[tuple[Any, ...]]

LIMITS = (
    "-c idle_in_transaction_session_timeout=60s -c lock_timeout=5s -c statement_timeout=60s "
    "-c timezone=UTC"
)
"""A transaction held open costs every other worker (bloat), so none may stay for long."""

PENDING = "stage_work"
"""NOTIFY channel: assets have come in or work has been put back. Carries no payload."""


def connect(address: str, application: str) -> Connection:
    """Open a connection in autocommit mode.

    Args:
        address: PostgreSQL URL.
        application: Shown in pg_stat_activity.

    Raises:
        psycopg.OperationalError: The server cannot be reached.
    """
    return psycopg.connect(
        address,
        autocommit=True,
        application_name=f"photo-factory {application}",
        connect_timeout=10,
        options=LIMITS,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
    )
