"""A household with its folders and its librarian, for stories."""

import time
from hashlib import sha256
from pathlib import Path
from typing import Any

from ingest_runs import files_below
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.pauses import PauseWatch
from photo_factory.pulse import Pulse
from photo_files import save_photo

SCAN_SECONDS = 1.1
"""A little more than between two scans of a household's inboxes."""
UNDER_WAY = frozenset({"settling", "in_line", "in_hand"})
"""Causes of which time alone takes care."""
SHOT = "2024:05:17 10:00:00"


class Household:
    """The folders, and the librarian that is turned by hand."""

    def __init__(self, settings: LibrarianSettings, connection: Connection) -> None:
        self.settings = settings
        self.connection = connection
        self.photo = b""
        self._begin()

    def _begin(self) -> None:
        self._pulse = Pulse()
        self._pauses = PauseWatch("librarian", self._pulse)
        self.librarian = LibrarianLoop(self.settings, self._pulse)

    def change(self, **settings: object) -> None:
        """Change settings, and start the librarian anew."""
        self.close()
        given = {**self.settings.model_dump(), **settings}
        self.settings = LibrarianSettings.model_validate(given)
        self._begin()

    def close(self) -> None:
        """Stop the librarian."""
        self.librarian.close(self.connection)

    def folder(self, inbox: str) -> Path:
        """The folder of an inbox."""
        return next(one.root for one in self.settings.inboxes if one.name == inbox)

    def drop_photo(self, name: str, colour: str = "seagreen", taken: str = SHOT) -> bytes:
        """Put a photo into the inbox; returns its bytes."""
        save_photo(self.settings.inbox / name, colour, taken)
        self.photo = (self.settings.inbox / name).read_bytes()
        return self.photo

    def turn(self, times: int = 1) -> None:
        """Let the librarian do a little, as its service does."""
        for _ in range(times):
            self._pauses.look(self.connection)
            self.librarian.turn(self.connection)

    def wait(self) -> None:
        """Let it see what is new, and do all that it can do now."""
        self.look_around()
        deadline = time.monotonic() + 60
        while any(cause in UNDER_WAY for cause, _ in self.explained().values()):
            assert time.monotonic() < deadline, self.explained()
            self.turn()

    def look_around(self) -> None:
        """Let it see what is new, and begin."""
        time.sleep(SCAN_SECONDS)
        self.turn(2)

    def watch_over(self) -> None:
        """Let it look at itself, as it does every few seconds."""
        self.librarian._watch_due = 0.0  # noqa: SLF001 - a story need not last so long
        self.turn()

    def pass_hours(self, hours: float = 6) -> None:
        """Let all that waits have waited for so long."""
        self.connection.execute(
            "UPDATE inbox_files SET next_try_at = next_try_at - make_interval(secs => %(s)s), "
            "changed_at = changed_at - make_interval(secs => %(s)s)",
            {"s": hours * 3600},
        )

    @property
    def stored(self) -> dict[str, bytes]:
        """What the library holds, by its path."""
        library = self.settings.library
        return {str(path.relative_to(library)): path.read_bytes() for path in files_below(library)}

    def stored_names(self) -> set[str]:
        """The names in the library, without their folders."""
        return {path.rpartition("/")[2] for path in self.stored}

    def holds(self, content: bytes) -> bool:
        """Whether the library has exactly these bytes, once, and a row that says so."""
        digest = sha256(content).digest()
        recorded = self.ask("SELECT path FROM media_assets WHERE sha256 = %s", digest)
        return [content] == [self.stored.get(path) for (path,) in recorded]

    def explained(self) -> dict[str, tuple[str, str]]:
        """Why files are still in an inbox: cause and sentence, by name."""
        found = self.ask("SELECT path, cause, reason FROM inbox_explained")
        return {path.rpartition("/")[2]: (cause, reason) for path, cause, reason in found}

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database says."""
        return self.connection.execute(question, values).fetchall()
