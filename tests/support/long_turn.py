"""A service whose only turn lasts until it is told of a pause; it then says so and ends."""

import sys
import time

from photo_factory import service
from photo_factory.database import Connection
from photo_factory.heartbeat import Status
from photo_factory.pulse import Pulse
from photo_factory.settings import Settings


class LongTurn:
    """The loop of that service."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    def turn(self, connection: Connection) -> float:  # noqa: ARG002 - the frame's
        """Show life, as long work does, until the pause is known."""
        while not self._pulse.is_paused and not self._pulse.is_stopping:
            time.sleep(0.05)
            self._pulse.alive()
        self._pulse.is_stopping = True
        return 0.0

    def status(self) -> Status:
        """All is well."""
        return Status("healthy", items_in_hand=1)

    def close(self, connection: Connection | None) -> None:
        """Nothing is in hand."""


if __name__ == "__main__":
    shared = Pulse()
    sys.exit(service.run("librarian", Settings(), LongTurn(shared), shared))
