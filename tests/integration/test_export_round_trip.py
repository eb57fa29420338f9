"""What export writes is what the librarian would read again; pictures stay what they are."""

import dataclasses
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pillow_heif
import pytest
from cli.commands.export import export
from export_runs import CAPTION, DAY, KNOWN, PEOPLE, TITLE, Library, Run, decoded, read_tags
from generate import Maker, landscape
from librarian.capture.location import location_of
from librarian.details.projection import project
from photo_factory.database import Connection
from PIL import Image
from typer import Typer
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.integration
pillow_heif.register_heif_opener()

NAMES = ("a.jpg", "a.png", "a.tif", "a.heic", "a.webp", "a.gif", "a.mp4", "a.mov")


@pytest.fixture
def library(connection: Connection, tmp_path: Path) -> Library:
    return Library.create(connection, tmp_path / "data")


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    app = Typer()
    app.command()(export)

    def invoke(*arguments: str | Path) -> Result:
        variables = {"PF_DATA_DIR": str(tmp_path / "data"), "PF_DATABASE_URL": database_url}
        given = [str(tmp_path / "target"), "--all", *map(str, arguments)]
        return CliRunner().invoke(app, given, env=variables)

    return invoke


@pytest.fixture
def copies(tmp_path: Path) -> Path:
    return tmp_path / "target" / DAY


def media(folder: Path, name: str, orientation: int = 1) -> bytes:
    """A file that a real encoder has made."""
    maker = Maker(folder)
    day = datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001 - local time
    if name.endswith((".mp4", ".mov")):
        return maker.movie(name, day.date(), {"creation_time": "2020-01-02T03:04:05Z"}).read_bytes()
    path = maker.picture(name, day, day.date(), offset="+01:00", orientation=orientation)
    return path.read_bytes()


def said(path: Path, media_type: str = "photo", embedded: Path | None = None) -> dict[str, Any]:
    """What the librarian makes of a file, or of a sidecar beside a file."""
    tags = _with_numbers(read_tags(path))
    if embedded is None:
        details = project(tags, media_type)
    else:
        details = project(_with_numbers(read_tags(embedded)), media_type, sidecar=tags)
    found = dataclasses.asdict(details)
    return {key: found[key] for key in ("rating", "title", "caption", "keywords", "people")}


def _with_numbers(tags: dict[str, Any]) -> dict[str, Any]:
    """Numbers again for what the librarian reads as numbers; texts stay texts."""
    if "IFD0:Orientation" in tags:
        tags["IFD0:Orientation"] = int(tags["IFD0:Orientation"])
    return tags


def expected() -> dict[str, Any]:
    return {
        "rating": 4,
        "title": TITLE,
        "caption": CAPTION,
        "keywords": ("Family/Ann", "a, b; c", "-x", "^", "007", "1.50", "true", "ümläut"),
        "people": tuple(
            {"x": None, "y": None, "width": None, "height": None, **one} for one in PEOPLE
        ),
    }


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_sidecar_says_what_the_library_knows(
    run: Run, library: Library, copies: Path, tmp_path: Path, orientation: int
) -> None:
    original = media(tmp_path, "a.jpg", orientation)
    size = (600, 400) if orientation < 5 else (400, 600)
    known = {**KNOWN, "width": size[0], "height": size[1], "orientation": orientation}
    library.add(f"{DAY}/a.jpg", original, **known)
    assert run("--with-xmp").exit_code == 0
    sidecar = copies / "a.jpg.xmp"
    assert said(sidecar, embedded=copies / "a.jpg") == expected()
    tags = read_tags(sidecar)
    for name in ("XMP-exif:DateTimeOriginal", "XMP-photoshop:DateCreated", "XMP-xmp:CreateDate"):
        assert tags[name] == "2024:05:17 23:30:00.25+05:45"
    place = location_of({}, tags)
    assert place is not None
    assert (place.latitude, place.longitude) == pytest.approx((-33.448912, -70.669312), abs=1e-7)
    assert place.altitude == 521.5
    assert tags["XMP-digiKam:PickLabel"] == "3"
    assert tags["XMP-mwg-rs:RegionInfo"]["AppliedToDimensions"] == {
        "W": "600",
        "H": "400",
        "Unit": "pixel",
    }
    assert (copies / "a.jpg").read_bytes() == original


def test_nothing_is_made_up(run: Run, library: Library, copies: Path) -> None:
    """No tag for what is unknown; the time of a file is not the time of a photo."""
    library.add(f"{DAY}/nothing.jpg", b"1", captured_confidence="none")
    library.add(f"{DAY}/date.jpg", b"2")
    assert run("--with-xmp").exit_code == 0
    assert not (copies / "nothing.jpg.xmp").exists()
    tags = read_tags(copies / "date.jpg.xmp")
    own = {name: value for name, value in tags.items() if name.startswith("XMP-")}
    own.pop("XMP-x:XMPToolkit")
    assert own == dict.fromkeys(
        ("XMP-exif:DateTimeOriginal", "XMP-photoshop:DateCreated", "XMP-xmp:CreateDate"),
        "2024:05:17 12:00:00.25",
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_says_what_the_library_knows_and_shows_the_same_picture(
    run: Run, library: Library, copies: Path, tmp_path: Path, name: str
) -> None:
    original = media(tmp_path, name)
    library.add(f"{DAY}/{name}", original, **KNOWN)
    before = library.hashes()
    result = run("--embed")
    assert result.exit_code == 0, result.output
    assert [path.name for path in copies.iterdir()] == [name]
    assert library.hashes() == before
    assert (copies / name).read_bytes() != original
    assert decoded(copies / name) == decoded(library.root / DAY / name)
    media_type = "video" if name.endswith((".mp4", ".mov")) else "photo"
    assert said(copies / name, media_type) == expected()
    tags = read_tags(copies / name)
    place = location_of(tags)
    assert place is not None
    assert (place.latitude, place.longitude) == pytest.approx((-33.448912, -70.669312), abs=1e-6)
    assert tags["XMP-exif:DateTimeOriginal"] == "2024:05:17 23:30:00.25+05:45"
    if media_type == "video":
        assert tags["Keys:CreationDate"] == "2024:05:17 23:30:00+05:45"
        assert tags["QuickTime:CreateDate"] == "2024:05:17 17:45:00"
    elif name != "a.gif":
        assert tags["ExifIFD:DateTimeOriginal"] == "2024:05:17 23:30:00"
        assert tags["ExifIFD:SubSecTimeOriginal"] == "25"
        assert tags["ExifIFD:OffsetTimeOriginal"] == "+05:45"


def test_an_embedded_date_without_a_zone_leaves_no_old_zone(
    run: Run, library: Library, copies: Path, tmp_path: Path
) -> None:
    whole = datetime(2024, 5, 17, 12)  # noqa: DTZ001 - local time
    library.add(f"{DAY}/a.jpg", media(tmp_path, "a.jpg"), captured_local=whole)
    run("--embed")
    tags = read_tags(copies / "a.jpg")
    assert tags["ExifIFD:DateTimeOriginal"] == "2024:05:17 12:00:00"
    assert "ExifIFD:OffsetTimeOriginal" not in tags
    assert tags["IFD0:Make"] == "Photo Factory"


def test_older_homes_of_the_same_words_do_not_contradict(
    run: Run, library: Library, copies: Path, tmp_path: Path
) -> None:
    path = tmp_path / "a.jpg"
    media(tmp_path, "a.jpg")
    old = ("-IPTC:ObjectName=old", "-IPTC:Keywords=old", "-IPTC:City=Rome", "-IFD0:Rating=1")
    subprocess.run(["exiftool", "-q", "-overwrite_original", *old, path], check=True)
    library.add(f"{DAY}/a.jpg", path.read_bytes(), **KNOWN)
    run("--embed")
    assert said(copies / "a.jpg") == expected()
    tags = read_tags(copies / "a.jpg")
    assert tags["IPTC:City"] == "Rome"
    assert "IPTC:ObjectName" not in tags


@pytest.mark.parametrize("kind", ["raw", "motion photo in HEIC", "broken"])
def test_what_cannot_be_written_into_gets_a_sidecar_and_it_is_said(
    run: Run, library: Library, copies: Path, tmp_path: Path, kind: str
) -> None:
    name, content = {
        "raw": ("a.cr2", b"II*\0raw"),
        "motion photo in HEIC": ("a.heic", media(tmp_path, "a.heic")),
        "broken": ("a.jpg", b"\xff\xd8\xff\xe0 no picture"),
    }[kind]
    library.add(f"{DAY}/{name}", content, has_embedded_video="motion" in kind, **KNOWN)
    result = run("--embed")
    assert result.exit_code == 0, result.output
    assert "1 copy got a sidecar instead of tags in the copy" in result.stdout
    assert (copies / name).read_bytes() == content
    assert said(copies / f"{name}.xmp") == expected()
    again = run("--embed")
    assert "1 were there already" in again.stdout
    assert len(list(copies.iterdir())) == 2


def test_the_film_of_a_motion_photo_stays_at_its_end(
    run: Run, library: Library, copies: Path, tmp_path: Path
) -> None:
    film = media(tmp_path, "film.mp4")
    original = media(tmp_path, "a.jpg") + film
    library.add(f"{DAY}/a.jpg", original, has_embedded_video=True, **KNOWN)
    assert run("--embed").exit_code == 0
    assert (copies / "a.jpg").read_bytes().endswith(film)
    assert said(copies / "a.jpg") == expected()


def test_the_second_picture_of_a_jpeg_is_still_found(
    run: Run, library: Library, copies: Path, tmp_path: Path
) -> None:
    """As gain maps of HDR photos are: their place is written in the first picture's header."""
    path = tmp_path / "a.jpg"
    landscape(1).save(path, "MPO", save_all=True, append_images=[landscape(2, (300, 200))])
    library.add(f"{DAY}/a.jpg", path.read_bytes(), **KNOWN)
    assert run("--embed").exit_code == 0
    with Image.open(path) as before, Image.open(copies / "a.jpg") as after:
        assert (before.format, after.format) == ("MPO", "MPO")
        before.seek(1)
        after.seek(1)
        assert np.array_equal(np.asarray(before), np.asarray(after))


def test_a_file_whose_name_says_another_type_is_written_as_what_it_is(
    run: Run, library: Library, copies: Path, tmp_path: Path
) -> None:
    content = media(tmp_path, "a.png")
    library.add(f"{DAY}/a.jpg", content, mime_type="image/png", **KNOWN)
    result = run("--embed")
    assert result.exit_code == 0, result.output
    assert said(copies / "a.jpg") == expected()


DEVELOPED = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:darktable="http://darktable.sf.net/"
    xmlns:mine="http://example.org/mine/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"
    xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"
    crs:Exposure2012="+1.25" xmp:Rating="1" mine:Word="kept" digiKam:PickLabel="1"
    darktable:xmp_version="5">
   <darktable:history><rdf:Seq>
    <rdf:li darktable:num="0" darktable:operation="flip" darktable:params="ffffffff"/>
   </rdf:Seq></darktable:history>
   <mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>
    <rdf:li rdf:parseType="Resource"><mwg-rs:Type>Focus</mwg-rs:Type>
     <mwg-rs:Area stArea:x="0.5" stArea:y="0.5" stArea:w="0.1" stArea:h="0.1"/></rdf:li>
   </rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""


@pytest.mark.parametrize(
    ("way", "stored_name"),
    [("--with-xmp", "a.jpg.xmp"), ("--with-xmp", "a.xmp"), ("--embed", "a.jpg.xmp")],
)
def test_a_stored_sidecar_keeps_what_the_library_does_not_know(
    run: Run, library: Library, copies: Path, way: str, stored_name: str
) -> None:
    content = media(library.root.parent, "a.jpg")
    asset = library.add(f"{DAY}/a.jpg", content, **KNOWN)
    library.add_sidecar(asset, f"{DAY}/{stored_name}", DEVELOPED)
    before = library.hashes()
    result = run(way)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in copies.iterdir()) == ["a.jpg", "a.jpg.xmp"]
    tags = read_tags(copies / "a.jpg.xmp")
    assert tags["XMP-crs:Exposure2012"] == "+1.25"
    assert tags["XMP-darktable:Xmp_version"] == "5"
    assert "flip" in str(tags)
    assert tags["XMP-mine:Word"] == "kept"
    assert tags["XMP-digiKam:PickLabel"] == "1"
    assert tags["XMP-mwg-rs:RegionInfo"]["RegionList"][0]["Type"] == "Focus"
    assert (tags["XMP-xmp:Rating"], tags["XMP-dc:Title"]) == ("4", TITLE)
    assert library.hashes() == before


@pytest.mark.parametrize("kind", ["not read yet", "no XMP"])
def test_a_stored_sidecar_that_cannot_be_built_upon_is_copied_as_it_is(
    run: Run, library: Library, copies: Path, tmp_path: Path, kind: str
) -> None:
    asset = library.add(f"{DAY}/a.jpg", media(tmp_path, "a.jpg"), **KNOWN)
    content = DEVELOPED if kind == "not read yet" else b"\x89PNG no xmp"
    library.add_sidecar(asset, f"{DAY}/a.jpg.xmp", content, is_read=kind == "no XMP")
    result = run("--with-xmp")
    assert result.exit_code == (0 if kind == "not read yet" else 1)
    refusal = f"failed: {DAY}/a.jpg.xmp: ExifTool refuses it"
    assert "has not read it yet" in result.stdout or refusal in result.stdout
    assert (copies / "a.jpg.xmp").read_bytes() == content


def test_names_by_stem_go_to_the_raw(run: Run, library: Library, copies: Path) -> None:
    """Programs that name sidecars like this read them for RAW alone."""
    library.add(f"{DAY}/IMG_1.cr2", b"raw", **{**KNOWN, "title": "raw"})
    library.add(f"{DAY}/IMG_1.jpg", b"jpeg", **{**KNOWN, "title": "jpeg"})
    library.add(f"{DAY}/IMG_2.jpg", b"alone", **KNOWN)
    assert run("--with-xmp", "--xmp-name", "stem").exit_code == 0
    assert said(copies / "IMG_1.xmp")["title"] == "raw"
    assert said(copies / "IMG_1.jpg.xmp")["title"] == "jpeg"
    assert (copies / "IMG_2.xmp").exists()


@pytest.mark.parametrize("way", ["--with-xmp", "--embed"])
def test_what_was_made_before_is_recognised_and_what_changed_is_numbered(
    run: Run, library: Library, copies: Path, tmp_path: Path, way: str
) -> None:
    library.add(f"{DAY}/a.jpg", media(tmp_path, "a.jpg"), **KNOWN)
    run(way)
    first = {path.name: path.stat().st_ino for path in copies.iterdir()}
    assert "1 were there already" in run(way).stdout
    (tmp_path / "target/.photo-factory-export").unlink()
    assert "1 were there already" in run(way).stdout
    assert {path.name: path.stat().st_ino for path in copies.iterdir()} == first
    library.connection.execute("UPDATE media_assets SET rating = 5")
    assert "1 copied" in run(way).stdout
    assert {path.name for path in copies.iterdir()} - first.keys() == {
        name.replace("a", "a_1", 1) for name in first
    }
