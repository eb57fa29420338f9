"""The loop that every stage runs on: claim, attempt, publish, record, and nothing else."""

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Generic
from uuid import uuid4

import psycopg
import structlog

from photo_factory import queue, service
from photo_factory.database import Connection, Cursor
from photo_factory.execution import Attempt, ChildProcesses
from photo_factory.heartbeat import Status
from photo_factory.pulse import Pulse
from photo_factory.queue import Claim, Failure, StageQueue, Tally
from photo_factory.roots import RootMissingError, ensure_root, verify_root
from photo_factory.settings import Settings
from photo_factory.stage import Context, Done, ResultT, Skipped, Stage
from photo_factory.storage import publish

LOGGER = structlog.get_logger()
FEED_SECONDS = 600.0
GUARD_SECONDS = 10.0
IDLE_CHILDREN_SECONDS = 30.0
"""Children that have had nothing to do for so long are stopped; they hold memory."""
STALE_SCRATCH_SECONDS = 86_400.0
SCRATCH_FOLDER = ".scratch"


def run_stage(stage: Stage[ResultT], settings: Settings) -> int:
    """Run a stage's service until it is asked to stop; returns the exit code."""
    pulse = Pulse()
    return service.run(stage.name, settings, StageLoop(stage, settings, pulse), pulse)


class StageLoop(Generic[ResultT]):
    """One worker of one stage.

    Args:
        stage: What to do.
        settings: Common settings, and the stage's own.
        pulse: Woken when an attempt has finished; says whether the stage shall rest.
    """

    def __init__(self, stage: Stage[ResultT], settings: Settings, pulse: Pulse) -> None:
        owner = uuid4()
        self._stage = stage
        self._settings = settings
        self._pulse = pulse
        self._queue = StageQueue(stage, owner)
        self._scratch = Path(tempfile.gettempdir()) / f"photo-factory-{stage.name}-{owner}"
        if "derivatives" in stage.roots:
            self._scratch = settings.derivatives / SCRATCH_FOLDER / f"{stage.name}-{owner}"
        parallel = stage.parallel or os.cpu_count() or 1
        self._batch_size = max(stage.batch_size, parallel * stage.chunk_size)
        context = Context(settings.library, self._scratch, settings)
        self._children = ChildProcesses(stage, context, parallel, pulse.wake)
        self._in_hand: dict[int, Claim] = {}
        self._unrecorded: list[Attempt[ResultT]] = []
        self._renew_due = self._feed_due = self._idle_since = 0.0
        self._last_work_at: datetime | None = None
        self._unavailable: str | None = None
        self._paused: str | None = None

    def status(self) -> Status:
        """Healthy, or the reason why the stage cannot run."""
        if self._unavailable is not None:
            return Status("not_configured", self._unavailable)
        if self._paused is not None:
            return Status("paused", self._paused, len(self._in_hand), self._last_work_at)
        return Status("healthy", "", len(self._in_hand), self._last_work_at)

    def turn(self, connection: Connection) -> float:
        """Record what has finished, keep the leases, take new work."""
        self._unavailable = self._stage.requirement(self._settings)
        if self._unavailable is not None:
            return self._settings.poll_seconds
        if not self._roots_are_there(connection):
            return GUARD_SECONDS
        self._record_finished(connection)
        self._keep_leases(connection)
        self._feed(connection)
        if self._pulse.is_paused:
            self._give_back_waiting(connection)
        else:
            self._claim(connection)
        self._rest_children()
        return self._seconds_to_next_turn(connection)

    def close(self, connection: Connection | None) -> None:
        """Give back what has not begun, let what has begun finish within the grace period."""
        withdrawn = self._children.cancel_waiting()
        deadline = time.monotonic() + self._settings.grace_seconds
        while not self._children.is_idle and time.monotonic() < deadline:
            time.sleep(0.05)
            self._unrecorded += self._children.take_finished()
        withdrawn += self._children.stop()
        try:
            if connection is not None and not connection.closed:
                self._record(connection, self._unrecorded)
                self._queue.release(connection, withdrawn)
        finally:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def _roots_are_there(self, connection: Connection) -> bool:
        """The guard: a share that is not mounted is neither read nor written."""
        try:
            if "library" in self._stage.roots:
                verify_root(connection, "library", self._settings.library)
            if "derivatives" in self._stage.roots:
                ensure_root(connection, "derivatives", self._settings.derivatives)
        except (RootMissingError, OSError) as error:
            if self._paused is None:
                LOGGER.error("paused", reason=str(error))  # noqa: TRY400 - expected
            self._paused = str(error)
            return False
        if self._paused is not None:
            LOGGER.info("resumed")
            self._paused = None
        return True

    def _seconds_to_next_turn(self, connection: Connection) -> float:
        if self._in_hand:
            return max(0.05, self._renew_due - time.monotonic())
        longest = min(self._settings.poll_seconds, self._children_rest_seconds())
        if self._pulse.is_paused:
            return longest
        to_next = self._queue.seconds_to_next(connection)
        return longest if to_next is None else min(longest, max(0.05, to_next))

    def _claim(self, connection: Connection) -> None:
        """Fill up to a batch, not before half of it is done: a claim costs a commit."""
        room = self._batch_size - len(self._in_hand)
        if room < self._batch_size / 2:
            return
        claims = self._queue.claim(connection, room)
        if claims:
            if not self._in_hand:
                self._renew_due = time.monotonic() + self._stage.lease_seconds / 3
            self._in_hand.update((claim.asset.id, claim) for claim in claims)
            self._children.submit(claims)

    def _give_back_waiting(self, connection: Connection) -> None:
        """In a pause: what no child has begun is not begun; what has begun is finished."""
        withdrawn = self._children.cancel_waiting()
        if withdrawn:
            for claim in withdrawn:
                self._forget(claim)
            self._queue.release(connection, withdrawn)

    def _keep_leases(self, connection: Connection) -> None:
        """Renew; what was lost (the database was away too long) is another's work now."""
        if not self._in_hand or time.monotonic() < self._renew_due:
            return
        held = self._queue.renew(connection, self._in_hand.values())
        lost = self._in_hand.keys() - held
        if lost:
            LOGGER.warning("leases lost", assets=sorted(lost))
        self._renew_due = time.monotonic() + self._stage.lease_seconds / 3

    def _feed(self, connection: Connection) -> None:
        if time.monotonic() < self._feed_due:
            return
        fed, buried = self._queue.feed(connection), self._queue.bury(connection)
        if fed or buried:
            LOGGER.info("queue swept", fed=fed, buried=buried)
        sweep_stale_scratch(self._settings.derivatives / SCRATCH_FOLDER)
        self._feed_due = time.monotonic() + FEED_SECONDS

    def _rest_children(self) -> None:
        if self._in_hand:
            self._idle_since = time.monotonic()
        elif self._children.are_running and self._children_rest_seconds() <= 0:
            self._children.stop()

    def _children_rest_seconds(self) -> float:
        """Seconds until idle children shall be stopped."""
        if not self._children.are_running:
            return self._settings.poll_seconds
        return self._idle_since + IDLE_CHILDREN_SECONDS - time.monotonic()

    def _record_finished(self, connection: Connection) -> None:
        """Record in the database; kept in memory till that has worked."""
        self._unrecorded += self._children.take_finished()
        self._record(connection, self._unrecorded)
        self._unrecorded = []

    def _record(self, connection: Connection, attempts: Sequence[Attempt[ResultT]]) -> None:
        if not attempts:
            return
        try:
            self._record_together(connection, attempts)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            self._record_apart(connection, attempts, error)
        for attempt in attempts:
            self._forget(attempt.claim)
            shutil.rmtree(self._scratch / str(attempt.claim.token), ignore_errors=True)
        self._last_work_at = datetime.now(UTC)

    def _forget(self, claim: Claim) -> None:
        if self._in_hand.get(claim.asset.id) == claim:  # not one that was claimed again
            del self._in_hand[claim.asset.id]

    def _record_together(
        self, connection: Connection, attempts: Sequence[Attempt[ResultT]]
    ) -> None:
        with connection.transaction(), connection.cursor() as cursor:
            held = self._queue.hold(cursor, [attempt.claim for attempt in attempts])
            kept = [attempt for attempt in attempts if attempt.claim.asset.id in held]
            results: list[tuple[int, ResultT]] = []
            tally = Tally()
            for attempt in kept:
                outcome = self._publish(attempt)
                tally = _add(tally, attempt, self._settle(cursor, attempt, outcome, results))
            if results:
                self._queue.complete(cursor, results)
            queue.count(cursor, self._stage.name, tally)
        if self._stage.process_many is not None and results:
            LOGGER.info("done together", assets=len(results), seconds=round(tally.busy_seconds, 3))

    def _settle(
        self,
        cursor: Cursor,
        attempt: Attempt[ResultT],
        outcome: Done[ResultT] | Skipped | Failure,
        results: list[tuple[int, ResultT]],
    ) -> str:
        """Write one outcome, or put it on the list of results; returns its name for the log."""
        claim, asset = attempt.claim, attempt.claim.asset
        if isinstance(outcome, Done) and self._stage.process_many is not None:
            results.append((asset.id, outcome.result))  # one line for all of them: see above
            return "done"
        line = LOGGER.bind(asset=asset.id, path=asset.path, seconds=round(attempt.seconds, 3))
        if isinstance(outcome, Done):
            results.append((asset.id, outcome.result))
            line.info("done")
            return "done"
        if isinstance(outcome, Skipped):
            self._queue.skip(cursor, claim, outcome.reason)
            line.info("skipped", reason=outcome.reason)
            return "skipped"
        is_final = self._queue.fail(cursor, claim, outcome)
        line.warning("failed", code=outcome.code, message=outcome.message, will_retry=not is_final)
        return "failed"

    def _publish(self, attempt: Attempt[ResultT]) -> Done[ResultT] | Skipped | Failure:
        """Move the attempt's files to their final names."""
        outcome = attempt.outcome
        if not isinstance(outcome, Done):
            return outcome
        try:
            for file in outcome.files:
                publish(file.scratch, self._settings.derivatives, file.target)
        except OSError as error:
            path = attempt.claim.asset.path
            return Failure("transient", "not_writable", f"{path}: result not stored: {error}")
        return outcome

    def _record_apart(
        self,
        connection: Connection,
        attempts: Sequence[Attempt[ResultT]],
        error: psycopg.Error,
    ) -> None:
        """The database refuses a result: record one at a time, so that only that one fails."""
        if len(attempts) > 1:
            for attempt in attempts:
                self._record(connection, [attempt])
            return
        claim = attempts[0].claim
        message = f"{claim.asset.path}: the result could not be recorded: {error}"
        with connection.transaction(), connection.cursor() as cursor:
            self._queue.fail(cursor, claim, Failure("bug", "bug", message))
        LOGGER.error("result refused", asset=claim.asset.id, error=str(error).strip())


def _add(tally: Tally, attempt: Attempt[ResultT], name: str) -> Tally:
    return Tally(
        tally.done + (name == "done"),
        tally.failed + (name == "failed"),
        tally.skipped + (name == "skipped"),
        tally.bytes + attempt.claim.asset.size_bytes,
        tally.busy_seconds + attempt.seconds,
    )


def sweep_stale_scratch(folder: Path) -> None:
    """Remove scratch folders that workers left behind when they were killed."""
    if not folder.is_dir():
        return
    oldest = time.time() - STALE_SCRATCH_SECONDS
    for entry in folder.iterdir():
        with suppress(FileNotFoundError):  # another worker sweeps as well
            if entry.stat().st_mtime < oldest:
                shutil.rmtree(entry, ignore_errors=True)
