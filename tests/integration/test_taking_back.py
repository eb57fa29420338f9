"""What was put of a refused file into the library is taken back, and nothing else is."""

from dataclasses import replace
from pathlib import Path

import pytest
from asset_rows import insert_assets
from batches import inbox_file
from inbox_rows import Row, insert_row
from librarian.inboxes import Inbox
from librarian.leftovers import Leftovers
from photo_factory.database import Connection
from photo_factory.storage import Identity

pytestmark = pytest.mark.integration

PATH = "2024/2024-05-17/a.jpg"


class Attempt:
    """A file of the inbox that was put into the library, or was about to be."""

    def __init__(self, folder: Path, connection: Connection) -> None:
        self.connection = connection
        self.source, self.leftover = folder / "inbox" / "a.jpg", folder / "library" / PATH
        for path in (self.source, self.leftover):
            path.parent.mkdir(parents=True)
        self.source.write_bytes(b"photo")
        inboxes = {"inbox": Inbox("inbox", folder / "inbox", "move")}
        self._leftovers = Leftovers(folder / "library", inboxes, folder / "inbox")
        file_id = insert_row(connection, Row("a.jpg", state="ingesting"))
        connection.execute("UPDATE inbox_files SET intended_path = %s", (PATH,))
        claimed = inbox_file(b"a.jpg", Identity.of(self.source.lstat()))
        self._file = replace(claimed, id=file_id)  # claimed before the intention was written

    def take_back(self) -> None:
        self._leftovers.take_back(self.connection, self._file)


@pytest.fixture
def attempt(tmp_path: Path, connection: Connection) -> Attempt:
    return Attempt(tmp_path, connection)


@pytest.mark.parametrize("is_linked", [True, False], ids=["linked", "copied"])
def test_what_was_put_of_a_refused_file_is_taken_back(attempt: Attempt, *, is_linked: bool) -> None:
    if is_linked:
        attempt.leftover.hardlink_to(attempt.source)
    else:
        attempt.leftover.write_bytes(b"photo")
    attempt.take_back()
    assert not attempt.leftover.exists()
    assert attempt.source.read_bytes() == b"photo"


def test_the_only_copy_of_a_refused_file_is_not_taken_back(attempt: Attempt) -> None:
    attempt.leftover.write_bytes(b"photo")
    attempt.source.unlink()
    attempt.take_back()
    assert attempt.leftover.read_bytes() == b"photo"


def test_other_bytes_at_its_name_are_not_taken_back(attempt: Attempt) -> None:
    attempt.leftover.write_bytes(b"another photo")
    attempt.take_back()
    assert attempt.leftover.read_bytes() == b"another photo"


def test_what_has_a_row_is_not_taken_back(attempt: Attempt) -> None:
    attempt.leftover.hardlink_to(attempt.source)
    insert_assets(attempt.connection, ["a.jpg"])
    attempt.take_back()
    assert attempt.leftover.read_bytes() == b"photo"


def test_where_nothing_was_put_nothing_is_taken_back(attempt: Attempt) -> None:
    attempt.take_back()
    assert attempt.source.read_bytes() == b"photo"
