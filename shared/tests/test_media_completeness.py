import importlib.util
import io
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photo_factory.media import HEAD_BYTES, Kind, identify, incompleteness
from photo_factory.media.completeness import CHUNK_BYTES

REPOSITORY = Path(__file__).parents[2]
NAMES = ("tokyo-evening.jpg", "spring.png", "spring.webp", "spring.heic", "walk.mp4", "night.mov")
LENIENT = settings(
    max_examples=150,
    deadline=2000,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

pytestmark = pytest.mark.unit


def load_generator() -> ModuleType:
    path = REPOSITORY / "tests" / "media" / "generate.py"
    spec = importlib.util.spec_from_file_location("media_generate", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Complete files of several formats by name."""
    folder = tmp_path_factory.mktemp("whole")
    load_generator().generate(folder)
    return {name: (folder / name).read_bytes() for name in NAMES}


def verdict(path: Path, content: bytes) -> str | None:
    """What is found lacking in a file with this content."""
    path.write_bytes(content)
    kind = identify(content[:HEAD_BYTES], path.suffix)
    return "it is no media" if kind is None else lack(path, kind)


def lack(path: Path, kind: Kind) -> str | None:
    """As the librarian asks: the file is open, unbuffered, and has been read from."""
    with path.open("rb", buffering=0) as file:
        file.read(100)
        return incompleteness(file, kind)


@pytest.mark.parametrize("name", NAMES)
def test_a_whole_file_is_complete(name: str, whole: dict[str, bytes], tmp_path: Path) -> None:
    assert verdict(tmp_path / name, whole[name]) is None


@pytest.mark.parametrize("name", NAMES)
@LENIENT
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_file_cut_anywhere_is_incomplete(
    name: str, whole: dict[str, bytes], tmp_path: Path, share: float
) -> None:
    content = whole[name]
    assert verdict(tmp_path / name, content[: int(len(content) * share)]) is not None


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("trailer", [b"\x00" * 3, b"\x00" * 64, b"\x00\x00\xa1\x0aSEFH and more"])
def test_a_trailer_after_the_end_is_no_lack(
    name: str, trailer: bytes, whole: dict[str, bytes], tmp_path: Path
) -> None:
    assert verdict(tmp_path / name, whole[name] + trailer) is None


def test_a_motion_photo_is_complete(whole: dict[str, bytes], tmp_path: Path) -> None:
    """A film behind the picture, so that the file does not end with the picture's end marker."""
    content = whole["tokyo-evening.jpg"] + whole["walk.mp4"]
    assert verdict(tmp_path / "motion.jpg", content) is None


def test_padding_after_the_end_is_no_lack(whole: dict[str, bytes], tmp_path: Path) -> None:
    """Some cards and programs fill up the last block."""
    content = whole["tokyo-evening.jpg"]
    assert verdict(tmp_path / "padded.jpg", content + bytes(300_000)) is None
    assert verdict(tmp_path / "unfilled.jpg", content[:5000] + bytes(300_000)) is not None


def test_an_end_marker_between_two_reads_is_found(tmp_path: Path) -> None:
    scan = b"\xff\xd8\xff\xda\x00\x02"
    for before in range(CHUNK_BYTES - 4, CHUNK_BYTES + 4):
        content = scan + bytes(before) + b"\xff\xd9" + bytes(9)
        assert verdict(tmp_path / "cut.jpg", content) is None


def test_a_file_that_is_read_bit_by_bit_gets_the_same_answer(whole: dict[str, bytes]) -> None:
    """Reads may end early on some file systems."""
    for name, content in whole.items():
        kind = identify(content[:HEAD_BYTES], Path(name).suffix)
        assert kind is not None
        assert incompleteness(Trickle(content), kind) is None
        assert incompleteness(Trickle(content[:-30]), kind) is not None


class Trickle(io.BytesIO):
    """A file that gives at most a thousand bytes at once, and of a few bytes one."""

    def read(self, count: int | None = -1) -> bytes:
        few = count is not None and 0 <= count < 20
        return super().read(1 if few and count else 1000)


def test_a_cut_jpeg_is_not_saved_by_the_end_of_its_thumbnail(tmp_path: Path) -> None:
    thumbnail = b"\xff\xd8\xff\xd9" + bytes(10)
    header = b"\xff\xd8\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    scan = b"\xff\xda\x00\x04\x00\x00" + b"\x12" * 50
    assert verdict(tmp_path / "cut.jpg", header + scan) is not None
    assert verdict(tmp_path / "whole.jpg", header + scan + b"\xff\xd9" + b"trailer") is None


def box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body


def long_box(kind: bytes, body: bytes) -> bytes:
    return b"\x00\x00\x00\x01" + kind + (len(body) + 16).to_bytes(8, "big") + body


FTYP = box(b"ftyp", b"isom\x00\x00\x02\x00isom")


@pytest.mark.parametrize(
    ("content", "is_complete"),
    [
        (FTYP + box(b"moov", bytes(20)) + b"\x00\x00\x00\x00mdat" + bytes(99), True),
        (FTYP + box(b"moov", bytes(20)) + long_box(b"mdat", bytes(99)), True),
        (FTYP + box(b"moov", bytes(20)) + long_box(b"mdat", bytes(99))[:-1], False),
        (FTYP + b"\x00\x00\x00\x00mdat" + bytes(99), False),
        (FTYP + box(b"moof", bytes(8)) + box(b"mdat", bytes(8)), True),
        (FTYP + b"\x00\x00\x00\x01mdat" + bytes(8), False),
    ],
)
def test_boxes_of_every_length_are_understood(
    content: bytes,
    is_complete: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    assert (verdict(tmp_path / "film.mp4", content) is None) == is_complete


@pytest.mark.parametrize("name", NAMES)
@LENIENT
@given(
    edits=st.lists(
        st.tuples(st.floats(0, 1, exclude_max=True), st.binary(min_size=1, max_size=9)),
        min_size=1,
        max_size=6,
    )
)
def test_a_damaged_file_gets_an_answer_in_time(
    name: str, whole: dict[str, bytes], tmp_path: Path, edits: list[tuple[float, bytes]]
) -> None:
    """Half of the edits hit the first bytes, where the format's frame is."""
    content = bytearray(whole[name])
    for number, (share, patch) in enumerate(edits):
        at = int(share * (len(content) if number % 2 else 200))
        content[at : at + len(patch)] = patch
    path = tmp_path / name
    path.write_bytes(content)
    kind = identify(whole[name][:HEAD_BYTES], path.suffix)
    assert kind is not None
    answer = lack(path, kind)
    assert answer is None or answer.startswith("it ")


def test_countless_tiny_chunks_cost_little(tmp_path: Path) -> None:
    """The loops are bounded by the file and by themselves."""
    kind = identify(b"\x89PNG\r\n\x1a\n", ".png")
    assert kind is not None
    path = tmp_path / "tiny.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00" * 50_000)
    assert lack(path, kind) is not None
