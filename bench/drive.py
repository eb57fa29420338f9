"""One librarian in a process of its own: from its first turn until the inbox is empty.

The measurements start it with folders and database in the environment, as any service, and with
the file that its figures go to. All that knows how a librarian is driven is in `take_in_all`.
"""

import json
import os
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path

from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory import log
from photo_factory.database import Connection, connect
from photo_factory.pulse import Pulse
from processes import bytes_read, peak_memory, processor_seconds

UNSETTLED = "SELECT 1 FROM inbox_files WHERE state IN ('waiting', 'ingesting', 'releasing') LIMIT 1"
UNDESCRIBED = "SELECT 1 FROM media_assets WHERE NOT is_described LIMIT 1"
LONGEST_SECONDS = 7200.0
LONGEST_NAP_SECONDS = 0.05
CHECK_SECONDS = 0.02
"""How often it is asked whether all is done; the error of the time, and no work for the server."""


def take_in_all(settings: LibrarianSettings, connection: Connection) -> dict[str, float]:
    """Turn the loop until nothing waits, and then until all tags of all files are read as well."""
    pulse = Pulse()
    loop = LibrarianLoop(settings, pulse)
    pid = os.getpid()
    read_before, worked_before = bytes_read(pid), processor_seconds(pid)
    started = time.perf_counter()
    _turn(loop, connection, pulse, lambda: _is_empty(settings.inbox, connection))
    seconds = time.perf_counter() - started
    worked = processor_seconds(pid) - worked_before
    memory, read = peak_memory(pid), bytes_read(pid) - read_before
    _turn(loop, connection, pulse, lambda: not _is_any(connection, UNDESCRIBED))
    described_seconds = time.perf_counter() - started
    loop.close(connection)
    return {
        "seconds": seconds,
        "described_seconds": described_seconds,
        "processor_seconds": worked,
        "bytes_read": read,
        "peak_bytes": memory,
    }


def _turn(
    loop: LibrarianLoop, connection: Connection, pulse: Pulse, is_done: Callable[[], bool]
) -> None:
    """Turn as the service's frame does, until it is done."""
    deadline = time.monotonic() + LONGEST_SECONDS
    check_at = 0.0
    while time.monotonic() < deadline:
        delay = loop.turn(connection)
        if time.monotonic() >= check_at:
            if is_done():
                return
            check_at = time.monotonic() + CHECK_SECONDS
        if delay > 0:
            select.select([pulse.fileno()], [], [], min(delay, LONGEST_NAP_SECONDS))
            pulse.drain()
    message = "the inbox does not become empty"
    raise TimeoutError(message)


def _is_empty(inbox: Path, connection: Connection) -> bool:
    """Whether all is taken in: neither a file nor a row is left."""
    for _, _, names in os.walk(inbox):
        if any(not name.startswith(".photo-factory") for name in names):
            return False
    return not _is_any(connection, UNSETTLED)


def _is_any(connection: Connection, query: str) -> bool:
    return connection.execute(query).fetchone() is not None


def main() -> None:
    """Drive one librarian by the settings in the environment; logs as a service does."""
    settings = LibrarianSettings()
    log.configure(settings, "librarian")
    with connect(settings.database_address(), "bench") as connection:
        figures = take_in_all(settings, connection)
    Path(sys.argv[1]).write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
