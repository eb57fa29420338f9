"""Tells what a file is from its first bytes; names lie more often than contents."""

from collections.abc import Callable

from photo_factory.media import kinds
from photo_factory.media.kinds import Kind

HEAD_BYTES = 4096
"""How many bytes from the beginning of a file `identify` wants to see."""

AUDIO_SUFFIXES = frozenset({".m4a", ".m4b", ".m4p", ".m4r", ".f4a", ".aac", ".aax", ".mka", ".wma"})

SIGNATURES: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", kinds.JPEG),
    (b"\x89PNG\r\n\x1a\n", kinds.PNG),
    (b"GIF87a", kinds.GIF),
    (b"GIF89a", kinds.GIF),
    (b"8BPS\x00\x01", kinds.PSD),
    (b"8BPS\x00\x02", kinds.PSD),
    (b"\xff\x0a", kinds.JXL),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", kinds.JXL),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", kinds.JPEG_2000),
    (b"\xff\x4f\xff\x51", kinds.JPEG_2000),
    (b"II\xbc\x01", kinds.JPEG_XR),
    (b"FUJIFILMCCD-RAW", kinds.RAF),
    (b"II\x1a\x00\x00\x00HEAPCCDR", kinds.CRW),
    (b"IIRO", kinds.ORF),
    (b"IIRS", kinds.ORF),
    (b"MMOR", kinds.ORF),
    (b"FOVb", kinds.X3F),
    (b"\x00MRM", kinds.MRW),
    (b"\x00MRI", kinds.MRW),
    (b"\x00\x00\x01\xba", kinds.MPG),
    (b"\x00\x00\x01\xb3", kinds.MPG),
    (b"FLV\x01", kinds.FLV),
    (b"\x1f\x07\x00\x3f", kinds.DV),
    (b"\x1f\x07\x00\xbf", kinds.DV),
)
TIFF_HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
PANASONIC_HEADER = b"IIU\x00"
ASF_HEADER = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
BITMAP_HEADER_SIZES = frozenset({12, 40, 52, 56, 64, 108, 124})
TRANSPORT_SYNC = 0x47
TRANSPORT_PACKET = 188
TRANSPORT_TIMESTAMP = 4
"""Cameras (AVCHD, .mts) put a time stamp of four bytes before each packet."""

KINDS_BY_BRAND: dict[bytes, Kind] = {
    b"crx ": kinds.CR3,
    **dict.fromkeys((b"avif", b"avis"), kinds.AVIF),
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), kinds.HEIC),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), kinds.HEIC_SEQUENCE),
    **dict.fromkeys((b"avci", b"avcs", b"jpeg", b"jpgs", b"j2ki", b"j2is"), kinds.HEIF),
    b"qt  ": kinds.MOV,
    **dict.fromkeys((b"M4V ", b"M4VH", b"M4VP"), kinds.M4V),
}
HEIF_BRANDS = frozenset({b"mif1", b"mif2", b"msf1", b"miaf"})
"""They say how the pictures are stored, not what they are coded in: other brands tell that."""
AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B ", b"aax ", b"aaxc"})
OLD_MOVIE_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
LARGEST_FIRST_BOX = 2**29
"""An older QuickTime file starts without `ftyp`; plain text would read as a larger first box."""


def identify(head: bytes, suffix: str) -> Kind | None:
    """Say what kind of media a file is, or None when it is not a photo or video.

    Args:
        head: The first `HEAD_BYTES` of the file, or all of a shorter one.
        suffix: Its extension in lower case with the dot. It only decides between formats that share
            one header (TIFF and RAW, films with and without a picture); otherwise content wins.
    """
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    for test in _TESTS:
        found = test(head, suffix)
        if found is not None:
            return found
    return None


def _tiff(head: bytes, suffix: str) -> Kind | None:
    if head.startswith(PANASONIC_HEADER):
        return kinds.RWL if suffix == ".rwl" else kinds.RW2
    if not head.startswith(TIFF_HEADERS):
        return None
    if head[8:10] == b"CR":
        return kinds.CR2
    for kind in kinds.TIFF_BASED_RAW:
        if suffix in kind.extensions:
            return kind
    return kinds.TIFF


def _bitmap(head: bytes, _suffix: str) -> Kind | None:
    is_bitmap = (
        head.startswith(b"BM")
        and head[6:10] == bytes(4)
        and int.from_bytes(head[14:18], "little") in BITMAP_HEADER_SIZES
    )
    return kinds.BMP if is_bitmap else None


def _riff(head: bytes, _suffix: str) -> Kind | None:
    if not head.startswith(b"RIFF"):
        return None
    return {b"WEBP": kinds.WEBP, b"AVI ": kinds.AVI}.get(head[8:12])


def _iso_media(head: bytes, suffix: str) -> Kind | None:
    """ISO base media: the brands in its `ftyp` box say what it is."""
    size = int.from_bytes(head[:4], "big")
    box = head[4:8]
    if box != b"ftyp":
        is_old_movie = box in OLD_MOVIE_BOXES and size < LARGEST_FIRST_BOX and len(head) > len(box)
        return kinds.MOV if is_old_movie and suffix not in AUDIO_SUFFIXES else None
    compatible = {head[at : at + 4] for at in range(16, min(size, len(head)), 4)}
    return _by_brand(head[8:12], compatible, suffix)


def _by_brand(major: bytes, compatible: set[bytes], suffix: str) -> Kind | None:
    if major in HEIF_BRANDS:
        return _heif(compatible)
    kind = KINDS_BY_BRAND.get(major)
    if kind is kinds.CR3 and suffix in kinds.CRM.extensions:
        return kinds.CRM
    if kind is not None and kind.media_type == "photo":
        return kind
    if major in AUDIO_BRANDS or suffix in AUDIO_SUFFIXES:
        return None
    return kind or _mobile(major) or kinds.MP4


def _mobile(major: bytes) -> Kind | None:
    if major.startswith(b"3g2"):
        return kinds.THREE_G2
    return kinds.THREE_GP if major.startswith(b"3g") else None


def _heif(compatible: set[bytes]) -> Kind:
    for brand in sorted(compatible):
        kind = KINDS_BY_BRAND.get(brand)
        if kind in (kinds.AVIF, kinds.HEIC, kinds.HEIC_SEQUENCE):
            return kind
    return kinds.HEIF


def _matroska(head: bytes, suffix: str) -> Kind | None:
    if not head.startswith(b"\x1a\x45\xdf\xa3") or suffix in AUDIO_SUFFIXES:
        return None
    if b"webm" in head[:128]:
        return kinds.WEBM
    return kinds.MKV if b"matroska" in head[:128] else None


def _ogg(head: bytes, _suffix: str) -> Kind | None:
    """Ogg holds sound more often than films; a film's first pages name Theora."""
    return kinds.OGV if head.startswith(b"OggS") and b"\x80theora" in head else None


def _windows_media(head: bytes, suffix: str) -> Kind | None:
    return kinds.WMV if head.startswith(ASF_HEADER) and suffix not in AUDIO_SUFFIXES else None


def _transport_stream(head: bytes, _suffix: str) -> Kind | None:
    if _has_packets(head, 0, TRANSPORT_PACKET):
        return kinds.TS
    if _has_packets(head, TRANSPORT_TIMESTAMP, TRANSPORT_PACKET + TRANSPORT_TIMESTAMP):
        return kinds.M2TS
    return None


def _has_packets(head: bytes, start: int, stride: int) -> bool:
    positions = range(start, len(head), stride)
    return len(positions) > 2 and all(head[at] == TRANSPORT_SYNC for at in positions)  # noqa: PLR2004 - fewer prove nothing


_TESTS: tuple[Callable[[bytes, str], Kind | None], ...] = (
    _tiff,
    _bitmap,
    _riff,
    _iso_media,
    _matroska,
    _ogg,
    _windows_media,
    _transport_stream,
)
