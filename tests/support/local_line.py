"""Starts the whole line in local mode, as `photo-factory up` does for a user, and looks at it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMAND = Path(sys.executable).with_name("photo-factory")


def free_port() -> int:
    """A TCP port that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class LocalLine:
    """One local mode on a data folder of its own."""

    def __init__(self, data: Path, log: Path, **settings: str) -> None:
        self.data = data
        self.log = log
        self.port = free_port()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("PF_")},
            "PF_DATA_DIR": str(data),
            "PF_DASHBOARD_PORT": str(self.port),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def start(self, seconds: float = 120) -> None:
        """Start and wait until it says that it is ready."""
        with self.log.open("ab") as log:
            begin = log.tell()
            self.process = subprocess.Popen(
                [COMMAND, "up"], env=self.environment, stdout=log, stderr=log
            )
        self.wait(
            lambda: self.address.rstrip("/").encode() in self.log.read_bytes()[begin:], seconds
        )

    def wait(self, is_met: Callable[[], bool], seconds: float) -> None:
        """Poll until a condition holds; show the end of the log if it never does."""
        deadline = time.monotonic() + seconds
        while not is_met():
            if self.process is not None and self.process.poll() is not None:
                pytest.fail(f"up ended: {self._tail()}")
            if time.monotonic() > deadline:
                pytest.fail(f"not within {seconds} s: {self._tail()}")
            time.sleep(0.25)

    def stop(self, signal_number: int = signal.SIGINT, seconds: float = 60) -> int:
        """Send a signal to `up` and wait; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal_number)
        return self.process.wait(seconds)

    def end(self) -> None:
        """Kill whatever still runs."""
        for pid in self.processes():
            os.kill(pid, signal.SIGKILL)
        if self.process is not None:
            self.process.wait(10)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command line in another shell."""
        return subprocess.run(
            [COMMAND, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def status(self) -> dict[str, Any]:
        """What `status --json` says; empty while the database is away."""
        found = self.run("status", "--json")
        return json.loads(found.stdout) if found.returncode == 0 else {}

    def database_address(self) -> str:
        """The address that `config` shows."""
        found = self.run("config", "--json", "--show-secrets")
        return str(json.loads(found.stdout)["database_url"]["value"])

    def processes(self) -> dict[int, str]:
        """Every process of this line: its id and command line."""
        marks = (f"PF_DATA_DIR={self.data}\0".encode(), str(self.data).encode())
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                command = (folder / "cmdline").read_bytes()
                environment = (folder / "environ").read_bytes()
            except OSError:
                continue
            if int(folder.name) != os.getpid() and (marks[0] in environment or marks[1] in command):
                found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        return found

    def kill(self, pattern: str) -> bool:
        """SIGKILL the first process whose command line has a text; returns whether one had."""
        for pid, command in sorted(self.processes().items()):
            if pattern in command:
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]
