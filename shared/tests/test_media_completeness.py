import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photo_factory.media import HEAD_BYTES, identify, incompleteness

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
    return "it is no media" if kind is None else incompleteness(path, kind)


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
    answer = incompleteness(path, kind)
    assert answer is None or answer.startswith("it ")


def test_countless_tiny_chunks_cost_little(tmp_path: Path) -> None:
    """The loops are bounded by the file and by themselves."""
    kind = identify(b"\x89PNG\r\n\x1a\n", ".png")
    assert kind is not None
    path = tmp_path / "tiny.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x00tEXt\x00\x00\x00\x00" * 50_000)
    assert incompleteness(path, kind) is not None
