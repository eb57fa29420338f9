"""What is seen of PostgreSQL and the disks, and what it is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from photo_factory.volumes import VolumeReading, read_volume, shortage

MOST_CONNECTIONS_SHARE = 0.80
LONGEST_TRANSACTION_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Observation:
    """One row of system_status that service-monitor writes on behalf of something else.

    Attributes:
        message: What is wrong; empty if nothing is.
    """

    kind: Literal["database", "volume"]
    service: str
    instance: str
    message: str
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def status(self) -> Literal["healthy", "degraded"]:
        """Degraded if something is wrong."""
        return "degraded" if self.message else "healthy"


@dataclass(frozen=True, slots=True)
class DatabaseReading:
    """What PostgreSQL says of itself.

    Attributes:
        oldest_transaction_seconds: Age of the oldest open transaction of another client; 0 if
            there is none.
    """

    name: str
    connections: int
    max_connections: int
    size_bytes: int
    server_version: str
    oldest_transaction_seconds: float
    round_trip_ms: float


def observe_volume(purpose: str, folder: Path) -> Observation:
    """Look at the disk that holds the folder of one purpose."""
    try:
        reading = read_volume(folder)
    except OSError as error:
        message = f"The {purpose} folder cannot be reached: {error.strerror}. Is the disk mounted?"
        return Observation("volume", "volume", purpose, message, {"path": str(folder)})
    return judge_volume(purpose, folder, reading)


def judge_volume(purpose: str, folder: Path, reading: VolumeReading) -> Observation:
    """Degraded where the disk is nearly full."""
    details = {
        "path": str(folder),
        "free_bytes": reading.free_bytes,
        "total_bytes": reading.total_bytes,
        "free_inodes": reading.free_inodes,
    }
    return Observation("volume", "volume", purpose, shortage(purpose, reading), details)


def judge_database(reading: DatabaseReading) -> Observation:
    """Degraded where connections run out or a transaction has been open for too long."""
    messages = []
    if reading.connections > MOST_CONNECTIONS_SHARE * reading.max_connections:
        messages.append(
            f"{reading.connections} of {reading.max_connections} connections are in use."
        )
    if reading.oldest_transaction_seconds > LONGEST_TRANSACTION_SECONDS:
        minutes = reading.oldest_transaction_seconds / 60
        messages.append(f"A transaction has been open for {minutes:.0f} minutes.")
    details = {
        "round_trip_ms": reading.round_trip_ms,
        "connections": reading.connections,
        "max_connections": reading.max_connections,
        "size_bytes": reading.size_bytes,
        "server_version": reading.server_version,
        "oldest_transaction_seconds": round(reading.oldest_transaction_seconds, 1),
    }
    return Observation("database", "postgresql", reading.name, " ".join(messages), details)
