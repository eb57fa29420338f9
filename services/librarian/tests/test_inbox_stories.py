"""The stories of features/inboxes.feature, on real files and a real PostgreSQL."""

from pathlib import Path

import pytest
from household import Household
from photo_factory.roots import MARKER
from photo_files import save_photo
from pytest_bdd import given, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/inboxes.feature")


def camera(household: Household) -> Path:
    return household.folder("camera")


def take_away(folder: Path) -> None:
    folder.rename(folder.with_name("unmounted"))
    folder.mkdir()


def bring_back(folder: Path) -> None:
    folder.rmdir()
    folder.with_name("unmounted").rename(folder)


@given("a photo appears in camera")
@when("a photo appears in camera")
def appears(household: Household) -> None:
    save_photo(camera(household) / "DCIM/IMG_1.jpg")
    household.photo = (camera(household) / "DCIM/IMG_1.jpg").read_bytes()
    household.wait()


@given("the disk of the library has less room than is to be kept free")
def crowded(household: Household) -> None:
    household.change(keep_free_bytes=1 << 60)


@when("a photo appears in camera that does not fit")
def appears_without_room(household: Household) -> None:
    save_photo(camera(household) / "IMG_1.jpg")
    household.photo = (camera(household) / "IMG_1.jpg").read_bytes()
    household.wait()


@when("somebody makes room")
def make_room(household: Household) -> None:
    household.change(keep_free_bytes=0)
    household.pass_hours(0.1)
    household.wait()


@when("the librarian looks at everything again")
def look_again(household: Household) -> None:
    household.change()
    household.wait()


@when("the photo is deleted from camera")
def deleted(household: Household) -> None:
    (camera(household) / "DCIM/IMG_1.jpg").unlink()
    household.wait()


@when("the photo in camera is edited in its place")
def edited(household: Household) -> None:
    save_photo(camera(household) / "DCIM/IMG_1.jpg", "orange")
    household.wait()


@when("the same photo is dropped into the inbox and into camera")
def dropped_twice(household: Household) -> None:
    household.drop_photo("a.jpg")
    (camera(household) / "DCIM").mkdir()
    (camera(household) / "DCIM/IMG_1.jpg").write_bytes(household.photo)
    household.wait()


@when("the disk of camera goes away and a photo is dropped into the inbox")
def camera_goes(household: Household) -> None:
    take_away(camera(household))
    household.drop_photo("another.jpg", "navy")
    household.wait()


@when("the disk of camera comes back with another photo")
def camera_returns(household: Household) -> None:
    bring_back(camera(household))
    save_photo(camera(household) / "DCIM/IMG_2.jpg", "black")
    household.wait()


@when("the disk of the library goes away and a photo is dropped into the inbox")
def library_goes(household: Household) -> None:
    take_away(household.settings.library)
    household.drop_photo("IMG_2.jpg", "navy")
    household.wait()


@when("the disk of the library comes back")
def library_returns(household: Household) -> None:
    bring_back(household.settings.library)
    household.wait()


@then("the photo stays in camera")
def stays_in_camera(household: Household) -> None:
    assert (camera(household) / "DCIM/IMG_1.jpg").read_bytes() == household.photo


@then("the photo stays in the inbox")
def stays_in_inbox(household: Household) -> None:
    assert (household.settings.inbox / "IMG_2.jpg").read_bytes() == household.photo
    assert list(household.settings.library.iterdir()) == []


@then("nothing in camera counts as new or as a duplicate")
def nothing_new(household: Household) -> None:
    assert household.ask("SELECT path FROM duplicates") == []
    assert household.explained() == {}


@then("the library holds the photo as it was and as it is now")
def holds_both(household: Household) -> None:
    now = (camera(household) / "DCIM/IMG_1.jpg").read_bytes()
    assert now != household.photo
    assert household.holds(household.photo)
    assert household.holds(now)


@then("an alert says that camera is away")
def alert_about_camera(household: Household) -> None:
    household.watch_over()
    ((code, message),) = household.ask("SELECT code, message FROM alerts WHERE resolved_at IS NULL")
    assert code == "root_missing"
    assert str(camera(household)) in message


@then("the librarian says that it waits for the disk")
def waits_for_disk(household: Household) -> None:
    status = household.librarian.status()
    assert status.state == "paused"
    assert str(household.settings.library) in status.message
    assert MARKER in status.message


@then("the librarian is paused and an alert says that the disk is full")
def disk_is_full(household: Household) -> None:
    household.watch_over()
    assert household.librarian.status().state == "paused"
    open_alerts = household.ask("SELECT code FROM alerts WHERE resolved_at IS NULL")
    assert open_alerts == [("disk_full",)]
