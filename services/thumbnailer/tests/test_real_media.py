"""Real camera files get their pictures, or fail with a code that is declared."""

from pathlib import Path

import pytest
from photo_factory.errors import Permanent
from photo_factory.media import HEAD_BYTES, identify, incompleteness
from photo_factory.stage import Done
from PIL import Image
from thumbnails import Workshop

MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
EXPECTED_CODES = {
    "formats/8bit-sRGB.jxl": "format_unsupported",  # no decoder for JPEG XL yet
    "elodie/photo.heic": "image_damaged",  # its boxes name another size than its picture has
}
pytestmark = [
    pytest.mark.real_media,
    pytest.mark.skipif(not MEDIA.is_dir(), reason="there are no real camera files here"),
]


def sound_files() -> list[Path]:
    paths = sorted(path for path in MEDIA.rglob("*") if path.is_file()) if MEDIA.is_dir() else []
    return [path for path in paths if is_sound(path)]


def is_sound(path: Path) -> bool:
    with path.open("rb") as file:
        kind = identify(file.read(HEAD_BYTES), path.suffix.lower())
        return kind is not None and incompleteness(file, kind) is None


def name_of(path: Path) -> str:
    return path.relative_to(MEDIA).as_posix()


@pytest.mark.parametrize("path", sound_files(), ids=name_of)
@pytest.mark.filterwarnings("default")  # Pillow remarks upon odd tags, which real files have
def test_a_real_file_gets_its_pictures(workshop: Workshop, path: Path) -> None:
    expected = next(
        (code for name, code in EXPECTED_CODES.items() if name_of(path).endswith(name)), None
    )
    if expected is not None:
        with pytest.raises(Permanent) as raised:
            workshop.run(path)
        assert raised.value.code == expected
        return
    outcome = workshop.run(path)
    assert isinstance(outcome, Done)
    assert [made.kind for made in outcome.result.derivatives] == ["web", "preview", "thumb"]
    for file in outcome.files:
        with Image.open(file.scratch) as picture:
            assert not picture.getexif()
            assert "icc_profile" not in picture.info


@pytest.mark.parametrize("number", range(1, 9))
def test_real_pictures_of_all_orientations_look_alike(workshop: Workshop, number: int) -> None:
    first = workshop.pictures(MEDIA / "orientation" / "Landscape_1.jpg")["thumb"]
    turned = workshop.pictures(MEDIA / "orientation" / f"Landscape_{number}.jpg")["thumb"]
    assert turned.size == first.size
    differences = [
        abs(one - other) for one, other in zip(grey_levels(first), grey_levels(turned), strict=True)
    ]
    assert sum(differences) / len(differences) < 6


def grey_levels(picture: Image.Image) -> bytes:
    return picture.convert("L").resize((64, 64)).tobytes()
