"""Carries out `photo-factory reclassify`: the dates are decided again, in batches."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from librarian.capture.decision import RULES_VERSION
from librarian.redating import Change, preview, redecide
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.settings import load
from psycopg.errors import DeadlockDetected, LockNotAvailable

from cli.commands.session import FINDINGS
from cli.dates.librarian_state import look
from cli.dates.reclassifying_view import Kind, View, kind_of
from cli.dates.selection import Selection

TRIES = 3
"""A batch that another process holds, or that it would block for ever, is tried so often."""

Decide = Callable[[Connection, Sequence[int], datetime, ZoneInfo | None], list[Change]]


@dataclass(slots=True)
class Tally:
    """What has been seen so far.

    Attributes:
        kinds: How many changes of each kind.
    """

    assets: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)

    @property
    def changes(self) -> int:
        """All changes."""
        return self.kinds.total()


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for; `is_outdated` narrows it to what older rules have decided."""

    is_outdated: bool
    is_applied: bool


def reclassify_all(connection: Connection, selection: Selection, order: Order, view: View) -> int:
    """Decide again what is selected, and tell what differs; returns the exit code."""
    home = load(LibrarianSettings).home
    if order.is_outdated:
        selection = replace(selection, rules_below=RULES_VERSION)
    tally = Tally()
    is_complete = False
    view.begin(is_applied=order.is_applied, rules=RULES_VERSION)
    changes = _applied if order.is_applied else _previewed
    try:
        for change in changes(connection, selection, home, tally):
            kind = kind_of(change)
            tally.kinds[kind] += 1
            view.add(change, kind)
        is_complete = True
    finally:
        view.end(tally.assets, tally.kinds, is_complete=is_complete)
    if order.is_applied:
        view.advise(look(connection), moves=tally.kinds["day"])
    return FINDINGS if tally.changes and not order.is_applied else 0


def _applied(
    connection: Connection, selection: Selection, home: ZoneInfo | None, tally: Tally
) -> Iterator[Change]:
    """Each batch is committed before it is told."""
    for page in selection.pages(connection):
        changes = _persist(redecide, connection, page, home)
        tally.assets += len(page)
        yield from changes


def _previewed(
    connection: Connection, selection: Selection, home: ZoneInfo | None, tally: Tally
) -> Iterator[Change]:
    """Each change once, though the film of a Live Photo comes with its still and by itself."""
    strangers: set[int] = set()
    for page in selection.pages(connection):
        changes = _persist(preview, connection, page, home)
        tally.assets += len(page)
        own = set(page)
        others = {change.asset_id for change in changes} - own
        others -= selection.among(connection, others) | strangers
        strangers |= others
        yield from (change for change in changes if change.asset_id in own | others)


def _persist(
    decide: Decide, connection: Connection, page: Sequence[int], home: ZoneInfo | None
) -> list[Change]:
    for _ in range(TRIES - 1):
        try:
            return decide(connection, page, datetime.now(UTC), home)
        except (LockNotAvailable, DeadlockDetected):
            continue
    return decide(connection, page, datetime.now(UTC), home)
