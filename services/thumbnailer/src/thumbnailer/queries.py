"""Writes what the thumbnailer made, in the transaction that completes its assets."""

from collections.abc import Sequence
from dataclasses import dataclass

from photo_factory.database import Cursor

UPSERT = """
INSERT INTO derivatives (asset_id, kind, path, mime_type, width, height, size_bytes, engine,
    version)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (asset_id, kind) DO UPDATE SET path = excluded.path, mime_type = excluded.mime_type,
    width = excluded.width, height = excluded.height, size_bytes = excluded.size_bytes,
    engine = excluded.engine, version = excluded.version, created_at = now()
"""


@dataclass(frozen=True, slots=True)
class Derivative:
    """A picture that was made.

    Attributes:
        path: Relative to the derivatives folder.
    """

    kind: str
    path: str
    mime_type: str
    width: int
    height: int
    size_bytes: int
    engine: str
    version: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """All that was made of one asset, and its ThumbHash."""

    derivatives: tuple[Derivative, ...]
    placeholder: bytes


def record(cursor: Cursor, results: Sequence[tuple[int, Pictures]]) -> None:
    """Write the derivatives' rows and the placeholders, in one order for all workers."""
    ordered = sorted(results, key=lambda result: result[0])
    cursor.executemany(
        UPSERT,
        [
            (
                asset_id,
                d.kind,
                d.path,
                d.mime_type,
                d.width,
                d.height,
                d.size_bytes,
                d.engine,
                d.version,
            )
            for asset_id, pictures in ordered
            for d in pictures.derivatives
        ],
    )
    cursor.executemany(
        "UPDATE media_assets SET placeholder = %s WHERE id = %s",
        [(pictures.placeholder, asset_id) for asset_id, pictures in ordered],
    )
