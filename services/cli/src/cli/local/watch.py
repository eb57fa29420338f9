"""Reads supervisord's log and says in plain sentences what befell the services."""

import os
import re
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path

RUNNING = re.compile(r"INFO success: (?P<name>[\w-]+) entered RUNNING state")
EXITED = re.compile(r"(INFO|WARN) exited: (?P<name>[\w-]+) \((?P<how>.*); (not )?expected\)")
NOT_SPAWNED = re.compile(r"(INFO|WARN) spawnerr: (?P<how>.*)")


@dataclass(slots=True)
class Watch:
    """What is known of the services.

    Attributes:
        logs: Folder of their logs, for the sentences.
        running: Names of those that have stayed up.
        troubled: Names of those that ended by themselves and are not up again.
    """

    logs: Path
    running: set[str] = field(default_factory=set)
    troubled: set[str] = field(default_factory=set)

    def observe(self, line: str) -> str | None:
        """Take in a line of supervisord's log; returns a sentence if there is something to say."""
        if found := RUNNING.search(line):
            return self._runs(found["name"])
        if found := EXITED.search(line):
            return self._ended(found["name"], found["how"])
        if found := NOT_SPAWNED.search(line):
            return f"A service could not be started: {found['how']}."
        return None

    def forget(self) -> None:
        """All of them are being started anew."""
        self.troubled |= self.running
        self.running.clear()

    def _runs(self, name: str) -> str | None:
        self.running.add(name)
        if name not in self.troubled:
            return None
        self.troubled.remove(name)
        return f"{name} runs again."

    def _ended(self, name: str, how: str) -> str | None:
        self.running.discard(name)
        if name in self.troubled:
            return None  # said already; it is tried again and again
        self.troubled.add(name)
        return f"{name} ended ({how}) and is started again. Its log: {self.logs / name}.log"


class LogTail:
    """Gives the new lines of a file that is written to and rotated meanwhile.

    Args:
        path: The file. What it holds already is passed over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rest = b""
        self._file = self._opened()
        if self._file is not None:
            self._file.seek(0, os.SEEK_END)

    def lines(self) -> list[str]:
        """The complete lines that have come since the last call."""
        data = self._rest + self._read()
        if self._is_replaced():
            data += self._read()  # what came between the two looks
            self.close()
            self._file = self._opened()
            data += self._read()
        complete, newline, self._rest = data.rpartition(b"\n")
        return complete.decode(errors="replace").split("\n") if newline else []

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> BufferedReader | None:
        return self._path.open("rb") if self._path.exists() else None

    def _read(self) -> bytes:
        return self._file.read() if self._file is not None else b""

    def _is_replaced(self) -> bool:
        """Whether there is a file now where there was none, or another one."""
        if not self._path.exists():
            return False
        if self._file is None:
            return True
        return self._path.stat().st_ino != os.fstat(self._file.fileno()).st_ino
