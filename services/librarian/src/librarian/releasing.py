"""Has recorded files removed from their inboxes, by a thread, and forgets those that are gone."""

from collections.abc import Sequence
from functools import partial

from photo_factory.database import Connection

from librarian import claims
from librarian.batches import away
from librarian.guard import Guard
from librarian.pipeline import Pipeline
from librarian.queries import InboxFile
from librarian.recording import Recorder, Removable, Removal


class Releases:
    """The last step of ingest.

    Args:
        recorder: Removes files and forgets their rows.
        guard: Knows whether an inbox is there.
        pipeline: Makes the calls.
    """

    def __init__(self, recorder: Recorder, guard: Guard, pipeline: Pipeline) -> None:
        self._recorder = recorder
        self._guard = guard
        self._pipeline = pipeline

    def begin(self, removable: Sequence[Removable]) -> None:
        """Have recorded files removed."""
        if removable:
            call = partial(self._remove, removable)
            files = [one.file for one in removable]
            self._pipeline.start("release", files, [call], self._removed)

    def take_up(self, connection: Connection, files: Sequence[InboxFile]) -> None:
        """Go on with removing what a killed librarian had recorded, if its asset is still known."""
        stored = [(file, file.asset_id) for file in files if file.asset_id is not None]
        self.begin(self._recorder.to_remove(connection, stored))
        lost = [file for file in files if file.asset_id is None]
        self._recorder.postpone(connection, [(file, away(file)) for file in lost])

    def _remove(self, removable: Sequence[Removable]) -> list[tuple[InboxFile, Removal | None]]:
        """Remove files; nothing is known of those whose inbox is away as a whole."""
        removed = self._recorder.remove(removable)
        names = {one.file.inbox for one in removable}
        there = {name: self._guard.has_inbox(name) for name in names}
        return [(file, removal if there[file.inbox] else None) for file, removal in removed]

    def _removed(
        self, connection: Connection, found: list[tuple[InboxFile, Removal | None]]
    ) -> None:
        claims.give_back(connection, [file.id for file, removal in found if removal is None])
        known = [(file, removal) for file, removal in found if removal is not None]
        self._recorder.forget(connection, known)
