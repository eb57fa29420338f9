"""Lets threads and long work reach the loop of their service: wake it up, say they are alive."""

import os
from collections.abc import Callable


def _nothing() -> None:
    """Stand in until the service's loop has bound its own function."""


class Pulse:
    """A pipe to sleep on and a callback for signs of life.

    `wake` may be called from any thread and from signal handlers. `alive` is called by the loop's
    own thread in the middle of long work, so that its heartbeat does not stop meanwhile.

    Attributes:
        is_stopping: The service was asked to stop: long work should end at the next safe point.
        is_paused: A person has let the service rest: what is in hand is finished, nothing new is
            begun. Kept true by the service's frame, in long turns by `alive`.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.alive: Callable[[], None] = _nothing
        self.is_stopping = False
        self.is_paused = False

    def fileno(self) -> int:
        """The descriptor that becomes readable when someone called `wake`."""
        return self._read

    def wake(self) -> None:
        """End the loop's sleep."""
        try:
            os.write(self._write, b"!")
        except BlockingIOError:
            return  # the pipe is full: the loop will wake up anyway

    def drain(self) -> None:
        """Forget the calls so far."""
        try:
            while os.read(self._read, 4096):
                pass
        except BlockingIOError:
            return
