"""Serves the application on a socket of our own, so that start and stop are under our control."""

import logging
import signal
import socket
from types import FrameType

import structlog
import uvicorn
from starlette.types import ASGIApp

CLOSE_SECONDS = 3
"""Open pages are cut off after this long; they reconnect by themselves to the next start."""


def listen(address: str, port: int) -> socket.socket:
    """Take the address and the port.

    Raises:
        OSError: The port is taken, or the address is not one of this machine.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(256)
    except BaseException:
        listener.close()
        raise
    return listener


def serve(app: ASGIApp, listener: socket.socket) -> bool:
    """Serve until SIGTERM or SIGINT; False if the application could not start."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            server_header=False,
            ws="websockets-sansio",  # the one that Streamlit uses when it serves itself
            timeout_graceful_shutdown=CLOSE_SECONDS,
        )
    )

    def stop(signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - signal's
        server.should_exit = True

    # uvicorn raises a signal that it has caught once more when it is done. With a handler of ours
    # below it, that ends nothing, and the process ends with exit code 0.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    server.run(sockets=[listener])
    return server.started


def unify_logs() -> None:
    """Send what libraries log the way of our own messages."""
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)


class _ToStructlog(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().log(
            record.levelno, record.getMessage(), source=record.name, exc_info=record.exc_info
        )
