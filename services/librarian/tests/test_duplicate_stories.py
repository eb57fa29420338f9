"""The stories of features/duplicates.feature, on real files and a real PostgreSQL."""

import pytest
from household import Household
from PIL import Image
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/duplicates.feature")


@given("the original in the library has rotted")
def rotted(household: Household) -> None:
    (path,) = household.stored
    (household.settings.library / path).write_bytes(b"rotten")


@when(parsers.parse("the same photo is dropped into the inbox as {name}"))
def drop_again(household: Household, name: str) -> None:
    (household.settings.inbox / name).write_bytes(household.photo)
    household.wait()


@when("a photo and two copies of it are dropped into the inbox")
def drop_three(household: Household) -> None:
    household.drop_photo("a.jpg")
    for name in ("b.jpg", "folder/c.jpg"):
        (household.settings.inbox / name).parent.mkdir(exist_ok=True)
        (household.settings.inbox / name).write_bytes(household.photo)
    household.wait()


@when("the same picture with another description is dropped into the inbox")
def drop_described(household: Household) -> None:
    path = household.settings.inbox / "described.jpg"
    path.write_bytes(household.photo)
    with Image.open(path) as picture:
        tags = picture.getexif()
        tags[0x010E] = "At the lake"
        pixels = picture.tobytes()
        picture.save(path, "JPEG", exif=tags, quality="keep")
    with Image.open(path) as picture:
        assert picture.tobytes() == pixels
    household.wait()


@then(parsers.parse("the duplicate {name} is on record"))
def is_on_record(household: Household, name: str) -> None:
    found = household.ask(
        "SELECT d.path, d.sha256 = a.sha256 "
        "FROM duplicates d JOIN media_assets a ON a.id = d.asset_id"
    )
    assert found == [(name, True)]


@then("two duplicates are on record")
def two_on_record(household: Household) -> None:
    assert household.ask("SELECT count(*) FROM duplicates") == [(2,)]


@then("the quarantine holds the rotten one")
def rotten_is_kept(household: Household) -> None:
    assert [path.read_bytes() for path in household.settings.quarantine.iterdir()] == [b"rotten"]
