"""Puts a batch of read files into the form in which they are placed: time, and companions."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from photo_factory.database import Connection

from librarian import groups
from librarian.capture.decision import FILE_TIME
from librarian.capture.evidence import NO_TAGS
from librarian.companions import burst_by_name, companion_key
from librarian.description import capture_time
from librarian.examination import Examined
from librarian.inbox import base_name, printable
from librarian.metadata import Metadata
from librarian.placing import Described
from librarian.queries import InboxFile

Notes = Callable[[InboxFile], Mapping[str, object]]
"""What else is known of a file: Google's metadata from a Takeout, as tags; empty if nothing is."""


def describe_batch(
    connection: Connection,
    read: Sequence[tuple[Examined, Metadata]],
    now: datetime,
    home: ZoneInfo | None,
    notes: Notes | None = None,
) -> list[Described]:
    """Decide when each file was taken and with which others it belongs."""
    noted = {one.file.id: NO_TAGS if notes is None else notes(one.file) for one, _ in read}
    timed = [
        (one, metadata, capture_time(one, metadata, now, home, noted[one.file.id]))
        for one, metadata in read
    ]
    members = [
        groups.Member(
            file_id=one.file.id,
            companion_key=companion_key(one.file.inbox, one.file.path_bytes),
            name=printable(base_name(one.file.path_bytes)),
            kind=one.nature.kind,
            captured_local=time.local,
            captured_at=time.utc,
            content_identifier=metadata.content_identifier,
            burst_identifier=metadata.burst_identifier
            or burst_by_name(printable(base_name(one.file.path_bytes))),
            duration_seconds=metadata.duration_seconds,
            is_dated=time.source != FILE_TIME,
        )
        for one, metadata, time in timed
    ]
    plans = groups.plan(connection, members)
    return [
        Described(one, metadata, time, plans[one.file.id], noted[one.file.id])
        for one, metadata, time in timed
    ]
