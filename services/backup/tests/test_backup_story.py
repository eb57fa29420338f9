"""The story of features/not_configured.feature, on the real engine and a real PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from typing import Never

import pytest
from asset_rows import insert_assets
from backup.stage import STAGE
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings
from photo_factory.worker import StageLoop
from pytest_bdd import given, scenarios, then, when

pytestmark = pytest.mark.integration
scenarios("features/not_configured.feature")


@pytest.fixture
def backup(tmp_path: Path, database_url: str, connection: Connection) -> Iterator[StageLoop[Never]]:
    loop = StageLoop(STAGE, Settings(data_dir=tmp_path, database_url=database_url), Pulse())
    yield loop
    loop.close(connection)


@given("a library with photos and no backup target")
def library(connection: Connection) -> None:
    assert len(insert_assets(connection, ["IMG_1.jpg", "IMG_2.jpg"])) == 2


@when("the backup service has looked for work")
def look_for_work(backup: StageLoop[Never], connection: Connection) -> None:
    for _ in range(3):
        backup.turn(connection)
    Heartbeat("backup", "test", 60).beat(connection, backup.status())


@then("it says that originals exist only in the library")
def says_so(connection: Connection) -> None:
    row = connection.execute(
        "SELECT status, message FROM system_status WHERE service = 'backup'"
    ).fetchone()
    sentence = "No backup target is configured. Originals exist only in the library."
    assert row == ("not_configured", sentence)


@then("no photo counts as backed up")
def none_backed_up(connection: Connection) -> None:
    rows = connection.execute("SELECT is_backed_up FROM media_assets").fetchall()
    assert rows == [(False,), (False,)]
    claimed = connection.execute(
        "SELECT FROM stage_work WHERE stage = 'backup' AND attempts > 0"
    ).fetchall()
    assert claimed == []
