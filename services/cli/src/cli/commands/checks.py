"""The single checks of doctor: each looks at one thing and says what to do about it."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from photo_factory.roots import RootMissingError, check_root
from photo_factory.storage import sync_file, sync_folder
from photo_factory.volumes import read_volume, shortage

from cli.commands.queries import Server
from cli.commands.wording import count, size

LEAST_EXIFTOOL = (12, 24)
"""The first release without CVE-2021-22204, which runs code hidden in a DjVu file."""

LEAST_POSTGRESQL = 140_000
MOST_CLOCK_SECONDS = 2.0
PROBE_SUFFIX = ".tmp"
"""A name that starts with a dot and ends so is left alone by the librarian."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check.

    Attributes:
        result: skipped means that it could not or need not be looked at here.
        remedy: What to do about a finding; empty otherwise.
    """

    name: str
    result: Literal["ok", "finding", "skipped"]
    message: str
    remedy: str = ""


def check_folder(purpose: str, folder: Path) -> Check:
    """Write, sync, rename and delete a small file, as the services do."""
    name = f"{purpose} folder"
    probe = folder / f".photo-factory-probe-{uuid4()}{PROBE_SUFFIX}"
    renamed = probe.with_name(f".photo-factory-probe-{uuid4()}{PROBE_SUFFIX}")
    if not folder.is_dir():
        return Check(name, "finding", f"{folder} does not exist.", f"Make it: mkdir -p '{folder}'")
    try:
        probe.write_bytes(b"probe")
        sync_file(probe)
        probe.rename(renamed)
        sync_folder(folder)
        renamed.unlink()
    except OSError as error:
        for leftover in (probe, renamed):
            _remove(leftover)
        remedy = f"Give user {os.getuid()} the right to write there, or mount it for writing."
        return Check(name, "finding", f"{folder} cannot be written: {error.strerror}.", remedy)
    return Check(name, "ok", f"{folder} can be written.")


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        return  # the finding about the folder says it already


def check_space(purpose: str, folder: Path) -> Check:
    """Whether the disk of a folder has room, or of the nearest folder above it that exists."""
    name = f"{purpose} space"
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    try:
        reading = read_volume(existing)
    except OSError as error:
        return Check(name, "skipped", f"{folder} cannot be reached: {error.strerror}.")
    scarce = shortage(purpose, reading)
    if scarce:
        return Check(name, "finding", scarce, "Make room, or move the folder to a larger disk.")
    free = f"{size(reading.free_bytes)} free of {size(reading.total_bytes)}."
    return Check(name, "ok", free)


def check_exiftool() -> Check:
    """Whether ExifTool is there and new enough to be safe."""
    program = shutil.which("exiftool")
    if program is None:
        if find_spec("librarian") is None:
            return Check("exiftool", "skipped", "Not here; the librarian's image has its own.")
        remedy = "Install it: apt install libimage-exiftool-perl"
        return Check("exiftool", "finding", "ExifTool is missing. Dates may be wrong.", remedy)
    try:
        done = subprocess.run(  # noqa: S603 - a fixed argument and the program found on the path
            [program, "-ver"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        remedy = "Install it again: apt install --reinstall libimage-exiftool-perl"
        return Check("exiftool", "finding", f"ExifTool does not run: {error}.", remedy)
    return judge_exiftool(done.stdout.strip())


def judge_exiftool(found: str) -> Check:
    """Whether that version is known to be safe."""
    parts = re.match(r"(\d+)\.(\d+)", found)
    if parts is not None and (int(parts[1]), int(parts[2])) >= LEAST_EXIFTOOL:
        return Check("exiftool", "ok", f"ExifTool {found}.")
    message = f"ExifTool {found or 'of unknown version'} is older than 12.24 (CVE-2021-22204)."
    remedy = (
        "Update it. On Debian the fix may have been backported: "
        "apt update && apt install libimage-exiftool-perl, then this finding may be ignored."
    )
    return Check("exiftool", "finding", message, remedy)


def check_package(package: str) -> Check:
    """Whether a Python package that reads pictures is installed, where services run here."""
    try:
        return Check(package, "ok", f"{package} {version(package)}.")
    except PackageNotFoundError:
        if find_spec("thumbnailer") is None:
            return Check(package, "skipped", "Not here; the services' images have their own.")
        return Check(package, "finding", f"{package} is missing.", "Install again: make setup")


def judge_server(server: Server) -> tuple[Check, Check]:
    """Whether PostgreSQL is new enough and its clock agrees with the one here."""
    found = f"PostgreSQL {server.version} answers."
    old = Check("postgresql", "finding", found, "Update it to version 14 or later.")
    is_new_enough = server.number >= LEAST_POSTGRESQL
    difference = abs(server.ahead_seconds)
    clock = Check("clock", "ok", f"{difference:.1f} s away from the database's clock.")
    if difference > MOST_CLOCK_SECONDS:
        side = "ahead of" if server.ahead_seconds > 0 else "behind"
        message = f"The database's clock is {difference:.0f} s {side} the one here."
        clock = Check("clock", "finding", message, "Let both machines set their clocks by NTP.")
    return (Check("postgresql", "ok", found) if is_new_enough else old), clock


def judge_schema(pending: int) -> Check:
    """Whether the database has the tables of this version."""
    if pending == 0:
        return Check("schema", "ok", "The database has the tables of this version.")
    message = f"{count(pending, 'change')} of the tables to be made still."
    return Check("schema", "finding", message, "Run: photo-factory migrate")


def check_marker(purpose: str, folder: Path, expected: UUID | None) -> Check:
    """Whether the folder is the very one that the database knows."""
    name = f"{purpose} marker"
    if expected is None:
        return Check(name, "skipped", "Not known yet; its service notes it at its first start.")
    try:
        check_root(purpose, folder, expected)
    except RootMissingError as error:
        remedy = "Mount the disk that belongs there, or correct the path in the settings."
        return Check(name, "finding", f"{str(error)[:1].upper()}{str(error)[1:]}", remedy)
    except OSError as error:
        remedy = "Give the user of the services the right to read it."
        return Check(name, "finding", f"It cannot be read: {error.strerror}.", remedy)
    return Check(name, "ok", "It is the folder that the database knows.")
