"""What `photo-factory export` does with what lies in a privacy zone, with a real ExifTool."""

import io
import json
import subprocess
from pathlib import Path

import pytest
from cli.commands.export import export
from export_runs import DAY, Library, Run, read_tags
from photo_factory.database import Connection
from PIL import Image
from typer import Typer
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.integration

POINT = {"latitude": 41.9, "longitude": 12.5, "altitude": 20.0}
FAR = {"latitude": 45.0, "longitude": 7.0, "altitude": None}
ZONE = """
INSERT INTO privacy_zones (name, latitude, longitude, radius_m, strips_on_export, author)
VALUES ('Home', 41.9, 12.5, 500, %s, 'anna')
"""
XMP = b"""<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF
 xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about=''
 xmlns:exif='http://ns.adobe.com/exif/1.0/' exif:GPSLatitude='41,54.0N' exif:GPSLongitude='12,30.0E'
 xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:subject><rdf:Bag><rdf:li>Garden</rdf:li></rdf:Bag>
</dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>"""


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "target"


@pytest.fixture
def library(connection: Connection, tmp_path: Path) -> Library:
    connection.execute(ZONE, (True,))
    return Library.create(connection, tmp_path / "data")


@pytest.fixture
def run(tmp_path: Path, target: Path, database_url: str) -> Run:
    app = Typer()
    app.command()(export)

    def invoke(*arguments: str | Path) -> Result:
        variables = {"PF_DATA_DIR": str(tmp_path / "data"), "PF_DATABASE_URL": database_url}
        return CliRunner().invoke(app, [str(target), *map(str, arguments)], env=variables)

    return invoke


def photo_with_gps(folder: Path) -> bytes:
    """A JPEG that says where it was taken, in EXIF and in XMP."""
    path = folder / "made.jpg"
    Image.new("RGB", (64, 48), "green").save(path)
    tags = ["-GPSLatitude=41.9", "-GPSLatitudeRef=N", "-GPSLongitude=12.5", "-GPSLongitudeRef=E"]
    tags += ["-XMP-exif:GPSLatitude=41.9", "-XMP-photoshop:City=Rome", "-IPTC:City=Rome"]
    command = ["exiftool", "-q", "-overwrite_original", "-Make=Acme", *tags, str(path)]
    subprocess.run(command, check=True)
    return path.read_bytes()


def places_told(path: Path) -> list[str]:
    """The names of all tags that tell of a place."""
    return [name for name in read_tags(path) if "GPS" in name or name.endswith(":City")]


def failures(result: Result) -> list[str]:
    return [one["message"] for one in json.loads(result.stdout)["files"] if one["message"]]


def test_a_plain_copy_of_what_lies_in_a_zone_is_refused_with_the_ways_out(
    run: Run, library: Library, target: Path, tmp_path: Path
) -> None:
    library.add(f"{DAY}/home.jpg", photo_with_gps(tmp_path), location=POINT)
    library.add(f"{DAY}/away.jpg", b"away", location=FAR)
    result = run("--all", "--json")
    assert result.exit_code == 1
    (message,) = failures(result)
    assert "home.jpg lies in a privacy zone" in message
    assert "--strip" in message
    assert [path.name for path in (target / DAY).iterdir()] == ["away.jpg"]
    assert failures(run("--all", "--json", "--dry-run"))


@pytest.mark.parametrize("how", ["--strip", "--embed"])
def test_stripped_copies_tell_of_no_place_and_keep_the_rest(
    run: Run, library: Library, target: Path, tmp_path: Path, how: str
) -> None:
    content = photo_with_gps(tmp_path)
    assert places_told(tmp_path / "made.jpg")
    asset = library.add(f"{DAY}/home.jpg", content, location=POINT, rating=4)
    library.add_sidecar(asset, f"{DAY}/home.jpg.xmp", XMP)
    library.add_sidecar(asset, f"{DAY}/home.aae", b"an edit, which may know where")
    before = library.hashes()
    result = run("--all", how, "--with-xmp")
    assert result.exit_code == 0, result.output
    copies = sorted(path.name for path in (target / DAY).iterdir())
    assert copies == ["home.jpg", "home.jpg.xmp"]
    assert [places_told(target / DAY / name) for name in copies] == [[], []]
    assert read_tags(target / DAY / "home.jpg")["IFD0:Make"] == "Acme"
    assert read_tags(target / DAY / "home.jpg.xmp")["XMP-xmp:Rating"] == "4"
    assert library.hashes() == before
    again = run("--all", how, "--with-xmp")
    assert "1 were there already" in again.stdout


def test_what_cannot_be_stripped_is_refused(run: Run, library: Library, tmp_path: Path) -> None:
    library.add(f"{DAY}/a.cr2", b"raw", location=POINT)
    library.add(f"{DAY}/b.jpg", photo_with_gps(tmp_path), location=POINT, has_embedded_video=True)
    messages = failures(run("--all", "--strip", "--json"))
    assert len(messages) == 2
    assert all("only --keep-coordinates" in message for message in messages)


def test_a_copy_that_still_tells_of_a_place_is_not_let_out(
    run: Run, library: Library, target: Path
) -> None:
    """In a tag of a maker, that nobody has thought of."""
    packet = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf="
        b"'http://www.w3.org/1999/02/22-rdf-syntax-ns#'><rdf:Description rdf:about='' "
        b"xmlns:q='http://example.com/q/' q:GpsLatitude='41.9'/></rdf:RDF></x:xmpmeta>"
    )
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG", xmp=packet)
    library.add(f"{DAY}/drone.jpg", buffer.getvalue(), location=POINT)
    (message,) = failures(run("--all", "--strip", "--json"))
    assert "its coordinates stay in a copy" in message
    assert not (target / DAY / "drone.jpg").exists()


def test_keep_coordinates_and_zones_that_keep_theirs_copy_everything_as_it_is(
    run: Run, library: Library, target: Path, tmp_path: Path
) -> None:
    content = photo_with_gps(tmp_path)
    library.add(f"{DAY}/home.jpg", content, location=POINT)
    assert run("--all", "--keep-coordinates").exit_code == 0
    assert (target / DAY / "home.jpg").read_bytes() == content
    library.connection.execute("UPDATE privacy_zones SET strips_on_export = false")
    assert run("--all").exit_code == 0
    assert run("--all", "--strip", "--keep-coordinates").exit_code == 2
