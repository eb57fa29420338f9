"""Decides dates, places and details anew from what is stored, and moves what lies astray.

It is done when more is known of an asset than at its ingest: all its tags, a sidecar, Google's
metadata, a person's correction; or when the rules have become better. The rows are written in one
transaction that also marks what lies under a wrong day; the moves follow, each of them safe on its
own, so that a killed librarian goes on where it was.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from zoneinfo import ZoneInfo

import structlog
from photo_factory import queue
from photo_factory.database import PENDING, Connection
from psycopg.errors import LockNotAvailable

from librarian import redating_queries as queries
from librarian import relocation
from librarian.capture.decision import FILE_TIME, decide
from librarian.capture.evidence import Candidate, CaptureTime, Correction, Evidence
from librarian.capture.zones import zone_at
from librarian.derived import derive
from librarian.groups import FOLLOWERS, day_folder
from librarian.redating_queries import Astray, Known

LOGGER = structlog.get_logger()
AT_ONCE = 200
MOVED_AT_ONCE = 25
"""Each is synced on its own; what is dropped meanwhile waits for them."""
RETRY_SECONDS = 60.0
GIVEN = "user"
"""Source of a place that a person has given: no tag takes it back."""

Join = Callable[[Connection, Sequence[int]], None]
"""Finds the companions of assets, and moves them beside them."""


@dataclass(frozen=True, slots=True)
class Dated:
    """A date as a row has it, or would have it."""

    local: datetime
    offset_minutes: int | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Change:
    """An asset whose date is decided otherwise than before.

    Attributes:
        path: Where the original lies now, relative to the library.
        candidates: All that could have been the date, with the reasons.
    """

    asset_id: int
    path: str
    before: Dated
    after: Dated
    candidates: tuple[Candidate, ...]


def preview(
    connection: Connection, asset_ids: Iterable[int], now: datetime, home: ZoneInfo | None
) -> list[Change]:
    """Tell what `redecide` would change of dates; writes nothing."""
    known, stills = _load(connection, asset_ids, is_locked=False)
    return _changes(known, _decide_all(known, stills, now, home))


def redecide(
    connection: Connection, asset_ids: Iterable[int], now: datetime, home: ZoneInfo | None
) -> list[Change]:
    """Decide anew, and commit what differs; the librarian then moves what lies astray.

    Args:
        connection: In autocommit mode, or in a transaction that the caller commits.
        asset_ids: A batch; all of it is in memory at a time.
        now: Aware.
        home: Zone for times known in UTC only.

    Returns:
        The assets whose date has changed; others may have got other details.
    """
    with connection.transaction(), connection.cursor() as cursor:
        known, stills = _load(connection, asset_ids, is_locked=True)
        decided = _decide_all(known, stills, now, home)
        rows = [_row(one, decided[one.id]) for one in known]
        changed = queries.store(cursor, rows)
        if changed:
            queue.feed_assets(cursor, changed)  # a place may have been found
            cursor.execute(f"NOTIFY {PENDING}")
        return _changes(known, decided)


def redecide_videos(
    connection: Connection, asset_ids: Sequence[int], now: datetime, home: ZoneInfo | None
) -> None:
    """Give the videos of Live Photos among these assets and their groups their stills' zones."""
    videos = queries.live_videos(connection, asset_ids)
    if videos:
        redecide(connection, videos, now, home)


def apply_corrections(connection: Connection, now: datetime, home: ZoneInfo | None) -> int:
    """Let the rows show what people have corrected or undone; returns how many corrections."""
    with connection.transaction(), connection.cursor() as cursor:
        found = queries.open_corrections(cursor, AT_ONCE)
        if found:
            redecide(connection, {asset_id for _, asset_id in found}, now, home)
            queries.mark_applied(cursor, [correction_id for correction_id, _ in found])
    return len(found)


class Homecoming:
    """Moves originals that lie astray to the folders of their days.

    Args:
        library: Root of the originals.
        join: Called for each asset that has been moved.
    """

    def __init__(self, library: Path, join: Join) -> None:
        self._library = library
        self._join = join
        self._put_off: dict[int, float] = {}

    def put_right(self, connection: Connection, home: ZoneInfo | None) -> int:
        """Let corrections show, and move some of what lies astray; returns how many lay so."""
        apply_corrections(connection, datetime.now(UTC), home)
        return self.bring(connection)

    def bring(self, connection: Connection) -> int:
        """Move some; returns how many lay astray.

        What cannot be moved now stays marked, and is tried again after a while.

        Args:
            connection: In autocommit mode.
        """
        now = time.monotonic()
        self._put_off = {one: due for one, due in self._put_off.items() if due > now}
        found = queries.astray(connection, self._put_off, MOVED_AT_ONCE)
        for one in found:
            if one.role in FOLLOWERS or self._move(connection, one):
                queries.settle(connection, one.id, one.captured_local)
                self._join(connection, [one.id])
            else:
                self._put_off[one.id] = now + RETRY_SECONDS
        return len(found)

    def _move(self, connection: Connection, one: Astray) -> bool:
        folder, name = day_folder(one.captured_local), PurePosixPath(one.path).name
        try:
            path = relocation.relocate(connection, self._library, one.id, folder, name)
        except (OSError, LookupError, LockNotAvailable) as error:
            LOGGER.warning("not moved to its day", asset=one.id, reason=str(error))
            return False
        LOGGER.info("moved to its day", asset=one.id, path=path)
        return True


def _load(
    connection: Connection, asset_ids: Iterable[int], *, is_locked: bool
) -> tuple[list[Known], dict[str, CaptureTime]]:
    """What is known of assets and of their Live Photos' videos, and the dates of other stills."""
    ids = list(asset_ids)
    wanted = {*ids, *queries.live_videos(connection, ids)}
    loaded = queries.load(connection, queries.with_stills(connection, wanted), is_locked=is_locked)
    stills = {one.group_id or "": _recorded(one) for one in loaded if one.id not in wanted}
    return [one for one in loaded if one.id in wanted], stills


def _recorded(one: Known) -> CaptureTime:
    return CaptureTime(
        one.captured_local,
        one.captured_at,
        one.utc_offset_minutes,
        one.captured_source,
        one.captured_confidence,
        one.offset_source,
    )


def _decide_all(
    known: Sequence[Known], stills: dict[str, CaptureTime], now: datetime, home: ZoneInfo | None
) -> dict[int, CaptureTime]:
    """The date of each; stills before the videos that take theirs from them."""
    decided: dict[int, CaptureTime] = {}
    by_group = dict(stills)
    for one in sorted(known, key=lambda one: one.role == "live_video"):
        paired = by_group.get(one.group_id or "") if one.role == "live_video" else None
        decided[one.id] = decide(_evidence(one, paired), now, home, zone_at)
        if one.role == "primary" and one.group_id:
            by_group[one.group_id] = decided[one.id]
    return decided


def _evidence(one: Known, paired: CaptureTime | None) -> Evidence:
    correction = None
    if one.corrected_local is not None:
        correction = Correction(one.corrected_local, one.corrected_offset_minutes)
    return Evidence(
        tags=one.metadata,
        name=one.original_name,
        modified=_modified(one),
        sidecar=one.sidecar or {},
        takeout=one.takeout or {},
        paired=paired,
        correction=correction,
    )


def _modified(one: Known) -> datetime:
    """The file's time; if it is unknown or lay in the future, what was made of it at the ingest."""
    modified = one.file_modified_at
    if modified is not None and modified <= one.ingested_at:
        return modified
    if one.captured_source == FILE_TIME:
        return one.captured_at or one.captured_local.replace(tzinfo=UTC)
    return one.ingested_at


def _row(one: Known, when: CaptureTime) -> dict[str, object]:
    sidecar, takeout = one.sidecar or {}, one.takeout or {}
    name = one.original_name
    derived = derive(when, one.media_type, one.metadata, sidecar, takeout, name=name)
    if one.location is not None and one.location.get("source") == GIVEN:
        derived["location"] = one.location
    return {"id": one.id, "is_astray": _is_astray(one, when), **derived}


def _is_astray(one: Known, when: CaptureTime) -> bool:
    """Whether its day is another one now; what lies beside a companion goes with that."""
    has_moved = when.local.date() != one.captured_local.date()
    is_elsewhere = str(PurePosixPath(one.path).parent) != day_folder(when.local)
    return has_moved and is_elsewhere and one.role not in FOLLOWERS


def _changes(known: Sequence[Known], decided: dict[int, CaptureTime]) -> list[Change]:
    changes = []
    for one in known:
        when = decided[one.id]
        before = Dated(
            one.captured_local,
            one.utc_offset_minutes,
            one.captured_source,
            one.captured_confidence,
        )
        after = Dated(when.local, when.offset_minutes, when.source, when.confidence)
        if before != after:
            changes.append(Change(one.id, one.path, before, after, when.candidates))
    return changes
