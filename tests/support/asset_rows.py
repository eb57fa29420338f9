"""Inserts assets as the librarian would, for tests of what comes after it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from photo_factory import queue
from photo_factory.database import Connection

INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source)
VALUES (%s, %s, %s, 'inbox/test', 'photo', 'image/jpeg', 1000, %s, 'test')
RETURNING id
"""


def insert_assets(connection: Connection, names: Sequence[str]) -> list[int]:
    """One asset per name, fed to the stages; returns their ids."""
    ids = []
    with connection.transaction(), connection.cursor() as cursor:
        for name in names:
            sha256 = hashlib.sha256(name.encode()).digest()
            path = f"2024/2024-05-17/{name}"
            row = cursor.execute(INSERT, (sha256, path, name, datetime(2024, 5, 17, 10))).fetchone()  # noqa: DTZ001 - local wall-clock time by design
            assert row is not None
            ids.append(row[0])
        queue.feed_assets(cursor, ids)
    return ids
