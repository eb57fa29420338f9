"""What is wrong with the librarian as a whole: for its heartbeat, and as alerts for a person."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from photo_factory.alerts import Severity, raise_alert, resolve_alerts
from photo_factory.database import Connection
from photo_factory.heartbeat import State

from librarian import queries, syncthing
from librarian.lookout import Lookout
from librarian.settings import LibrarianSettings

SERVICE = "librarian"
ASK_SECONDS = 300.0
ASK_AGAIN_SECONDS = 60.0
"""Until Syncthing can be asked: it may just be starting."""
IN_DOUBT = (
    "Photos that are stored are removed here; unless the folder's type is Receive Only, that "
    "deletes them on the phone."
)
STANDSTILLS = frozenset({"root_missing", "disk_full", "library_read_only"})
"""Causes for which files wait that could be stored otherwise."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A state that a person should know of.

    Attributes:
        key: What it is about; one alert is open per key.
        code: A stable noun with a page in docs/runbooks.
    """

    key: str
    severity: Severity
    code: str
    message: str


class Troubles:
    """Gathers them, and keeps the table of alerts as it should be.

    Args:
        settings: The librarian's.
        lookouts: By inbox.
    """

    def __init__(self, settings: LibrarianSettings, lookouts: Mapping[str, Lookout]) -> None:
        self._settings = settings
        self._lookouts = lookouts
        self._asker = ThreadPoolExecutor(1, "syncthing")
        self._answer: Future[syncthing.Report] | None = None
        self._ask_due = 0.0
        self._last = syncthing.Report()
        self._is_in_doubt = False
        self._standing: list[Trouble] = []

    def verdict(self) -> tuple[State, str]:
        """The state for the heartbeat, and its sentence."""
        message = " ".join(trouble.message for trouble in self._standing)
        if any(trouble.code in STANDSTILLS for trouble in self._standing):
            return "paused", message
        return ("degraded" if self._standing else "healthy"), message

    def look(
        self,
        connection: Connection,
        active: Sequence[str],
        missing: Mapping[str, str],
        exiftool_problem: str | None,
    ) -> None:
        """Find out what is wrong now; raise and resolve alerts accordingly.

        Args:
            connection: Where to write.
            active: Inboxes that are there.
            missing: Sentences about folders that are not, by name.
            exiftool_problem: Why ExifTool is not used, if it is not.
        """
        standing = [
            Trouble(f"librarian.root.{name}", "critical", "root_missing", sentence)
            for name, sentence in missing.items()
        ]
        standing += [
            Trouble(f"librarian.library.{code}", "critical", code, sentence)
            for code, sentence in queries.trouble_codes(connection, active).items()
            if code in STANDSTILLS
        ]
        for name in active:
            if warning := self._lookouts[name].warning:
                standing.append(
                    Trouble(f"librarian.watch.{name}", "warning", "watch_limit", warning)
                )
        standing += self._syncthing_troubles()
        if exiftool_problem is not None:
            standing.append(
                Trouble("librarian.exiftool", "warning", "exiftool_missing", exiftool_problem)
            )
        self._standing = standing
        for one in standing:
            raise_alert(connection, one.key, SERVICE, one.severity, one.code, one.message)
        resolve_alerts(connection, SERVICE, {one.key for one in standing})

    def _syncthing_troubles(self) -> list[Trouble]:
        """By the latest answer; a doubt counts only if it has lasted."""
        self._ask_syncthing()
        found = []
        if warnings := " ".join(self._last.warnings):
            key = "librarian.syncthing"
            found.append(Trouble(key, "warning", "syncthing_folder_type", warnings))
        if self._is_in_doubt and self._last.notes:
            text = " ".join((*self._last.notes, IN_DOUBT))
            key = "librarian.syncthing_doubt"
            found.append(Trouble(key, "warning", "syncthing_folder_unknown", text))
        return found

    def _ask_syncthing(self) -> None:
        """Have a thread ask, for it may take its time, and take note of its answer."""
        now = time.monotonic()
        if self._answer is None and now >= self._ask_due:
            inboxes = self._settings.inboxes
            self._answer = self._asker.submit(syncthing.inspect, inboxes, self._settings)
        if self._answer is not None and self._answer.done():
            self._is_in_doubt = bool(self._last.notes)
            self._last, self._answer = self._answer.result(), None
            self._ask_due = now + (ASK_AGAIN_SECONDS if self._last.notes else ASK_SECONDS)

    def close(self) -> None:
        """End the thread."""
        self._asker.shutdown(wait=False, cancel_futures=True)
