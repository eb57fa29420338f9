"""What Linux says of processes: memory, bytes read, processor time."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

SAMPLE_SECONDS = 0.5


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                waiting += map(int, (task / "children").read_text().split())
    return found


def peak_memory(pid: int) -> int:
    """The most memory that a process has had in RAM at once, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def family_memory(pid: int) -> int:
    """Memory of a process and its descendants, in bytes; what they share counts once."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def bytes_read(pid: int) -> int:
    """Bytes that a process and its living descendants have read by system calls."""
    total = 0
    for one in family(pid):
        with suppress(OSError):
            fields = dict(
                line.split(": ") for line in Path(f"/proc/{one}/io").read_text().splitlines()
            )
            total += int(fields["rchar"])
    return total


def processor_seconds(pid: int) -> float:
    """Processor time of a process, of its living descendants, and of those that it outlived."""
    ticks = 0
    for one in family(pid):
        with suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))  # utime, stime, cutime, cstime (proc(5))
    return ticks / os.sysconf("SC_CLK_TCK")


class MemoryWatch:
    """Samples a family's memory from a thread; a context manager.

    Attributes:
        peak: The most that was seen, in bytes.
    """

    def __init__(self, pid: int) -> None:
        self.peak = 0
        self._pid = pid
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stop.wait(SAMPLE_SECONDS):
            self.peak = max(self.peak, family_memory(self._pid))
