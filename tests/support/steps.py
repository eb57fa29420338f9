"""Kills this process at a chosen step: right after a call that has changed a file or the database.

What stands in front of a change is the end of the step before it.
"""

import ctypes
import io
import os
import signal
import stat
import threading
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

FILE_CALLS = (
    *("link", "unlink", "remove", "rename", "replace", "mkdir", "rmdir"),
    *("fsync", "utime", "truncate"),
)
C_CALLS = ("renameat2", "syncfs")
"""What Python's os has no name for."""
READS = ("SELECT", "LISTEN", "SET", "SHOW")

Call = Callable[..., Any]


class Steps:
    """Counts the steps of this process, all its threads', and, if asked to, ends it at one of them.

    Args:
        kill_at: The step, from 1 on.
        only_changes: Leave out statements after which the database is as it was before: those that
            only read, that found no row to change, or that are not committed yet.
    """

    def __init__(self, kill_at: int | None, *, only_changes: bool = False) -> None:
        self._kill_at = kill_at
        self._only_changes = only_changes
        self._lock = threading.Lock()
        self.names: list[str] = []

    @property
    def taken(self) -> int:
        """Steps so far."""
        return len(self.names)

    def arm(self) -> None:
        """Put the counter behind every such call."""
        for name in FILE_CALLS:
            setattr(os, name, self._counted(name, getattr(os, name)))
        os.open = self._counted_open(os.open)
        os.write = self._counted_write(os.write)
        io.open = self._counted_stream(io.open)
        ctypes.CDLL = self._counted_library(ctypes.CDLL)  # type: ignore[misc] # the system's edge
        for name in ("execute", "executemany"):
            setattr(psycopg.Cursor, name, self._counted_statement(getattr(psycopg.Cursor, name)))
        for name in ("__exit__",) if self._only_changes else ("__enter__", "__exit__"):
            whole = getattr(psycopg.Transaction, name)
            setattr(psycopg.Transaction, name, self._counted("transaction", whole))

    def _step(self, name: str) -> None:
        with self._lock:
            self.names.append(name)
            if len(self.names) == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def _counted(self, name: str, call: Call) -> Call:
        def counted(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - stands in for any call
            result = call(*args, **kwargs)
            self._step(name)
            return result

        return counted

    def _counted_open(self, call: Call) -> Call:
        """A step only where it may make a file."""

        def counted(path: Any, flags: int, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
            result = call(path, flags, *args, **kwargs)
            if flags & os.O_CREAT:
                self._step("create")
            return result

        return counted

    def _counted_write(self, call: Call) -> Call:
        """A step only where it goes into a file: threads wake each other through pipes."""

        def counted(descriptor: int, data: Any) -> Any:  # noqa: ANN401 - as above
            result = call(descriptor, data)
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                self._step("write")
            return result

        return counted

    def _counted_stream(self, call: Call) -> Call:
        def counted(file: Any, mode: str = "r", *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
            result = call(file, mode, *args, **kwargs)
            if set(mode) & set("wax+"):
                self._step("create")
            return result

        return counted

    def _counted_library(self, library: type[ctypes.CDLL]) -> type[ctypes.CDLL]:
        steps = self

        class Counted(library):  # type: ignore[misc, valid-type] # whatever stands there by now
            def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - as the class above
                found = super().__getattr__(name)
                return steps._counted(name, found) if name in C_CALLS else found

        return Counted

    def _counted_statement(self, call: Call) -> Call:
        def counted(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as above
            result = call(cursor, query, *args, **kwargs)
            word = str(query).split(None, 1)[0].upper()
            is_alone = cursor.connection.info.transaction_status == TransactionStatus.IDLE
            is_change = is_alone and word not in READS and cursor.rowcount != 0
            if is_change or not self._only_changes:
                self._step(word)
            return result

        return counted


def count_steps(
    work: Callable[[Steps], object], kill_at: int | None = None, *, only_changes: bool = False
) -> int | None:
    """Do some work in a child process that may be killed at one of its steps.

    Args:
        work: Begins to count by `arm`.
        kill_at: The step at which it is killed, if any.
        only_changes: As of `Steps`.

    Returns:
        The steps that it took; None if it was killed at one.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            steps = Steps(kill_at, only_changes=only_changes)
            work(steps)
            os.write(writing, str(steps.taken).encode())
        except BaseException:  # noqa: BLE001 - a child of fork must not return into pytest
            traceback.print_exc()
            os._exit(3)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        taken = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}, "the child failed"
    return int(taken) if taken else None
