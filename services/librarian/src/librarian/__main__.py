"""Starts the librarian."""

import signal
import sys

from photo_factory import service
from photo_factory.pulse import Pulse
from photo_factory.settings import load

from librarian.loop import LibrarianLoop
from librarian.settings import LibrarianSettings


def main() -> None:
    """Run until asked to stop."""
    signal.signal(signal.SIGIO, signal.SIG_IGN)  # a broken file lease would end the process
    settings = load(LibrarianSettings)
    pulse = Pulse()
    sys.exit(service.run("librarian", settings, LibrarianLoop(settings, pulse), pulse))


if __name__ == "__main__":
    main()
