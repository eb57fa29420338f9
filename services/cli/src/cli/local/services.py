"""The services that local mode runs, and what they are told."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cli.local.settings import LocalSettings

MARKER = "PF_LOCAL_STATE"
"""Environment variable that tells our processes from others after a kill -9."""


@dataclass(frozen=True, slots=True)
class Program:
    """A service as a process: its name for people and the module that starts it."""

    name: str
    module: str


PROGRAMS = (
    Program("librarian", "librarian"),
    Program("geocoder", "geocoder"),
    Program("thumbnailer", "thumbnailer"),
    Program("backup", "backup"),
    Program("service-monitor", "service_monitor"),
    Program("dashboard", "dashboard"),
)


def marker(state: Path) -> str:
    """The NAME=value by which the processes of a state folder are found."""
    return f"{MARKER}={state.resolve()}"


def environment(settings: LocalSettings, base: Mapping[str, str]) -> dict[str, str]:
    """What the services find in their environment.

    Folders are absolute, whatever the current folder. The embedded database's address is not in
    it: services read that from its file. A module that lies in the current folder by chance is
    not imported instead of a service.
    """
    name, _, value = marker(settings.state).partition("=")
    result = dict(base) | {
        name: value,
        "PF_DATA_DIR": str(settings.data),
        "PF_DASHBOARD_ADDRESS": settings.dashboard_address,
        "PF_DASHBOARD_PORT": str(settings.dashboard_port),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
    }
    folders = {
        "PF_INBOX_DIR": settings.inbox_dir and settings.inbox,
        "PF_LIBRARY_DIR": settings.library_dir and settings.library,
        "PF_DERIVATIVES_DIR": settings.derivatives_dir and settings.derivatives,
        "PF_QUARANTINE_DIR": settings.quarantine_dir and settings.quarantine,
        "PF_DATABASE_PASSWORD_FILE": settings.database_password_file
        and settings.database_password_file.absolute(),
    }
    result |= {name: str(folder) for name, folder in folders.items() if folder}
    # ExifTool and others are looked for on PATH; our own programs lie beside this Python.
    result["PATH"] = os.pathsep.join(
        [str(Path(sys.executable).parent), result.get("PATH", os.defpath)]
    )
    return result
