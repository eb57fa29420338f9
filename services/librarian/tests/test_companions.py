"""Names that belong together."""

import os
import string
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.companions import (
    MOST_KEY_BYTES,
    RAW_MIME_TYPES,
    burst_by_name,
    companion_key,
    is_burst_cover,
    is_edited,
    name_beside,
    named_medium,
    normal,
    shot_stem,
    sidecar_kind,
    split_name,
)
from photo_factory.media import kinds

pytestmark = pytest.mark.unit

texts = st.text(st.characters(codec=None), max_size=60)  # lone surrogates among them
stems = st.text(string.ascii_letters + string.digits + "-_. äéñ字🌅", min_size=1, max_size=20)


def key(path: str) -> str:
    return companion_key("inbox", path)


@pytest.mark.parametrize(
    "relatives",
    [
        ("IMG_1234.HEIC", "IMG_1234.MOV", "IMG_1234.DNG", "img_1234.jpg"),
        ("IMG_1234.HEIC", "IMG_E1234.HEIC", "IMG_E1234.MOV", "IMG_1234.AAE", "IMG_O1234.AAE"),
        ("a.jpg", "a.xmp", "a.jpg.xmp", "A.JPG.XMP", "a.CR2", "a.CR2.xmp"),
        ("a.jpg", "a-edited.jpg", "a_edited.jpg", "a edited.png", "a-EDITED.xmp"),
        ("a(1).jpg", "a-edited(1).jpg"),
        ("a.jpg", "a-bearbeitet.jpg", "a-modifié.jpg", "a-編集済み.jpg", "a-ha editado.jpg"),
        ("MVI_1.AVI", "MVI_1.THM", "MVI_1.SRT", "MVI_1.avi.srt"),
        ("PXL_20230101_120000000.jpg", "PXL_20230101_120000000~2.jpg"),
        (
            "PXL_20230101_120000000.RAW-01.COVER.jpg",
            "PXL_20230101_120000000.RAW-01.MP.COVER.jpg",
            "PXL_20230101_120000000.RAW-02.ORIGINAL.dng",
            "PXL_20230101_120000000.RAW-02.ORIGINAL.dng.xmp",
        ),
        ("PXL_20230101_120000000.MP.jpg", "PXL_20230101_120000000.MP"),
        ("holiday.2019.jpg", "holiday.2019.xmp"),
    ],
)
def test_relatives_have_one_key(relatives: tuple[str, ...]) -> None:
    assert len({key(f"DCIM/100APPLE/{name}") for name in relatives}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a/IMG_1.HEIC", "b/IMG_1.MOV"),
        ("IMG_1.JPG", "IMG_2.JPG"),
        ("a(1).jpg", "a.jpg"),
        ("a-edited(1).jpg", "a-edited.jpg"),
        ("DSCN00~1.JPG", "DSCN00.JPG"),
        ("-edited.jpg", ".jpg"),
        ("20200101_101010_001.jpg", "20200101_101010_002.jpg"),
        ("IMG_O1234.JPG", "IMG_1234.JPG"),
        ("trip.2019.xmp", "trip.2020.xmp"),
    ],
)
def test_strangers_have_two_keys(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_a_key_is_of_one_inbox() -> None:
    assert companion_key("inbox", "a.jpg") != companion_key("card", "a.jpg")


@given(texts, texts)
def test_any_name_has_a_key_that_postgresql_can_store_and_index(inbox: str, path: str) -> None:
    made = companion_key(inbox, path)
    assert "\0" not in made
    assert len(made.encode()) <= MOST_KEY_BYTES


@given(st.binary(max_size=255))
def test_bytes_of_the_file_system_have_the_key_of_their_text(path: bytes) -> None:
    assert companion_key("inbox", path) == companion_key("inbox", os.fsdecode(path))


@given(texts.map(lambda text: text.replace("/", "_")))
def test_both_normal_forms_have_one_key(name: str) -> None:
    """A Mac writes é as two characters, a phone as one."""
    composed, decomposed = (unicodedata.normalize(form, name) for form in ("NFC", "NFD"))
    assert key(f"a{composed}.jpg") == key(f"a{decomposed}.MOV")


@given(texts)
def test_the_normal_form_stays_as_it_is(name: str) -> None:
    assert normal(normal(name)) == normal(name)


@given(texts)
def test_a_stem_without_marks_stays_as_it_is(name: str) -> None:
    once = shot_stem(f"{name}.jpg")
    assert shot_stem(f"{once}.jpg") == once


@given(stems, st.sampled_from([".jpg", ".HEIC", ".CR2", ".mp4"]))
def test_every_sidecar_of_a_name_has_its_key(stem: str, suffix: str) -> None:
    for kind in (".xmp", ".AAE", ".thm", ".srt"):
        assert key(f"{stem}{suffix}{kind}") == key(f"{stem}.jpg{kind}")
    assert key(f"{stem}{suffix}.xmp") == key(f"{stem}{suffix}")


@given(texts)
def test_no_name_is_too_odd_to_be_looked_at(name: str) -> None:
    is_edited(name)
    is_burst_cover(name)
    burst_by_name(name)
    sidecar_kind(name)
    named_medium(name)
    assert "".join(split_name(name)) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG_E1234.HEIC", True),
        ("img_e1234.mov", True),
        ("a-edited.jpg", True),
        ("a_edited.jpg", True),
        ("PXL_20230101_120000000.MP~2.jpg", True),
        ("IMG_1234.HEIC", False),
        ("IMG_EDEN.jpg", False),
        ("edited.jpg", False),
        ("unedited.jpg", False),
        ("DSCN00~2.JPG", False),
        ("PXL_1.RAW-02.ORIGINAL.dng", False),
    ],
)
def test_edited_versions_are_told_by_their_names(name: str, expected: bool) -> None:  # noqa: FBT001 - a table's column
    assert is_edited(name) is expected


def test_photos_of_a_burst_share_what_their_names_have_in_common() -> None:
    nexus = [f"IMG_20150802_110411_BURST{n:03}{'_COVER' * (n == 3)}.jpg" for n in range(1, 9)]
    pixel = [f"{n:05}IMG_{n:05}_BURST20200101101010123.jpg" for n in range(9)]
    assert {burst_by_name(name) for name in nexus} == {"img_20150802_110411"}
    assert {burst_by_name(name) for name in pixel} == {"burst20200101101010123"}
    assert [name for name in nexus if is_burst_cover(name)] == [nexus[2]]
    assert is_burst_cover("00100lPORTRAIT_00100_BURST20181230101010123_COVER.jpg")


@pytest.mark.parametrize(
    "name", ["IMG_1.jpg", "20200101_101010_001.jpg", "BURST.jpg", "Burst1.jpg"]
)
def test_other_names_are_of_no_burst(name: str) -> None:
    assert burst_by_name(name) is None


@pytest.mark.parametrize(
    ("name", "kind", "medium"),
    [
        ("a.xmp", "xmp", None),
        ("a.jpg.XMP", "xmp", "a.jpg"),
        ("a.b.xmp", "xmp", None),
        ("IMG_1.AAE", "aae", None),
        ("MVI_1.THM", "thm", None),
        ("DJI_1.MP4.srt", "srt", "DJI_1.MP4"),
        ("a.jpg", None, None),
        ("xmp", None, None),
    ],
)
def test_a_sidecar_says_its_kind_and_perhaps_its_medium(
    name: str, kind: str | None, medium: str | None
) -> None:
    assert sidecar_kind(name) == kind
    if kind is not None:
        assert named_medium(name) == medium


@pytest.mark.parametrize(
    ("stored", "original", "sidecar", "expected"),
    [
        ("IMG_1.JPG", "IMG_1.JPG", "IMG_1.JPG.xmp", "IMG_1.JPG.xmp"),
        ("IMG_1_1.JPG", "IMG_1.JPG", "IMG_1.JPG.xmp", "IMG_1_1.JPG.xmp"),
        ("IMG_1_1.JPG", "IMG_1.JPG", "IMG_1.xmp", "IMG_1_1.xmp"),
        ("IMG_1_1.JPG", "IMG_1.JPG", "img_1.jpg.XMP", "IMG_1_1.JPG.XMP"),
        ("IMG_1_12.HEIC", "IMG_1.HEIC", "IMG_O1.AAE", "IMG_O1_12.AAE"),
        ("new.jpg", "IMG_1.jpg", "IMG_1.jpg.xmp", "new.jpg.xmp"),
        ("new.jpg", "old.jpg", "other.xmp", "other.xmp"),
        ("two_lines.jpg", "two\\nlines.jpg", "two\\nlines.jpg.xmp", "two_lines.jpg.xmp"),
    ],
)
def test_a_sidecar_is_named_after_its_photo(
    stored: str, original: str, sidecar: str, expected: str
) -> None:
    assert name_beside(stored, original, sidecar) == expected


@given(stems, st.integers(1, 99), st.sampled_from(["", ".jpg"]))
def test_a_sidecar_takes_over_the_number_of_its_photo(stem: str, number: int, full: str) -> None:
    """So that programs find it: they look for the photo's whole name or for its stem."""
    numbered = f"{stem}_{number}"
    made = name_beside(f"{numbered}.jpg", f"{stem}.jpg", f"{stem}{full}.xmp")
    assert made == f"{numbered}{full}.xmp"


def test_every_raw_kind_counts_as_raw_and_no_other_does() -> None:
    assert kinds.CR3.mime_type in RAW_MIME_TYPES
    assert {kind.mime_type for kind in kinds.TIFF_BASED_RAW} <= RAW_MIME_TYPES
    assert not {kinds.JPEG.mime_type, kinds.HEIC.mime_type, kinds.TIFF.mime_type} & RAW_MIME_TYPES
