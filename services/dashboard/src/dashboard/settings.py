"""Settings of the dashboard."""

from typing import Annotated

from photo_factory.settings import Settings
from pydantic import Field


class DashboardSettings(Settings):
    """Where the dashboard listens and how often it shows life."""

    dashboard_address: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address that the dashboard listens on. 0.0.0.0 opens it to the network.",
    )
    dashboard_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        8501, description="Port that the dashboard listens on."
    )
    dashboard_heartbeat_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        300, description="Seconds between two heartbeats of the dashboard."
    )
