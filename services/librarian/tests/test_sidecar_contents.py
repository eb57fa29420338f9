"""Whether a file is the sidecar that its name promises."""

import plistlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.companions import SidecarKind, sidecar_kind
from librarian.sidecars import MOST_BYTES, sidecar_fault
from photo_factory.media import HEAD_BYTES
from PIL import Image

pytestmark = pytest.mark.unit

REAL_MEDIA = Path(__file__).resolve().parents[4] / "shared" / "media"
XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="…"/></x:xmpmeta>'
SRT = "1\r\n00:00:00,000 --> 00:00:00,033\r\n[iso: 100]\r\n"


def thumbnail() -> bytes:
    made = BytesIO()
    Image.new("RGB", (160, 120)).save(made, "JPEG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("xmp", XMP.encode()),
        ("xmp", f'\ufeff\n<?xpacket begin="\ufeff"?>\n{XMP}'.encode()),
        ("xmp", XMP.encode("utf-16")),
        ("xmp", f'<?xml version="1.0"?>\n{XMP}'.encode("latin-1", "replace")),
        ("aae", plistlib.dumps({"adjustmentBaseVersion": 0}, fmt=plistlib.FMT_XML)),
        ("aae", plistlib.dumps({"adjustmentBaseVersion": 0}, fmt=plistlib.FMT_BINARY)),
        ("thm", thumbnail()),
        ("srt", SRT.encode()),
        ("srt", SRT.encode("utf-16")),
    ],
)
def test_a_real_sidecar_is_taken(kind: SidecarKind, content: bytes) -> None:
    assert sidecar_fault("a", kind, content[:HEAD_BYTES], len(content)) is None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("xmp", b"dear diary"),
        ("xmp", b"<html><body>not found</body></html>"),
        ("xmp", XMP.encode()[1:]),
        ("aae", XMP.encode()),
        ("aae", b"\0" * 100),
        ("thm", b"GIF89a"),
        ("srt", b"no times here"),
        ("srt", b"\0\0 --> \0"),
        ("srt", b""),
    ],
)
def test_what_only_bears_the_name_is_refused_in_a_sentence(
    kind: SidecarKind, content: bytes
) -> None:
    fault = sidecar_fault("DCIM/a", kind, content, len(content))
    assert fault is not None
    assert fault.startswith("DCIM/a: ")
    assert fault.endswith(".")


def test_a_huge_sidecar_is_none() -> None:
    assert sidecar_fault("a.xmp", "xmp", XMP.encode(), MOST_BYTES) is None
    fault = sidecar_fault("a.xmp", "xmp", XMP.encode(), MOST_BYTES + 1)
    assert fault is not None
    assert "64 MB" in fault


@given(st.sampled_from(["xmp", "aae", "thm", "srt"]), st.binary(max_size=200))
def test_any_bytes_get_an_answer(kind: SidecarKind, head: bytes) -> None:
    fault = sidecar_fault("a", kind, head, len(head))
    assert fault is None or kind in fault


@pytest.mark.real_media
@pytest.mark.skipif(not REAL_MEDIA.is_dir(), reason="there are no real camera files here")
def test_real_sidecars_are_taken() -> None:
    """Lightroom's are UTF-16, Digikam's have a packet header."""
    paths = [path for path in REAL_MEDIA.rglob("*") if sidecar_kind(path.name)]
    faults = {
        path.name: sidecar_fault(path.name, kind, path.read_bytes()[:HEAD_BYTES], 1)
        for path in paths
        if path.is_file() and path.stat().st_size and (kind := sidecar_kind(path.name))
    }
    assert faults
    assert set(faults.values()) == {None}
