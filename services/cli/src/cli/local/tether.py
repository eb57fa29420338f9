"""Ties the life of a child to that of its parent, so that kill -9 leaves no orphan."""

import shutil
import subprocess
from functools import cache
from typing import Literal


@cache
def tether(signal_name: Literal["INT", "TERM"]) -> tuple[str, ...]:
    """What to put before a command so that it gets a signal when its parent dies.

    Empty where the system has no such thing; the next start then stops what was left over.
    The parent is the thread that starts the command: use a thread that lives as long.
    """
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        return ()
    prefix = (setpriv, "--pdeathsig", signal_name, "--")
    probe = subprocess.run([*prefix, "true"], capture_output=True, check=False)  # noqa: S603 - fixed arguments
    return prefix if probe.returncode == 0 else ()
