"""The kinds of media that Photo Factory takes in, and how files of each are usually called."""

from dataclasses import dataclass

from photo_factory.models import MediaType


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of media file.

    Attributes:
        extensions: File name extensions in lower case with their dot, the usual one first.
    """

    media_type: MediaType
    mime_type: str
    extensions: tuple[str, ...]


def _photo(mime_type: str, *extensions: str) -> Kind:
    return Kind("photo", mime_type, extensions)


def _video(mime_type: str, *extensions: str) -> Kind:
    return Kind("video", mime_type, extensions)


JPEG = _photo("image/jpeg", ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".jps", ".insp")
PNG = _photo("image/png", ".png", ".apng")
GIF = _photo("image/gif", ".gif")
WEBP = _photo("image/webp", ".webp")
HEIC = _photo("image/heic", ".heic", ".heif", ".hif")
HEIC_SEQUENCE = _photo("image/heic-sequence", ".heics", ".heic", ".heifs")
HEIF = _photo("image/heif", ".heif", ".hif", ".heic")
AVIF = _photo("image/avif", ".avif", ".avifs")
JXL = _photo("image/jxl", ".jxl")
JPEG_2000 = _photo("image/jp2", ".jp2", ".jpx", ".jpf", ".j2k", ".j2c")
JPEG_XR = _photo("image/vnd.ms-photo", ".jxr", ".wdp", ".hdp")
TIFF = _photo("image/tiff", ".tif", ".tiff")
BMP = _photo("image/bmp", ".bmp", ".dib")
PSD = _photo("image/vnd.adobe.photoshop", ".psd", ".psb")

CR2 = _photo("image/x-canon-cr2", ".cr2")
CR3 = _photo("image/x-canon-cr3", ".cr3")
CRW = _photo("image/x-canon-crw", ".crw")
RAF = _photo("image/x-fujifilm-raf", ".raf")
RW2 = _photo("image/x-panasonic-rw2", ".rw2", ".raw")
RWL = _photo("image/x-leica-rwl", ".rwl")
ORF = _photo("image/x-olympus-orf", ".orf", ".ori")
X3F = _photo("image/x-sigma-x3f", ".x3f")
MRW = _photo("image/x-minolta-mrw", ".mrw")
TIFF_BASED_RAW = (
    _photo("image/x-nikon-nef", ".nef"),
    _photo("image/x-nikon-nrw", ".nrw"),
    _photo("image/x-adobe-dng", ".dng"),
    _photo("image/x-sony-arw", ".arw"),
    _photo("image/x-sony-sr2", ".sr2"),
    _photo("image/x-sony-srf", ".srf"),
    _photo("image/x-pentax-pef", ".pef"),
    _photo("image/x-samsung-srw", ".srw"),
    _photo("image/x-hasselblad-3fr", ".3fr"),
    _photo("image/x-hasselblad-fff", ".fff"),
    _photo("image/x-epson-erf", ".erf"),
    _photo("image/x-kodak-kdc", ".kdc"),
    _photo("image/x-kodak-dcr", ".dcr"),
    _photo("image/x-mamiya-mef", ".mef"),
    _photo("image/x-leaf-mos", ".mos"),
    _photo("image/x-phaseone-iiq", ".iiq"),
    _photo("image/x-gopro-gpr", ".gpr"),
    CR2,
    RWL,
    _photo("image/x-sony-arq", ".arq"),
    _photo("image/x-kodak-k25", ".k25"),
)
"""RAW formats with an ordinary TIFF header: only the name tells them apart."""

MP4 = _video("video/mp4", ".mp4", ".lrv", ".lrf", ".insv", ".360", ".osv", ".f4v")
M4V = _video("video/x-m4v", ".m4v")
MOV = _video("video/quicktime", ".mov", ".qt", ".mqv")
THREE_GP = _video("video/3gpp", ".3gp", ".3gpp")
THREE_G2 = _video("video/3gpp2", ".3g2", ".3gp2")
CRM = _video("video/x-canon-crm", ".crm")
AVI = _video("video/x-msvideo", ".avi", ".divx")
MKV = _video("video/x-matroska", ".mkv", ".mk3d")
WEBM = _video("video/webm", ".webm")
M2TS = _video("video/mp2t", ".mts", ".m2ts", ".ts", ".m2t")
TS = _video("video/mp2t", ".ts", ".mts", ".m2ts", ".m2t", ".tod")
MPG = _video("video/mpeg", ".mpg", ".mpeg", ".mpe", ".m2p", ".m2v", ".vob", ".mod")
WMV = _video("video/x-ms-wmv", ".wmv", ".asf")
FLV = _video("video/x-flv", ".flv")
OGV = _video("video/ogg", ".ogv", ".ogm")
DV = _video("video/x-dv", ".dv", ".dif")

INTERCHANGEABLE = (
    (HEIC, HEIC_SEQUENCE, HEIF),
    (MP4, M4V, MOV, THREE_GP, THREE_G2),
    (M2TS, TS),
    (MKV, WEBM),
    (RW2, RWL),
)
"""Kinds so close that people and programs rightly use one's extension for the other."""
OTHER_USUAL_SUFFIXES = {
    MP4.mime_type: frozenset({".mp", ".mp4v", ".mpg4"}),  # .mp: the film of a Pixel's motion photo
    TS.mime_type: frozenset({".mpg"}),  # recorders
}


def is_usual_suffix(kind: Kind, suffix: str) -> bool:
    """Whether a file of this kind may well be called so; a missing extension is not wrong.

    Args:
        kind: What its content is.
        suffix: In lower case with the dot; empty when the name has none.
    """
    return not suffix or suffix in _USUAL_SUFFIXES.get(kind.mime_type, kind.extensions)


def _usual_suffixes() -> dict[str, frozenset[str]]:
    """For each kind that has more usual extensions than its own, all of them."""
    return {
        kind.mime_type: frozenset().union(
            *(one.extensions for one in group),
            *(OTHER_USUAL_SUFFIXES.get(one.mime_type, ()) for one in group),
        )
        for group in INTERCHANGEABLE
        for kind in group
    }


_USUAL_SUFFIXES = _usual_suffixes()
