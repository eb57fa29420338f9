"""When a disk or PostgreSQL is in trouble."""

from pathlib import Path

import pytest
from photo_factory.volumes import VolumeReading
from service_monitor.observation import (
    DatabaseReading,
    judge_database,
    judge_volume,
    observe_volume,
)

pytestmark = pytest.mark.unit

GB = 1_000_000_000
FOLDER = Path("/photos")


@pytest.mark.parametrize(
    ("free", "total", "status"),
    [
        (50 * GB, 100 * GB, "healthy"),
        (10 * GB, 100 * GB, "healthy"),
        (9 * GB, 100 * GB, "degraded"),
        (5 * GB, 20 * GB, "healthy"),
        (4 * GB, 20 * GB, "degraded"),
        (300 * GB, 4000 * GB, "degraded"),
        (0, 0, "degraded"),
    ],
)
def test_a_disk_is_in_trouble_below_a_tenth_or_below_5_gb(
    free: int, total: int, status: str
) -> None:
    seen = judge_volume("library", FOLDER, VolumeReading(free, total, 1000))
    assert seen.status == status
    assert bool(seen.message) == (status == "degraded")


def test_the_message_names_the_disk_and_the_space() -> None:
    seen = judge_volume("library", FOLDER, VolumeReading(4 * GB, 100 * GB, 1000))
    assert seen.message == "Only 4.0 GB (4%) are free on the disk of the library folder."
    assert seen.details["free_bytes"] == 4 * GB


def test_a_disk_without_room_for_another_file_is_in_trouble() -> None:
    full = judge_volume("inbox", FOLDER, VolumeReading(50 * GB, 100 * GB, 0))
    unlimited = judge_volume("inbox", FOLDER, VolumeReading(50 * GB, 100 * GB, None))
    assert (full.status, unlimited.status) == ("degraded", "healthy")


def test_a_folder_that_is_not_there_is_told_and_ends_nothing(tmp_path: Path) -> None:
    seen = observe_volume("library", tmp_path / "unmounted")
    assert seen.status == "degraded"
    assert "library folder cannot be reached" in seen.message
    assert "free_bytes" not in seen.details


def test_a_folder_that_is_there_is_measured(tmp_path: Path) -> None:
    seen = observe_volume("library", tmp_path)
    total = seen.details["total_bytes"]
    assert isinstance(total, int)
    assert total > 0


def reading(connections: int = 10, oldest_transaction_seconds: float = 0) -> DatabaseReading:
    return DatabaseReading(
        name="photos",
        connections=connections,
        max_connections=100,
        size_bytes=1,
        server_version="17.2",
        oldest_transaction_seconds=oldest_transaction_seconds,
        round_trip_ms=0.2,
    )


@pytest.mark.parametrize(
    ("connections", "oldest", "status"),
    [(80, 600, "healthy"), (81, 0, "degraded"), (1, 601, "degraded")],
)
def test_postgresql_is_in_trouble_when_connections_run_out_or_a_transaction_stays_open(
    connections: int, oldest: float, status: str
) -> None:
    assert judge_database(reading(connections, oldest)).status == status
