"""Kills this process at a chosen step: before any call that changes files or the database."""

import os
import signal
from collections.abc import Callable
from typing import Any

import psycopg

FILE_CALLS = ("link", "unlink", "rename", "replace", "mkdir", "fsync", "utime")
DATABASE_CALLS = (
    (psycopg.Connection, "execute"),
    (psycopg.Cursor, "execute"),
    (psycopg.Cursor, "executemany"),
    (psycopg.Transaction, "__exit__"),
)


class Steps:
    """Counts the steps of this process and, if asked to, ends it at one of them."""

    def __init__(self, kill_at: int | None) -> None:
        self._kill_at = kill_at
        self.taken = 0

    def arm(self) -> None:
        """Put the counter in front of every such call."""
        for name in FILE_CALLS:
            setattr(os, name, self._counted(getattr(os, name)))
        for owner, name in DATABASE_CALLS:
            setattr(owner, name, self._counted(getattr(owner, name)))

    def _counted(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any call
            self.taken += 1
            if self.taken == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*args, **kwargs)

        return counted
