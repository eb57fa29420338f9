"""The stories of features/companions.feature, on real files, with ExifTool and PostgreSQL."""

from collections.abc import Callable
from pathlib import Path

import pytest
from household import Household
from inbox_drops import AAE, XMP, save_film, save_raw
from photo_files import save_photo
from pytest_bdd import given, parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/companions.feature")

TAKEN = "2024:05:17 10:00:00"
MAKERS: dict[str, Callable[[Path], object]] = {
    "still": lambda path: save_photo(path, taken=TAKEN),
    "edited version": lambda path: save_photo(path, "gold", TAKEN),
    "film": save_film,
    "RAW": save_raw,
    "sidecar": lambda path: path.write_text(AAE if path.suffix == ".aae" else XMP),
}
KIND = "still|film|RAW|sidecar|edited version"

GROUPED = """
SELECT one.role, head.role, head.group_id IS NOT NULL AND one.group_id = head.group_id
FROM media_assets one, media_assets head
WHERE one.path LIKE '%%/' || %s AND head.path LIKE '%%/' || %s
"""
SIDECAR = """
SELECT a.path LIKE '%%/' || %s FROM sidecars s JOIN media_assets a ON a.id = s.asset_id
WHERE s.path LIKE '%%/' || %s
"""


def drop(household: Household, *files: tuple[str, str]) -> None:
    for kind, name in files:
        path = household.settings.inbox / "DCIM" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        MAKERS[kind](path)
    household.wait()


@given("a library with another photo IMG_1.JPG of that day")
def another_photo(household: Household) -> None:
    household.drop_photo("another folder/IMG_1.JPG", "black", "2024:05:17 18:00:00")
    household.wait()


@given(parsers.re(rf"the (?P<kind>{KIND}) (?P<name>\S+) is dropped into the inbox"))
@when(parsers.re(rf"the (?P<kind>{KIND}) (?P<name>\S+) is dropped into the inbox"))
def drop_one(household: Household, kind: str, name: str) -> None:
    drop(household, (kind, name))


@when(
    parsers.re(
        rf"the (?P<kind>{KIND}) (?P<name>\S+) and the (?P<other_kind>{KIND}) (?P<other_name>\S+) "
        "are dropped into the inbox"
    )
)
def drop_two(household: Household, kind: str, name: str, other_kind: str, other_name: str) -> None:
    drop(household, (kind, name), (other_kind, other_name))


@then(parsers.re(r"(?P<name>\S+) is recorded as the (?P<role>\w+) of (?P<head>\S+)"))
def is_follower(household: Household, name: str, role: str, head: str) -> None:
    assert household.ask(GROUPED, name, head) == [(role, "primary", True)]


@then(parsers.re(r"(?P<name>\S+) is recorded as a sidecar of (?P<photo>\S+)"))
def is_sidecar(household: Household, name: str, photo: str) -> None:
    assert household.ask(SIDECAR, photo, name) == [(True,)]
