"""The line in states of every kind, for what turns them into words."""

from dataclasses import replace
from datetime import UTC, datetime

from photo_factory.overview import (
    SERVICES,
    STAGES,
    InboxCounts,
    Overview,
    ServiceState,
    StageCounts,
    State,
)

SEEN_AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def service_state(service: str, status: State = "healthy", message: str = "") -> ServiceState:
    """News of a service, seven minutes old."""
    return ServiceState(
        service=service,
        instance="home",
        kind="service",
        status=status,
        message=message,
        version="1",
        age_seconds=None if status == "never_seen" else 420.0,
        interval_seconds=60,
        last_work_age_seconds=None,
        items_in_hand=0,
        memory_bytes=1_000_000,
    )


def calm_line() -> Overview:
    """Ten assets, all done, every service healthy, backup complete."""
    return Overview(
        assets=10,
        photos=9,
        videos=1,
        total_bytes=30_000_000,
        duplicates=2,
        inbox=InboxCounts(0, 0, None),
        stages=tuple(StageCounts(name, 0, 0, 0, 0, 10, None, 0) for name in STAGES),
        services=tuple(service_state(name) for name in SERVICES),
        database=None,
        volumes=(),
    )


def with_service(
    line: Overview, service: str, status: State = "healthy", message: str = ""
) -> Overview:
    """The line with one service in another state."""
    services = tuple(
        service_state(service, status, message) if state.service == service else state
        for state in line.services
    )
    return replace(line, services=services)


def with_stage(line: Overview, stage: str, **counts: float | None) -> Overview:
    """The line with other counts of one stage."""
    stages = tuple(
        replace(counted, **counts)  # type: ignore[arg-type] # the names are fields of StageCounts
        if counted.name == stage
        else counted
        for counted in line.stages
    )
    return replace(line, stages=stages)
