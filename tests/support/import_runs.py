"""Runs `photo-factory import` and looks at what it left: on disk, in the database, in its words."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest_runs import without_exiftool
from librarian.bulk import Import
from librarian.bulk_sources import find_sources
from librarian.inboxes import Mode
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from photo_factory.pulse import Pulse
from psycopg import sql
from steps import Steps, count_steps
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


def import_in_child(
    settings: LibrarianSettings,
    source: Path,
    mode: Mode,
    kill_at: int | None = None,
    prepare: Callable[[], None] = without_exiftool,
) -> int | None:
    """One import from start to end, in a process of its own.

    Returns:
        The steps that it took; None if it was killed at one.
    """

    def work(steps: Steps) -> None:
        prepare()
        steps.arm()
        _import(settings, source, mode)

    return count_steps(work, kill_at, only_changes=True)


def _import(settings: LibrarianSettings, source: Path, mode: Mode) -> None:
    with connect(settings.database_address(), "cli") as connection:
        work = Import(settings, find_sources([source], settings, mode), mode, Pulse())
        while (delay := work.turn(connection)) is not None:
            time.sleep(min(0.01, delay))
        work.close(connection)
        list(work.results(connection))
        work.tidy(connection)


def await_end(connection: Connection, seconds: float = 30) -> None:
    """Wait until PostgreSQL has noticed that the import's process was killed."""
    deadline = time.monotonic() + seconds
    query = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE application_name = 'photo-factory cli' AND datname = current_database()"
    )
    while connection.execute(query).fetchone() != (0,):
        assert time.monotonic() < deadline, "the import's connection does not end"
        time.sleep(0.01)
