"""Proves that the library has a file's bytes before the file is let go; heals if it has not."""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from photo_factory import storage
from photo_factory.storage import Original

from librarian.examination import Examined, Wait, library_trouble
from librarian.queries import KnownAsset


@dataclass(frozen=True, slots=True)
class Proof:
    """The library holds these bytes at the asset's path: its copy has just been read.

    Attributes:
        is_same_file: What lies in the inbox is that very file by another name.
        was_healed: The library's copy was missing or damaged, and is whole again.
    """

    examined: Examined
    asset: KnownAsset
    is_same_file: bool
    was_healed: bool


def prove(
    examined: Examined,
    asset: KnownAsset,
    library: Path,
    quarantine: Path,
    alive: Callable[[], None],
) -> Proof | tuple[Examined, Wait]:
    """Read the library's copy; put the file in its place if it is missing or damaged.

    Returns:
        The proof, or the examined file and why it waits: the library could not be read or written.
    """
    stored = library / asset.path
    was_healed = False
    try:
        if not _is_intact(stored, asset.sha256, alive):
            source = Original(examined.copy or examined.source, examined.sha256)
            storage.replace_damaged(source, library, asset.path, quarantine)
            was_healed = True
        is_same_file = stored.samefile(examined.source)
    except FileNotFoundError:
        return examined, Wait(examined.file.identity, 0.0)
    except storage.SourceChangedError as error:
        return examined, Wait(examined.file.identity, 1.0, str(error))
    except OSError as error:
        return examined, library_trouble(examined.file, library, error)
    return Proof(examined, asset, is_same_file, was_healed)


def _is_intact(stored: Path, sha256: str, alive: Callable[[], None]) -> bool:
    """Whether the library's copy can be read and has its hash; a bad sector is damage as well."""
    try:
        return storage.holds(stored, sha256, alive)
    except storage.SourceUnreadableError as error:
        if error.errno != errno.EIO:
            raise
        return False
