"""The librarian as it is started in production: a process, its settings in the environment."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

STOP_SECONDS = 60
EAGER = {
    "PF_STABILITY_SECONDS": "0",
    "PF_INCOMPLETE_SECONDS": "2",
    "PF_WATCH_MODE": "poll",
    "PF_POLL_SCAN_SECONDS": "1",
    "PF_KEEP_FREE_BYTES": "0",
    "PF_LOG_FORMAT": "json",
    "PATH": "/nonexistent",  # no ExifTool: what the quick reader understands needs none
}


class LibrarianService:
    """One librarian; ended by the context that it is.

    Args:
        data_dir: Its data folder.
        database_url: Its database.
        instance: Its name in the heartbeats.
        others: Further settings, as environment variables.
    """

    def __init__(self, data_dir: Path, database_url: str, instance: str, **others: str) -> None:
        self._log = data_dir / f"{instance}.log"
        self._environment = {
            **EAGER,
            "PF_DATA_DIR": str(data_dir),
            "PF_DATABASE_URL": database_url,
            "PF_INSTANCE": instance,
            **others,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "librarian"], env=self._environment, stdout=log, stderr=log
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None and self.is_running:
            self._process.kill()
            self._process.wait()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> int:
        """Ask it to stop; returns its exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(STOP_SECONDS)

    def events(self) -> list[dict[str, Any]]:
        """What it has logged so far."""
        lines = self._log.read_text().splitlines() if self._log.exists() else []
        return [json.loads(line) for line in lines if line.startswith("{")]

    def count(self, event: str) -> int:
        """How many files events of a name were about."""
        return sum(one["files"] for one in self.events() if one["event"] == event)
