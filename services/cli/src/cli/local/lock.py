"""One local mode per data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.local.errors import LocalModeError


class AlreadyRunningError(LocalModeError):
    """Another local mode runs on this data folder."""


@contextmanager
def locked(path: Path, dashboard_url: str) -> Iterator[None]:
    """Hold the lock, which ends with this process however it ends.

    Args:
        path: The lock file. It keeps the address of the dashboard for whoever comes second.
        dashboard_url: That address.

    Raises:
        AlreadyRunningError: Somebody else holds it.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            where = file.read().strip()
            message = f"Photo Factory already runs on {path.parent.parent}: {where}"
            raise AlreadyRunningError(message) from None
        file.truncate(0)
        file.write(f"{dashboard_url}\n")
        file.flush()
        yield
