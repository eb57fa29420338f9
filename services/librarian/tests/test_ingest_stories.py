"""The stories of features/ingest.feature, on real files and a real PostgreSQL."""

import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from ingest_runs import hashes_below, settle
from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from PIL import Image
from pytest_bdd import given, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/ingest.feature")


class Household:
    """The folders, the librarian and the photo of a story."""

    def __init__(self, settings: LibrarianSettings, connection: Connection) -> None:
        self.settings = settings
        self.connection = connection
        self.librarian = LibrarianLoop(settings, Pulse())
        self.photo = b""

    def drop_photo(self, name: str) -> None:
        path = self.settings.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        exif = Image.Exif()
        exif.get_ifd(0x8769)[0x9003] = "2024:05:17 23:30:00"
        exif.get_ifd(0x8769)[0x9011] = "+09:00"
        Image.new("RGB", (64, 48), "seagreen").save(path, exif=exif)
        self.photo = path.read_bytes()

    def wait(self) -> None:
        time.sleep(1.1)  # the scan's interval
        settle(self.librarian, self.connection)

    @property
    def stored(self) -> list[Path]:
        return list(self.settings.library.rglob("*.jpg"))


@pytest.fixture
def household(tmp_path: Path, database_url: str, connection: Connection) -> Iterator[Household]:
    settings = LibrarianSettings(
        data_dir=tmp_path,
        database_url=database_url,
        stability_seconds=0,
        watch_mode="poll",
        poll_scan_seconds=1,
    )
    one = Household(settings, connection)
    yield one
    one.librarian.close(connection)


@given("an empty library")
def empty_library(household: Household) -> None:
    household.wait()
    assert household.stored == []


@given("a library with a photo")
def library_with_photo(household: Household) -> None:
    household.drop_photo("IMG_1.jpg")
    household.wait()
    assert len(household.stored) == 1


@when("a photo taken on 2024-05-17 at 23:30 in Tokyo is dropped into the inbox")
def drop_photo(household: Household) -> None:
    household.drop_photo("IMG_1.jpg")
    household.wait()


@when("the same photo is dropped into the inbox under another name")
def drop_again(household: Household) -> None:
    (household.settings.inbox / "again.jpg").write_bytes(household.photo)
    household.wait()


@when("a text file named holiday.jpg is dropped into the inbox")
def drop_text(household: Household) -> None:
    (household.settings.inbox / "holiday.jpg").write_text("Dear diary")
    household.wait()


@when("the disk of the library goes away and a photo is dropped into the inbox")
def unmount(household: Household) -> None:
    library = household.settings.library
    library.rename(library.with_name("disk"))
    library.mkdir()
    household.drop_photo("IMG_2.jpg")
    household.librarian.turn(household.connection)


@then("the library holds it in the folder 2024/2024-05-17")
def is_filed(household: Household) -> None:
    folder = household.settings.library / "2024" / "2024-05-17"
    assert hashes_below(folder) == {sha256(household.photo).hexdigest(): 1}


@then("the inbox is empty")
def inbox_is_empty(household: Household) -> None:
    assert list(household.settings.inbox.rglob("*.jpg")) == []


@then("the library holds one photo")
def holds_one(household: Household) -> None:
    assert len(household.stored) == 1


@then("the removed duplicate is on record")
def duplicate_recorded(household: Household) -> None:
    rows = household.connection.execute("SELECT path FROM duplicates").fetchall()
    assert rows == [("again.jpg",)]
    assert not (household.settings.inbox / "again.jpg").exists()


@then("it stays in the inbox")
def text_stays(household: Household) -> None:
    assert (household.settings.inbox / "holiday.jpg").read_text() == "Dear diary"


@then("it is listed as a problem that says what it is")
def listed(household: Household) -> None:
    rows = household.connection.execute(
        "SELECT error_code, error_message FROM inbox_files WHERE state = 'failed'"
    ).fetchall()
    assert [row[0] for row in rows] == ["not_media"]
    assert rows[0][1].startswith("holiday.jpg: ")


@then("the photo stays in the inbox")
def photo_stays(household: Household) -> None:
    assert (household.settings.inbox / "IMG_2.jpg").read_bytes() == household.photo
    assert list(household.settings.library.iterdir()) == []


@then("the librarian says that it waits for the disk")
def says_paused(household: Household) -> None:
    status = household.librarian.status()
    assert status.state == "paused"
    assert str(household.settings.library) in status.message
