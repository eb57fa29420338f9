"""Reads single properties out of an XMP packet by searching its bytes; no XML is parsed.

Only the plainest form of a property is understood. Any other is `Unusual`, for ExifTool to read.
"""

import re
from collections.abc import Iterator

from librarian.exif_block import Unusual

AUXILIARY = b"http://ns.adobe.com/exif/1.0/aux/"
CAMERA = b"http://ns.google.com/photos/1.0/camera/"
LENS = b":Lens"
NAMES = {
    (AUXILIARY, LENS): "XMP-aux:Lens",
    (CAMERA, b":MotionPhoto"): "XMP-GCamera:MotionPhoto",
    (CAMERA, b":MicroVideo"): "XMP-GCamera:MicroVideo",
}
PREFIX = re.compile(rb"([\s</])([\w.-]+)\Z")
LONGEST_PREFIX = 32
VALUE = re.compile(rb"=\"([^\"&<>]*)\"|='([^'&<>]*)'|>([^&<>]*)</")
AFTER_NAME = b"=>/ \t\r\n"
FOREIGN = re.compile(rb"<!|Pantry")
"""Comments, and the packets of other pictures, in which a property says nothing of this one."""


def read_properties(packet: bytes) -> dict[str, str]:
    """Read the lens and the marks of motion photos, under the names that ExifTool gives them.

    Raises:
        Unusual: ExifTool should read it.
    """
    if b"\x00" in packet.rstrip(b"\x00"):  # not UTF-8
        raise Unusual
    found: dict[str, str] = {}
    for _, word in NAMES:
        for prefix, value in _properties(packet, word):
            name = _full_name(packet, prefix, word)
            if name in found or FOREIGN.search(packet):
                raise Unusual
            found[name] = value
    return found


def _properties(packet: bytes, word: bytes) -> Iterator[tuple[bytes, str]]:
    """Where a word is a property's whole name: its prefix and its value."""
    position = packet.find(word)
    while position >= 0:
        end = position + len(word)
        if packet[end : end + 1] in AFTER_NAME:
            prefix = PREFIX.search(packet[max(0, position - LONGEST_PREFIX) : position])
            if prefix is None:
                raise Unusual
            if prefix[1] != b"/":
                yield prefix[2], _value(packet, end, is_digit=word != LENS)
        position = packet.find(word, end)


def _value(packet: bytes, start: int, *, is_digit: bool) -> str:
    match = VALUE.match(packet, start)
    text = match[match.lastindex or 0].decode("latin-1") if match else ""
    is_plain = text.isascii() and text.isprintable() and text == text.strip()
    if not text or not is_plain or (is_digit and not text.isdigit()):
        raise Unusual
    return text


def _full_name(packet: bytes, prefix: bytes, word: bytes) -> str:
    """The name with the namespace that the prefix stands for."""
    declared = set(re.findall(rb"xmlns:" + re.escape(prefix) + rb"=[\"']([^\"']*)[\"']", packet))
    full_name = NAMES.get((declared.pop(), word)) if len(declared) == 1 else None
    if full_name is None:
        raise Unusual
    return full_name
