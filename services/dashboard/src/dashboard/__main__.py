"""Starts the dashboard."""

import errno
import socket
import sys

import structlog
from photo_factory import log
from photo_factory.settings import load

from dashboard.server import listen, serve, unify_logs
from dashboard.settings import DashboardSettings

LOGGER = structlog.get_logger()


def run(settings: DashboardSettings) -> int:
    """Serve the dashboard until it is asked to stop.

    Returns:
        The exit code: 0 after an orderly stop, 1 if the pages cannot be served, 2 if the settings
        name no database or an address that cannot be listened on.
    """
    log.configure(settings, "dashboard")
    unify_logs()
    try:
        settings.database_address()
        listener = listen(settings.dashboard_address, settings.dashboard_port)
    except ValueError as error:
        LOGGER.error("cannot start", reason=str(error))  # noqa: TRY400 - a sentence, no traceback
        return 2
    except OSError as error:
        LOGGER.error("cannot start", reason=_explain(error, settings))  # noqa: TRY400 - as above
        return 2
    with listener:
        return _serve(settings, listener)


def _serve(settings: DashboardSettings, listener: socket.socket) -> int:
    # Streamlit takes a second to load; a port that is taken shall be told at once.
    from dashboard.app import build  # noqa: PLC0415 - see above

    address = f"http://{settings.dashboard_address}:{settings.dashboard_port}"
    LOGGER.info("service started", address=address)
    has_served = serve(build(settings), listener)
    LOGGER.info("service stopped")
    return 0 if has_served else 1


def _explain(error: OSError, settings: DashboardSettings) -> str:
    address, port = settings.dashboard_address, settings.dashboard_port
    if error.errno == errno.EADDRINUSE:
        return f"port {port} of {address} is taken by another program; set PF_DASHBOARD_PORT"
    return f"cannot listen on {address}, port {port}: {error.strerror}"


def main() -> None:
    """Run until asked to stop."""
    sys.exit(run(load(DashboardSettings)))


if __name__ == "__main__":
    main()
