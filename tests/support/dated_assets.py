"""Assets with dates as the librarian records them, and commands that are run on them."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath

from photo_factory.database import Connection
from psycopg.types.json import Jsonb
from typer import Typer
from typer.testing import CliRunner, Result

Run = Callable[..., Result]

INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, utc_offset_minutes, offset_source, captured_source, captured_confidence,
    captured_candidates, group_id, role, metadata, file_modified_at)
VALUES (%(sha256)s, %(path)s, %(name)s, 'inbox/test', %(media_type)s, %(mime_type)s, 1000,
    %(local)s, %(offset_minutes)s, %(offset_source)s, %(source)s, %(confidence)s, %(candidates)s,
    %(group_id)s, %(role)s, %(metadata)s, %(modified)s)
RETURNING id
"""
FILM_SUFFIXES = {".MOV", ".mp4"}


def insert_dated(  # noqa: PLR0913 - one for each column that matters
    connection: Connection,
    path: str,
    local: str,
    *,
    offset_minutes: int | None = None,
    offset_source: str | None = None,
    source: str = "file time",
    confidence: str = "none",
    candidates: Sequence[tuple[str, str, str]] = (),
    group_id: str | None = None,
    role: str = "primary",
    metadata: dict[str, object] | None = None,
    modified: str | None = None,
) -> int:
    """An asset at a path of the library with a date; returns its id."""
    is_film = PurePosixPath(path).suffix in FILM_SUFFIXES
    values = {
        "sha256": hashlib.sha256(path.encode()).digest(),
        "path": path,
        "name": PurePosixPath(path).name,
        "media_type": "video" if is_film else "photo",
        "mime_type": "video/quicktime" if is_film else "image/jpeg",
        "local": datetime.fromisoformat(local),
        "offset_minutes": offset_minutes,
        "offset_source": offset_source,
        "source": source,
        "confidence": confidence,
        "candidates": Jsonb(
            [{"source": name, "text": text, "reason": reason} for name, text, reason in candidates]
        ),
        "group_id": group_id,
        "role": role,
        "metadata": Jsonb(metadata or {}),
        "modified": modified,
    }
    row = connection.execute(INSERT, values).fetchone()
    assert row is not None
    return int(row[0])


def runner(data: Path, database_url: str, *commands: Callable[..., None]) -> Run:
    """Runs commands as `photo-factory` would, on a data folder and a database."""
    app = Typer()
    app.command("none", hidden=True)(lambda: None)  # or a single command would have no name
    for command in commands:
        app.command()(command)

    def invoke(*arguments: str | int, typed: str | None = None, **environment: str) -> Result:
        variables = {
            "PF_DATA_DIR": str(data),
            "PF_DATABASE_URL": database_url,
            "LOGNAME": "anna",
            **environment,
        }
        return CliRunner().invoke(app, [str(one) for one in arguments], typed, env=variables)

    return invoke
