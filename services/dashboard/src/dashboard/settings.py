"""Settings of the dashboard."""

from typing import Annotated

from photo_factory.settings import DashboardAddress
from pydantic import Field


class DashboardSettings(DashboardAddress):
    """Where the dashboard listens and how often it shows life."""

    dashboard_heartbeat_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        300, description="Seconds between two heartbeats of the dashboard."
    )
