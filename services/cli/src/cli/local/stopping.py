"""Ctrl-C and SIGTERM: asked once it stops in order, asked twice it hastens."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopAskedError(BaseException):
    """Somebody asked to stop while something long was under way."""


class StopRequests:
    """Counts how often it was asked to stop."""

    def __init__(self) -> None:
        self._count = 0
        self._asked = threading.Event()
        self._is_interrupting = False

    @property
    def is_asked(self) -> bool:
        """Whether it was asked to stop."""
        return self._count > 0

    @property
    def is_hasty(self) -> bool:
        """Whether it was asked more than once."""
        return self._count > 1

    def wait(self, seconds: float) -> bool:
        """Wait for a request; True if there is one."""
        return self._asked.wait(seconds)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take the signals."""
        taken = [number for number in SIGNALS if not _is_shut_out(number)]
        previous = {number: signal.signal(number, self._take) for number in taken}
        try:
            yield
        finally:
            for number, handler in previous.items():
                signal.signal(number, handler)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Let a request break off what is done meanwhile.

        Raises:
            StopAskedError: There was one.
        """
        self._is_interrupting = True
        try:
            if self.is_asked:
                raise StopAskedError
            yield
        finally:
            self._is_interrupting = False

    def _take(self, signal_number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's
        self._count += 1
        self._asked.set()
        if self._is_interrupting:
            self._is_interrupting = False
            raise StopAskedError


def _is_shut_out(number: signal.Signals) -> bool:
    """Whether nohup wants this signal to be ignored."""
    return number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN
