import pytest
from hypothesis import given
from hypothesis import strategies as st
from photo_factory.media import identify

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
        (ASF, ".wmv", "video/x-ms-wmv"),
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
    ],
)
def test_what_is_no_photo_or_video_is_left_alone(head: bytes, suffix: str) -> None:
    assert identify(head, suffix) is None


def test_content_wins_over_the_name() -> None:
    kind = identify(b"\xff\xd8\xff\xe0", ".nef")
    assert kind is not None
    assert kind.mime_type == "image/jpeg"


@given(st.binary(max_size=400), st.sampled_from(["", ".jpg", ".nef", ".mov", ".m4a"]))
def test_any_bytes_get_an_answer(head: bytes, suffix: str) -> None:
    kind = identify(head, suffix)
    assert kind is None or kind.media_type in {"photo", "video"}
