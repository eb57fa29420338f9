"""How long tests go on that try instants at random.

PF_TEST_KILLS asks for a number of kills in each such test, and for every step in those that leave
some out. PF_TEST_SEED repeats the choices of an earlier run, which are shown when a test fails.
"""

import os
import time

IS_THOROUGH = "PF_TEST_KILLS" in os.environ
KILLS = int(os.environ.get("PF_TEST_KILLS", "25"))
SEED = int(os.environ.get("PF_TEST_SEED", "0")) or time.time_ns() % 1_000_000


def show_seed() -> None:
    """Let the output of a failed test tell how to repeat it."""
    print(f"PF_TEST_SEED={SEED}")  # noqa: T201 - pytest shows it
