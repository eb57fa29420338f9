"""Settings of local mode. The dashboard reads the same two of its own."""

from typing import Annotated

from pydantic import Field

from cli.settings import CliSettings

EVERYBODY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


class LocalSettings(CliSettings):
    """Where the dashboard listens; each service reads its own settings beside these."""

    dashboard_address: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address that the dashboard listens on. 0.0.0.0 opens it to the network.",
    )
    dashboard_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        8501, description="Port that the dashboard listens on."
    )

    @property
    def dashboard_url(self) -> str:
        """Address of the dashboard for a browser on this machine."""
        host = EVERYBODY.get(self.dashboard_address, self.dashboard_address)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.dashboard_port}/"
