"""Whether a librarian is there to do what was recorded, and what to say if not."""

from dataclasses import dataclass
from typing import Literal

from photo_factory.database import Connection
from photo_factory.overview import read_services
from photo_factory.pauses import find_pause

SERVICE = "librarian"
WORKING = frozenset({"healthy", "degraded"})
HALTED = frozenset({"paused", "not_configured"})


@dataclass(frozen=True, slots=True)
class LibrarianState:
    """What a command needs to know of the librarian.

    Attributes:
        advice: A sentence; empty while it works.
    """

    name: Literal["working", "paused", "not running"]
    advice: str

    @property
    def is_working(self) -> bool:
        """Whether it makes sense to wait for it."""
        return self.name == "working"


def look(connection: Connection) -> LibrarianState:
    """Ask for its heartbeats and its pause."""
    if find_pause(connection, SERVICE) is not None:
        advice = "The librarian is paused; go on with: photo-factory resume librarian"
        return LibrarianState("paused", advice)
    states = [one for one in read_services(connection) if one.service == SERVICE]
    if any(one.status in WORKING for one in states):
        return LibrarianState("working", "")
    halted = [one for one in states if one.status in HALTED]
    if halted:
        return LibrarianState("paused", f"The librarian waits: {halted[0].message}")
    advice = "No librarian is running; start it (photo-factory up, or docker compose up -d)."
    return LibrarianState("not running", advice)
