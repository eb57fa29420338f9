"""Starts the geocoder."""

import sys

from photo_factory import service
from photo_factory.pulse import Pulse
from photo_factory.settings import load
from photo_factory.worker import StageLoop

from geocoder.refining import GeocoderLoop, Refining
from geocoder.relabelling import relabel_at_start
from geocoder.settings import GeocoderSettings
from geocoder.stage import STAGE


def main() -> None:
    """Run until asked to stop."""
    settings = load(GeocoderSettings)
    relabel_at_start(settings)
    pulse = Pulse()
    loop = GeocoderLoop(
        StageLoop(STAGE, settings, pulse), Refining(settings, settings.language), pulse
    )
    sys.exit(service.run(STAGE.name, settings, loop, pulse))


if __name__ == "__main__":
    main()
