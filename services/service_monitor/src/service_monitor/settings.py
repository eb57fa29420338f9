"""Settings of service-monitor."""

from typing import Annotated

from photo_factory.settings import Settings
from pydantic import Field


class MonitorSettings(Settings):
    """How often the monitor looks, and how long it keeps what it saw."""

    monitor_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        30, description="Seconds between two looks at PostgreSQL, the disks and the heartbeats."
    )
    history_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        60, description="Days that heartbeats and throughput figures are kept."
    )
