"""Runs supervisord as a child, which runs the services and restarts one that dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from cli.local.errors import LocalModeError
from cli.local.processes import processes_marked, send, stop_marked
from cli.local.services import PROGRAMS, environment, marker
from cli.local.settings import LocalSettings
from cli.local.supervisor_config import STOP_MARGIN_SECONDS, current_umask, render, variables
from cli.local.tether import tether
from cli.local.watch import LogTail, Watch

POLL_SECONDS = 0.1


class Supervision:
    """The services of one data folder.

    Args:
        settings: Of local mode.
        logs: Folder for the services' logs.
        base: Environment that the services inherit.
    """

    def __init__(self, settings: LocalSettings, logs: Path, base: Mapping[str, str]) -> None:
        self._settings = settings
        self._logs = logs
        self._environment = environment(settings, base) | variables(logs)
        self._marker = marker(settings.state)
        self._process: subprocess.Popen[bytes] | None = None
        self._tail: LogTail | None = None
        self._watch = Watch(logs)

    @property
    def is_running(self) -> bool:
        """Whether supervisord lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def missing(self) -> list[str]:
        """Names of the services that have not stayed up yet."""
        return [program.name for program in PROGRAMS if program.name not in self._watch.running]

    @property
    def _stop_seconds(self) -> float:
        return self._settings.grace_seconds + 2 * STOP_MARGIN_SECONDS

    def end_predecessor(self) -> int:
        """End what a killed predecessor left running; returns how many processes there were."""
        return stop_marked(self._marker, self._stop_seconds)

    def start(self) -> None:
        """Start supervisord, which starts the services."""
        configuration = self._settings.state / "supervisord.conf"
        configuration.write_text(
            render(
                PROGRAMS,
                self._settings.grace_seconds,
                current_umask(),
                is_root=os.geteuid() == 0,
            )
        )
        self._watch.forget()
        self._close_tail()
        self._tail = LogTail(self._logs / "supervisord.log")
        command = (sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(configuration))
        with (self._logs / "supervisord.out").open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own arguments
                [*tether("TERM"), *command],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C in the terminal is for us alone
            )

    def news(self) -> list[str]:
        """Sentences on what befell the services since the last call."""
        if self._tail is None:
            return []
        return [said for line in self._tail.lines() if (said := self._watch.observe(line))]

    def revive(self) -> None:
        """Start supervisord again after it died; its services end first.

        Raises:
            LocalModeError: It does not even start.
        """
        self.end_predecessor()
        self.start()
        time.sleep(1)
        if not self.is_running:
            said = (self._logs / "supervisord.out").read_text(errors="replace").strip()
            message = f"The process manager does not start. It says: {said or 'nothing'}"
            raise LocalModeError(message)

    def stop(self, is_hasty: Callable[[], bool]) -> None:
        """Stop all services within their grace, then supervisord.

        Args:
            is_hasty: Asked again and again; once true, everything is killed at once.
        """
        if self._process is not None:
            deadline = time.monotonic() + self._stop_seconds
            if self.is_running:
                self._process.send_signal(signal.SIGTERM)
            while self.is_running and not is_hasty() and time.monotonic() < deadline:
                time.sleep(POLL_SECONDS)
            if self.is_running:
                self._process.kill()
                send(signal.SIGKILL, list(processes_marked(self._marker)))
            self._process.wait()
            self._process = None
        stop_marked(self._marker, STOP_MARGIN_SECONDS)
        self._close_tail()

    def _close_tail(self) -> None:
        if self._tail is not None:
            self._tail.close()
            self._tail = None
