"""Finds the companions of photos and videos in the library, and records who belongs together.

`plan` is asked before files are placed, `link_late` when they are recorded, and again when more
is known: then also those are seen that another librarian was storing at the same moment, and
those whose identifiers were read later. Both cost a few statements however many files come, and
both end in `pairing.arrange`, so doing one of them again changes nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID, uuid4

from photo_factory.database import Connection, Cursor
from photo_factory.media import Kind

from librarian.capture.decision import FILE_TIME
from librarian.companions import is_same_name, normal, split_name
from librarian.pairing import Candidate, Role, Standing, arrange

LINK_LOCK = 7_205_760
"""Advisory lock: who belongs together is decided by one at a time."""
FOLLOWERS: frozenset[Role] = frozenset({"live_video", "raw", "edited"})
"""Roles that lie beside another asset; the photos of a burst each keep their own day and name."""

COLUMNS = """a.companion_key, a.id, a.path, a.original_name, a.media_type, a.mime_type,
    a.captured_local, a.captured_at, a.captured_source, a.duration_seconds, a.content_identifier,
    a.burst_identifier, a.group_id, a.role"""

# Each look-up has a limit: a thousand files may have been called image.jpg, and of those the
# newest are the likeliest. LATERAL keeps the planner on the indexes whatever it believes.
RELATED = f"""
WITH hits AS (
    SELECT k.key, hit.id FROM unnest(%(keys)s::text[]) AS k (key) CROSS JOIN LATERAL (
        (SELECT id FROM media_assets WHERE companion_key = k.key ORDER BY id DESC LIMIT 50)
        UNION ALL
        (SELECT asset_id FROM duplicates WHERE companion_key = k.key ORDER BY id DESC LIMIT 50)
    ) AS hit
    UNION ALL
    SELECT NULL, hit.id FROM unnest(%(contents)s::text[]) AS c (content) CROSS JOIN LATERAL (
        SELECT id FROM media_assets WHERE content_identifier = c.content LIMIT 50
    ) AS hit
    UNION ALL
    SELECT NULL, hit.id FROM unnest(%(bursts)s::text[]) AS b (burst) CROSS JOIN LATERAL (
        SELECT id FROM media_assets WHERE burst_identifier = b.burst LIMIT 500
    ) AS hit
    UNION ALL
    SELECT NULL, unnest(%(ids)s::bigint[])
)
SELECT h.keys, {COLUMNS}
FROM (SELECT id, array_remove(array_agg(key), NULL) AS keys FROM hits GROUP BY id) AS h
CROSS JOIN LATERAL (SELECT * FROM media_assets WHERE id = h.id OFFSET 0) AS a
"""  # noqa: S608 - constants of this file

GROUPED = f"""
SELECT '{{}}'::text[], {COLUMNS} FROM media_assets a
WHERE a.group_id = ANY(%s) AND a.id <> ALL(%s)
"""  # noqa: S608 - as above

CLUES = """
SELECT a.companion_key, a.content_identifier, a.burst_identifier
FROM media_assets a WHERE a.id = ANY(%(ids)s)
UNION ALL
SELECT d.companion_key, NULL, NULL FROM duplicates d
WHERE d.asset_id = ANY(%(ids)s) AND d.companion_key IS NOT NULL
"""

CHANGE = """
UPDATE media_assets a SET group_id = c.group_id, role = c.role, updated_at = now()
FROM unnest(%s::bigint[], %s::uuid[], %s::text[]) AS c (id, group_id, role) WHERE a.id = c.id
"""

ASTRAY = """
SELECT DISTINCT follower.id FROM media_assets follower
JOIN media_assets head ON head.group_id = follower.group_id AND head.role = 'primary'
WHERE follower.group_id IS NOT NULL AND follower.role = ANY(%s)
    AND regexp_replace(head.path, '/[^/]*$', '') <> regexp_replace(follower.path, '/[^/]*$', '')
ORDER BY follower.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Member:
    """A file about to be placed.

    Attributes:
        name: As it is shown to people (`inbox.printable`), like `original_name` of an asset.
        captured_at: Aware; None while the offset from UTC is unknown.
        is_dated: Its time is more than the file's time of change.
    """

    file_id: int
    companion_key: str
    name: str
    kind: Kind
    captured_local: datetime
    captured_at: datetime | None
    content_identifier: str | None
    burst_identifier: str | None
    duration_seconds: float | None = None
    is_dated: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """With whom a file belongs and where it goes.

    Attributes:
        group_id: None if it stands alone.
        folder: Where it goes; None means the folder of its own day.
        stem: That it shares with what is in the library; None means its own.
        cluster: The same for files that share one number if their names clash.
    """

    group_id: UUID | None
    role: Role
    folder: str | None
    stem: str | None
    cluster: int


@dataclass(frozen=True, slots=True)
class Move:
    """An asset that should lie elsewhere: beside a companion that came after it."""

    asset_id: int
    folder: str
    name: str


@dataclass(frozen=True, slots=True)
class _Stored:
    """An asset of the library that may be a companion."""

    id: int
    path: PurePosixPath
    candidate: Candidate


def day_folder(local: datetime) -> str:
    """The folder of a day in the library, such as 2024/2024-05-17."""
    return f"{local.year:04}/{local.date().isoformat()}"


def plan(connection: Connection, members: Sequence[Member]) -> dict[int, Plan]:
    """Decide for files about to be placed with whom they belong; by file id.

    Two statements at most, however many there are.
    """
    with connection.cursor() as cursor:
        stored = _related(
            cursor,
            {member.companion_key for member in members},
            {member.content_identifier for member in members},
            {member.burst_identifier for member in members},
        )
    return _Planner(stored, members).plans()


def link_late(cursor: Cursor, asset_ids: Sequence[int]) -> list[Move]:
    """Record the groups of assets that have been inserted, on all members of each group.

    To be called within a transaction and at its end: in the one that inserts assets with their
    plans, and again in one of its own when others may have been stored at that moment, or when
    more is known of the assets. Two or three statements if nothing is to be changed.

    Returns:
        What should lie elsewhere now, such as a video whose still has come with another day.
    """
    settled = _settle(cursor, asset_ids)
    if settled.changes:
        # Decided anew under the lock: another librarian may have found other partners meanwhile.
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LINK_LOCK,))
        settled = _settle(cursor, asset_ids)
        columns = zip(*settled.changes, strict=True) if settled.changes else ([], [], [])
        cursor.execute(CHANGE, [list(column) for column in columns])
    return settled.moves


def find_astray(connection: Connection, limit: int = 1000) -> list[int]:
    """Assets that lie in another folder than their companions: a move was wanted and not made.

    Reads all groups, so it is for the start of a service. Give the answer to `link_late`, which
    says where each should lie.
    """
    rows = connection.execute(ASTRAY, (sorted(FOLLOWERS), limit))
    return [asset_id for (asset_id,) in rows]


@dataclass(frozen=True, slots=True)
class _Settled:
    """What is to be done about recorded assets: rows (id, group, role) to write, and moves."""

    changes: list[tuple[int, UUID | None, Role]]
    moves: list[Move]


def _settle(cursor: Cursor, asset_ids: Sequence[int]) -> _Settled:
    """Compare who belongs together with what is recorded, for the groups of these assets."""
    if not asset_ids:
        return _Settled([], [])
    clues = cursor.execute(CLUES, {"ids": list(asset_ids)}).fetchall()
    keys, contents, bursts = (
        (set(column) for column in zip(*clues, strict=True)) if clues else (set(), set(), set())
    )
    stored = _related(cursor, keys, contents, bursts, asset_ids)
    candidates = [one.candidate for one in stored]
    standings = arrange(candidates)
    groups = _group_ids(candidates, standings)
    asked = set(asset_ids)
    concerned = {
        standing.group for one, standing in zip(stored, standings, strict=True) if one.id in asked
    }
    settled = _Settled([], [])
    for one, standing in zip(stored, standings, strict=True):
        if one.id not in asked and (standing.group is None or standing.group not in concerned):
            continue
        group_id = None if standing.group is None else groups[standing.group]
        if (group_id, standing.role) != (one.candidate.group_id, one.candidate.role):
            settled.changes.append((one.id, group_id, standing.role))
        if move := _move(one, stored[standing.anchor], standing.role):
            settled.moves.append(move)
    return settled


def _move(one: _Stored, anchor: _Stored, role: Role) -> Move | None:
    """Where an asset should lie, if it does not."""
    if role not in FOLLOWERS:
        return None
    name = one.path.name
    if _share_stem(one.candidate, anchor.candidate):
        name = split_name(anchor.path.name)[0] + split_name(name)[1]
    wanted = anchor.path.with_name(name)
    return None if wanted == one.path else Move(one.id, str(wanted.parent), name)


def _related(
    cursor: Cursor,
    keys: Iterable[str | None],
    contents: Iterable[str | None],
    bursts: Iterable[str | None],
    ids: Sequence[int] = (),
) -> list[_Stored]:
    """Assets that may belong to whom these are of, and all of their groups; the oldest first."""
    given = {"keys": keys, "contents": contents, "bursts": bursts}
    wanted: dict[str, object] = {name: list(filter(None, some)) for name, some in given.items()}
    wanted["ids"] = list(ids)
    found = [_stored(row) for row in cursor.execute(RELATED, wanted).fetchall()]
    groups = {one.candidate.group_id for one in found} - {None}
    if groups:
        known = [one.id for one in found]
        rows = cursor.execute(GROUPED, (list(groups), known)).fetchall()
        found += [_stored(row) for row in rows]
    return sorted(found, key=lambda one: one.id)


def _stored(row: tuple[Any, ...]) -> _Stored:
    keys, own_key, asset_id, path, name, media_type, mime_type, local, instant, source, *rest = row
    return _Stored(
        asset_id,
        PurePosixPath(path),
        Candidate(
            frozenset(filter(None, (*keys, own_key))),
            name,
            media_type,
            mime_type,
            local,
            instant,
            source != FILE_TIME,
            *rest,
        ),
    )


def _group_ids(candidates: Sequence[Candidate], standings: Sequence[Standing]) -> dict[int, UUID]:
    """The id of each group: the smallest recorded one, so that all who decide agree."""
    found: dict[int, list[UUID]] = defaultdict(list)
    for one, standing in zip(candidates, standings, strict=True):
        if standing.group is not None:
            found[standing.group] += [one.group_id] if one.group_id is not None else []
    return {group: min(ids) if ids else uuid4() for group, ids in found.items()}


def _share_stem(one: Candidate, other: Candidate) -> bool:
    return is_same_name(split_name(one.name)[0], split_name(other.name)[0])


class _Planner:
    """Places new files beside one another and beside those that are stored.

    In all sequences the stored ones come first; all are meant by their positions.
    """

    def __init__(self, stored: Sequence[_Stored], members: Sequence[Member]) -> None:
        self._stored = stored
        self._members = members
        self._candidates = [one.candidate for one in stored] + [_candidate(m) for m in members]
        self._standings = arrange(self._candidates)
        self._groups = _group_ids(self._candidates, self._standings)
        self._clusters: dict[tuple[int, str, int], int] = {}
        self._mates: dict[tuple[int, str], list[int]] = defaultdict(list)
        for at in range(len(self._candidates)):
            self._mates[self._shelf(at)].append(at)

    def plans(self) -> dict[int, Plan]:
        """The answer of `plan`."""
        namesakes: Counter[tuple[int, str, str]] = Counter()
        found = {}
        for at, member in enumerate(self._members, len(self._stored)):
            # Of two files of one name, from two folders, each gets a number of its own.
            name = (*self._shelf(at), normal(split_name(member.name)[1]))
            found[member.file_id] = self._plan(at, namesakes[name])
            namesakes[name] += 1
        return found

    def _plan(self, at: int, namesake: int) -> Plan:
        standing = self._standings[at]
        shelf = (*self._shelf(at), namesake)
        folder, stem = self._place(at)
        return Plan(
            group_id=None if standing.group is None else self._groups[standing.group],
            role=standing.role,
            folder=folder,
            stem=stem,
            cluster=self._clusters.setdefault(shelf, len(self._clusters)),
        )

    def _shelf(self, at: int) -> tuple[int, str]:
        """What files have in common that get one stem: the shot, and their own stem."""
        return self._standings[at].anchor, normal(split_name(self._candidates[at].name)[0])

    def _place(self, at: int) -> tuple[str | None, str | None]:
        """Folder and stem: of the anchor, else of who is stored of the same shelf."""
        anchor = self._standings[at].anchor
        stored = [mate for mate in self._mates[self._shelf(at)] if mate < len(self._stored)]
        if anchor < len(self._stored):
            home = self._stored[anchor].path
            mates = [anchor] if anchor in stored else stored
        elif anchor != at:
            folder, stem = self._place(anchor)
            own_stem = stem if self._shelf(at) == self._shelf(anchor) else None
            return folder or day_folder(self._candidates[anchor].captured_local), own_stem
        else:
            return self._place_first(at, stored)
        beside = [self._stored[mate].path for mate in mates]
        stem = next(
            (split_name(path.name)[0] for path in beside if path.parent == home.parent), None
        )
        return str(home.parent), stem

    def _place_first(self, at: int, stored: Sequence[int]) -> tuple[str | None, str | None]:
        """Of a new still whose RAW or video is stored: the RAW's place; a video's on that day."""
        day = day_folder(self._candidates[at].captured_local)
        for mate in sorted(stored, key=lambda mate: self._candidates[mate].is_video):
            path = self._stored[mate].path
            if not self._candidates[mate].is_video or str(path.parent) == day:
                return str(path.parent), split_name(path.name)[0]
        return None, None


def _candidate(member: Member) -> Candidate:
    return Candidate(
        frozenset({member.companion_key}),
        member.name,
        member.kind.media_type,
        member.kind.mime_type,
        member.captured_local,
        member.captured_at,
        member.is_dated,
        member.duration_seconds,
        member.content_identifier,
        member.burst_identifier,
    )
