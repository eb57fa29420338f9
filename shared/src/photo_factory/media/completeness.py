"""Finds files that end too early for their format: still being copied, or cut off.

Only a format's frame is looked at (markers, chunks, boxes), by seeking; nothing is decoded, no file
is read into memory, and every loop has a bound, so that a hostile file costs little.
"""

import os
from collections.abc import Callable
from typing import BinaryIO

from photo_factory.media import kinds
from photo_factory.media.kinds import Kind

CHUNK_BYTES = 1 << 20
MAX_SEGMENTS = 20_000
MAX_CHUNKS = 1_000_000
MAX_BOXES = 100_000

JPEG_END = b"\xff\xd9"
MARKERS_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9
PNG_SIGNATURE_BYTES = 8
PNG_FRAME_BYTES = 12
"""A PNG chunk's length, type and checksum."""
PNG_END = b"\x00\x00\x00\x00IEND\xaeB`\x82"

BOX_HEADER_BYTES = 8
LONG_BOX_HEADER_BYTES = 16
KNOWN_BOXES = frozenset(
    b"ftyp styp moov moof mdat meta free skip wide uuid mfra sidx pnot udta mpvd sefd idat "
    b"jxlc jxlp jxll Exif xml  jbrd brob".split(b" ")
)
"""Top-level boxes that belong to the file; what else follows is a maker's trailer."""

MOVIE_BOXES = frozenset({b"moov", b"moof"})
STILL_BOXES = frozenset({b"meta", b"moov"})
CODESTREAM_BOXES = frozenset({b"jxlc", b"jxlp"})


def incompleteness(file: BinaryIO, kind: Kind) -> str | None:
    """Say why a file ends too early for its format; None when it seems whole.

    The answer is a clause to go on from, such as "it ends before its end marker".
    Formats without a known end (RAW, GIF, Matroska, transport streams ...) always seem whole.

    Args:
        file: Open for reading, buffered or not; its position is moved.
        kind: What its content is.

    Raises:
        OSError: The file cannot be read.
    """
    check = CHECKS.get(kind.mime_type)
    return None if check is None else check(file, file.seek(0, os.SEEK_END))


def _read_at(file: BinaryIO, position: int, count: int) -> bytes:
    """Read so many bytes, or what there is; an unbuffered file may give them bit by bit."""
    file.seek(position)
    content = file.read(count)
    while len(content) < count and (more := file.read(count - len(content))):
        content += more
    return content


def _jpeg(file: BinaryIO, size: int) -> str | None:
    """Trailing data after the end marker is fine: motion photos and makers' trailers have it."""
    if _read_at(file, max(0, size - len(JPEG_END)), len(JPEG_END)) == JPEG_END:
        return None
    position = 2
    for _ in range(MAX_SEGMENTS):
        head = _read_at(file, position, 4)
        if len(head) < len(JPEG_END):
            break
        if head[0] != 0xFF:  # noqa: PLR2004 - not a marker: damaged rather than short
            return None if _contains(file, position, JPEG_END) else _ends("end marker")
        marker = head[1]
        if marker == END_OF_IMAGE:
            return None
        if marker == START_OF_SCAN:
            return None if _contains(file, position, JPEG_END) else _ends("end marker")
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte before a marker
            position += 1
        elif marker in MARKERS_WITHOUT_LENGTH:
            position += 2
        else:
            position += 2 + max(2, int.from_bytes(head[2:4], "big"))
    return _ends("picture data")


def _contains(file: BinaryIO, start: int, wanted: bytes) -> bool:
    file.seek(start)
    tail = b""
    while chunk := file.read(CHUNK_BYTES):
        if wanted in tail + chunk:
            return True
        tail = (tail + chunk)[1 - len(wanted) :]
    return False


def _png(file: BinaryIO, size: int) -> str | None:
    if _read_at(file, max(0, size - len(PNG_END)), len(PNG_END)) == PNG_END:
        return None
    position = PNG_SIGNATURE_BYTES
    for _ in range(MAX_CHUNKS):
        head = _read_at(file, position, 8)
        position += PNG_FRAME_BYTES + int.from_bytes(head[:4], "big")
        if position > size or len(head) < BOX_HEADER_BYTES:
            return _ends("end chunk (IEND)")
        if head[4:] == b"IEND":
            return None
    return None


def _riff(file: BinaryIO, size: int) -> str | None:
    declared = int.from_bytes(_read_at(file, 4, 4), "little") + BOX_HEADER_BYTES
    return _shorter(declared, size) if declared > size else None


def _boxes(required: frozenset[bytes]) -> Callable[[BinaryIO, int], str | None]:
    """Make the check of an ISO base media file that needs one of the required boxes."""
    names = " or ".join(sorted(box.decode() for box in required))

    def check(file: BinaryIO, size: int) -> str | None:
        position = 0
        has_required = False
        for _ in range(MAX_BOXES):
            if position >= size:
                break
            box, length = _box_at(file, position, size)
            if length is None or (has_required and box not in KNOWN_BOXES):
                break
            has_required = has_required or box in required
            position += length
            if position > size:
                return _shorter(position, size)
        return None if has_required else _ends(f"index ({names})")

    return check


def _box_at(file: BinaryIO, position: int, size: int) -> tuple[bytes, int | None]:
    """A box's type and length; the length is None where no box can be."""
    head = _read_at(file, position, LONG_BOX_HEADER_BYTES)
    length, box = int.from_bytes(head[:4], "big"), head[4:8]
    if length == 0 and len(head) >= BOX_HEADER_BYTES and box in KNOWN_BOXES:
        return box, size - position
    if length == 1 and len(head) == LONG_BOX_HEADER_BYTES:
        long_length = int.from_bytes(head[8:], "big")
        return box, long_length if long_length >= LONG_BOX_HEADER_BYTES else None
    return box, length if length >= BOX_HEADER_BYTES and len(head) >= BOX_HEADER_BYTES else None


def _jxl(file: BinaryIO, size: int) -> str | None:
    """Only the form with boxes says how long it is; the bare code stream does not."""
    has_boxes = _read_at(file, 4, 4) == b"JXL "
    return _boxes(CODESTREAM_BOXES)(file, size) if has_boxes else None


def _ends(missing: str) -> str:
    return f"it ends before its {missing}"


def _shorter(declared: int, size: int) -> str:
    return f"it should have at least {declared:,} bytes but ends after {size:,}"


CHECKS: dict[str, Callable[[BinaryIO, int], str | None]] = {
    kinds.JPEG.mime_type: _jpeg,
    kinds.PNG.mime_type: _png,
    kinds.WEBP.mime_type: _riff,
    kinds.AVI.mime_type: _riff,
    kinds.JXL.mime_type: _jxl,
    **{
        kind.mime_type: _boxes(STILL_BOXES)
        for kind in (kinds.HEIC, kinds.HEIC_SEQUENCE, kinds.HEIF, kinds.AVIF)
    },
    **{
        kind.mime_type: _boxes(MOVIE_BOXES)
        for kind in (
            kinds.CR3,
            kinds.CRM,
            kinds.MP4,
            kinds.M4V,
            kinds.MOV,
            kinds.THREE_GP,
            kinds.THREE_G2,
        )
    },
}
