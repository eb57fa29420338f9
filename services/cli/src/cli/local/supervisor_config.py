"""The configuration of supervisord, which keeps the services running.

It contains no path: supervisord would cut one off at " #" or " ;" and expand a "%" in it. Paths
come in through its environment.
"""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.local.services import Program
from cli.local.tether import tether

COMMAND = "PF_LOCAL_COMMAND"
LOGS = "PF_LOCAL_LOGS"
UP_AFTER_SECONDS = 3
"""A service that ends sooner is started again after a pause that grows by a second each time."""

STOP_MARGIN_SECONDS = 5
SUPERVISOR = """\
[supervisord]
nodaemon = true
silent = true
identifier = photo-factory
nocleanup = true
logfile = %(ENV_{logs})s/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 1
pidfile = %(here)s/supervisord.pid
umask = {umask:03o}
{user}
[group:line]
programs = {names}
"""
PROGRAM = """
[program:{name}]
command = %(ENV_{command})s -m {module}
autorestart = true
startsecs = {up_after}
startretries = 1000000
stopwaitsecs = {stop_seconds}
stopasgroup = false
killasgroup = true
redirect_stderr = true
stdout_logfile = %(ENV_{logs})s/{name}.log
stdout_logfile_maxbytes = 10MB
stdout_logfile_backups = 3
"""


def render(programs: Sequence[Program], grace_seconds: float, umask: int, *, is_root: bool) -> str:
    """The text of the configuration.

    All programs are in one group: supervisord stops one group after the other, but the members
    of a group at once.
    """
    head = SUPERVISOR.format(
        logs=LOGS,
        umask=umask,
        user="user = root\n" if is_root else "",  # it warns when it is not told that root is meant
        names=",".join(program.name for program in programs),
    )
    parts = (
        PROGRAM.format(
            name=program.name,
            module=program.module,
            command=COMMAND,
            logs=LOGS,
            up_after=UP_AFTER_SECONDS,
            stop_seconds=int(grace_seconds) + STOP_MARGIN_SECONDS,
        )
        for program in programs
    )
    return head + "".join(parts)


def variables(logs: Path) -> dict[str, str]:
    """What the configuration takes from the environment."""
    return {COMMAND: shlex.join([*tether("TERM"), sys.executable]), LOGS: str(logs)}


def current_umask() -> int:
    """The umask of this process, which supervisord would otherwise replace by its own."""
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
