"""What people drop into an inbox, small enough to be dropped hundreds of times."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import av
from photo_files import save_photo
from PIL import Image, TiffImagePlugin

HUGE_BYTES = 65 << 20
"""A little more than what goes its own way (librarian.claims.HUGE_BYTES)."""
SHOT = datetime(2024, 5, 17, 10, 0, 0)  # noqa: DTZ001 - local wall-clock time, as cameras write it
NAME = "IMG_20240517_101010.jpg"

XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>'
)
AAE = '<?xml version="1.0"?><plist version="1.0"><dict/></plist>'


def drop_basics(inbox: Path) -> None:
    """Two photos of one name, a duplicate, and a file that cannot be taken in."""
    for folder, colour in (("one", "red"), ("two", "blue")):
        save_photo(inbox / folder / NAME, colour)
    shutil.copy2(inbox / "one" / NAME, inbox / "copy.jpg")
    (inbox / "note.jpg").write_text("this is no picture")


def drop_again(inbox: Path) -> None:
    """One photo, that the library has already."""
    save_photo(inbox / "again.jpg", "purple")


def drop_companions(inbox: Path) -> None:
    """A Live Photo and a RAW with its JPEG, with sidecars, whose names others have as well."""
    taken = f"{SHOT:%Y:%m:%d %H:%M:%S}"
    for name in ("IMG_0001", "IMG_0002"):
        save_photo(inbox / "other" / f"{name}.JPG", f"#0000{name[-2:]}", "2024:05:17 08:00:00")
        save_photo(inbox / "DCIM" / f"{name}.JPG", f"#ff00{name[-2:]}", taken)
    save_film(inbox / "DCIM" / "IMG_0001.MOV")
    (inbox / "DCIM" / "IMG_0001.AAE").write_text(AAE)
    save_raw(inbox / "DCIM" / "IMG_0002.DNG")
    (inbox / "DCIM" / "IMG_0002.xmp").write_text(XMP)


def drop_huge(inbox: Path) -> None:
    """A small photo, and one with a long tail, as motion photos have; it costs no room on disk."""
    save_photo(inbox / "small.jpg", "green")
    lengthen(inbox / "huge.jpg")


def lengthen(path: Path) -> None:
    """A photo that is larger than those that go with others."""
    save_photo(path, "yellow")
    os.truncate(path, HUGE_BYTES)


def save_film(path: Path) -> None:
    """A quarter of a second of film."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"movflags": "use_metadata_tags", "fflags": "+bitexact"}
    with av.open(path, "w", format="mov", options=options) as container:
        container.metadata["creation_time"] = f"{SHOT.replace(tzinfo=UTC).isoformat()}"
        container.metadata["com.apple.quicktime.creationdate"] = f"{SHOT.isoformat()}+0900"
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"threads": "1", "preset": "ultrafast", "flags": "+bitexact"}
        for red in range(0, 240, 40):
            image = Image.new("RGB", (64, 48), (red, 0, 0))
            container.mux(stream.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call] # PyAV types it not
        container.mux(stream.encode())


def save_raw(path: Path) -> None:
    """A picture as cameras write it into a DNG."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[50706] = b"\x01\x04\x00\x00"  # DNGVersion
    tags[36867] = f"{SHOT:%Y:%m:%d %H:%M:%S}"  # DateTimeOriginal
    tags.tagtype.update({50706: 1, 36867: 2})
    Image.new("RGB", (16, 12), "navy").save(path, "TIFF", tiffinfo=tags)
