"""Puts JPEGs together byte by byte, with the EXIF and XMP that cameras and programs write.

Encoders write what is right. These files are for what is right but rare, and for what is wrong.
"""

import io
import struct
from dataclasses import dataclass, field
from functools import cache

from PIL import Image

BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED, SIGNED_RATIONAL = 1, 2, 3, 4, 5, 7, 10
SIZES = {BYTE: 1, ASCII: 1, SHORT: 2, LONG: 4, RATIONAL: 8, UNDEFINED: 1, SIGNED_RATIONAL: 8}
INLINE_BYTES = 4
APPLE_HEADER = b"Apple iOS\x00\x00\x01MM"
XMP_HEADER = b"http://ns.adobe.com/xap/1.0/\x00"
MORE_XMP_HEADER = b"http://ns.adobe.com/xmp/extension/\x00"

EXIF_POINTER, GPS_POINTER, INTEROPERABILITY_POINTER = 0x8769, 0x8825, 0xA005

Value = tuple[int, bytes | tuple[int, ...]]
"""A format, and either ready bytes or numbers (numerators and denominators in turn)."""
Directory = dict[int, Value]


def text(content: str) -> Value:
    """A text with the NUL at its end."""
    return ASCII, content.encode() + b"\x00"


def ratios(*parts: int) -> Value:
    """Numerators and denominators in turn."""
    return RATIONAL, parts


CAMERA: Directory = {0x010F: text("Photo Factory"), 0x0110: text("Generator")}
TAKEN: Directory = {0x9003: text("2024:05:17 23:30:00")}
FLORENCE: Directory = {
    0x01: text("N"),
    0x02: ratios(43, 1, 46, 1, 732, 100),
    0x03: text("E"),
    0x04: ratios(11, 1, 15, 1, 2484, 100),
    0x05: (BYTE, b"\x00"),
    0x06: ratios(4731, 100),
    0x07: ratios(21, 1, 30, 1, 2, 1),
    0x1D: text("2024:05:17"),
}


@dataclass(frozen=True, slots=True)
class Exif:
    """An EXIF block, directory by directory.

    Attributes:
        sign: "<" packs numbers like Intel, ">" like Motorola.
        following: The directory after the first, which describes the thumbnail.
    """

    first: Directory = field(default_factory=lambda: CAMERA)
    exif: Directory | None = field(default_factory=lambda: TAKEN)
    gps: Directory | None = None
    interoperability: Directory | None = None
    following: Directory | None = None
    sign: str = "<"

    def block(self) -> bytes:
        """The content of the segment, after its header."""
        block = bytearray(struct.pack(self.sign + "2sHI", self._mark, 42, 8))
        first, exif = dict(self.first), dict(self.exif or {})
        first_bytes = _length(first, (self.exif is not None) + (self.gps is not None))
        exif_bytes = _length(exif, self.interoperability is not None)
        at = len(block) + first_bytes
        if self.exif is not None:
            first[EXIF_POINTER] = (LONG, (at,))
            at += exif_bytes
        tail = b""
        if self.interoperability is not None:
            exif[INTEROPERABILITY_POINTER] = (LONG, (at,))
            tail += directory(self.interoperability, at, self.sign)
        if self.gps is not None:
            first[GPS_POINTER] = (LONG, (at + len(tail),))
            tail += directory(self.gps, at + len(tail), self.sign)
        following = 0 if self.following is None else at + len(tail)
        if self.following is not None:
            tail += directory(self.following, following, self.sign)
        block += directory(first, len(block), self.sign, following)
        if self.exif is not None:
            block += directory(exif, len(block), self.sign)
        return bytes(block + tail)

    @property
    def _mark(self) -> bytes:
        return b"II" if self.sign == "<" else b"MM"


def directory(entries: Directory, start: int, sign: str, following: int = 0) -> bytes:
    """A directory and its values, for a place in a block."""
    head, values = struct.pack(sign + "H", len(entries)), b""
    values_start = start + _length(dict.fromkeys(entries, (BYTE, b"")))
    for tag, (kind, value) in sorted(entries.items()):
        content = value if isinstance(value, bytes) else _packed(kind, value, sign)
        count = len(content) // SIZES.get(kind, 1)
        if len(content) > INLINE_BYTES:
            place = struct.pack(sign + "I", values_start + len(values))
            values += content + bytes(len(content) % 2)
        else:
            place = content.ljust(INLINE_BYTES, b"\x00")
        head += struct.pack(sign + "HHI", tag, kind, count) + place
    return head + struct.pack(sign + "I", following) + values


def apple_note(**texts: str) -> bytes:
    """A maker note of Apple's with a burst's and a pair's identifier (`burst`, `pair`)."""
    tags = {"burst": 0x0B, "pair": 0x11}
    entries: dict[int, Value] = {0x01: (LONG, (14,))}
    entries |= {tags[name]: text(content) for name, content in texts.items()}
    return APPLE_HEADER + directory(entries, len(APPLE_HEADER), ">")


def xmp(attributes: str, content: str = "") -> bytes:
    """An XMP packet with these attributes and elements in its one description."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {attributes}>{content}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def segment(marker: int, content: bytes) -> bytes:
    """A marker with its content."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def exif_segment(exif: Exif) -> bytes:
    """The segment that holds EXIF."""
    return segment(0xE1, b"Exif\x00\x00" + exif.block())


def xmp_segment(packet: bytes) -> bytes:
    """The segment that holds XMP."""
    return segment(0xE1, XMP_HEADER + packet)


def more_xmp_segments(*parts: bytes, first_offset: int = 0) -> list[bytes]:
    """The segments that hold the parts of a packet too long for one segment."""
    segments, offset = [], first_offset
    for part in parts:
        place = struct.pack(">II", sum(map(len, parts)), offset)
        segments.append(segment(0xE1, MORE_XMP_HEADER + b"A" * 32 + place + part))
        offset += len(part)
    return segments


def jpeg(*segments: bytes) -> bytes:
    """A small picture with these segments before it."""
    return b"\xff\xd8" + b"".join(segments) + _picture()


def photo(exif: Exif, packet: bytes | None = None) -> bytes:
    """A small picture with EXIF, and with XMP when there is any."""
    return jpeg(exif_segment(exif), *([] if packet is None else [xmp_segment(packet)]))


def _length(entries: Directory, more: int = 0) -> int:
    """How long a directory will be with so many more entries, whose values stand in them."""
    length = 2 + 12 * (len(entries) + more) + 4
    for kind, value in entries.values():
        size = len(value) if isinstance(value, bytes) else _size(kind, value)
        length += size + size % 2 if size > INLINE_BYTES else 0
    return length


def _size(kind: int, numbers: tuple[int, ...]) -> int:
    per_value = 2 if kind in (RATIONAL, SIGNED_RATIONAL) else 1
    return len(numbers) // per_value * SIZES[kind]


def _packed(kind: int, numbers: tuple[int, ...], sign: str) -> bytes:
    shape = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "I", SIGNED_RATIONAL: "i"}[kind]
    return struct.pack(f"{sign}{len(numbers)}{shape}", *numbers)


@cache
def _picture() -> bytes:
    """What follows the start of a picture, from its tables to its end."""
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(file, "JPEG")
    content = file.getvalue()
    return content[content.index(b"\xff\xdb") :]
