"""Starts the geocoder."""

import sys

from photo_factory.settings import Settings, load
from photo_factory.worker import run_stage

from geocoder.stage import STAGE


def main() -> None:
    """Run until asked to stop."""
    sys.exit(run_stage(STAGE, load(Settings)))


if __name__ == "__main__":
    main()
