"""Runs a stage's real worker loop until it has nothing left to do."""

import time
from typing import Any

from photo_factory.database import Connection
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings
from photo_factory.stage import Stage
from photo_factory.worker import StageLoop

UNFINISHED = "SELECT count(*) FROM stage_work WHERE stage = %s AND state IN ('ready', 'leased')"


def work_off(
    stage: Stage[Any], settings: Settings, connection: Connection, seconds: float = 60
) -> None:
    """Let one worker of the stage do all that waits, and stop it."""
    loop = StageLoop(stage, settings, Pulse())
    deadline = time.monotonic() + seconds
    try:
        loop.turn(connection)  # feeds the queue from the flags
        assert loop.status().state == "healthy", loop.status()
        while _unfinished(stage, connection):
            assert time.monotonic() < deadline, f"{stage.name} does not finish"
            time.sleep(0.02)
            loop.turn(connection)
    finally:
        loop.close(connection)


def _unfinished(stage: Stage[Any], connection: Connection) -> int:
    row = connection.execute(UNFINISHED, (stage.name,)).fetchone()
    assert row is not None
    return int(row[0])
