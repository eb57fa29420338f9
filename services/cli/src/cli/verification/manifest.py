"""Writes what the database knows of the originals in the format of sha256sum.

So that people can check their library with a tool that every system has, without us.
"""

from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from photo_factory.roots import PARTIAL_SUFFIX
from photo_factory.storage import publish

from cli.verification.queries import Asset

ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r"})


def line(asset: Asset) -> bytes:
    """One line as GNU sha256sum writes it: a backslash in front tells that the name is escaped."""
    name = asset.path.translate(ESCAPES)
    sign = "" if name == asset.path else "\\"
    return f"{sign}{asset.sha256}  {name}\n".encode()


def write_manifest(assets: Iterable[Asset], target: Path) -> int:
    """Write a line per asset; the file appears only when it is whole and on disk.

    Returns:
        The number of lines.

    Raises:
        OSError: It cannot be written, or something stands there that is no file.
    """
    target = target.resolve()  # the file behind a link is replaced, and not the link
    if target.exists() and not target.is_file():
        message = "it is not a file"
        raise OSError(message)
    scratch = target.with_name(f".{uuid4()}{PARTIAL_SUFFIX}")
    written = 0
    try:
        with scratch.open("xb") as file:
            for asset in assets:
                file.write(line(asset))
                written += 1
        publish(scratch, target.parent, target.name)
    finally:
        scratch.unlink(missing_ok=True)
    return written
