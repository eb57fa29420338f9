"""Runs a stage's function in child processes, so that no file can hang or kill the worker."""

import ctypes
import errno
import os
import resource
import shutil
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Generic

from pebble import ProcessExpired, ProcessPool

from photo_factory.errors import Permanent, Transient
from photo_factory.models import Asset
from photo_factory.queue import Claim, Failure
from photo_factory.stage import Context, Done, ResultT, Skipped, Stage

PR_SET_PDEATHSIG = 1
NOT_WRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
TASKS_PER_CHILD = 500
"""A child is replaced after so many tasks, so that a decoder's leaks do not add up."""


@dataclass(frozen=True, slots=True)
class Attempt(Generic[ResultT]):
    """One finished attempt at one asset."""

    claim: Claim
    outcome: Done[ResultT] | Skipped | Failure
    seconds: float


Outcome = tuple[Any, float]
"""What a child sends back for an asset: its outcome and the seconds that it took."""


class ChildProcesses(Generic[ResultT]):
    """The children of one worker. They start with the first task and can be stopped when idle.

    Args:
        stage: The stage whose function they run.
        context: Given to the function; its scratch folder is replaced by one per asset.
        parallel: How many run at once.
        wake: Called from another thread whenever an attempt has finished.
    """

    def __init__(
        self, stage: Stage[ResultT], context: Context, parallel: int, wake: Callable[[], None]
    ) -> None:
        self._stage = stage
        self._context = context
        self._parallel = parallel
        self._wake = wake
        self._pool: ProcessPool | None = None
        self._running: dict[Future[list[Outcome]], tuple[Claim, ...]] = {}
        self._finished: SimpleQueue[Future[list[Outcome]]] = SimpleQueue()

    @property
    def is_idle(self) -> bool:
        """Whether nothing has been submitted that is not yet taken."""
        return not self._running

    @property
    def are_running(self) -> bool:
        """Whether there are child processes."""
        return self._pool is not None

    def submit(self, claims: Sequence[Claim]) -> None:
        """Start the claims' attempts, in chunks as the stage declares."""
        size = self._stage.chunk_size
        for start in range(0, len(claims), size):
            self._schedule(tuple(claims[start : start + size]))

    def take_finished(self) -> list[Attempt[ResultT]]:
        """Attempts that have ended since the last call."""
        attempts: list[Attempt[ResultT]] = []
        while not self._finished.empty():
            future = self._finished.get()
            claims = self._running.pop(future, ())
            attempts.extend(self._attempts(future, claims))
        return attempts

    def cancel_waiting(self) -> list[Claim]:
        """Withdraw what no child has begun; returns those claims."""
        withdrawn: list[Claim] = []
        for future, claims in list(self._running.items()):
            if not future.running() and future.cancel():
                del self._running[future]
                withdrawn.extend(claims)
        return withdrawn

    def stop(self) -> list[Claim]:
        """End all children at once; returns the claims whose attempts were cut off."""
        cut_off = [claim for claims in self._running.values() for claim in claims]
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call] # pebble leaves it untyped
            self._pool.join()
            self._pool = None
        self._running.clear()
        self._finished = SimpleQueue()
        return cut_off

    def _schedule(self, claims: tuple[Claim, ...]) -> None:
        if self._pool is None:
            self._pool = ProcessPool(
                max_workers=self._parallel,
                max_tasks=TASKS_PER_CHILD,
                initializer=_become_child,
                initargs=(self._stage.memory_limit_bytes, os.getpid()),
                context=get_context("spawn"),
            )
        future = self._pool.schedule(
            _attempt_chunk,
            args=(self._stage.process, self._stage.process_many, claims, self._context),
            timeout=self._stage.time_limit_seconds * len(claims),
        )
        self._running[future] = claims
        future.add_done_callback(self._finish)

    def _finish(self, future: Future[list[Outcome]]) -> None:
        self._finished.put(future)
        self._wake()

    def _attempts(
        self, future: Future[list[Outcome]], claims: tuple[Claim, ...]
    ) -> list[Attempt[ResultT]]:
        if not claims:
            return []
        try:
            outcomes: list[Outcome] = future.result()
        except CancelledError:
            return []
        except (FutureTimeoutError, ProcessExpired) as error:
            if len(claims) > 1:  # one of them is to blame: try each alone
                for claim in claims:
                    self._schedule((claim,))
                return []
            seconds = self._stage.time_limit_seconds
            return [Attempt(claims[0], _death(error, claims[0].asset, seconds), seconds)]
        return [
            Attempt(claim, outcome, seconds)
            for claim, (outcome, seconds) in zip(claims, outcomes, strict=True)
        ]


def _death(error: Exception, asset: Asset, limit_seconds: float) -> Failure:
    """The failure of an asset whose child was killed or died."""
    if isinstance(error, ProcessExpired):
        return Failure(
            "bug",
            "process_crashed",
            f"{asset.path}: the process that worked on it died ({_exit_reason(error.exitcode)}).",
        )
    return Failure(
        "bug",
        "time_limit_exceeded",
        f"{asset.path}: the work took longer than {limit_seconds:g} seconds and was stopped.",
    )


def _exit_reason(code: int | None) -> str:
    if code is not None and code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"exit code {code}"


def _become_child(memory_limit_bytes: int | None, parent: int) -> None:
    """Set up a new child: die with the parent, leave Ctrl-C to it, keep to the memory limit."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before the line above
        os._exit(1)
    if memory_limit_bytes is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory_limit_bytes, memory_limit_bytes))


def _attempt_chunk(
    process: Callable[[Asset, Context], Any],
    process_many: Callable[[Sequence[Asset], Context], Sequence[Any]] | None,
    claims: Sequence[Claim],
    context: Context,
) -> list[Outcome]:
    """In the child: attempt all assets at once if the stage can, else one after the other."""
    if process_many is not None and len(claims) > 1:
        outcomes = _attempt_together(process_many, claims, context)
        if outcomes is not None:
            return outcomes
    return [_attempt(process, claim, context) for claim in claims]


def _attempt_together(
    process_many: Callable[[Sequence[Asset], Context], Sequence[Any]],
    claims: Sequence[Claim],
    context: Context,
) -> list[Outcome] | None:
    """An outcome for each; None if the function failed, for it cannot be told on which."""
    started = time.perf_counter()
    try:
        outcomes = process_many([claim.asset for claim in claims], context)
    except Exception:  # noqa: BLE001 - the edge: each is attempted alone, and its error recorded
        return None
    if len(outcomes) != len(claims):
        return None
    seconds = (time.perf_counter() - started) / len(claims)
    return [(outcome, seconds) for outcome in outcomes]


def _attempt(process: Callable[[Asset, Context], Any], claim: Claim, context: Context) -> Outcome:
    started = time.perf_counter()
    asset, scratch = claim.asset, context.scratch / str(claim.token)
    try:
        outcome = process(asset, _with_scratch(context, scratch))
    except Permanent as error:
        outcome = Failure("permanent", error.code, error.hint)
    except Transient as error:
        outcome = Failure("transient", error.code, error.hint, None, error.after_seconds)
    except OSError as error:
        outcome = _environment_failure(asset, error)
    except MemoryError:
        outcome = Failure(
            "permanent",
            "memory_limit_exceeded",
            f"{asset.path}: it needs more memory than the limit allows.",
        )
    except Exception as error:  # noqa: BLE001 - the edge: an undeclared error is the asset's bug
        message = f"{asset.path}: {type(error).__name__}: {error}"
        outcome = Failure("bug", "bug", message, traceback.format_exc())
    return outcome, time.perf_counter() - started


def _environment_failure(asset: Asset, error: OSError) -> Failure:
    """The disk's fault and not the asset's: worth another try."""
    code = "original_unreadable"
    if isinstance(error, FileNotFoundError):
        code = "original_missing"
    elif error.errno in NOT_WRITABLE:
        code = "not_writable"
    return Failure("transient", code, f"{asset.path}: {error}")


def _with_scratch(context: Context, scratch: Path) -> Context:
    """A context whose scratch folder is empty."""
    if scratch.exists():
        shutil.rmtree(scratch)
    scratch.mkdir(parents=True)
    return Context(context.library, scratch, context.settings)
