"""Looks at one original: are its bytes those that were stored?"""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from photo_factory.storage import hash_file

from cli.verification.queries import Asset

Kind = Literal["missing", "altered", "unreadable", "unknown"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the library that is not as the database says.

    Attributes:
        path: Relative to the library; of a folder if that cannot be read.
        expected_sha256: As recorded; None for an unknown file and a folder.
        found_sha256: Of an altered original.
        message: Why something is unreadable.
        asset_id: Of an original.
    """

    kind: Kind
    path: str
    expected_sha256: str | None = None
    found_sha256: str | None = None
    message: str | None = None
    asset_id: int | None = None


def examine(library: Path, asset: Asset, alive: Callable[[], None]) -> Finding | None:
    """Read an original again; None if it is intact. `alive` is called every now and then."""
    path = library / asset.path
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return _finding("unreadable", asset, message="it is not a file")
        found = hash_file(path, alive)
    except (FileNotFoundError, NotADirectoryError):
        return _finding("missing", asset)
    except OSError as error:
        return _finding("unreadable", asset, message=reason(error))
    if found == asset.sha256:
        return None
    return _finding("altered", asset, found)


def _finding(
    kind: Kind, asset: Asset, found_sha256: str | None = None, message: str | None = None
) -> Finding:
    return Finding(kind, asset.path, asset.sha256, found_sha256, message, asset.id)


def reason(error: OSError) -> str:
    """What the system says of an error, without the path."""
    return error.strerror or str(error)
