"""What kind of file system a folder is on, and what can be expected of it."""

import os
import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
SHARED = (
    *("nfs", "cifs", "smb", "ceph", "afs", "coda", "lustre", "beegfs", "gfs2", "ocfs2"),
    *("9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "fakeowner", "davfs"),
    "fuse.",
)
"""Beginnings of types that other machines, or the host of a virtual one, write to as well.

Linux tells only of its own changes to them. `fuse.` stands for programs such as sshfs, rclone and
mergerfs, beneath which files come and go unseen. `fuseblk` is not among them: it is a local disk
(NTFS, exFAT) that nobody but this machine writes to, and whose events are complete.
"""
TIMELESS = ("fuse.", "9p", "drvfs", "virtiofs", "vboxsf", "vmhgfs", "prl_fs", "fakeowner", "davfs")
"""Those among them of which it is not certain that a new file changes its folder's time."""


def file_system(folder: Path, mounts: Path = MOUNTS) -> str:
    """The type of the file system that a folder is on; empty if it cannot be told."""
    path = folder.resolve()
    longest, kind = "", ""
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return ""
    for line in lines:
        _, raw_point, raw_kind, *_ = line.split(b" ")
        point = os.fsdecode(_without_escapes(raw_point))
        # Of two mounts on one point, the later one lies on top.
        if path.is_relative_to(point) and len(point) >= len(longest):
            longest, kind = point, os.fsdecode(raw_kind)
    return kind


def raises_events(kind: str) -> bool:
    """Whether a file system of this type tells of every change."""
    return not _begins(kind, SHARED)


def keeps_folder_times(kind: str) -> bool:
    """Whether a folder's modification time tells that something was added to it."""
    return not _begins(kind, TIMELESS)


def _begins(kind: str, beginnings: tuple[str, ...]) -> bool:
    return kind == "fuse" or kind.startswith(beginnings)


def _without_escapes(point: bytes) -> bytes:
    r"""The kernel writes space, tab, newline and backslash as \040, \011, \012 and \134."""
    return re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match[1], 8)]), point)
