"""Settings of local mode. The dashboard reads the same two of its own."""

from typing import Annotated, Literal

from photo_factory.settings import Settings
from pydantic import Field

EVERYBODY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


class LocalSettings(Settings):
    """Where the dashboard listens, and which PostgreSQL is started."""

    dashboard_address: str = Field(
        "127.0.0.1",
        min_length=1,
        description="Address that the dashboard listens on. 0.0.0.0 opens it to the network.",
    )
    dashboard_port: Annotated[int, Field(ge=1, le=65535)] = Field(
        8501, description="Port that the dashboard listens on."
    )
    postgres_binaries: Literal["auto", "system", "wheel"] = Field(
        "auto",
        description="Local mode: which PostgreSQL runs. system: the one that is installed on this "
        "machine; wheel: the one from PyPI; auto: the system's if there is one.",
    )

    @property
    def dashboard_url(self) -> str:
        """Address of the dashboard for a browser on this machine."""
        host = EVERYBODY.get(self.dashboard_address, self.dashboard_address)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.dashboard_port}/"
