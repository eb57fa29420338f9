"""Answers a container's health check: has the loop finished a turn lately?

A service touches PF_HEALTH_FILE after every turn of its loop, so a loop that hangs grows old. This
module imports nothing that costs time: it runs every few seconds on a small machine.
"""

import argparse
import os
import sys
import time
from pathlib import Path


def judge(health_file: Path, max_age_seconds: float, now: float) -> tuple[bool, str]:
    """Say whether the loop is alive, and the sentence that explains it.

    Args:
        health_file: The file that the loop touches.
        max_age_seconds: A file older than this means that the loop hangs.
        now: Seconds since the epoch.
    """
    try:
        age = now - health_file.stat().st_mtime
    except FileNotFoundError:
        return False, f"not ready: the loop has not finished its first turn ({health_file})"
    if age > max_age_seconds:
        return False, f"the loop hangs: its last turn ended {age:.0f} s ago"
    return True, f"the loop is alive: its last turn ended {max(age, 0.0):.0f} s ago"


def main(arguments: list[str] | None = None) -> int:
    """Judge the file that PF_HEALTH_FILE names; 0 is healthy, 1 is not, 2 is wrong usage."""
    parser = argparse.ArgumentParser(prog="photo_factory.healthcheck", description=__doc__)
    parser.add_argument("--max-age", type=float, default=180.0, metavar="SECONDS")
    max_age_seconds = parser.parse_args(arguments).max_age
    health_file = os.environ.get("PF_HEALTH_FILE")
    if not health_file:
        sys.stderr.write("PF_HEALTH_FILE is not set: there is nothing to judge\n")
        return 2
    healthy, sentence = judge(Path(health_file), max_age_seconds, time.time())
    sys.stdout.write(sentence + "\n")
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main())
