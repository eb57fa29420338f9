"""Whose turn it is to ask a provider: limiter, budget and breaker of all copies, in one row.

At most one request is under way at any time. A claim moves next_at to when its holder counts as
dead, which is its proof as well; the outcome moves it to one interval after the request's end, so
that no delay between claim and sending can bring two requests closer together. All times are the
database's: clock_timestamp() and not now(), since a statement may have waited for the row.
"""

from dataclasses import dataclass
from datetime import datetime

from photo_factory.database import Connection, Cursor

OPENS_AFTER = 5
"""Failures in a row that open the circuit."""
OPEN_SECONDS = 60.0
"""How long it stays open at first; doubled each time the request let through fails as well."""
LONGEST_OPEN_SECONDS = 3600.0

FIRST = "INSERT INTO geocode_calls (provider) VALUES (%s) ON CONFLICT DO NOTHING"

CLAIM = """
UPDATE geocode_calls
SET next_at = clock_timestamp() + make_interval(secs => %(hold)s),
    budget_day = (clock_timestamp() AT TIME ZONE 'UTC')::date,
    calls_today = 1 + CASE
        WHEN budget_day = (clock_timestamp() AT TIME ZONE 'UTC')::date THEN calls_today
        ELSE 0 END
WHERE provider = %(provider)s AND next_at <= clock_timestamp()
    AND (blocked_until IS NULL OR blocked_until <= clock_timestamp())
    AND (calls_today < %(budget)s
        OR budget_day <> (clock_timestamp() AT TIME ZONE 'UTC')::date)
RETURNING next_at
"""

WAIT = """
SELECT extract(epoch FROM next_at - clock_timestamp())::float8,
    coalesce(extract(epoch FROM blocked_until - clock_timestamp()), 0)::float8,
    calls_today >= %(budget)s AND budget_day = (clock_timestamp() AT TIME ZONE 'UTC')::date,
    extract(epoch FROM date_trunc('day', clock_timestamp(), 'UTC') + interval '24 hours'
        - clock_timestamp())::float8,
    coalesce(last_error, '')
FROM geocode_calls WHERE provider = %(provider)s
"""

SUCCEED = """
UPDATE geocode_calls
SET next_at = clock_timestamp() + make_interval(secs => %(interval)s),
    failures = 0, blocked_until = NULL, last_error = NULL
WHERE provider = %(provider)s AND next_at = %(held_until)s
"""

FAIL = """
UPDATE geocode_calls
SET next_at = clock_timestamp() + make_interval(secs => %(interval)s), failures = failures + 1,
    last_error = %(reason)s,
    blocked_until = clock_timestamp() + make_interval(secs => greatest(%(rest)s,
        CASE WHEN failures + 1 < %(opens_after)s THEN 2.0 ^ failures
        ELSE least(%(longest)s, %(open)s * 2.0 ^ least(failures + 1 - %(opens_after)s, 20)) END))
WHERE provider = %(provider)s AND next_at = %(held_until)s
RETURNING extract(epoch FROM blocked_until - clock_timestamp())::float8
"""


@dataclass(frozen=True, slots=True)
class Account:
    """What binds the calls to one provider.

    Attributes:
        interval_seconds: From the end of a request to the next one.
        hold_seconds: A holder that has said nothing for so long is dead.
        budget: Requests a day, in UTC.
    """

    provider: str
    interval_seconds: float
    hold_seconds: float
    budget: int


@dataclass(frozen=True, slots=True)
class Turn:
    """The right to send one request, and the proof of it."""

    held_until: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """No turn for so many seconds, and why."""

    seconds: float
    reason: str


def claim(connection: Connection, account: Account) -> Turn | Wait:
    """Take the next turn, if it is time for one and the day's budget has one left."""
    keys = {
        "provider": account.provider,
        "hold": account.hold_seconds,
        "budget": account.budget,
    }
    row = connection.execute(CLAIM, keys).fetchone()
    if row is None and connection.execute(FIRST, (account.provider,)).rowcount:
        row = connection.execute(CLAIM, keys).fetchone()
    return _wait(connection, account) if row is None else Turn(row[0])


def succeed(cursor: Cursor, account: Account, turn: Turn) -> None:
    """Give the turn back after an answer; the circuit closes."""
    cursor.execute(
        SUCCEED,
        {
            "provider": account.provider,
            "held_until": turn.held_until,
            "interval": account.interval_seconds,
        },
    )


def fail(
    connection: Connection, account: Account, turn: Turn, reason: str, rest_seconds: float
) -> float:
    """Give the turn back after a failure; returns the seconds for which nobody asks."""
    row = connection.execute(
        FAIL,
        {
            "provider": account.provider,
            "held_until": turn.held_until,
            "interval": account.interval_seconds,
            "reason": reason,
            "rest": rest_seconds,
            "opens_after": OPENS_AFTER,
            "open": OPEN_SECONDS,
            "longest": LONGEST_OPEN_SECONDS,
        },
    ).fetchone()
    return max(account.interval_seconds, rest_seconds if row is None else row[0])


def _wait(connection: Connection, account: Account) -> Wait:
    keys = {"provider": account.provider, "budget": account.budget}
    row = connection.execute(WAIT, keys).fetchone()
    if row is None:
        return Wait(account.interval_seconds, "it was not this copy's turn")
    to_turn, to_unblocked, is_spent, to_midnight, trouble = row
    if is_spent:
        return Wait(to_midnight, f"today's {account.budget} requests are used up")
    if to_unblocked > 0:
        return Wait(max(to_unblocked, to_turn), f"it is left alone after a failure: {trouble}")
    return Wait(max(0.01, to_turn), "another request has just been sent")
