"""What the others see of an import's files: on their way as long as it lives, left after that."""

from pathlib import Path

import pytest
from inbox_rows import Row, insert_row
from librarian import bulk_queries
from librarian.bulk_sources import Source
from librarian.inboxes import Mode
from photo_factory.database import Connection, connect
from photo_factory.overview import read_overview
from photo_factory.waiting import read_waiting

pytestmark = pytest.mark.integration
FOLDERS = [Source(Path(f"/media/card {number}")) for number in range(8)]
"""So many that the hashes of some of their names are negative."""


@pytest.mark.parametrize("mode", ["keep", "move"])
def test_files_of_an_import_are_on_their_way_only_while_it_lives(
    connection: Connection, database_url: str, mode: Mode
) -> None:
    for source in FOLDERS:
        insert_row(connection, Row("a.jpg", next_in=-1, inbox=source.inbox(mode).name))
    with connect(database_url, "import") as living:
        assert all(bulk_queries.lock(living, source.name, is_first=True) for source in FOLDERS)
        assert {group.cause for group in read_waiting(connection, 1)} == {"in_line"}
        assert read_overview(connection).inbox.importing == len(FOLDERS)
        living.execute("SELECT pg_advisory_unlock_all()")  # as its end does, but at once
    groups = read_waiting(connection, 1)
    assert {group.cause for group in groups} == {"import_ended"}
    assert [group.source for group in groups] == [str(source.root) for source in FOLDERS]
    assert read_overview(connection).inbox.importing == 0
