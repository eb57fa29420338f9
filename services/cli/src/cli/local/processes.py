"""Finds and ends processes that a killed predecessor left behind (Linux: from /proc)."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROC = Path("/proc")
POLL_SECONDS = 0.1


def processes_marked(marker: str) -> dict[int, int]:
    """Processes with a NAME=value in the environment that they were started with.

    Returns:
        The parent of each by process id.
    """
    wanted = os.fsencode(marker)
    found: dict[int, int] = {}
    for pid in _pids():
        try:
            environment = (PROC / str(pid) / "environ").read_bytes()
        except OSError:
            continue  # gone meanwhile, or somebody else's
        if wanted in environment.split(b"\0"):
            parent = _parent(pid)
            found |= {pid: parent} if parent is not None else {}
    return found


def postgres_processes_in(cluster: Path) -> list[int]:
    """PostgreSQL's processes that work in a cluster's folder, which is their current folder."""
    found = []
    for pid in _pids():
        try:
            is_there = (PROC / str(pid) / "cwd").samefile(cluster)
            name = (PROC / str(pid) / "comm").read_text()
        except OSError:
            continue
        if is_there and name.startswith("postgres"):
            found.append(pid)
    return found


def send(signal_number: signal.Signals, pids: Iterator[int] | list[int]) -> None:
    """Send a signal to each process that still exists."""
    for pid in pids:
        try:
            os.kill(pid, signal_number)
        except ProcessLookupError:
            continue


def wait_until(is_met: Callable[[], bool], seconds: float) -> bool:
    """Wait for a condition; False if the time ran out first."""
    deadline = time.monotonic() + seconds
    while not is_met():
        if time.monotonic() >= deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def stop_marked(marker: str, grace_seconds: float) -> int:
    """End all marked processes: the topmost are asked, what remains after the time is killed.

    Returns:
        How many there were.
    """
    found = processes_marked(marker)
    send(signal.SIGTERM, [pid for pid, parent in found.items() if parent not in found])
    if not wait_until(lambda: not processes_marked(marker), grace_seconds):
        send(signal.SIGKILL, list(processes_marked(marker)))
        wait_until(lambda: not processes_marked(marker), grace_seconds)
    return len(found)


def _pids() -> list[int]:
    if not PROC.is_dir():
        return []
    own = os.getpid()
    pids = (int(entry.name) for entry in PROC.iterdir() if entry.name.isdecimal())
    return [pid for pid in pids if pid != own]


def _parent(pid: int) -> int | None:
    """The parent; None for a process that is gone or only waits to be reaped."""
    try:
        state, parent = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[:2]
    except OSError:
        return None
    return None if state in {"Z", "X"} else int(parent)
