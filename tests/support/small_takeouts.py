"""Small Takeouts, made member by member."""

import io
import json
import zipfile
from pathlib import Path

from PIL import Image

PHOTOS = "Takeout/Google Photos"
YEAR = f"{PHOTOS}/Photos from 2019"
ALBUM = f"{PHOTOS}/Summer"
TRASH = f"{PHOTOS}/Trash"
TAKEN = 1_563_019_200
"""2019-07-13 12:00 UTC."""


def note(title: str, taken: int = TAKEN, **others: object) -> bytes:
    """The JSON of a photo."""
    found = {"title": title, "photoTakenTime": {"timestamp": str(taken)}, **others}
    return json.dumps(found).encode()


def photo(colour: str) -> bytes:
    """A picture that says nothing of itself."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG")
    return file.getvalue()


def pack(path: Path, members: dict[str, bytes]) -> Path:
    """A part with these files."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), body)
    return path
