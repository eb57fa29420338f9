"""Carries out `photo-factory redo`: chosen assets go back into a stage's line."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from photo_factory.database import PENDING, Connection
from photo_factory.geocoding import GEOCODE_VERSION
from photo_factory.redo import redo

from cli.dates.selection import Selection

DUE: dict[str, LiteralString] = {
    "geocoder": """
SELECT id FROM media_assets
WHERE id = ANY(%(ids)s) AND location IS NOT NULL AND geocoded_by IS DISTINCT FROM 'user'
    AND (NOT %(is_outdated)s OR coalesce(geocode_version, 0) < %(version)s
        AND (geocoded_by IS NULL OR geocoded_by IN ('offline', 'zone')))
ORDER BY id
""",
    "thumbnailer": "SELECT id FROM media_assets WHERE id = ANY(%(ids)s) ORDER BY id",
}
"""What a person has given is not looked up again; what an online provider named is not outdated by
the offline data."""

REQUEST = """
INSERT INTO geocode_requests (asset_id, provider, author)
SELECT id, %(provider)s, %(author)s FROM media_assets a
WHERE id = ANY(%(ids)s) AND location IS NOT NULL
    AND (geocoded_by IS NULL OR geocoded_by NOT IN ('user', 'zone', %(provider)s))
    AND NOT EXISTS (SELECT FROM assets_in_zones WHERE asset_id = a.id)
ORDER BY id
ON CONFLICT (asset_id) DO UPDATE SET provider = excluded.provider, author = excluded.author,
    asked_at = now(), run_at = now(), owner = NULL, failures = 0, last_error = NULL
"""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for.

    Attributes:
        provider: Ask this one online, instead of naming the places anew from the offline data.
        is_outdated: Only what was named by older rules or data.
    """

    stage: str
    author: str
    provider: str | None = None
    is_outdated: bool = False
    is_dry_run: bool = False


def carry_out(connection: Connection, selection: Selection, order: Order) -> int:
    """Put the chosen assets into the line, a page at a time; returns how many."""
    return sum(_page(connection, page, order) for page in selection.pages(connection))


def _page(connection: Connection, page: Sequence[int], order: Order) -> int:
    if order.provider is not None:
        return _request(connection, page, order)
    due = _due(connection, page, order)
    return len(due) if order.is_dry_run or not due else redo(connection, order.stage, due)


def _due(connection: Connection, page: Sequence[int], order: Order) -> list[int]:
    values = {
        "ids": list(page),
        "is_outdated": order.is_outdated,
        "version": GEOCODE_VERSION,
    }
    return [row[0] for row in connection.execute(DUE[order.stage], values)]


def _request(connection: Connection, page: Sequence[int], order: Order) -> int:
    """Ask for it; nothing is sent here, and never what lies in a privacy zone."""
    values = {"ids": list(page), "provider": order.provider, "author": order.author}
    with connection.transaction(force_rollback=order.is_dry_run):
        asked = connection.execute(REQUEST, values).rowcount
        connection.execute(f"NOTIFY {PENDING}")
    return asked
