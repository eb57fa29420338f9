"""Checks that the dashboard's port is free before anything is started."""

import errno
import socket

from cli.local.errors import WRONG, LocalModeError

TRIED = 50


def check_port(address: str, port: int) -> None:
    """Make sure that the dashboard can listen there.

    Raises:
        LocalModeError: It cannot; the message names a port that is free.
    """
    error = _refusal(address, port)
    if error is None:
        return
    if error.errno != errno.EADDRINUSE:
        message = f"The dashboard cannot listen on {address} port {port}: {error.strerror}."
        raise LocalModeError(message, WRONG)
    last = min(port + TRIED, 65535)
    free = next((other for other in range(port + 1, last) if not _refusal(address, other)), None)
    example = f", for example PF_DASHBOARD_PORT={free}" if free else ""
    message = (
        f"Port {port} is taken by another program. "
        f"Choose another for the dashboard with PF_DASHBOARD_PORT{example}."
    )
    raise LocalModeError(message, WRONG)


def _refusal(address: str, port: int) -> OSError | None:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as error:
            return error
    return None
