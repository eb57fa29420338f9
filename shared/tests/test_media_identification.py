import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_factory.media import Kind, identify, is_usual_suffix, kinds

pytestmark = pytest.mark.unit


def ftyp(major: bytes, *compatible: bytes) -> bytes:
    """The first box of an ISO base media file."""
    body = major + bytes(4) + b"".join(compatible)
    return (len(body) + 8).to_bytes(4, "big") + b"ftyp" + body


TIFF = b"II*\x00\x08\x00\x00\x00"
ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")


@pytest.mark.parametrize(
    ("head", "suffix", "mime_type"),
    [
        (b"\xff\xd8\xff\xe1", ".jpg", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n", ".png", "image/png"),
        (b"GIF89a", ".gif", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8X", ".webp", "image/webp"),
        (b"8BPS\x00\x01", ".psd", "image/vnd.adobe.photoshop"),
        (b"BM" + bytes(12) + b"\x28\x00\x00\x00", ".bmp", "image/bmp"),
        (b"\xff\x0a\xfa", ".jxl", "image/jxl"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", ".jxl", "image/jxl"),
        (ftyp(b"heic", b"mif1"), ".heic", "image/heic"),
        (ftyp(b"heix", b"mif1"), ".hif", "image/heic"),
        (ftyp(b"hevc", b"msf1"), ".heics", "image/heic-sequence"),
        (ftyp(b"mif1", b"heic"), ".heic", "image/heic"),
        (ftyp(b"msf1", b"hevc"), ".heic", "image/heic-sequence"),
        (ftyp(b"mif1", b"miaf", b"avif"), ".avif", "image/avif"),
        (ftyp(b"mif1"), ".heif", "image/heif"),
        (ftyp(b"avis"), ".avif", "image/avif"),
        (ftyp(b"crx "), ".cr3", "image/x-canon-cr3"),
        (TIFF, ".tif", "image/tiff"),
        (b"MM\x00*", ".nef", "image/x-nikon-nef"),
        (TIFF + b"CR\x02\x00", ".tif", "image/x-canon-cr2"),
        (TIFF, ".dng", "image/x-adobe-dng"),
        (TIFF, ".arw", "image/x-sony-arw"),
        (TIFF, ".pef", "image/x-pentax-pef"),
        (TIFF, ".srw", "image/x-samsung-srw"),
        (b"IIU\x00", ".rw2", "image/x-panasonic-rw2"),
        (b"IIRO", ".orf", "image/x-olympus-orf"),
        (b"FUJIFILMCCD-RAW 0201", ".raf", "image/x-fujifilm-raf"),
        (ftyp(b"isom", b"avc1"), ".mp4", "video/mp4"),
        (ftyp(b"mp42", b"isom"), ".mp4", "video/mp4"),
        (ftyp(b"qt  "), ".mov", "video/quicktime"),
        (b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", ".mov", "video/quicktime"),
        (ftyp(b"M4V "), ".m4v", "video/x-m4v"),
        (ftyp(b"3gp5"), ".3gp", "video/3gpp"),
        (ftyp(b"3g2a"), ".3g2", "video/3gpp2"),
        (b"RIFF\x10\x00\x00\x00AVI LIST", ".avi", "video/x-msvideo"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", ".mkv", "video/x-matroska"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm", ".webm", "video/webm"),
        ((b"\x47" + bytes(187)) * 4, ".ts", "video/mp2t"),
        ((bytes(4) + b"\x47" + bytes(187)) * 4, ".mts", "video/mp2t"),
        (b"\x00\x00\x01\xba\x44", ".mpg", "video/mpeg"),
        (b"\x00\x00\x01\xba\x44", ".mod", "video/mpeg"),
        (ASF, ".wmv", "video/x-ms-wmv"),
        (b"FLV\x01\x05", ".flv", "video/x-flv"),
        (b"\x1f\x07\x00\xbf", ".dv", "video/x-dv"),
        (b"OggS\x00\x02" + bytes(22) + b"\x80theora", ".ogv", "video/ogg"),
        (b"II\x1a\x00\x00\x00HEAPCCDR", ".crw", "image/x-canon-crw"),
        (b"FOVb\x00\x00\x02\x00", ".x3f", "image/x-sigma-x3f"),
        (b"\x00MRM\x00\x00", ".mrw", "image/x-minolta-mrw"),
        (b"\x00MRI\x00\x00", ".mrw", "image/x-minolta-mrw"),
        (b"IIRS\x08\x00", ".orf", "image/x-olympus-orf"),
        (b"MMOR\x00\x00", ".orf", "image/x-olympus-orf"),
        (b"IIU\x00", ".rwl", "image/x-leica-rwl"),
        (b"IIU\x00", ".raw", "image/x-panasonic-rw2"),
        (b"II+\x00\x08\x00", ".tif", "image/tiff"),
        (b"II\xbc\x01", ".jxr", "image/vnd.ms-photo"),
        (b"8BPS\x00\x02", ".psb", "image/vnd.adobe.photoshop"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", ".jp2", "image/jp2"),
        (b"\xff\x4f\xff\x51\x00", ".j2k", "image/jp2"),
        (ftyp(b"crx ", b"isom"), ".crm", "video/x-canon-crm"),
        (ftyp(b"avci", b"mif1"), ".avci", "image/heif"),
        (ftyp(b"3g2b"), ".3g2", "video/3gpp2"),
        (ftyp(b"3gp4", b"3gr6"), ".3gp", "video/3gpp"),
        (ftyp(b"avc1", b"isom"), ".insv", "video/mp4"),
        (ftyp(b"mp41"), ".360", "video/mp4"),
        (ftyp(b"mp41"), ".lrv", "video/mp4"),
        (ftyp(b"XAVC", b"mp42"), ".mp4", "video/mp4"),
        (b"\xff\xd8\xff\xe1", ".insp", "image/jpeg"),
    ],
)
def test_a_file_is_known_by_its_content(head: bytes, suffix: str, mime_type: str) -> None:
    kind = identify(head, suffix)
    assert kind is not None
    assert kind.mime_type == mime_type
    assert kind.media_type == mime_type.split("/", maxsplit=1)[0].replace("image", "photo")


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"", ".jpg"),
        (b"Dear diary, no picture", ".jpg"),
        (b"BM is how this text begins", ".bmp"),
        (b"RIFF\x10\x00\x00\x00WAVEfmt ", ".wav"),
        (ftyp(b"M4A ", b"isom"), ".m4a"),
        (ftyp(b"mp42", b"isom"), ".m4a"),
        (ASF, ".wma"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x88matroska", ".mka"),
        (b"G" * 40, ".ts"),
        (b"you mdat me", ".mov"),
        (b"%PDF-1.7", ".pdf"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01vorbis", ".ogg"),
        (ftyp(b"F4A "), ".f4a"),
    ],
)
def test_what_is_no_photo_or_video_is_left_alone(head: bytes, suffix: str) -> None:
    assert identify(head, suffix) is None


RAW_SUFFIXES = (
    ".3fr .arq .arw .dcr .dng .erf .fff .gpr .iiq .k25 .kdc .mef .mos .nef .nrw .pef .sr2 .srf .srw"
)


@pytest.mark.parametrize("suffix", RAW_SUFFIXES.split())
def test_raw_files_with_the_header_of_a_tiff_are_told_apart_by_name(suffix: str) -> None:
    kind = identify(TIFF, suffix)
    assert kind is not None
    assert kind.media_type == "photo"
    assert kind.extensions == (suffix,)
    assert kind.mime_type.startswith("image/x-")


@pytest.mark.parametrize(
    ("head", "suffixes"),
    [
        (b"\xff\xd8\xff", ".jpg .jpeg .jpe .jfif .mpo .insp"),
        (ftyp(b"qt  "), ".mov .qt .mp4 .m4v .3gp .insv .lrv .360"),
        (ftyp(b"mp42"), ".mp4 .mov .m4v .qt .3gp .mp .lrf"),
        (ftyp(b"3gp5"), ".3gp .mp4"),
        (ftyp(b"heic"), ".heic .heif .hif"),
        (ftyp(b"avif"), ".avif"),
        (TIFF, ".tif .tiff"),
        (TIFF, ".nef"),
        ((b"\x47" + bytes(187)) * 4, ".ts .mts .m2ts .mpg"),
        (b"\x1a\x45\xdf\xa3\x93\x42\x82\x84webm", ".webm .mkv"),
    ],
)
def test_a_usual_extension_is_no_wrong_name(head: bytes, suffixes: str) -> None:
    for suffix in [*suffixes.split(), ""]:
        kind = identify(head, suffix)
        assert kind is not None
        assert is_usual_suffix(kind, suffix)


@pytest.mark.parametrize(
    ("head", "suffix"),
    [
        (b"\xff\xd8\xff", ".png"),
        (b"\xff\xd8\xff", ".heic"),
        (b"\xff\xd8\xff", ".jpg_original"),
        (b"\x89PNG\r\n\x1a\n", ".jpg"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8X", ".jpg"),
        (ftyp(b"heic"), ".jpg"),
        (ftyp(b"avif"), ".heic"),
        (ftyp(b"mp42"), ".avi"),
        (ftyp(b"mp42"), ".jpg"),
        (TIFF + b"CR\x02\x00", ".tif"),
        (TIFF, ".jpg"),
    ],
)
def test_an_extension_of_another_type_is_a_wrong_name(head: bytes, suffix: str) -> None:
    kind = identify(head, suffix)
    assert kind is not None
    assert not is_usual_suffix(kind, suffix)


def test_every_kind_is_told_by_its_type_and_known_by_its_own_extensions() -> None:
    found = [kind for kind in all_kinds() if kind not in (kinds.M2TS, kinds.TS)]
    assert len({kind.mime_type for kind in found}) == len(found)
    for kind in all_kinds():
        assert all(is_usual_suffix(kind, suffix) for suffix in kind.extensions)
        assert not is_usual_suffix(kind, ".txt")


def all_kinds() -> set[Kind]:
    values = vars(kinds).values()
    return {value for value in values if isinstance(value, Kind)} | {*kinds.TIFF_BASED_RAW}


def test_content_wins_over_the_name() -> None:
    kind = identify(b"\xff\xd8\xff\xe0", ".nef")
    assert kind is not None
    assert kind.mime_type == "image/jpeg"


@given(st.binary(max_size=400), st.sampled_from(["", ".jpg", ".nef", ".mov", ".m4a"]))
def test_any_bytes_get_an_answer(head: bytes, suffix: str) -> None:
    kind = identify(head, suffix)
    assert kind is None or kind.media_type in {"photo", "video"}
