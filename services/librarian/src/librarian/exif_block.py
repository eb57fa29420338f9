"""Reads the directories of an EXIF block, and only such as cameras write them.

Whatever departs from that is `Unusual`: ExifTool then follows rules of its own (it skips, mends or
stops) that are not repeated here. Every position and count is checked against the block's end.
"""

from dataclasses import dataclass
from struct import Struct

EXIF_POINTER = 0x8769
GPS_POINTER = 0x8825
INTEROPERABILITY_POINTER = 0xA005
MAKER_NOTE = 0x927C
NESTED = frozenset(
    {EXIF_POINTER, GPS_POINTER, INTEROPERABILITY_POINTER, MAKER_NOTE}
    | {0x014A, 0x0190, 0x02BC, 0x4748, 0x8290, 0x8606, 0x8649, 0x888A, 0x935C}
    | {0xC634, 0xC68C, 0xC6F5, 0xC7D5}
)
"""Tags with directories or packets of their own: SubIFD, XMP, Photoshop, DNG ..."""
FIRST_TEXT_TAG = 0xF001
"""From here on ExifTool makes tags of any name out of texts ("Make: ...")."""

BYTES_BY_FORMAT = (0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4)
BYTE, ASCII, SHORT, LONG, RATIONAL = 1, 2, 3, 4, 5
HEADER_BYTES = 8
COUNT_BYTES = 2
ENTRY_BYTES = 12
INLINE_OFFSET = 8
INLINE_BYTES = 4
"""A value of at most so many bytes stands in its entry."""
MAX_ENTRIES = 255
"""With more, ExifTool may take a maker note's numbers to be packed the other way round."""
MAX_MISPLACED = 5
"""Values that stand nowhere; after ten of them ExifTool gives a directory up."""
MAX_CHARACTERS = 200


class Unusual(Exception):  # noqa: N818 - not an error: ExifTool answers instead
    """ExifTool should judge this."""


@dataclass(frozen=True, slots=True)
class Order:
    """How numbers are packed."""

    short: Struct
    long: Struct
    entry: Struct


LITTLE_ENDIAN, BIG_ENDIAN = (
    Order(Struct(sign + "H"), Struct(sign + "I"), Struct(sign + "HHII")) for sign in "<>"
)
ORDERS = {b"II*\x00": LITTLE_ENDIAN, b"MM\x00*": BIG_ENDIAN}


@dataclass(frozen=True, slots=True)
class Directory:
    """The wanted entries of one directory.

    Attributes:
        entries: Format, count and position of each value, by tag.
        following: Where the next directory starts; 0 when there is none.
    """

    content: bytes
    order: Order
    entries: dict[int, tuple[int, int, int]]
    following: int

    def text(self, tag: int) -> str:
        """Read a text up to its first NUL; empty when there is none."""
        if tag not in self.entries:
            return ""
        kind, count, position = self.entries[tag]
        if kind != ASCII or count > MAX_CHARACTERS:
            raise Unusual
        text = self.content[position : position + count].partition(b"\x00")[0].decode("ascii")
        if not text.isprintable():
            raise Unusual
        return text

    def number(self, tag: int, kind: int) -> int | None:
        """Read a single whole number of this format."""
        if tag not in self.entries:
            return None
        found, count, position = self.entries[tag]
        if found != kind or count != 1:
            raise Unusual
        value = self.content[position : position + BYTES_BY_FORMAT[kind]]
        return int.from_bytes(value, "big" if self.order is BIG_ENDIAN else "little")

    def ratios(self, tag: int, count: int) -> list[float | None]:
        """Read so many ratios, with ExifTool's ten digits; None for each that divides by zero."""
        if tag not in self.entries:
            return []
        kind, found, position = self.entries[tag]
        if kind != RATIONAL or found != count:
            raise Unusual
        parts = self.content[position : position + count * BYTES_BY_FORMAT[RATIONAL]]
        numbers = [number for (number,) in self.order.long.iter_unpack(parts)]
        return [
            float(f"{upper / lower:.10g}") if lower else None
            for upper, lower in zip(numbers[::2], numbers[1::2], strict=True)
        ]

    def raw(self, tag: int) -> bytes:
        """Read the bytes of a value; empty when there is none."""
        kind, count, position = self.entries.get(tag, (0, 0, 0))
        return self.content[position : position + BYTES_BY_FORMAT[kind] * count]


class Block:
    """A block of EXIF or a maker note; reads each of its directories once.

    Args:
        content: What the positions in it count from.
        order: How its numbers are packed; told by its header when left out.
    """

    def __init__(self, content: bytes, order: Order | None = None) -> None:
        order = order or ORDERS.get(content[:4])
        if order is None:
            raise Unusual
        self._content = content
        self._order = order
        self._starts: set[int] = set()

    @property
    def first(self) -> int:
        """Where the first directory of a block with a header starts."""
        return int(self._order.long.unpack_from(self._content, 4)[0])

    def directory(self, start: int, wanted: frozenset[int] = frozenset()) -> Directory:
        """Find the wanted entries of a directory.

        Raises:
            Unusual: It is out of order, or has an unwanted entry that holds another directory.
            struct.error, IndexError: It reaches beyond the block, or has a format that none knows.
        """
        if start < HEADER_BYTES or start in self._starts:
            raise Unusual
        self._starts.add(start)
        (count,) = self._order.short.unpack_from(self._content, start)
        if count > MAX_ENTRIES:
            raise Unusual
        end = start + COUNT_BYTES + ENTRY_BYTES * count
        (following,) = self._order.long.unpack_from(self._content, end)
        entries = self._entries(start, end, wanted)
        is_there = following + COUNT_BYTES <= len(self._content)
        return Directory(self._content, self._order, entries, following if is_there else 0)

    def _entries(
        self, start: int, end: int, wanted: frozenset[int]
    ) -> dict[int, tuple[int, int, int]]:
        entries: dict[int, tuple[int, int, int]] = {}
        size, misplaced, position = len(self._content), 0, start + COUNT_BYTES
        for tag, kind, count, value in self._order.entry.iter_unpack(self._content[position:end]):
            place, length = position + INLINE_OFFSET, BYTES_BY_FORMAT[kind] * count
            position += ENTRY_BYTES
            if not kind:
                if place == start + COUNT_BYTES + INLINE_OFFSET:
                    raise Unusual  # such a directory is given up; later ones are padding
                continue
            if length > INLINE_BYTES:
                place = value
                if value < HEADER_BYTES or value + length > size or start - length < value < end:
                    misplaced += 1
                    if tag in wanted or misplaced > MAX_MISPLACED:
                        raise Unusual
            if tag in wanted:
                if tag in entries:
                    raise Unusual
                entries[tag] = (kind, count, place)
            elif tag in NESTED or tag >= FIRST_TEXT_TAG:
                raise Unusual
        return entries
