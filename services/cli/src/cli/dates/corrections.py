"""The rows of corrections: what a person's word would change, writing it, and whether it shows.

Nothing else is written here. The librarian sees the rows, decides the dates anew and moves the
files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from photo_factory.database import PENDING, Connection
from psycopg.rows import class_row

from cli.dates.selection import PAGE

COMPANIONS = """
SELECT DISTINCT other.id
FROM media_assets one
JOIN media_assets other ON other.group_id = one.group_id AND other.id <> one.id
WHERE one.id = ANY(%s)
    AND (regexp_replace(other.path, '[.][^./]*$', '') = regexp_replace(one.path, '[.][^./]*$', '')
        OR NOT EXISTS (SELECT FROM media_assets frame
                       WHERE frame.group_id = one.group_id AND frame.role = 'burst'))
"""
"""What is one shot with these; other frames of a burst are other shots."""

PRESENT = """
WITH said AS (
    SELECT asset_id, bool_or(NOT is_applied) AS is_waiting,
        (array_agg(captured_local ORDER BY id DESC) FILTER (WHERE undone_at IS NULL))[1] AS local,
        (array_agg(utc_offset_minutes ORDER BY id DESC) FILTER (WHERE undone_at IS NULL))[1]
            AS offset_minutes
    FROM corrections WHERE asset_id = ANY(%(ids)s) GROUP BY asset_id)
SELECT asset.id, asset.path,
    CASE WHEN said.is_waiting THEN said.local ELSE asset.captured_local END AS local,
    CASE WHEN said.is_waiting THEN said.offset_minutes ELSE asset.utc_offset_minutes END
        AS offset_minutes,
    coalesce(said.is_waiting OR asset.offset_source
        IN ('tag', 'correction', 'file name', 'paired still'), false) AS is_offset_stated
FROM media_assets asset LEFT JOIN said ON said.asset_id = asset.id
WHERE asset.id = ANY(%(ids)s)
ORDER BY asset.id
"""
"""Where the librarian has not got to a correction yet, it counts already; null if one was undone
and only the librarian can say what comes back. One aggregate for a whole page: asset by asset,
the planner looks through all corrections that wait, of which it believes that there are few."""

NEWEST = """
SELECT DISTINCT ON (asset_id) correction.id AS correction_id, asset_id, asset.path,
    correction.captured_local AS local, correction.utc_offset_minutes AS offset_minutes,
    author, made_at
FROM corrections correction JOIN media_assets asset ON asset.id = asset_id
WHERE asset_id = ANY(%s) AND undone_at IS NULL
ORDER BY asset_id, correction.id DESC
"""

WRITE = """
INSERT INTO corrections (asset_id, captured_local, utc_offset_minutes, author)
SELECT asset_id, captured_local, utc_offset_minutes, %s
FROM unnest(%s::bigint[], %s::timestamp[], %s::smallint[])
    AS given (asset_id, captured_local, utc_offset_minutes)
WHERE EXISTS (SELECT FROM media_assets WHERE id = asset_id)
RETURNING id
"""
UNDO = """
UPDATE corrections SET undone_at = now(), is_applied = false
WHERE id = ANY(%s) AND undone_at IS NULL
RETURNING id
"""
STANDING = """
SELECT correction.id AS correction_id, correction.asset_id, asset.path,
    asset.captured_local AS local, asset.utc_offset_minutes AS offset_minutes,
    correction.is_applied AND NOT asset.is_astray AND NOT EXISTS (
        SELECT FROM media_assets head
        WHERE asset.role IN ('raw', 'edited', 'live_video')
            AND head.group_id = asset.group_id AND head.role = 'primary'
            AND (head.is_astray OR regexp_replace(head.path, '[^/]*$', '')
                                <> regexp_replace(asset.path, '[^/]*$', ''))) AS is_done
FROM corrections correction JOIN media_assets asset ON asset.id = correction.asset_id
WHERE correction.id = ANY(%s)
ORDER BY correction.asset_id
"""
"""What belongs to another asset is done when it lies beside it."""


@dataclass(frozen=True, slots=True)
class Present:
    """What an asset's time is now.

    Attributes:
        local: None while only the librarian can say it: an undo is under way.
        is_offset_stated: The offset was said by somebody and does not follow from the time.
    """

    id: int
    path: str
    local: datetime | None
    offset_minutes: int | None
    is_offset_stated: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A time that an asset shall get."""

    asset_id: int
    path: str
    local: datetime
    offset_minutes: int | None
    former: Present


@dataclass(frozen=True, slots=True)
class Made:
    """A correction that can be undone."""

    correction_id: int
    asset_id: int
    path: str
    local: datetime
    offset_minutes: int | None
    author: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an asset lies and what its time is, after its correction was made or undone."""

    correction_id: int
    asset_id: int
    path: str
    local: datetime
    offset_minutes: int | None
    is_done: bool


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says: a time, or how far the present one is wrong, and perhaps an offset.

    Attributes:
        local: None if a shift is given, which may be zero.
    """

    local: datetime | None
    shift: timedelta
    offset_minutes: int | None

    def applied_to(self, present: Present) -> Wanted | None:
        """What follows for an asset; None where the present time cannot be said or shifted."""
        if self.local is not None:
            return Wanted(present.id, present.path, self.local, self.offset_minutes, present)
        if present.local is None:
            return None
        offset = self.offset_minutes
        if offset is None and present.is_offset_stated:
            offset = present.offset_minutes
        try:
            local = present.local + self.shift
        except OverflowError:
            return None
        return Wanted(present.id, present.path, local, offset, present)


def companions(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Further assets of the same shots: the RAW, edited versions, the video of a Live Photo."""
    found: set[int] = set()
    for page in _paged(ids):
        found.update(row[0] for row in connection.execute(COMPANIONS, [page]))
    return sorted(found.difference(ids))


def read_present(connection: Connection, ids: Sequence[int]) -> Iterator[Present]:
    """The present times of assets, a page at a time."""
    for page in _paged(ids):
        with connection.cursor(row_factory=class_row(Present)) as cursor:
            yield from cursor.execute(PRESENT, {"ids": page}).fetchall()


def _paged(ids: Sequence[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), PAGE):
        yield list(ids[start : start + PAGE])


def read_newest(connection: Connection, ids: Sequence[int], others: Sequence[int]) -> list[Made]:
    """The newest correction of each that is not undone.

    Of `others`, only what was made by one command with a correction of the ones meant.
    """
    made: list[Made] = []
    for page in _paged(sorted([*ids, *others])):
        with connection.cursor(row_factory=class_row(Made)) as cursor:
            made += cursor.execute(NEWEST, [page]).fetchall()
    meant = set(ids)
    commands = {one.made_at for one in made if one.asset_id in meant}
    return [one for one in made if one.asset_id in meant or one.made_at in commands]


def write(connection: Connection, wanted: Sequence[Wanted], author: str) -> list[int]:
    """Record times and wake the librarian, all or nothing; returns the ids of the corrections."""
    columns = (
        [one.asset_id for one in wanted],
        [one.local for one in wanted],
        [one.offset_minutes for one in wanted],
    )
    return _change(connection, WRITE, (author, *columns))


def undo(connection: Connection, made: Sequence[Made]) -> list[int]:
    """Take corrections back and wake the librarian; returns their ids."""
    return _change(connection, UNDO, ([one.correction_id for one in made],))


def _change(
    connection: Connection, statement: LiteralString, values: Sequence[object]
) -> list[int]:
    with connection.transaction():
        changed = [row[0] for row in connection.execute(statement, values)]
        connection.execute("SELECT pg_notify(%s, '')", [PENDING])
    if len(changed) > PAGE:
        # Until the server does so by itself, it takes the table for a small one, and reads all of
        # it for each page of what comes next, here and in the librarian.
        connection.execute("ANALYZE corrections")
    return changed


def read_standing(connection: Connection, ids: Sequence[int]) -> list[Standing]:
    """What has become of the assets of these corrections."""
    with connection.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(STANDING, [list(ids)]).fetchall()
