"""Librarians as processes of their own, which tests end as a power cut would."""

import os
import signal
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass

from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import connect
from photo_factory.pulse import Pulse

LONGEST_SLEEP_SECONDS = 0.02


@dataclass(frozen=True)
class Life:
    """A librarian at work."""

    pid: int

    def end(self) -> None:
        """Kill it; it must not have ended by itself."""
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        assert os.WIFSIGNALED(status), "the librarian failed"


def begin_life(settings: LibrarianSettings, prepare: Callable[[], None]) -> Life:
    """Start a librarian and wait until its loop begins to turn.

    Args:
        settings: Its own.
        prepare: Called in its process before anything else.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            prepare()
            _work(settings, writing)
        except BaseException:  # noqa: BLE001 - a child of fork must not return into pytest
            traceback.print_exc()
        finally:
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        assert pipe.read(1), "the librarian does not start"
    return Life(child)


def _work(settings: LibrarianSettings, started: int) -> None:
    """Turn the loop for ever, more often than a service would."""
    with connect(settings.database_address(), "librarian") as connection:
        loop = LibrarianLoop(settings, Pulse())
        os.write(started, b"!")
        os.close(started)
        while True:
            time.sleep(min(LONGEST_SLEEP_SECONDS, loop.turn(connection)))
