"""Starts the thumbnailer."""

import sys

from photo_factory.settings import load
from photo_factory.worker import run_stage

from thumbnailer.settings import ThumbnailerSettings
from thumbnailer.stage import STAGE


def main() -> None:
    """Run until asked to stop."""
    sys.exit(run_stage(STAGE, load(ThumbnailerSettings)))


if __name__ == "__main__":
    main()
