"""Decides how much to claim next: batches, or one file at times while the library refuses."""

import time
from collections.abc import Iterable, Sequence
from uuid import UUID

from photo_factory.database import Connection

from librarian import claims
from librarian.examination import Wait
from librarian.pipeline import Lane
from librarian.queries import InboxFile

BATCH_FILES = 192
TRIAL_SECONDS = 5.0
"""So often one file is tried while the library cannot be written."""
NO_FILES_SECONDS = 0.1
"""While others are in hand, it is asked for new files so often."""
LIBRARY_CODES = frozenset({"disk_full", "library_read_only"})


class Intake:
    """Claims files for one librarian.

    Args:
        owner: This process.
    """

    def __init__(self, owner: UUID) -> None:
        self._owner = owner
        self._is_library_in_trouble = False
        self._trial_due = 0.0
        self._claim_due: dict[Lane, float] = {}

    @property
    def seconds_to_trial(self) -> float:
        """How long nothing is claimed, for the library cannot be written."""
        if not self._is_library_in_trouble:
            return 0.0
        return max(0.0, self._trial_due - time.monotonic())

    def claim(
        self, connection: Connection, inboxes: Sequence[str], lane: Lane, *, is_busy: bool
    ) -> list[InboxFile]:
        """Take files for a lane; where there were none, it is not asked again at once.

        Args:
            connection: Where to claim.
            inboxes: From which inboxes.
            lane: small or huge; of the huge ones, one at a time.
            is_busy: Other files are in hand, so that the loop comes back by itself.
        """
        if time.monotonic() < self._claim_due.get(lane, 0.0):
            return []
        limit = 1 if lane == "huge" else self._most_files()
        is_huge = lane == "huge"
        files = claims.claim(connection, self._owner, inboxes, limit, is_huge=is_huge)
        if not files and is_busy:
            self._claim_due[lane] = time.monotonic() + NO_FILES_SECONDS
        return files

    def note_waits(self, waits: Iterable[tuple[InboxFile, Wait]]) -> None:
        """Slow down if the library refused a file; a huge one may just not fit."""
        small = (wait for file, wait in waits if file.size_bytes <= claims.HUGE_BYTES)
        if any(wait.code in LIBRARY_CODES for wait in small):
            self._is_library_in_trouble = True
            self._trial_due = time.monotonic() + TRIAL_SECONDS

    def note_stored(self) -> None:
        """The library takes files again."""
        self._is_library_in_trouble = False

    def _most_files(self) -> int:
        if not self._is_library_in_trouble:
            return BATCH_FILES
        if self.seconds_to_trial > 0:
            return 0
        self._trial_due = time.monotonic() + TRIAL_SECONDS
        return 1
