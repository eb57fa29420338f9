"""A clock of the database that tests set, as a person or a time server sets a machine's.

A function of the same name in a schema that is searched first hides PostgreSQL's own.
"""

from datetime import timedelta

import psycopg
from photo_factory.database import connect
from psycopg import sql

PRETEND = """
CREATE SCHEMA pretended;
CREATE TABLE pretended.clock (ahead interval NOT NULL);
INSERT INTO pretended.clock VALUES ('0');
CREATE FUNCTION pretended.now() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.now() + ahead FROM pretended.clock';
CREATE FUNCTION pretended.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM pretended.clock';
ALTER TABLE inbox_files ALTER first_seen_at SET DEFAULT pretended.now(),
    ALTER changed_at SET DEFAULT pretended.now();
"""
FIRST = "ALTER DATABASE {} SET search_path = pretended, pg_catalog, public"


class PretendedClock:
    """The clock of one database, for connections that are opened after this."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        with connect(database_url, "test") as connection:
            connection.execute(PRETEND)
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL(FIRST).format(name))

    def set_by(self, jump: timedelta) -> None:
        """Set it forward or back, from whichever thread."""
        with psycopg.connect(self._database_url, autocommit=True) as connection:
            connection.execute("UPDATE pretended.clock SET ahead = ahead + %s", (jump,))
