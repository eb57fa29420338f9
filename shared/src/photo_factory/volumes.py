"""Space on the disks below the folders, and when there is too little of it."""

import os
from dataclasses import dataclass
from pathlib import Path

LEAST_FREE_BYTES = 5_000_000_000
LEAST_FREE_SHARE = 0.10


@dataclass(frozen=True, slots=True)
class VolumeReading:
    """What the system says of the disk below a folder.

    Attributes:
        free_bytes: What an ordinary user may still write.
        free_inodes: Files that can still be made; None where the file system has no such limit.
    """

    free_bytes: int
    total_bytes: int
    free_inodes: int | None


def read_volume(folder: Path) -> VolumeReading:
    """Ask for the space on the disk that holds a folder.

    Raises:
        OSError: The folder does not exist or does not answer.
    """
    system = os.statvfs(folder)
    return VolumeReading(
        free_bytes=system.f_bavail * system.f_frsize,
        total_bytes=system.f_blocks * system.f_frsize,
        free_inodes=system.f_favail if system.f_files else None,
    )


def shortage(purpose: str, reading: VolumeReading) -> str:
    """What is scarce on the disk of a purpose, in a sentence; empty if nothing is.

    Scarce is less than 5 GB, less than a tenth, or no room for another file.
    """
    share = reading.free_bytes / reading.total_bytes if reading.total_bytes else 0.0
    if reading.free_bytes < LEAST_FREE_BYTES or share < LEAST_FREE_SHARE:
        return (
            f"Only {reading.free_bytes / 1e9:.1f} GB ({share:.0%}) are free on the disk of the "
            f"{purpose} folder."
        )
    if reading.free_inodes == 0:
        return f"The disk of the {purpose} folder can hold no more files."
    return ""
