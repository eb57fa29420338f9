"""Stores photos and videos as the librarian does, but for the files: plans, inserts, links."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any

from librarian.capture.decision import FILE_TIME
from librarian.companions import companion_key
from librarian.groups import Member, Move, Plan, day_folder, link_late, plan
from photo_factory.database import Connection, Cursor
from photo_factory.media import Kind, kinds

KINDS: dict[str, Kind] = {
    ".jpg": kinds.JPEG,
    ".heic": kinds.HEIC,
    ".cr2": kinds.CR2,
    ".dng": kinds.TIFF_BASED_RAW[2],
    ".mov": kinds.MOV,
    ".mp4": kinds.MP4,
    ".avi": kinds.AVI,
}

INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_at, captured_local, captured_source, companion_key, content_identifier,
    burst_identifier, group_id, role)
VALUES (%s, %s, %s, 'inbox/test', %s, %s, 1000, %s, %s, %s, %s, %s, %s, %s, %s)
RETURNING id
"""
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Shot:
    """A file as it is found in the inbox; `taken` by the clock of its place."""

    source: str
    taken: str = "2024-05-17 12:00:00"
    utc: str | None = None
    content: str | None = None
    burst: str | None = None
    is_dated: bool = True
    id: int = field(default_factory=lambda: next(_numbers))

    def member(self) -> Member:
        """The file about to be placed."""
        return Member(
            self.id,
            companion_key("inbox", self.source),
            os.path.basename(self.source),  # noqa: PTH119 - a path of the inbox
            KINDS[os.path.splitext(self.source)[1].lower()],  # noqa: PTH122 - as above
            datetime.fromisoformat(self.taken),
            None if self.utc is None else datetime.fromisoformat(self.utc).replace(tzinfo=UTC),
            self.content,
            self.burst,
            is_dated=self.is_dated,
        )


def store(connection: Connection, *shots: Shot) -> list[Move]:
    """Take in one batch; returns the moves that are wanted."""
    members = [shot.member() for shot in shots]
    plans = plan(connection, members)
    with connection.transaction(), connection.cursor() as cursor:
        return insert(cursor, members, plans)


def insert(cursor: Cursor, members: Sequence[Member], plans: dict[int, Plan]) -> list[Move]:
    """Insert the rows where they were planned to be, and link them."""
    paths = planned_paths(cursor, members, plans)
    ids = [
        _insert(cursor, member, plans[member.file_id], paths[member.file_id]) for member in members
    ]
    return link_late(cursor, ids)


def planned_paths(
    cursor: Cursor, members: Sequence[Member], plans: dict[int, Plan]
) -> dict[int, str]:
    """Names that are free, with one number for all of a cluster."""
    found: dict[int, str] = {}
    for cluster in {one.cluster for one in plans.values()}:
        files = [member for member in members if plans[member.file_id].cluster == cluster]
        for number in count():
            paths = {file.file_id: _path(file, plans[file.file_id], number) for file in files}
            query = "SELECT 1 FROM media_assets WHERE path = ANY(%s)"
            is_taken = set(paths.values()) & set(found.values())
            if not is_taken and cursor.execute(query, (list(paths.values()),)).fetchone() is None:
                found |= paths
                break
    return found


def _path(member: Member, planned: Plan, number: int) -> str:
    stem, suffix = os.path.splitext(member.name)  # noqa: PTH122 - as above
    folder = planned.folder or day_folder(member.captured_local)
    return f"{folder}/{planned.stem or stem}{f'_{number}' if number else ''}{suffix}"


def _insert(cursor: Cursor, member: Member, planned: Plan, path: str) -> int:
    row = cursor.execute(
        INSERT,
        (
            hashlib.sha256(str(member.file_id).encode()).digest(),
            path,
            member.name,
            member.kind.media_type,
            member.kind.mime_type,
            member.captured_at,
            member.captured_local,
            "test" if member.is_dated else FILE_TIME,
            member.companion_key,
            member.content_identifier,
            member.burst_identifier,
            planned.group_id,
            planned.role,
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def insert_duplicate(connection: Connection, asset_path: str, source: str) -> None:
    """A file that turned out to have the bytes of an asset, as it is remembered."""
    connection.execute(
        "INSERT INTO duplicates (asset_id, sha256, inbox, path, original_name, size_bytes, "
        "companion_key) SELECT id, sha256, 'inbox', %s, %s, size_bytes, %s FROM media_assets "
        "WHERE path = %s",
        (source, source.rpartition("/")[2], companion_key("inbox", source), asset_path),
    )


def library(connection: Connection) -> dict[str, str]:
    """Role by path of all assets, behind a letter for their group if they have one."""
    rows: list[Any] = connection.execute(
        "SELECT path, role, group_id FROM media_assets ORDER BY id"
    ).fetchall()
    letters: dict[object, str] = {}
    found: dict[str, str] = {}
    for path, role, group_id in rows:
        letter = letters.setdefault(group_id, chr(ord("A") + len(letters.keys() - {None})))
        found[path] = role if group_id is None else f"{letter} {role}"
    return found


def asset_id(connection: Connection, path: str) -> int:
    """The id of the asset at a path."""
    row = connection.execute("SELECT id FROM media_assets WHERE path = %s", (path,)).fetchone()
    assert row is not None
    return int(row[0])
