"""The backup service as it really runs: a process of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from asset_rows import insert_assets
from photo_factory.database import Connection

pytestmark = pytest.mark.integration


@pytest.fixture
def service(tmp_path: Path, database_url: str) -> Iterator[subprocess.Popen[bytes]]:
    settings = {
        "PF_DATA_DIR": str(tmp_path),
        "PF_DATABASE_URL": database_url,
        "PF_POLL_SECONDS": "0.2",
    }
    process = subprocess.Popen([sys.executable, "-m", "backup"], env={**os.environ, **settings})
    yield process
    if process.poll() is None:
        process.kill()
        process.wait()


def heartbeat(connection: Connection) -> tuple[Any, ...] | None:
    return connection.execute(
        "SELECT status, message, items_in_hand FROM system_status WHERE service = 'backup'"
    ).fetchone()


def test_it_says_that_it_is_not_configured_and_stops_when_asked_to(
    service: subprocess.Popen[bytes], connection: Connection
) -> None:
    insert_assets(connection, ["IMG_1.jpg"])
    connection.execute(
        "INSERT INTO stage_work (stage, asset_id) SELECT 'backup', id FROM media_assets"
    )
    deadline = time.monotonic() + 30
    while heartbeat(connection) is None:
        assert time.monotonic() < deadline
        assert service.poll() is None
        time.sleep(0.05)
    time.sleep(1.0)  # several turns
    sentence = "No backup target is configured. Originals exist only in the library."
    assert heartbeat(connection) == ("not_configured", sentence, 0)
    work = connection.execute("SELECT state, attempts FROM stage_work WHERE stage = 'backup'")
    assert work.fetchall() == [("ready", 0)]
    service.send_signal(signal.SIGTERM)
    assert service.wait(20) == 0
    stopped = heartbeat(connection)
    assert stopped is not None
    assert stopped[0] == "stopped"
