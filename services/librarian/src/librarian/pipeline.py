"""Lets the steps of batches overlap: threads read and hash while the loop places and records.

A job is a batch at one step: calls that threads make, and what the loop's own thread does with
their results (it alone talks to the database). Lanes keep the slow from holding up the quick:
small files, huge files, ExifTool, and what can wait until nothing else is due.
"""

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

from photo_factory.database import Connection

from librarian.queries import InboxFile

Lane = Literal["small", "huge", "tags", "backlog", "place", "release"]
UNHURRIED: frozenset[Lane] = frozenset({"huge", "backlog"})
"""Nobody waits for what is done there: its end wakes the loop."""


class StoppedError(Exception):
    """The librarian was asked to stop while a thread was at a file."""


@dataclass(frozen=True, slots=True, eq=False)
class Job:
    """A batch at one step.

    Attributes:
        files: What is in hand with it.
        then: Called by the loop's thread with the results, in the order of the calls.
    """

    lane: Lane
    files: tuple[InboxFile, ...]
    futures: tuple[Future[Any], ...]
    then: Callable[[Connection, list[Any]], None]

    @property
    def is_done(self) -> bool:
        """Whether all its calls have ended."""
        return all(future.done() for future in self.futures)

    def results(self) -> list[Any]:
        """What its calls returned; raises what one of them raised."""
        return [future.result() for future in self.futures]

    def partial_results(self) -> list[Any]:
        """What those of its calls returned that ended well."""
        done = (future for future in self.futures if future.done() and not future.cancelled())
        return [future.result() for future in done if future.exception() is None]


class Pipeline:
    """The threads and the jobs that they are at.

    Args:
        hands: Threads for small files.
        readers: Threads that wait for an ExifTool each.
        wake: Called, from any thread, when a call of an unhurried lane has ended.
    """

    def __init__(self, hands: int, readers: int, wake: Callable[[], None]) -> None:
        exiftools = ThreadPoolExecutor(readers, "tags")
        self._executors: dict[Lane, ThreadPoolExecutor] = {
            "small": ThreadPoolExecutor(hands, "small"),
            "huge": ThreadPoolExecutor(1, "huge"),
            "tags": exiftools,
            "backlog": exiftools,
            "place": ThreadPoolExecutor(1, "place"),
            "release": ThreadPoolExecutor(1, "release"),
        }
        self._wake = wake
        self._jobs: list[Job] = []
        self._changed = threading.Event()

    @property
    def is_idle(self) -> bool:
        """Whether no job is at any step."""
        return not self._jobs

    @property
    def files(self) -> list[InboxFile]:
        """All that is in hand."""
        return [file for job in self._jobs for file in job.files]

    @property
    def depth(self) -> int:
        """Jobs at all steps that somebody waits for."""
        return sum(job.lane not in UNHURRIED for job in self._jobs)

    def count(self, lane: Lane) -> int:
        """Jobs on a lane."""
        return sum(job.lane == lane for job in self._jobs)

    def start(
        self,
        lane: Lane,
        files: Iterable[InboxFile],
        calls: Sequence[Callable[[], Any]],
        then: Callable[[Connection, list[Any]], None],
    ) -> None:
        """Have calls made by the threads of a lane."""
        executor = self._executors[lane]
        futures = tuple(executor.submit(call) for call in calls)
        for future in futures:
            future.add_done_callback(lambda _: self._changed.set())
            if lane in UNHURRIED:
                future.add_done_callback(lambda _: self._wake())
        self._jobs.append(Job(lane, tuple(files), futures, then))

    def finished(self, seconds: float) -> list[Job]:
        """Take the jobs that are done, oldest first; wait a while for one if none is.

        It is not waited for the unhurried.
        """
        deadline = time.monotonic() + seconds
        self._changed.clear()
        while self.depth and not any(job.is_done for job in self._jobs):
            if not self._changed.wait(deadline - time.monotonic()):
                break
            self._changed.clear()
        done = [job for job in self._jobs if job.is_done]
        self._jobs = [job for job in self._jobs if job not in done]
        return done

    def drop_all(self) -> list[Job]:
        """Forget all jobs; their calls end by themselves."""
        jobs, self._jobs = self._jobs, []
        for job in jobs:
            for future in job.futures:
                future.cancel()
        return jobs

    def close(self) -> None:
        """End the threads; call it once their calls have been told to end."""
        for executor in self._executors.values():
            executor.shutdown(wait=True, cancel_futures=True)
