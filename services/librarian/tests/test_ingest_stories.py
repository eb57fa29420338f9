"""The stories of features/ingest.feature, on real files and a real PostgreSQL."""

import shutil
from hashlib import sha256

import pytest
from household import Household
from ingest_runs import hashes_below
from pytest_bdd import parsers, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/ingest.feature")


@when("a photo taken on 2024-05-17 at 23:30 in Tokyo is dropped into the inbox")
def drop_photo(household: Household) -> None:
    household.drop_photo("IMG_1.jpg", taken="2024:05:17 23:30:00")
    household.wait()


@when("somebody deletes everything in the inbox")
def delete_all(household: Household) -> None:
    for path in household.settings.inbox.iterdir():
        if not path.name.startswith(".photo-factory"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    household.wait()


@then(parsers.parse("the library holds it in the folder {folder}"))
def is_filed(household: Household, folder: str) -> None:
    found = hashes_below(household.settings.library / folder)
    assert found == {sha256(household.photo).hexdigest(): 1}
