"""An inbox from which nothing can be removed."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ingest_runs import assert_library_is_sound, eager, hashes_below, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.problems import retry_problems
from photo_files import problems, rows, save_photo
from small_disks import BOTH, Disk, small_disk
from turning import is_paused, turn_until

pytestmark = [
    pytest.mark.faults,
    pytest.mark.integration,
    pytest.mark.usefixtures("impatience", "no_exiftool"),
]


@pytest.fixture(params=BOTH)
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Disk]:
    with small_disk(request.param, tmp_path / "disk", 1 << 20) as found:
        yield found


def test_a_file_that_cannot_be_removed_says_so_and_is_no_duplicate_of_itself_later(
    tmp_path: Path,
    database_url: str,
    disk: Disk,
    connection: Connection,
    start: Callable[[LibrarianSettings], LibrarianLoop],
) -> None:
    settings = eager(tmp_path, database_url, inbox_dir=disk.root / "inbox")
    librarian = start(settings)
    librarian.turn(connection)
    names = {f"{colour}.jpg" for colour in ("red", "green", "blue")}
    contents = {save_photo(settings.inbox / name, name[:-4]) for name in names}
    disk.set_writable(is_writable=False)
    turn_until(librarian, connection, lambda: len(problems(connection)) == len(names))
    assert problems(connection) == dict.fromkeys(names, "inbox_not_writable")
    assert not is_paused(librarian)()
    assert len(rows(connection, "id")) == 3
    assert set(hashes_below(settings.inbox)) == contents

    retry_problems(connection)
    settle(librarian, connection)
    assert problems(connection) == dict.fromkeys(names, "inbox_not_writable")

    disk.set_writable(is_writable=True)
    retry_problems(connection)
    settle(librarian, connection)
    assert problems(connection) == {}
    assert hashes_below(settings.inbox) == {}
    assert connection.execute("SELECT path FROM duplicates").fetchall() == []
    assert_library_is_sound(connection, settings.library)
    assert set(hashes_below(settings.library)) == contents
