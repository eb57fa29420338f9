from pathlib import Path

import pytest
from photo_factory.media import HEAD_BYTES, identify, incompleteness, is_usual_suffix

MEDIA = Path(__file__).parents[3] / "shared" / "media"
DAMAGED = {"corrupted.heic", "corrupted.hif", "truncated.heic"}
MISNAMED = {"Issue 247-1.nef": "image/jpeg"}
NOT_MEDIA = {".txt", ".md", ".xmp", ".tsv", ".mie", ".lfp", ".m4a", ".invalid", ""}
POINTER = b"version https://git-lfs"
"""A stand-in for a picture that was not fetched; text for all that we know."""

pytestmark = [
    pytest.mark.real_media,
    pytest.mark.skipif(not MEDIA.is_dir(), reason="there are no real camera files here"),
]


def files() -> list[Path]:
    return sorted(path for path in MEDIA.rglob("*") if path.is_file()) if MEDIA.is_dir() else []


def is_media(path: Path, head: bytes) -> bool:
    return bool(head) and path.suffix not in NOT_MEDIA and not head.startswith(POINTER)


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(MEDIA)))
def test_a_real_file_is_what_it_is(path: Path) -> None:
    with path.open("rb", buffering=0) as file:
        head = file.read(HEAD_BYTES)
        kind = identify(head, path.suffix.lower())
        if not is_media(path, head):
            assert kind is None
            return
        assert kind is not None
        assert (incompleteness(file, kind) is not None) == (path.name in DAMAGED)
    assert is_usual_suffix(kind, path.suffix.lower()) == (path.name not in MISNAMED)
    assert MISNAMED.get(path.name, kind.mime_type) == kind.mime_type
