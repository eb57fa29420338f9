"""Finds the photo or video that a sidecar belongs to, and records it there.

A sidecar says nothing of when its photo was taken, so its name decides: the folder that both came
from and their stem. What has no photo yet waits in the inbox under its key, and is woken by it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from photo_factory.database import Connection, Cursor
from psycopg.rows import class_row

from librarian.companions import (
    RAW_MIME_TYPES,
    SidecarKind,
    is_edited,
    is_same_name,
    name_beside,
    named_medium,
    sidecar_kind,
    split_name,
)
from librarian.inbox import library_name
from librarian.tag_values import Tags

NOT_READABLE = (
    "it cannot be read as XMP, so nothing it says is used; it is kept. Write it anew with the "
    "program that made it, and drop it into the inbox."
)
MOST_BYTES = 64 << 20
"""A sidecar is text or a small picture; what is larger is something else."""
ONE_SHOT = timedelta(hours=26)
"""Assets of one key that are further apart are different shots; the newest has the sidecar."""

# Also by the names of files that were duplicates of an asset: a folder that is brought again, now
# with sidecars, finds the photos under its own names.
BY_KEY = """
SELECT k.key, hit.name, a.id AS asset_id, a.path, a.media_type, a.mime_type, a.captured_local
FROM unnest(%s::text[]) AS k (key) CROSS JOIN LATERAL (
    (SELECT id, original_name AS name FROM media_assets WHERE companion_key = k.key
    ORDER BY id DESC LIMIT 50)
    UNION
    (SELECT asset_id, original_name FROM duplicates WHERE companion_key = k.key
    ORDER BY id DESC LIMIT 50)
) AS hit
CROSS JOIN LATERAL (SELECT * FROM media_assets WHERE id = hit.id OFFSET 0) AS a
ORDER BY a.id DESC
"""

UNREAD = """
SELECT s.id, s.asset_id, s.path FROM sidecars s
WHERE s.kind = 'xmp' AND s.tags IS NULL AND s.fault IS NULL ORDER BY s.id LIMIT %s
"""

STORE_TAGS = """
UPDATE sidecars s SET tags = r.tags, fault = r.fault
FROM json_to_recordset(%s::json) AS r (id bigint, path text, tags jsonb, fault text)
WHERE s.id = r.id AND s.path = r.path
"""

RECORD = """
INSERT INTO sidecars (asset_id, kind, path, sha256, original_name, source, size_bytes)
SELECT asset_id, kind, path, decode(sha256, 'hex'), original_name, source, size_bytes
FROM json_to_recordset(%s::json) AS s (asset_id bigint, kind text, path text, sha256 text,
    original_name text, source text, size_bytes bigint)
ON CONFLICT DO NOTHING RETURNING id, path
"""

# What is locked is being woken or claimed by another librarian at this moment.
WAKE = """
WITH waiting AS (
    SELECT id FROM inbox_files
    WHERE companion_key = ANY(%s) AND state = 'waiting' AND next_try_at > now()
    FOR UPDATE SKIP LOCKED
)
UPDATE inbox_files f SET next_try_at = now() FROM waiting WHERE f.id = waiting.id
"""


@dataclass(frozen=True, slots=True)
class SidecarHome:
    """Where a sidecar belongs: beside its asset, in its folder of the library."""

    asset_id: int
    folder: str
    name: str


@dataclass(frozen=True, slots=True)
class NewSidecar:
    """A row of sidecars to be; the names are those of its columns."""

    asset_id: int
    kind: SidecarKind
    path: str
    sha256: str
    original_name: str
    source: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Unread:
    """An XMP file that nobody has read yet."""

    id: int
    asset_id: int
    path: str


@dataclass(frozen=True, slots=True)
class _Named:
    """An asset, by the name under which it, or a duplicate of it, came with a key."""

    key: str
    name: str
    asset_id: int
    path: str
    media_type: str
    mime_type: str
    captured_local: datetime


def sidecar_fault(path: str, kind: SidecarKind, head: bytes, size_bytes: int) -> str | None:
    """Say in a sentence why a file is not the sidecar that its name promises; None if it is.

    Args:
        path: As it is shown to people.
        kind: By its name.
        head: Its first bytes, 4 kB or all of a smaller one.
        size_bytes: Its whole size.
    """
    if size_bytes > MOST_BYTES:
        return f"{path}: it is larger than {MOST_BYTES >> 20} MB and so no .{kind} sidecar."
    if _is_of_kind(kind, head):
        return None
    return f"{path}: its name is that of a .{kind} sidecar, but {EXPECTED[kind]}."


EXPECTED: dict[SidecarKind, str] = {
    "xmp": "it does not begin as XMP (no XML with xmpmeta or RDF)",
    "aae": "it does not begin as Apple's edits do (no property list)",
    "thm": "it is no JPEG picture",
    "srt": "it does not begin as subtitles do (no text with times)",
}


def _is_of_kind(kind: SidecarKind, head: bytes) -> bool:
    if kind == "thm":
        return head.startswith(b"\xff\xd8\xff")
    if kind == "aae" and head.startswith(b"bplist"):
        return True
    text = _text(head)
    match kind:
        case "xmp":
            return text.startswith("<") and ("xmpmeta" in text or "RDF" in text)
        case "aae":
            return text.startswith("<") and "plist" in text
        case _:
            return "-->" in text and "\0" not in text


def _text(head: bytes) -> str:
    """The beginning of a text in the encoding that it shows; XMP of Lightroom may be UTF-16."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return head.decode(encoding, "replace").lstrip()


def match(connection: Connection, files: Sequence[tuple[int, str, str]]) -> dict[int, SidecarHome]:
    """Find where sidecars belong, in one statement; those without an asset yet are left out.

    Args:
        connection: Reads only.
        files: Row in the inbox, companion key, and name as it is shown to people.
    """
    named: dict[str, list[_Named]] = defaultdict(list)
    with connection.cursor(row_factory=class_row(_Named)) as cursor:
        for one in cursor.execute(BY_KEY, (list({key for _, key, _ in files}),)):
            named[one.key].append(one)
    homes = {file_id: _home(name, named[key]) for file_id, key, name in files}
    return {file_id: home for file_id, home in homes.items() if home is not None}


def _home(sidecar_name: str, candidates: Sequence[_Named]) -> SidecarHome | None:
    """The best of the assets that have the sidecar's key, which come newest first.

    a.jpg.xmp speaks of a.jpg and of no other: until that comes, it waits.
    """
    kind = sidecar_kind(sidecar_name)
    if kind is None:
        return None
    medium = named_medium(sidecar_name)
    if medium is not None:
        fitting = [one for one in candidates if is_same_name(one.name, medium)]
    else:
        fitting = [one for one in candidates if _rank_type(kind, one) is not None]
    if not fitting:
        return None
    newest = max(fitting, key=lambda one: one.asset_id).captured_local
    shot = [one for one in fitting if abs(one.captured_local - newest) < ONE_SHOT]
    own_stem, _ = split_name(sidecar_name)
    best = min(shot, key=lambda one: _rank(kind, own_stem, one))
    path = PurePosixPath(best.path)
    name = name_beside(path.name, best.name, sidecar_name)
    return SidecarHome(best.asset_id, str(path.parent), library_name(name.encode()))


def _rank(kind: SidecarKind, own_stem: str, one: _Named) -> tuple[object, ...]:
    """The very stem before its versions, then the type that such sidecars are written for."""
    is_other_stem = not is_same_name(split_name(one.name)[0], own_stem)
    return (is_other_stem, is_edited(one.name), _rank_type(kind, one) or 0, -one.asset_id)


def _rank_type(kind: SidecarKind, one: _Named) -> int | None:
    """Programs write .xmp for the RAW, Apple .aae for the still, cameras the others for films."""
    is_raw, is_video = one.mime_type in RAW_MIME_TYPES, one.media_type == "video"
    match kind:
        case "xmp":
            return 0 if is_raw else 2 if is_video else 1
        case "aae":
            return 1 if is_raw else 2 if is_video else 0
        case "thm":  # Canon's early RAW (.crw) has one as well
            return 0 if is_video else 1 if is_raw else None
        case "srt":
            return 0 if is_video else None


def record(cursor: Cursor, sidecars: Sequence[NewSidecar]) -> dict[str, int]:
    """Insert rows for sidecars that stand in the library; returns their ids by path.

    Those are absent whose asset has the same content, or whose path another row has: they are
    another librarian's by now, and the second copy is to be taken back.
    """
    rows = cursor.execute(RECORD, (json.dumps([asdict(one) for one in sidecars]),)).fetchall()
    return {path: sidecar_id for sidecar_id, path in rows}


def unread(connection: Connection, limit: int) -> list[Unread]:
    """XMP files of the library that have not been read yet, the oldest first."""
    with connection.cursor(row_factory=class_row(Unread)) as cursor:
        return cursor.execute(UNREAD, (limit,)).fetchall()


def store_tags(connection: Connection, read: Sequence[tuple[Unread, Tags | None]]) -> None:
    """Keep what sidecars say; None means that one cannot be read, which is not tried again.

    One that was moved meanwhile is read again at its new path.
    """
    rows = [
        {
            "id": one.id,
            "path": one.path,
            "tags": tags,
            "fault": None if tags is not None else f"{one.path}: {NOT_READABLE}",
        }
        for one, tags in read
    ]
    connection.execute(STORE_TAGS, (json.dumps(rows),))


def wake(cursor: Cursor, companion_keys: Iterable[str]) -> int:
    """Let sidecars be tried again at once that wait for assets with these keys; returns how many.

    To be called when the assets, or the duplicates of them, are committed.
    """
    return cursor.execute(WAKE, (list(set(companion_keys)),)).rowcount


def wake_matched(connection: Connection, files: Sequence[tuple[int, str, str]]) -> int:
    """Wake those of the sidecars just put to wait whose asset was stored in that very moment.

    Whoever stored it may have called `wake` before they waited. Arguments are those of `match`.
    """
    found = match(connection, files)
    keys = {key for file_id, key, _ in files if file_id in found}
    with connection.cursor() as cursor:
        return wake(cursor, keys) if keys else 0
