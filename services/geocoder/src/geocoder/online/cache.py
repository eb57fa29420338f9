"""Answers that were given before, by rounded cell."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from photo_factory.database import Connection, Cursor
from psycopg.types.json import Jsonb

from geocoder.online.answers import Level

READ = """
SELECT answer FROM geocode_cache
WHERE provider = %(provider)s AND language = %(language)s AND cell = %(cell)s
    AND expires_at > clock_timestamp()
"""

KEEP = """
INSERT INTO geocode_cache (provider, language, cell, answer, expires_at)
VALUES (%(provider)s, %(language)s, %(cell)s, %(answer)s, now() + make_interval(days => %(days)s))
ON CONFLICT (provider, language, cell) DO UPDATE SET answer = excluded.answer,
    fetched_at = excluded.fetched_at, expires_at = excluded.expires_at
"""

SWEEP = """
DELETE FROM geocode_cache WHERE (provider, language, cell) IN (
    SELECT provider, language, cell FROM geocode_cache WHERE expires_at <= now()
    ORDER BY expires_at LIMIT 1000 FOR UPDATE SKIP LOCKED
)
"""


@dataclass(frozen=True, slots=True)
class Key:
    """What an answer depends on."""

    provider: str
    language: str
    cell: str


def read(connection: Connection, key: Key) -> tuple[Level, ...] | None:
    """The levels of an answer that has not expired, () if it was "nothing there"."""
    row = connection.execute(READ, asdict(key)).fetchone()
    return None if row is None else tuple(Level(**level) for level in row[0])


def keep(cursor: Cursor, key: Key, levels: Sequence[Level], days: int) -> None:
    """Keep an answer for so many days."""
    cursor.execute(
        KEEP,
        {**asdict(key), "answer": Jsonb([asdict(level) for level in levels]), "days": days},
    )


def sweep(connection: Connection) -> int:
    """Delete some of what has expired; returns how much."""
    return connection.execute(SWEEP).rowcount
