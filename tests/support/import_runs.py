"""Runs `photo-factory import` and looks at what it left: on disk, in the database, in its words."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from photo_factory.database import Connection
from psycopg import sql
from typer.testing import Result

Run = Callable[..., Result]
"""Runs the command with these arguments and settings."""
TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' "
    "AND table_type = 'BASE TABLE' ORDER BY table_name"
)


def snapshot(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that is below a folder: how it may be used, when it was changed, and its bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        found[str(path.relative_to(folder))] = (status.st_mode, status.st_mtime_ns, content)
    return found


def dump(connection: Connection) -> dict[str, list[str]]:
    """Every row of every table."""
    found = {}
    for (name,) in connection.execute(TABLES).fetchall():
        query = sql.SQL("SELECT t::text FROM {} AS t ORDER BY 1").format(sql.Identifier(name))
        found[name] = [row for (row,) in connection.execute(query)]
    return found


def remaining(connection: Connection) -> dict[str, str]:
    """What still stands in `inbox_files`: state by path."""
    rows = connection.execute("SELECT path, coalesce(error_code, state) FROM inbox_files")
    return dict(rows.fetchall())


def document(result: Result) -> dict[str, Any]:
    """What `--json` printed."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def verdicts(result: Result, source: Path) -> dict[str, str]:
    """The verdict on each file, by its path below a source."""
    files = document(result)["files"]
    return {str(Path(one["path"]).relative_to(source)): one["verdict"] for one in files}


def counts(result: Result) -> dict[str, int]:
    """The numbers of files that are not zero."""
    names = ("new", "duplicate", "known", "sidecar", "other", "left", "failed")
    found = document(result)
    return {name: found[name]["files"] for name in names if found[name]["files"]}


def start_import(
    source: Path, data: Path, database_url: str, *arguments: str
) -> subprocess.Popen[str]:
    """The command as a process of its own, as a person starts it."""
    return subprocess.Popen(
        [sys.executable, "-m", "cli", "import", str(source), *arguments],
        env={**os.environ, "PF_DATA_DIR": str(data), "PF_DATABASE_URL": database_url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
