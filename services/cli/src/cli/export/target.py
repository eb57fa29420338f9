"""The folder that is exported to: that it is none of our own, can be written, and has room."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from photo_factory.roots import MARKER
from photo_factory.settings import Settings

from cli.commands.wording import printable, size
from cli.export.order import Making
from cli.export.pieces import names, plan, shots
from cli.export.queries import Asset
from cli.verification.original import reason

KEEP_FREE_BYTES = 16 << 20
"""For folders, sidecars, and the copy that ExifTool makes of a copy."""


class RefusedError(Exception):
    """Nothing can be exported there; the message is a sentence for people."""


def check_target(target: Path, settings: Settings) -> Path:
    """The target without links; it need not exist if its parent does.

    Raises:
        RefusedError: It lies in a folder of this or another installation, or cannot be written.
    """
    shown = printable(str(target))
    try:
        found = target.expanduser().resolve()
        parent = found if found.exists() else found.parent
        if not parent.is_dir():
            message = f"There is no folder {printable(str(parent))} to export to."
            raise RefusedError(message)
        _refuse_own(found, settings)
    except (OSError, RuntimeError) as error:  # RuntimeError: links in a circle, in Python 3.11
        why = reason(error) if isinstance(error, OSError) else "its links form a circle"
        message = f"{shown} cannot be used: {why}."
        raise RefusedError(message) from error
    if not os.access(parent, os.W_OK | os.X_OK, effective_ids=True):
        message = f"{shown} cannot be written. Give user {os.geteuid()} the right to."
        raise RefusedError(message)
    return found


def _refuse_own(target: Path, settings: Settings) -> None:
    """Compare by identity too: a mount of a folder at another place is the same folder."""
    own = {
        "the inbox": settings.inbox,
        "the library": settings.library,
        "the folder of the derivatives": settings.derivatives,
        "the quarantine": settings.quarantine,
    }
    for folder in (target, *target.parents):
        for what, root in own.items():
            is_same = folder.exists() and root.exists() and folder.samefile(root)
            if is_same or folder == root.resolve():
                message = (
                    f"{printable(str(target))} is, or lies in, {what} of this installation "
                    f"({root}). Export to another folder."
                )
                raise RefusedError(message)
        if (folder / MARKER).exists():
            message = (
                f"{printable(str(folder))} is a folder of a Photo Factory installation (it has a "
                f"{MARKER}). Export to another folder."
            )
            raise RefusedError(message)


@dataclass(frozen=True, slots=True)
class Amount:
    """How much is to be exported, in bytes.

    Attributes:
        originals: All of them.
        missing: What is still to be written, sidecars too: about, for what has a name there
            already counts as there.
    """

    originals: int
    missing: int


def measure(assets: Iterable[Asset], target: Path, making: Making) -> Amount:
    """Look at names alone, so that a million files are measured in no time."""
    originals = missing = 0
    for shot in shots(assets):
        originals += sum(asset.size_bytes for asset in shot.assets)
        pieces = plan(shot, making)
        for piece, name in zip(pieces, names(pieces, 0), strict=True):
            if not os.path.lexists(target / shot.folder / name):
                missing += piece.size_bytes
    return Amount(originals, missing)


def free_bytes(target: Path) -> int:
    """Room where the target is or will be."""
    disk = os.statvfs(target if target.exists() else target.parent)
    return disk.f_bavail * disk.f_frsize


def check_room(target: Path, needed: int) -> None:
    """Make sure that what is to be written finds room.

    Raises:
        RefusedError: It does not.
    """
    free = free_bytes(target)
    if needed + KEEP_FREE_BYTES > free:
        message = (
            f"There is too little room in {printable(str(target))}: {size(needed)} are needed, "
            f"{size(free)} are free. Nothing was written."
        )
        raise RefusedError(message)
