"""Settings of local mode."""

from photo_factory.settings import DashboardAddress

from cli.settings import CliSettings

EVERYBODY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared with, not listened on


class LocalSettings(CliSettings, DashboardAddress):
    """Where the dashboard listens; each service reads its own settings beside these."""

    @property
    def dashboard_url(self) -> str:
        """Address of the dashboard for a browser on this machine."""
        host = EVERYBODY.get(self.dashboard_address, self.dashboard_address)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.dashboard_port}/"
