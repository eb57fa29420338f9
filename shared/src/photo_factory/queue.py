"""The work queue: claim, renew, complete, fail, release. All the SQL of the protocol is here.

A claim is one statement, so there is nothing to reap: run_at is schedule and lease expiry in one.
Every later statement carries the token of the claim; where it no longer matches, the lease was
lost and the result is dropped.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic
from uuid import UUID

from psycopg import sql
from psycopg.rows import dict_row

from photo_factory.database import Connection, Cursor
from photo_factory.models import Asset, Location
from photo_factory.stage import ResultT, Stage

CLAIM = """
WITH due AS (
    SELECT stage, asset_id FROM stage_work
    WHERE stage = %(stage)s AND state IN ('ready', 'leased') AND run_at <= now()
        AND attempts < %(max_attempts)s
    ORDER BY priority DESC, run_at, asset_id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), leased AS (
    UPDATE stage_work w
    SET state = 'leased', run_at = now() + make_interval(secs => %(lease)s), owner = %(owner)s,
        token = nextval('stage_work_token'), attempts = w.attempts + 1
    FROM due WHERE w.stage = due.stage AND w.asset_id = due.asset_id
    RETURNING w.asset_id, w.token, w.failures
)
SELECT a.id, encode(a.sha256, 'hex') AS sha256, a.path, a.media_type, a.mime_type, a.size_bytes,
    a.captured_local, a.location, leased.token, leased.failures
FROM leased JOIN media_assets a ON a.id = leased.asset_id
ORDER BY a.id
"""

HELD = """
SELECT w.asset_id FROM stage_work w
JOIN unnest(%(ids)s::bigint[], %(tokens)s::bigint[]) AS k (asset_id, token)
    ON w.asset_id = k.asset_id AND w.token = k.token
WHERE w.stage = %(stage)s AND w.state = 'leased'
ORDER BY w.asset_id
FOR UPDATE OF w
"""

RENEW = """
UPDATE stage_work w SET run_at = now() + make_interval(secs => %(lease)s)
FROM (
    SELECT w.asset_id FROM stage_work w
    JOIN unnest(%(ids)s::bigint[], %(tokens)s::bigint[]) AS k (asset_id, token)
        ON w.asset_id = k.asset_id AND w.token = k.token
    WHERE w.stage = %(stage)s AND w.state = 'leased'
    ORDER BY w.asset_id
    FOR UPDATE OF w
) AS held
WHERE w.stage = %(stage)s AND w.asset_id = held.asset_id
RETURNING w.asset_id
"""

RELEASE = """
UPDATE stage_work SET state = 'ready', run_at = now(), owner = NULL, attempts = attempts - 1
WHERE stage = %(stage)s AND asset_id = ANY(%(ids)s)
"""

FAIL = """
UPDATE stage_work
SET state = CASE WHEN %(is_final)s THEN 'dead' ELSE 'ready' END,
    run_at = now() + make_interval(secs => %(delay)s), owner = NULL, failures = failures + 1,
    error_code = %(code)s, error_message = %(message)s, traceback = %(traceback)s,
    failed_at = now()
WHERE stage = %(stage)s AND asset_id = %(id)s AND token = %(token)s AND state = 'leased'
"""

SKIP = """
UPDATE stage_work
SET state = 'skipped', owner = NULL, error_code = NULL, error_message = %(reason)s,
    traceback = NULL
WHERE stage = %(stage)s AND asset_id = %(id)s AND token = %(token)s AND state = 'leased'
"""

BURY = """
UPDATE stage_work
SET state = 'dead', owner = NULL, error_code = 'worker_died', failed_at = now(),
    error_message = 'The worker died ' || attempts || ' times while this file was in its hands.'
WHERE stage = %(stage)s AND state IN ('ready', 'leased') AND run_at <= now()
    AND attempts >= %(max_attempts)s
"""

FEED = """
INSERT INTO stage_work (stage, asset_id)
SELECT stage, asset_id FROM stage_candidates WHERE stage = %(stage)s
ON CONFLICT DO NOTHING
"""

FEED_ASSETS = """
INSERT INTO stage_work (stage, asset_id)
SELECT stage, asset_id FROM stage_candidates WHERE asset_id = ANY(%s)
ON CONFLICT DO NOTHING
"""

NEXT = """
SELECT extract(epoch FROM min(run_at) - now())::float8 FROM stage_work
WHERE stage = %s AND state IN ('ready', 'leased')
"""

COUNT = """
INSERT INTO stage_metrics AS m (stage, minute, done, failed, skipped, bytes, busy_seconds)
VALUES (%(stage)s, date_trunc('minute', now()), %(done)s, %(failed)s, %(skipped)s, %(bytes)s,
    %(busy_seconds)s)
ON CONFLICT (stage, minute) DO UPDATE SET done = m.done + excluded.done,
    failed = m.failed + excluded.failed, skipped = m.skipped + excluded.skipped,
    bytes = m.bytes + excluded.bytes, busy_seconds = m.busy_seconds + excluded.busy_seconds
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """An asset in hand, and the proof that it is."""

    asset: Asset
    token: int
    failures: int


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt failed.

    Attributes:
        kind: permanent is never retried; transient is, with backoff; a bug a few times.
    """

    kind: str
    code: str
    message: str
    traceback: str | None = None
    after_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """What is added to the metrics of the present minute."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    bytes: int = 0
    busy_seconds: float = 0.0


def feed_assets(cursor: Cursor, asset_ids: Sequence[int]) -> None:
    """Give new or changed assets to every stage that applies to them, in the same transaction."""
    cursor.execute(FEED_ASSETS, (list(asset_ids),))


def count(cursor: Cursor, stage: str, tally: Tally) -> None:
    """Add to the metrics of the present minute."""
    cursor.execute(
        COUNT,
        {
            "stage": stage,
            "done": tally.done,
            "failed": tally.failed,
            "skipped": tally.skipped,
            "bytes": tally.bytes,
            "busy_seconds": tally.busy_seconds,
        },
    )


class StageQueue(Generic[ResultT]):
    """One worker's view of the work of one stage.

    Args:
        stage: The stage.
        owner: A fresh UUID per process start. Never a host name: a restarted container of the
            same name is not the one that died.
    """

    def __init__(self, stage: Stage[ResultT], owner: UUID) -> None:
        self._stage = stage
        self._owner = owner
        self._set_flag = sql.SQL(
            "UPDATE media_assets SET {flag} = true, updated_at = now() "
            "WHERE id = ANY(%s) AND NOT {flag}"
        ).format(flag=sql.Identifier(stage.flag))

    def claim(self, connection: Connection, limit: int) -> list[Claim]:
        """Take up to `limit` due assets, each leased to this worker."""
        with connection.cursor(row_factory=dict_row) as cursor:
            rows = cursor.execute(
                CLAIM,
                {
                    "stage": self._stage.name,
                    "max_attempts": self._stage.retry.max_attempts,
                    "limit": limit,
                    "lease": self._stage.lease_seconds,
                    "owner": self._owner,
                },
            ).fetchall()
        return [_claim(row) for row in rows]

    def renew(self, connection: Connection, claims: Iterable[Claim]) -> set[int]:
        """Extend the leases; returns the ids of the assets that are still in hand."""
        rows = connection.execute(
            RENEW, {**self._keys(claims), "lease": self._stage.lease_seconds}
        ).fetchall()
        return {row[0] for row in rows}

    def hold(self, cursor: Cursor, claims: Iterable[Claim]) -> set[int]:
        """Lock the claims' rows till the end of the transaction; returns ids still in hand."""
        return {row[0] for row in cursor.execute(HELD, self._keys(claims)).fetchall()}

    def complete(self, cursor: Cursor, results: Sequence[tuple[int, ResultT]]) -> None:
        """Record results, set the flag and delete the work, for assets that are held.

        The assets are locked in the order of their ids: two stages that complete the same assets
        must not wait for each other in a circle.
        """
        ids = [asset_id for asset_id, _ in results]
        cursor.execute(
            "SELECT FROM media_assets WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", (ids,)
        )
        self._stage.record(cursor, results)
        cursor.execute(
            "DELETE FROM stage_work WHERE stage = %s AND asset_id = ANY(%s)",
            (self._stage.name, ids),
        )
        cursor.execute(self._set_flag, (ids,))

    def fail(self, cursor: Cursor, claim: Claim, failure: Failure) -> bool:
        """Record a failed attempt; returns whether a person must look at it now."""
        failures, retry = claim.failures + 1, self._stage.retry
        limits = {"permanent": 1, "transient": retry.max_failures, "bug": retry.max_bugs}
        is_final = failures >= limits[failure.kind]
        delay = max(retry.delay_seconds(failures), failure.after_seconds or 0.0)
        cursor.execute(
            FAIL,
            {
                "stage": self._stage.name,
                "id": claim.asset.id,
                "token": claim.token,
                "is_final": is_final,
                "delay": 0.0 if is_final else delay,
                "code": failure.code,
                "message": _storable(failure.message),
                "traceback": None if failure.traceback is None else _storable(failure.traceback),
            },
        )
        return is_final

    def skip(self, cursor: Cursor, claim: Claim, reason: str) -> None:
        """Remember that the stage does not apply to this asset."""
        cursor.execute(
            SKIP,
            {
                "stage": self._stage.name,
                "id": claim.asset.id,
                "token": claim.token,
                "reason": _storable(reason),
            },
        )

    def release(self, connection: Connection, claims: Iterable[Claim]) -> None:
        """Give untouched assets back; the attempt does not count."""
        with connection.transaction(), connection.cursor() as cursor:
            held = self.hold(cursor, claims)
            cursor.execute(RELEASE, {"stage": self._stage.name, "ids": sorted(held)})

    def bury(self, connection: Connection) -> int:
        """Set aside assets on which workers keep dying; returns how many."""
        return connection.execute(
            BURY,
            {"stage": self._stage.name, "max_attempts": self._stage.retry.max_attempts},
        ).rowcount

    def feed(self, connection: Connection) -> int:
        """Add what the flags say is missing from the queue; returns how many.

        Ingest feeds the queue in its own transaction; this heals what was missed.
        """
        return connection.execute(FEED, {"stage": self._stage.name}).rowcount

    def seconds_to_next(self, connection: Connection) -> float | None:
        """Seconds until a retry is due or another worker's lease runs out; None if none waits."""
        row = connection.execute(NEXT, (self._stage.name,)).fetchone()
        return None if row is None else row[0]

    def _keys(self, claims: Iterable[Claim]) -> dict[str, Any]:
        listed = list(claims)
        return {
            "stage": self._stage.name,
            "ids": [claim.asset.id for claim in listed],
            "tokens": [claim.token for claim in listed],
        }


def _claim(row: dict[str, Any]) -> Claim:
    token, failures = row.pop("token"), row.pop("failures")
    place = row.pop("location")
    location = None
    if place is not None:
        location = Location(
            place["latitude"], place["longitude"], place.get("altitude"), place.get("source", "")
        )
    return Claim(Asset(**row, location=location), token, failures)


def _storable(text: str) -> str:
    """PostgreSQL's text holds neither NUL nor half surrogates; messages may quote anything."""
    return text.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
