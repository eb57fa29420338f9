"""Starts service-monitor."""

import sys

from photo_factory.pulse import Pulse
from photo_factory.service import run
from pydantic import ValidationError

from service_monitor.monitor import Monitor
from service_monitor.settings import MonitorSettings


def main() -> None:
    """Run until a stop is asked for."""
    try:
        settings = MonitorSettings()
    except ValidationError as error:
        sys.stderr.write(f"service-monitor cannot start, a setting is wrong.\n{error}\n")
        sys.exit(2)
    pulse = Pulse()
    sys.exit(run("service-monitor", settings, Monitor(settings, pulse), pulse))


if __name__ == "__main__":
    main()
