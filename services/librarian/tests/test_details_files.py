"""Real ExifTool on real files: the names of the tags are as the rules expect them."""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import av
import numpy as np
import pytest
from camera_jpegs import jpeg, xmp, xmp_segment
from librarian.details.details import Details, Person
from librarian.details.projection import project
from librarian.metadata import MetadataReader
from photo_files import save_photo

REAL_MEDIA = Path(__file__).parents[4] / "shared" / "media"
EXIFTOOL = shutil.which("exiftool") or ""
unit = pytest.mark.unit
pytestmark = pytest.mark.skipif(not EXIFTOOL, reason="ExifTool is not installed")

REGIONS = (
    "{AppliedToDimensions={W=64,H=48,Unit=pixel},RegionList=["
    "{Area={X=0.25,Y=0.5,W=0.1,H=0.2,Unit=normalized},Name=Ann,Type=Face},"
    "{Area={X=0.75,Y=0.5,W=0.2,H=0.4,Unit=normalized},Name=Rex,Type=Pet},"
    "{Area={X=0.5,Y=0.5,W=0.1,H=0.1,Unit=normalized},Type=Focus}]}"
)
CONTAINER = (
    'xmlns:Container="http://ns.google.com/photos/1.0/container/" '
    'xmlns:Item="http://ns.google.com/photos/1.0/container/item/"'
)
ITEMS = (
    "<Container:Directory><rdf:Seq>"
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="Primary"/></rdf:li>'
    '<rdf:li rdf:parseType="Resource"><Container:Item Item:Semantic="GainMap"/></rdf:li>'
    "</rdf:Seq></Container:Directory>"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[MetadataReader]:
    """A reader that all tests share."""
    with MetadataReader(EXIFTOOL) as opened:
        yield opened


def details(reader: MetadataReader, path: Path) -> Details:
    [read] = reader.read([path])
    is_video = str(read.tags.get("File:MIMEType", "")).startswith("video/")
    return project(read.tags, "video" if is_video else "photo")


def written(path: Path, *assignments: str) -> Path:
    """A photo into which ExifTool has written these tags."""
    save_photo(path)
    subprocess.run(
        [EXIFTOOL, "-q", "-overwrite_original", "-n", *assignments, str(path)], check=True
    )
    return path


@unit
def test_marked_faces_keep_their_names_and_places(reader: MetadataReader, tmp_path: Path) -> None:
    path = written(
        tmp_path / "people.jpg",
        f"-XMP-mwg-rs:RegionInfo={REGIONS}",
        "-XMP-MP:RegionInfoMP={Regions=[{PersonDisplayName=Eve,Rectangle=0.1|, 0.2|, 0.2|, 0.4}]}",
        "-XMP-iptcExt:PersonInImage=Ann",
        "-XMP-iptcExt:PersonInImage=Bob",
        "-IFD0:Orientation=3",
    )
    assert details(reader, path).people == (
        Person("Ann", "face", 0.75, 0.5, 0.1, 0.2),
        Person("Rex", "pet", 0.25, 0.5, 0.2, 0.4),
        Person("Eve", "face", 0.8, 0.6, 0.2, 0.4),
        Person("Bob", "person"),
    )


@unit
def test_what_people_wrote_is_found_in_a_file(reader: MetadataReader, tmp_path: Path) -> None:
    path = written(
        tmp_path / "words.jpg",
        "-XMP-xmp:Rating=4",
        "-XMP-dc:Title=Falcon",
        "-XMP-dc:Description=It flies",
        "-XMP-dc:Subject=bird",
        "-IPTC:Keywords=Bird",
        "-IPTC:Keywords=sky",
        "-XMP-lr:HierarchicalSubject=nature|wings",
        "-IFD0:XPKeywords=sky;north",
        "-XMP-GPano:ProjectionType=equirectangular",
        "-XMP-GPano:FullPanoWidthPixels=64",
        "-XMP-GPano:CroppedAreaImageWidthPixels=64",
        "-ExifIFD:UserComment=Screenshot",
        "-ExifIFD:ExposureTime=0.01",
        "-ExifIFD:ColorSpace=1",
    )
    found = details(reader, path)
    assert (found.rating, found.title, found.caption) == (4, "Falcon", "It flies")
    assert found.keywords == ("bird", "sky", "wings", "north")
    assert found.special_types == ("screenshot", "spherical")
    assert (found.exposure_seconds, found.color_profile) == (0.01, "sRGB")


@unit
def test_windows_stars_are_found_in_a_file(reader: MetadataReader, tmp_path: Path) -> None:
    assert details(reader, written(tmp_path / "a.jpg", "-RatingPercent=75")).rating == 4


@unit
def test_a_gain_map_is_found_in_the_list_of_a_files_pictures(
    reader: MetadataReader, tmp_path: Path
) -> None:
    path = tmp_path / "ultra.jpg"
    path.write_bytes(jpeg(xmp_segment(xmp(CONTAINER, ITEMS))))
    assert details(reader, path).dynamic_range == "gain map"


def film(
    path: Path,
    codec: str,
    rate: int,
    sound: str | None = None,
    keys: Mapping[str, str] | None = None,
) -> Path:
    """Half a second of film, said to be as bright as HDR10."""
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update(keys or {})
        pictures = container.add_stream(codec, rate=rate)
        audio = container.add_stream(sound, rate=48_000) if sound else None
        assert isinstance(pictures, av.VideoStream)
        pictures.width, pictures.height, pictures.pix_fmt = 64, 48, "yuv420p"
        pictures.codec_context.color_trc, pictures.codec_context.color_primaries = 16, 9
        pictures.codec_context.colorspace = 9
        for _ in range(rate // 2):
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            container.mux(pictures.encode(frame))
        container.mux(pictures.encode(None))
        if audio is not None:
            assert isinstance(audio, av.AudioStream)
            silence = av.AudioFrame(format="s16", layout="mono", samples=8192)
            silence.sample_rate = 48_000
            silence.planes[0].update(bytes(silence.planes[0].buffer_size))
            container.mux(audio.encode(silence))
            container.mux(audio.encode(None))
    return path


@unit
def test_a_film_tells_its_codecs_rate_and_range(reader: MetadataReader, tmp_path: Path) -> None:
    bright = details(reader, film(tmp_path / "a.mp4", "libx264", 24, "aac"))
    assert (bright.video_codec, bright.audio_codec, bright.frame_rate) == ("h264", "aac", 24)
    assert (bright.dynamic_range, bright.color_profile) == ("hdr10", "BT.2020")
    web = details(reader, film(tmp_path / "b.mkv", "libx264", 50, "aac"))
    assert (web.video_codec, web.audio_codec, web.frame_rate) == ("h264", "aac", 50)
    old = details(reader, film(tmp_path / "c.avi", "mpeg4", 25, "mp3"))
    assert (old.video_codec, old.audio_codec, old.frame_rate) == ("mpeg4", "mp3", 25)


@unit
def test_the_keys_of_telephones_are_found_in_a_film(reader: MetadataReader, tmp_path: Path) -> None:
    keys = {
        "com.android.capture.fps": "240.0",
        "com.apple.quicktime.title": "Jump",
        "com.apple.quicktime.spatial.format-version": "1.0",
    }
    slow = details(reader, film(tmp_path / "slow.mov", "libx264", 30, keys=keys))
    assert (slow.title, slow.special_types) == ("Jump", ("slow_motion", "spatial"))
    keys = {"com.apple.photos.captureMode": "Time-lapse"}
    lapse = details(reader, film(tmp_path / "lapse.mov", "libx264", 30, keys=keys))
    assert lapse.special_types == ("time_lapse",)


KNOWN: dict[str, dict[str, object]] = {
    "own_livepair/IMG_0001.MOV": {
        "video_codec": "h264",
        "audio_codec": "aac",
        "frame_rate": 29.952,
        "special_types": ("live_photo",),
    },
    "own_livepair/IMG_0001.HEIC": {
        "iso": 32,
        "f_number": 1.8,
        "focal_length_mm": 4.25,
        "focal_length_35mm": 26,
        "color_profile": "Display P3",
        "special_types": ("live_photo",),
    },
    "metadata-extractor/sample.3gp": {"video_codec": "mpeg4", "audio_codec": "amr"},
    "immich/metadata/rating/mongolels.jpg": {"rating": 3, "title": "Mongol Els"},
    "immich/formats/motionphoto/samsung-one-ui-6.heic": {"special_types": ("motion_photo",)},
    "elodie/photo.png": {"special_types": ("screenshot",)},
    "elodie/plain.jpg": {"caption": None, "rating": 5, "color_profile": "Adobe RGB (1998)"},
    "immich/nature/prairie_falcon.jpg": {"title": "Prairie falcon female with eggs"},
}


@pytest.mark.real_media
@pytest.mark.skipif(not REAL_MEDIA.is_dir(), reason="there are no real camera files here")
def test_known_facts_of_real_files_are_found(reader: MetadataReader) -> None:
    for name, facts in KNOWN.items():
        found = details(reader, REAL_MEDIA / name)
        assert {fact: getattr(found, fact) for fact in facts} == facts, name


@pytest.mark.real_media
@pytest.mark.skipif(not REAL_MEDIA.is_dir(), reason="there are no real camera files here")
def test_two_people_are_where_they_are_in_the_upright_picture(reader: MetadataReader) -> None:
    folder = REAL_MEDIA / "immich" / "metadata" / "faces"
    upright = details(reader, folder / "portrait.jpg").people
    turned = details(reader, folder / "portrait-orientation-6.jpg").people
    assert [person.name for person in upright] == ["Marie Curie", "Pierre Curie"]
    assert turned == upright


@pytest.mark.real_media
@pytest.mark.skipif(not REAL_MEDIA.is_dir(), reason="there are no real camera files here")
def test_no_real_file_breaks_it(reader: MetadataReader) -> None:
    paths = [path for path in sorted(REAL_MEDIA.rglob("*")) if path.is_file()]
    read = reader.read(paths)
    found = [project(one.tags, kind) for one in read for kind in ("photo", "video")]
    assert sum(one.f_number is not None for one in found) > 100
