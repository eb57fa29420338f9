"""Looks at an inbox as the librarian's engine does, for tests."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from librarian.inboxes import Inbox
from librarian.lookout import Lookout
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection

SOON_SECONDS = 10.0


@dataclass
class Viewer:
    """A lookout with what it needs: it looks when events wake it, or when a scan is due."""

    lookout: Lookout
    connection: Connection
    woken: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """One look, and on with a scan that is not done."""
        self.lookout.look(self.connection)
        while self.lookout.seconds_to_scan == 0:
            self.lookout.look(self.connection)

    def look_when_due(self) -> None:
        """The next look that scans."""
        time.sleep(self.lookout.seconds_to_scan)
        self.look()

    def seen(self) -> set[bytes]:
        """The paths that have a row."""
        rows = self.connection.execute("SELECT path_bytes FROM inbox_files")
        return {path for (path,) in rows}

    def count(self) -> int:
        """How many they are."""
        row = self.connection.execute("SELECT count(*) FROM inbox_files").fetchone()
        return 0 if row is None else int(row[0])

    def look_until(self, is_done: Callable[[], bool], seconds: float = SOON_SECONDS) -> None:
        """Look as often as events ask for it."""
        end = time.monotonic() + seconds
        while not is_done():
            assert time.monotonic() < end, f"not in {seconds} seconds: {sorted(self.seen())[:20]}"
            if self.woken.wait(0.05):
                self.woken.clear()
                self.look()


Start = Callable[..., Viewer]
"""Starts a viewer; keywords are settings of the librarian, beside watch_mode."""


@contextmanager
def viewers(root: Path, connection: Connection) -> Iterator[Start]:
    """Viewers of one inbox: with events and no scan but the first, unless settings say else."""
    started: list[Viewer] = []

    def start(watch_mode: str = "events", **settings: object) -> Viewer:
        given = {"scan_seconds": 3600, "poll_scan_seconds": 3600, **settings}
        given |= {"data_dir": root.parent, "watch_mode": watch_mode}
        woken = threading.Event()
        lookout = Lookout(
            Inbox("inbox", root, "move"),
            LibrarianSettings.model_validate(given),
            woken.set,
            lambda: None,
        )
        started.append(Viewer(lookout, connection, woken))
        started[-1].look()
        return started[-1]

    yield start
    for viewer in started:
        viewer.lookout.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "watch"]


def make_files(folder: Path, count: int) -> None:
    """Files of one byte each, and the folder if it is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    beginning = os.fsencode(folder)
    for number in range(count):
        descriptor = os.open(beginning + b"/IMG_%05d.jpg" % number, os.O_CREAT | os.O_WRONLY)
        os.write(descriptor, b"x")
        os.close(descriptor)
