"""Starts the dashboard."""

import sys

import structlog
from photo_factory import log
from pydantic import ValidationError

from dashboard.server import listen, serve, unify_logs
from dashboard.settings import DashboardSettings

LOGGER = structlog.get_logger()


def run(settings: DashboardSettings) -> int:
    """Serve the dashboard until it is asked to stop.

    Returns:
        The exit code: 0 after an orderly stop, 1 if it cannot start, 2 if the port is taken.
    """
    log.configure(settings, "dashboard")
    unify_logs()
    address, port = settings.dashboard_address, settings.dashboard_port
    try:
        listener = listen(address, port)
    except OSError as error:
        LOGGER.error("cannot start", reason=f"{address}:{port} is not free: {error.strerror}")  # noqa: TRY400 - a sentence, no traceback
        return 2
    # Streamlit takes a second to load; a port that is taken shall be told at once.
    from dashboard.app import build  # noqa: PLC0415

    with listener:
        LOGGER.info("service started", address=f"http://{address}:{port}")
        has_served = serve(build(settings), listener)
    LOGGER.info("service stopped")
    return 0 if has_served else 1


def main() -> None:
    """Read the settings and run."""
    try:
        settings = DashboardSettings()
    except ValidationError as error:
        sys.stderr.write(f"dashboard: {error}\n")
        sys.exit(2)
    sys.exit(run(settings))


if __name__ == "__main__":
    main()
