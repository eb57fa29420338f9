"""Takes files into the library in an order of writes that cannot lose one.

Hash, prove or place, sync, record, and only then remove from the inbox. Killed at any point, the
file is still in the inbox or already recorded, and the next turn goes on from there.

The steps of different batches overlap (librarian.pipeline): while one batch is placed and recorded
by the loop's thread, the next is read and hashed by others.
"""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from uuid import UUID

import psycopg
import structlog
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.storage import Incoming

from librarian import claims, placing, queries, relocation
from librarian.backlog import Backlog
from librarian.batches import away, chunks, split_by_size, unique_contents
from librarian.copies import discard_copies
from librarian.description import FILES_PER_CALL, Readers, quick_metadata
from librarian.duplicates import Proof, prove
from librarian.examination import (
    Examined,
    ExaminedSidecar,
    Examiner,
    Gone,
    Refusal,
    Verdict,
    Wait,
)
from librarian.grouping import Notes, describe_batch
from librarian.guard import Guard
from librarian.inbox import printable
from librarian.inboxes import Inbox
from librarian.intake import Intake
from librarian.leftovers import Leftovers
from librarian.metadata import Metadata
from librarian.pipeline import Job, Lane, Pipeline, StoppedError
from librarian.placing import Outcome, Shelf
from librarian.queries import InboxFile, KnownAsset
from librarian.recording import Recorder, key_of
from librarian.redating import Homecoming
from librarian.releasing import Releases
from librarian.settings import LibrarianSettings
from librarian.sidecar_placing import put_sidecars

LOGGER = structlog.get_logger()
BATCH_BYTES = 48 << 20
"""A batch of larger files is cut, so that the first are placed while the last are hashed."""
HASHED_AHEAD = 2  # batches that are hashed while others are placed
DEPTH = 8  # batches at all steps together
FILES_PER_TASK = 8
LONGEST_WAIT_SECONDS = 0.5
MOST_ATTEMPTS = 20
MOST_HANDS = 4


class Ingest:
    """Takes in what is due in some inboxes.

    Args:
        settings: Where the folders are.
        inboxes: What to take from.
        guard: Knows which files must be copied, and whether the library is there.
        pulse: Says when to stop or pause, and is woken when a huge file is done.
        owner: This process.

    Attributes:
        describes_backlog: Whether to read all tags of stored assets while nothing is due.
        notes: Tells what is known of files from elsewhere, for their dates.
    """

    describes_backlog = True
    notes: Notes | None = None

    def __init__(
        self,
        settings: LibrarianSettings,
        inboxes: Sequence[Inbox],
        guard: Guard,
        pulse: Pulse,
        owner: UUID,
    ) -> None:
        self._guard = guard
        self._settings = settings
        self._inboxes = {inbox.name: inbox for inbox in inboxes}
        self._pulse = pulse
        self._owner = owner
        cores = min(MOST_HANDS, os.cpu_count() or 1)
        self._readers = Readers(cores)
        self._incoming = Incoming(settings.library, settings.keep_free_bytes, self._go_on)
        self._examiner = Examiner(
            settings, self._inboxes, guard.copied, self._incoming, self._go_on
        )
        self._recorder = Recorder(settings.library, self._inboxes, settings.home)
        self._homecoming = Homecoming(settings.library, self._recorder.join_late)
        self._backlog = Backlog(settings, self._readers, self._recorder)
        self._leftovers = Leftovers(settings.library, self._inboxes, settings.inbox)
        self._pipeline = Pipeline(cores, cores, pulse.wake)
        self._releases = Releases(self._recorder, guard, self._pipeline)
        self._renew_at = 0.0
        self._connection: Connection | None = None
        self._has_lost_hold = False
        self._has_mended = False
        self.intake = Intake(owner)
        self._is_closing = False

    @property
    def in_hand(self) -> int:
        """Files at some step."""
        return len(self._pipeline.files)

    @property
    def problem(self) -> str | None:
        """Why ExifTool is not used, in a sentence; None when all is well."""
        return self._readers.problem

    def turn(self, connection: Connection, active: Sequence[str]) -> bool:
        """Move everything one step on; returns whether to come again at once.

        It is not so while only what nobody waits for is in hand: its end wakes the loop.

        Args:
            connection: In autocommit mode.
            active: Names of the inboxes whose folders are there.
        """
        if self._has_lost_hold or connection is not self._connection:
            in_hand = [file.id for file in self._pipeline.files]
            claims.hold_on(connection, self._owner, in_hand)
            claims.give_back_all(connection, self._owner, in_hand)
            self._has_lost_hold, self._connection = False, connection
        self._renew(connection)
        if not (self._pulse.is_stopping or self._pulse.is_paused):
            self._refill(connection, active)
        jobs = self._pipeline.finished(LONGEST_WAIT_SECONDS)
        for at, job in enumerate(jobs):
            try:
                self._finish(connection, job)
            except (psycopg.OperationalError, psycopg.InterfaceError):
                self._has_lost_hold = True
                for lost in jobs[at:]:
                    self._drop(lost)
                raise
        return len(jobs) > 0 or self._pipeline.depth > 0

    def mend(self, connection: Connection) -> None:
        """Bring to its end what this or a killed librarian left halfway in the library."""
        relocation.finish_relocations(connection, self._settings.library)
        if not self._has_mended:
            self._recorder.join_astray(connection)
            self._has_mended = True

    def put_right(self, connection: Connection) -> int:
        """Let corrections show; move some of what lies astray, and return how many that was."""
        return self._homecoming.put_right(connection, self._settings.home)

    def close(self, connection: Connection | None) -> None:
        """Give back what is in hand, and end the threads and ExifTools."""
        self._is_closing = True
        self._pipeline.drop_all()
        self._pipeline.close()
        self._readers.close()
        self._incoming.close()
        if connection is not None and not connection.closed:
            claims.give_back_all(connection, self._owner, [])

    def _go_on(self) -> None:
        """Called by threads during long work."""
        if self._is_closing:
            raise StoppedError

    def _renew(self, connection: Connection) -> None:
        """Keep the leases of what is in hand."""
        if time.monotonic() < self._renew_at:
            return
        claims.renew(connection, self._owner, [file.id for file in self._pipeline.files])
        self._renew_at = time.monotonic() + claims.LEASE_SECONDS / 4
        self._pulse.alive()

    def _refill(self, connection: Connection, active: Sequence[str]) -> None:
        """Claim what fits into the pipeline: batches of small files, and one huge file."""
        if self._pipeline.is_idle:
            self._incoming.clear()  # of copies made while the library's disk went away
        with suppress(OSError):  # then each copy fails, and its file says why it waits
            self._incoming.open()
        while self._pipeline.count("small") < HASHED_AHEAD and self._pipeline.depth < DEPTH:
            if not self._claim(connection, active, "small"):
                break
        if self._pipeline.count("huge") == 0:
            self._claim(connection, active, "huge")
        is_free = self._pipeline.depth == self._pipeline.count("backlog") == 0
        if self.describes_backlog and is_free and self._readers.problem is None:
            self._backlog.begin(connection, self._pipeline)

    def _claim(self, connection: Connection, active: Sequence[str], lane: Lane) -> bool:
        is_busy = self._pipeline.depth > 0
        files = self.intake.claim(connection, active, lane, is_busy=is_busy)
        self._begin(connection, files, lane)
        return bool(files)

    def _begin(self, connection: Connection, files: Sequence[InboxFile], lane: Lane) -> None:
        """Have claimed files examined; those that are stored already are only let go."""
        self._releases.take_up(connection, [file for file in files if file.state == "releasing"])
        waiting = [file for file in files if file.state != "releasing"]
        for file in [file for file in waiting if file.attempts > MOST_ATTEMPTS]:
            message = f"{file.path}: the librarian died {file.attempts - 1} times while at it."
            self._recorder.refuse(connection, file, "worker_died", message)
            waiting.remove(file)
        for batch in split_by_size(waiting, BATCH_BYTES):
            then = partial(self._examined, lane, time.perf_counter())
            calls = [partial(self._examine, chunk) for chunk in chunks(batch, FILES_PER_TASK)]
            self._pipeline.start(lane, batch, calls, then)

    def _examine(self, files: Sequence[InboxFile]) -> list[tuple[InboxFile, Verdict]]:
        found = [(file, self._examiner.examine(file)) for file in files]
        return [(file, away(file) if self._is_lost(file, one) else one) for file, one in found]

    def _is_lost(self, file: InboxFile, verdict: Verdict) -> bool:
        """Whether a file seems gone because its whole inbox is, which says nothing of it."""
        return isinstance(verdict, Gone) and not self._guard.has_inbox(file.inbox)

    def _finish(self, connection: Connection, job: Job) -> None:
        """Take a job's results on.

        An unexpected error fails the file that caused it and no other: the batch is given back,
        its files come again one by one, and the one that fails alone is to blame.
        """
        try:
            job.then(connection, list(chain.from_iterable(job.results())))
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise
        except Exception as error:
            LOGGER.exception("batch failed", files=len(job.files))
            lost = self._drop(job)
            if len(lost) == 1:
                message = f"{lost[0].path}: an unexpected error: {type(error).__name__}: {error}"
                text = printable(message.encode(errors="replace"))
                self._leftovers.take_back(connection, lost[0])
                self._recorder.refuse(connection, lost[0], "bug", text)
            else:
                claims.give_back(connection, [file.id for file in lost])

    def _drop(self, job: Job) -> list[InboxFile]:
        """Let go of what no later job has taken over; returns it."""
        in_hand = {file.id for file in self._pipeline.files}
        discard_copies(job.partial_results(), in_hand)
        return [file for file in job.files if file.id not in in_hand]

    def _examined(
        self,
        lane: Lane,
        started: float,
        connection: Connection,
        found: list[tuple[InboxFile, Verdict]],
    ) -> None:
        """Sort a batch by what its files are."""
        media, waits = unique_contents(found)
        self._postpone(connection, waits)
        for file, verdict in found:
            if isinstance(verdict, Refusal):
                self._leftovers.settle(connection, file)
                self._recorder.turn_away(connection, file, verdict, self._settings)
            elif isinstance(verdict, Gone):
                self._leftovers.settle(connection, file)
                queries.forget(connection, [file.id])
        known = queries.assets_with(connection, [one.sha256 for one in media])
        doubles = [(one, known[one.sha256]) for one in media if one.sha256 in known]
        if doubles:
            calls = [partial(self._prove, chunk) for chunk in chunks(doubles, FILES_PER_TASK)]
            self._pipeline.start(lane, [one.file for one, _ in doubles], calls, self._proven)
        fresh = [one for one in media if one.sha256 not in known]
        self._describe(connection, started, fresh)
        attached = [verdict for _, verdict in found if isinstance(verdict, ExaminedSidecar)]
        if attached and not self._is_adrift(connection, attached):
            self._attach(connection, attached)

    def _is_adrift(
        self, connection: Connection, found: Sequence[Examined | ExaminedSidecar]
    ) -> bool:
        """Whether the library has gone; what was to be put or recorded there then begins anew."""
        if self._guard.has_library():
            return False
        self._postpone(connection, [(one.file, away(one.file)) for one in found])
        discard_copies(found)
        return True

    def _attach(self, connection: Connection, found: Sequence[ExaminedSidecar]) -> None:
        """Put sidecars beside what they belong to, and record them."""
        for one in found:
            self._leftovers.settle(connection, one.file, one.sha256)
        folders = (self._settings.library, self._settings.quarantine)
        placed, waits = put_sidecars(connection, *folders, found, self._guard.copied)
        if not self._is_adrift(connection, [one.examined for one in placed]):
            self._releases.begin(self._recorder.record_sidecars(connection, placed))
        self._postpone(connection, waits)
        discard_copies(found)

    def _prove(
        self, doubles: Sequence[tuple[Examined, KnownAsset]]
    ) -> list[Proof | tuple[Examined, Wait]]:
        if not self._guard.has_library():
            return [(one, away(one.file)) for one, _ in doubles]
        folders = (self._settings.library, self._settings.quarantine)
        return [prove(one, asset, *folders, self._go_on) for one, asset in doubles]

    def _proven(self, connection: Connection, found: list[Proof | tuple[Examined, Wait]]) -> None:
        """Let go of what the library has been proven to hold."""
        if self._is_adrift(
            connection, [one.examined if isinstance(one, Proof) else one[0] for one in found]
        ):
            return
        proofs = [one for one in found if isinstance(one, Proof)]
        waits = [one for one in found if not isinstance(one, Proof)]
        for one in proofs:
            self._leftovers.settle(connection, one.examined.file, one.examined.sha256)
        self._releases.begin(self._recorder.settle_duplicates(connection, proofs))
        self._postpone(connection, [(one.file, wait) for one, wait in waits])
        discard_copies([one.examined for one in proofs] + [one for one, _ in waits])

    def _describe(self, connection: Connection, started: float, fresh: Sequence[Examined]) -> None:
        """Store at once what the quick reader has described; ask ExifTool about the rest.

        Companions stay together: a JPEG waits for its RAW's tags, so that both get one stem.
        """
        now = datetime.now(UTC)
        quick = {one.file.id: quick_metadata(one, now) for one in fresh}
        waited_for = {key_of(one.file) for one in fresh if quick[one.file.id] is None}
        slow = [one for one in fresh if key_of(one.file) in waited_for]
        if slow:
            calls = [partial(self._read_tags, chunk) for chunk in chunks(slow, FILES_PER_CALL)]
            then = partial(self._store, started)
            self._pipeline.start("tags", [one.file for one in slow], calls, then)
        ready = [
            (one, metadata)
            for one in fresh
            if key_of(one.file) not in waited_for and (metadata := quick[one.file.id]) is not None
        ]
        if ready:
            self._store(started, connection, ready)

    def _read_tags(self, examined: Sequence[Examined]) -> list[tuple[Examined, Metadata]]:
        paths = [one.copy or one.source for one in examined]
        return list(zip(examined, self._readers.read(paths), strict=True))

    def _store(
        self,
        started: float,
        connection: Connection,
        read: Sequence[tuple[Examined, Metadata]],
    ) -> None:
        """Place and record new originals."""
        if self._is_adrift(connection, [one for one, _ in read]):
            return
        now = datetime.now(UTC)
        described = describe_batch(connection, read, now, self._settings.home, self.notes)
        settle = partial(self._leftovers.settle, connection)
        shelves = placing.prepare(connection, described, settle)
        taken = queries.taken(connection, [path for shelf in shelves for path in shelf.paths()])
        call = partial(self._put, shelves, taken)
        then = partial(self._placed, started)
        self._pipeline.start("place", [one.file for one, _ in read], [call], then)

    def _put(self, shelves: Sequence[Shelf], taken: set[str]) -> list[Outcome]:
        return [placing.put(self._settings.library, shelves, taken)]

    def _placed(self, started: float, connection: Connection, found: list[Outcome]) -> None:
        """Record what has its place; what clashed gets another name."""
        for outcome in found:
            library = self._settings.library
            whole = placing.put_beside(connection, library, outcome)
            self._settle(connection, whole, started)

    def _settle(self, connection: Connection, outcome: Outcome, started: float) -> None:
        if self._is_adrift(connection, [one.described.examined for one in outcome.placed]):
            outcome = replace(outcome, placed=[])
        self._guard.copied |= outcome.unlinkable
        self._postpone(connection, [(one.file, wait) for one, wait in outcome.waiting])
        busy_seconds = time.perf_counter() - started
        stored = self._recorder.record(connection, outcome.placed, busy_seconds)
        self._releases.begin(stored)
        if outcome.placed:
            self.intake.note_stored()
        discard_copies([one.described.examined for one in outcome.placed])
        discard_copies([one for one, _ in outcome.waiting])

    def _postpone(self, connection: Connection, waits: Sequence[tuple[InboxFile, Wait]]) -> None:
        """Let files wait; while the library cannot be written, one is tried at a time."""
        self._recorder.postpone(connection, waits)
        self.intake.note_waits(waits)
