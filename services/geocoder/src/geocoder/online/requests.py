"""The queue of what a person wants asked online: claim one, give it back, finish it.

`photo-factory redo geocoder --provider` alone writes requests.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from photo_factory.database import Connection, Cursor
from photo_factory.geocoding import USER

CLAIM = """
WITH due AS (
    SELECT r.asset_id, r.run_at FROM geocode_requests r
    JOIN media_assets a ON a.id = r.asset_id
    WHERE r.provider = %(provider)s AND r.run_at <= now() AND (a.is_geocoded OR a.location IS NULL)
    ORDER BY r.run_at, r.asset_id
    LIMIT 1
    FOR UPDATE OF r SKIP LOCKED
), claimed AS (
    UPDATE geocode_requests r
    SET run_at = now() + make_interval(secs => %(lease)s), owner = gen_random_uuid()
    FROM due WHERE r.asset_id = due.asset_id
    RETURNING r.asset_id, r.owner, due.run_at
)
SELECT c.asset_id, c.owner, c.run_at, (a.location ->> 'latitude')::float8,
    (a.location ->> 'longitude')::float8, a.geocoded_by
FROM claimed c JOIN media_assets a ON a.id = c.asset_id
"""
"""What is not named offline yet waits: that result would come later, and win."""

LOCK = "SELECT FROM media_assets WHERE id = %s FOR NO KEY UPDATE"

HOLD = """
SELECT a.is_geocoded AND a.geocoded_by IS DISTINCT FROM %(user)s
    AND (a.location ->> 'latitude')::float8 = %(latitude)s
    AND (a.location ->> 'longitude')::float8 = %(longitude)s
FROM geocode_requests r JOIN media_assets a ON a.id = r.asset_id
WHERE r.asset_id = %(asset_id)s AND r.owner = %(owner)s
FOR UPDATE OF r SKIP LOCKED
"""
"""Commands that take requests away lock both in either order; nobody is waited for here."""

GIVE_BACK = """
UPDATE geocode_requests SET run_at = %(due)s, owner = NULL
WHERE asset_id = %(asset_id)s AND owner = %(owner)s
"""

RETRY = """
UPDATE geocode_requests
SET run_at = now() + make_interval(
        secs => least(%(longest)s, %(shortest)s * 2.0 ^ least(failures, 20))),
    owner = NULL, failures = failures + 1, last_error = %(reason)s
WHERE asset_id = %(asset_id)s AND owner = %(owner)s
"""

FINISH = "DELETE FROM geocode_requests WHERE asset_id = %(asset_id)s AND owner = %(owner)s"

IS_PRIVATE = """
SELECT EXISTS (
    SELECT FROM privacy_zones
    WHERE distance_m(latitude, longitude, %(latitude)s, %(longitude)s) <= radius_m
)
"""

RETRY_SECONDS = 60.0
LONGEST_RETRY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class Request:
    """One asset in hand.

    Attributes:
        owner: Of this claim alone: whoever has not the same has lost it.
        due: When it was due, which keeps its place in the queue.
        geocoded_by: Who has named its place so far.
    """

    asset_id: int
    owner: UUID
    due: datetime
    latitude: float | None
    longitude: float | None
    geocoded_by: str | None

    def _keys(self) -> dict[str, object]:
        return {"asset_id": self.asset_id, "owner": self.owner}

    def hold(self, cursor: Cursor) -> bool:
        """Lock request and asset; whether both still are what was asked about."""
        cursor.execute(LOCK, (self.asset_id,))
        point = {"latitude": self.latitude, "longitude": self.longitude}
        row = cursor.execute(HOLD, {**self._keys(), **point, "user": USER}).fetchone()
        return row is not None and row[0] is True

    def give_back(self, connection: Connection) -> None:
        """Put it back where it was: it was not its turn."""
        connection.execute(GIVE_BACK, {**self._keys(), "due": self.due})

    def retry(self, connection: Connection, reason: str) -> None:
        """Put it off after a failure, for twice as long each time, until a day."""
        values = {"shortest": RETRY_SECONDS, "longest": LONGEST_RETRY_SECONDS, "reason": reason}
        connection.execute(RETRY, {**self._keys(), **values})

    def finish(self, cursor: Cursor) -> None:
        """Take it off the queue: it is answered, or will not be."""
        cursor.execute(FINISH, self._keys())


def claim(connection: Connection, provider: str, lease_seconds: float) -> Request | None:
    """Take the request that has been due for longest."""
    row = connection.execute(CLAIM, {"provider": provider, "lease": lease_seconds}).fetchone()
    return None if row is None else Request(*row)


def is_private(connection: Connection, latitude: float, longitude: float) -> bool:
    """Whether a point lies in a privacy zone."""
    row = connection.execute(IS_PRIVATE, {"latitude": latitude, "longitude": longitude}).fetchone()
    return row is not None and bool(row[0])
