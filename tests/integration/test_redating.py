"""Dates that are decided anew: after a sidecar, after a correction, after better rules."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import pytest
from ingest_runs import eager, files_below, unsettled
from librarian.loop import LibrarianLoop
from librarian.redating import Homecoming, preview, redecide
from librarian.settings import LibrarianSettings
from photo_factory.database import Connection, connect
from photo_factory.pulse import Pulse
from photo_files import save_photo
from PIL import Image

pytestmark = pytest.mark.integration

DAY = "2024/2024-05-17"
XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 {attributes}>{content}</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
BOMB = """<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><broken>&d;&d;&d;"""
PLACE = 'exif:GPSLatitude="41,53.4N" exif:GPSLongitude="12,28.2E"'


class Line:
    """A librarian that is turned by hand, and its library."""

    def __init__(self, settings: LibrarianSettings, connection: Connection) -> None:
        self.settings = settings
        self.connection = connection
        self.librarian = LibrarianLoop(settings, Pulse())

    def drop(self, name: str, content: str) -> None:
        path = self.settings.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def drop_photo(self, name: str, taken: str | None = "2024:05:17 23:30:00") -> None:
        save_photo(self.settings.inbox / name, "teal", taken)

    def rest(self) -> None:
        """Turn until the inbox is empty and nothing is left to read or to move."""
        deadline = time.monotonic() + 60
        while files_below(self.settings.inbox) or unsettled(self.connection) or self._is_left():
            assert time.monotonic() < deadline, "the librarian does not come to rest"
            time.sleep(min(0.05, self.librarian.turn(self.connection)))

    def _is_left(self) -> bool:
        row = self.connection.execute(
            "SELECT EXISTS (SELECT FROM media_assets WHERE NOT is_described OR is_astray) OR "
            "EXISTS (SELECT FROM sidecars WHERE kind = 'xmp' AND tags IS NULL AND fault IS NULL) "
            "OR EXISTS (SELECT FROM corrections WHERE NOT is_applied)"
        ).fetchone()
        return row is not None and bool(row[0])

    def asset(self, columns: str, name: str) -> Any:  # noqa: ANN401 - whatever is in the column
        row = self.connection.execute(
            f"SELECT {columns} FROM media_assets WHERE original_name = %s",  # noqa: S608 - a literal of this file
            (name,),
        ).fetchone()
        assert row is not None
        return row[0] if len(row) == 1 else row

    def correct(self, name: str, local: str, offset: int | None = None) -> None:
        self.connection.execute(
            "INSERT INTO corrections (asset_id, captured_local, utc_offset_minutes, author) "
            "VALUES (%s, %s, %s, 'test')",
            (self.asset("id", name), local, offset),
        )

    def undo(self) -> None:
        self.connection.execute("UPDATE corrections SET undone_at = now(), is_applied = false")

    @property
    def library(self) -> list[str]:
        library = self.settings.library
        return sorted(str(path.relative_to(library)) for path in files_below(library))


@pytest.fixture
def line(tmp_path: Path, connection: Connection, database_url: str) -> Iterator[Line]:
    one = Line(eager(tmp_path, database_url), connection)
    yield one
    one.librarian.close(connection)


@pytest.fixture
def other(database_url: str) -> Iterator[Connection]:
    """The connection of a person's command."""
    with connect(database_url, "other") as opened:
        yield opened


def test_a_sidecar_with_another_date_moves_its_photo_and_says_so(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.rest()
    assert line.library == [f"{DAY}/a.jpg"]
    line.drop(
        "a.jpg.xmp",
        XMP.format(attributes='exif:DateTimeOriginal="1987-06-05T10:20:30"', content=""),
    )
    line.rest()
    assert line.library == ["1987/1987-06-05/a.jpg", "1987/1987-06-05/a.jpg.xmp"]
    source, candidates = line.asset("captured_source, captured_candidates", "a.jpg")
    assert source == "sidecar XMP-exif:DateTimeOriginal"
    lost = {one["source"]: one["reason"] for one in candidates if one["reason"]}
    assert "ExifIFD:DateTimeOriginal" in lost


def test_what_a_sidecar_says_beside_the_date_is_kept(line: Line) -> None:
    line.drop_photo("a.jpg")
    content = "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>sun</rdf:li></rdf:Bag></dc:subject>"
    line.drop("a.jpg.xmp", XMP.format(attributes=f'xmp:Rating="4" {PLACE}', content=content))
    line.rest()
    rating, keywords, where = line.asset("rating, keywords, location", "a.jpg")
    assert (rating, keywords) == (4, ["sea", "sun"])
    assert where["latitude"] == pytest.approx(41.89)
    assert where["source"] == "sidecar"
    assert line.library == [f"{DAY}/a.jpg", f"{DAY}/a.jpg.xmp"]


def test_a_place_that_comes_later_is_looked_up(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.rest()
    line.connection.execute("UPDATE media_assets SET is_geocoded = true")
    line.connection.execute("DELETE FROM stage_work WHERE stage = 'geocoder'")
    line.drop("a.jpg.xmp", XMP.format(attributes=PLACE, content=""))
    line.rest()
    assert line.asset("is_geocoded", "a.jpg") is False
    waiting = line.connection.execute("SELECT count(*) FROM stage_work WHERE stage = 'geocoder'")
    assert waiting.fetchone() == (1,)


def test_a_sidecar_that_is_an_xml_bomb_is_named_and_changes_nothing(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.drop("a.jpg.xmp", BOMB)
    line.rest()
    (fault,) = line.connection.execute("SELECT fault FROM sidecars").fetchone() or (None,)
    assert fault is not None
    assert fault.startswith(f"{DAY}/a.jpg.xmp: ")
    assert line.asset("captured_source", "a.jpg") == "ExifIFD:DateTimeOriginal"


def test_a_correction_moves_the_photo_and_its_undoing_brings_it_back(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.drop("a.jpg.xmp", XMP.format(attributes='xmp:Rating="3"', content=""))
    line.rest()
    before = line.library
    line.correct("a.jpg", "1999-12-31 22:00", 60)
    line.rest()
    assert line.library == ["1999/1999-12-31/a.jpg", "1999/1999-12-31/a.jpg.xmp"]
    columns = "captured_source, captured_confidence, captured_at, offset_source"
    assert line.asset(columns, "a.jpg") == (
        "correction",
        "high",
        datetime(1999, 12, 31, 21, tzinfo=UTC),
        "correction",
    )
    line.undo()
    line.rest()
    assert line.library == before
    assert line.asset("captured_source", "a.jpg") == "ExifIFD:DateTimeOriginal"


def test_a_correction_within_the_day_moves_nothing(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.rest()
    line.correct("a.jpg", "2024-05-17 06:00")
    line.rest()
    assert line.library == [f"{DAY}/a.jpg"]
    assert line.asset("captured_local::text", "a.jpg") == "2024-05-17 06:00:00"


def test_where_a_corrected_day_has_the_name_already_nothing_is_replaced(line: Line) -> None:
    line.drop_photo("one/a.jpg", "2024:05:17 10:00:00")
    line.drop_photo("two/a.jpg", "2024:05:18 10:00:00")
    line.rest()
    asset = line.connection.execute(
        "SELECT id FROM media_assets WHERE path LIKE '2024/2024-05-18/%'"
    ).fetchone()
    assert asset is not None
    line.connection.execute(
        "INSERT INTO corrections (asset_id, captured_local, author) "
        "VALUES (%s, '2024-05-17 11:00', 'test')",
        (asset[0],),
    )
    line.rest()
    assert line.library == [f"{DAY}/a.jpg", f"{DAY}/a_1.jpg"]


def test_what_is_undone_while_it_is_applied_does_not_stay(line: Line, other: Connection) -> None:
    line.drop_photo("a.jpg")
    line.rest()
    line.correct("a.jpg", "1999-12-31 22:00")
    with other.transaction():
        other.execute("UPDATE corrections SET undone_at = now(), is_applied = false")
        line.librarian.turn(line.connection)
    line.rest()
    assert line.library == [f"{DAY}/a.jpg"]
    assert line.asset("captured_source", "a.jpg") == "ExifIFD:DateTimeOriginal"


def test_what_cannot_be_moved_holds_up_no_other_and_is_tried_again(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.rest()
    original = line.settings.library / DAY / "a.jpg"
    original.rename(original.with_name("away"))
    homecoming = Homecoming(line.settings.library, lambda *_: None)
    line.correct("a.jpg", "1999-12-31 22:00")
    homecoming.put_right(line.connection, None)
    assert line.asset("is_astray", "a.jpg") is True
    assert homecoming.bring(line.connection) == 0
    original.with_name("away").rename(original)
    assert Homecoming(line.settings.library, lambda *_: None).bring(line.connection) == 1
    assert line.library == ["1999/1999-12-31/a.jpg"]


def test_a_preview_tells_the_difference_and_changes_nothing(line: Line) -> None:
    line.drop_photo("a.jpg")
    line.rest()
    asset_id = line.asset("id", "a.jpg")
    line.connection.execute(
        "UPDATE media_assets SET captured_local = '2001-01-01', captured_source = 'file time'"
    )
    (change,) = preview(line.connection, [asset_id], datetime.now(UTC), None)
    assert (change.before.source, change.after.source) == ("file time", "ExifIFD:DateTimeOriginal")
    assert line.asset("captured_source", "a.jpg") == "file time"
    assert redecide(line.connection, [asset_id], datetime.now(UTC), None) == [change]
    assert preview(line.connection, [asset_id], datetime.now(UTC), None) == []
    assert redecide(line.connection, [asset_id], datetime.now(UTC), None) == []


def test_a_live_video_takes_the_zone_of_its_still(line: Line, tmp_path: Path) -> None:
    make_live_pair(tmp_path / "made")
    for path in (tmp_path / "made").iterdir():
        line.settings.inbox.mkdir(parents=True, exist_ok=True)
        shutil.move(path, line.settings.inbox / path.name)
    line.rest()
    assert line.library == [f"{DAY}/IMG_1.JPG", f"{DAY}/IMG_1.MOV"]
    role, local, offset, source = line.asset(
        "role, captured_local::text, utc_offset_minutes, offset_source", "IMG_1.MOV"
    )
    assert (role, offset, source) == ("live_video", 540, "paired still")
    assert local.startswith("2024-05-17 23:30:0")


def make_live_pair(folder: Path) -> None:
    """A still of 23:30 in Tokyo, and its film, which is dated in UTC and so on another clock."""
    save_photo(folder / "IMG_1.JPG")
    with av.open(folder / "IMG_1.MOV", "w", format="mov") as container:
        container.metadata["creation_time"] = "2024-05-17T14:30:01Z"
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for red in range(0, 240, 40):
            image = Image.new("RGB", (64, 48), (red, 0, 0))
            container.mux(stream.encode(av.VideoFrame.from_image(image)))  # type: ignore[no-untyped-call] # PyAV types it not
        container.mux(stream.encode())
