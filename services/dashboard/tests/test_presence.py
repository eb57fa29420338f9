"""The dashboard's own heartbeat."""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from dashboard import presence
from dashboard.presence import Presence
from dashboard.reader import Reader
from dashboard.settings import DashboardSettings
from photo_factory.database import Connection

pytestmark = pytest.mark.integration

STATUS = "SELECT status, interval_seconds FROM system_status WHERE service = 'dashboard'"


def wait_for_status(connection: Connection, status: str) -> Any:  # noqa: ANN401 - a row
    deadline = time.monotonic() + 10
    row = None
    while time.monotonic() < deadline:
        row = connection.execute(STATUS).fetchone()
        if row is not None and row[0] == status:
            return row
        time.sleep(0.05)
    return row


def test_it_is_seen_at_once_and_says_goodbye(
    reader: Reader, settings: DashboardSettings, connection: Connection
) -> None:
    shown = Presence(reader, settings)
    shown.start()
    assert wait_for_status(connection, "healthy") == ("healthy", 300.0)
    shown.stop()
    assert wait_for_status(connection, "stopped") == ("stopped", 300.0)


def test_it_comes_back_after_an_outage(
    tmp_path: Path, database_url: str, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "LONGEST_PAUSE_SECONDS", 0.05)
    settings = DashboardSettings.model_validate({"data_dir": tmp_path})
    reader = Reader(settings)
    shown = Presence(reader, settings)
    shown.start()
    assert connection.execute(STATUS).fetchone() is None
    settings.state.mkdir()
    settings.local_database_url_file.write_text(database_url)
    assert wait_for_status(connection, "healthy") == ("healthy", 300.0)
    shown.stop()
    reader.close()


def test_a_stop_does_not_wait_for_a_database_that_is_away(tmp_path: Path) -> None:
    settings = DashboardSettings.model_validate({"data_dir": tmp_path})
    shown = Presence(Reader(settings), settings)
    shown.start()
    begun = time.monotonic()
    shown.stop()
    assert time.monotonic() - begun < presence.GOODBYE_SECONDS + 1


def test_the_health_file_shows_that_pages_can_be_served(tmp_path: Path) -> None:
    health_file = tmp_path / "health"

    async def live_briefly() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(presence.show_life(health_file), 0.1)

    asyncio.run(live_briefly())
    assert health_file.exists()
