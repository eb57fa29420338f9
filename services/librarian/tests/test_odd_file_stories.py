"""The stories of features/odd_files.feature, on real files and a real PostgreSQL."""

import io

import pytest
from household import Household
from PIL import Image
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/odd_files.feature")

DIARY = "Dear diary"


@given("a household that puts other files into the quarantine")
def with_quarantine(household: Household) -> None:
    household.change(other_files="quarantine")


@given("a household that waits a second for files to settle")
def patient(household: Household) -> None:
    household.change(stability_seconds=1.0)


@given("a household that waits an hour for files that look unfinished")
def very_patient(household: Household) -> None:
    household.change(incomplete_seconds=3600.0)


@when("a PNG picture named scan.jpg is dropped into the inbox")
def drop_misnamed(household: Household) -> None:
    household.settings.inbox.mkdir(exist_ok=True)
    picture = io.BytesIO()
    Image.new("RGB", (16, 12), "teal").save(picture, "PNG")
    (household.settings.inbox / "scan.jpg").write_bytes(picture.getvalue())
    household.wait()


@when("a text file named holiday.jpg is dropped into the inbox")
def drop_text(household: Household) -> None:
    household.settings.inbox.mkdir(exist_ok=True)
    (household.settings.inbox / "holiday.jpg").write_text(DIARY)
    household.wait()


@when("a photo grows in the inbox piece by piece")
def grow(household: Household) -> None:
    content = household.drop_photo("a.jpg")
    path = household.settings.inbox / "a.jpg"
    path.unlink()
    for end in range(260, len(content) + 260, 260):
        with path.open("ab") as file:
            file.write(content[end - 260 : end])
        household.look_around()
        if end < len(content):
            assert household.ask("SELECT id FROM media_assets") == []


@when("half a photo named half.jpg is dropped into the inbox")
def drop_half(household: Household) -> None:
    content = household.drop_photo("half.jpg")
    (household.settings.inbox / "half.jpg").write_bytes(content[: len(content) // 2])
    household.wait()


@when("the whole photo is copied over half.jpg")
def copy_over(household: Household) -> None:
    (household.settings.inbox / "half.jpg").write_bytes(household.photo)
    household.wait()


@then(parsers.re(r"(?P<name>\S+) is recorded as an (?P<mime_type>\S+) that is misnamed"))
def is_misnamed(household: Household, name: str, mime_type: str) -> None:
    found = household.ask("SELECT original_name, mime_type, is_misnamed FROM media_assets")
    assert found == [(name, mime_type, True)]


@then("it stays in the inbox")
def text_stays(household: Household) -> None:
    assert (household.settings.inbox / "holiday.jpg").read_text() == DIARY


@then("the quarantine holds the text")
def text_is_put_aside(household: Household) -> None:
    (found,) = household.settings.quarantine.glob("*holiday.jpg")
    assert found.read_text() == DIARY


@then("it is not taken before it has its last piece")
def last_piece(household: Household) -> None:
    household.wait()
    assert not (household.settings.inbox / "a.jpg").exists()


@then("nobody is asked for help")
def no_help(household: Household) -> None:
    assert household.ask("SELECT path FROM inbox_files WHERE state = 'failed'") == []


@then("somebody is asked for help")
def help_needed(household: Household) -> None:
    failed = household.ask("SELECT path, error_code FROM inbox_files WHERE state = 'failed'")
    assert failed == [("half.jpg", "truncated")]
