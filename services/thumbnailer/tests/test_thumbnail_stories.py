"""The stories of features/thumbnails.feature, on real files and a real PostgreSQL."""

import shutil
from hashlib import sha256
from pathlib import Path

import av
import pytest
from asset_rows import insert_assets
from generate import exif
from photo_factory.database import Connection
from photo_factory.problems import read_problems
from photo_factory.roots import MARKER
from PIL import Image
from pytest_bdd import given, scenarios, then, when
from stage_runs import work_off
from thumbnailer.settings import ThumbnailerSettings
from thumbnailer.stage import STAGE
from thumbnails import assert_upright, quadrants

pytestmark = pytest.mark.integration
scenarios("features/thumbnails.feature")
REDO = "UPDATE media_assets SET is_thumbnailed = false"


class Album:
    """The folders of a story, and what lies in them."""

    def __init__(self, settings: ThumbnailerSettings, connection: Connection) -> None:
        self.settings = settings
        self.connection = connection
        self.day = settings.library / "2024" / "2024-05-17"
        self.day.mkdir(parents=True)
        self.good = 0
        self.digests: dict[Path, str] = {}

    def keep(self, name: str, mime_type: str) -> int:
        """Take a file of the day's folder for an asset."""
        path = self.day / name
        self.digests[path] = sha256(path.read_bytes()).hexdigest()
        (asset_id,) = insert_assets(self.connection, [name])
        self.connection.execute(
            "UPDATE media_assets SET mime_type = %s, media_type = %s WHERE id = %s",
            (mime_type, "video" if mime_type.startswith("video/") else "photo", asset_id),
        )
        return asset_id


@pytest.fixture
def album(tmp_path: Path, database_url: str, connection: Connection) -> Album:
    settings = ThumbnailerSettings(data_dir=tmp_path, database_url=database_url)
    return Album(settings, connection)


@given("a photo in the library that was taken with the phone held upright")
def photo(album: Album) -> None:
    stored = quadrants((160, 240)).transpose(Image.Transpose.ROTATE_90)
    stored.save(album.day / "beach.jpg", exif=exif(None, orientation=6), quality=95)
    album.good = album.keep("beach.jpg", "image/jpeg")


@given("a video in the library")
def video(album: Album) -> None:
    with av.open(album.day / "waves.mp4", "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 240, 160, "yuv420p"
        for _ in range(10):
            frame = av.VideoFrame.from_image(quadrants())  # type: ignore[no-untyped-call] # PyAV types it not
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    album.good = album.keep("waves.mp4", "video/mp4")


@given("a damaged photo in the library")
def damaged_photo(album: Album) -> None:
    path = album.day / "broken.jpg"
    quadrants().save(path)
    path.write_bytes(path.read_bytes()[:1000])
    album.keep("broken.jpg", "image/jpeg")


@given("the thumbnailer has done its work")
@when("the thumbnailer has done its work")
def work(album: Album) -> None:
    work_off(STAGE, album.settings, album.connection)


@when("all thumbnails are deleted and asked for again")
def delete(album: Album) -> None:
    for kind in ("thumb", "preview", "web"):
        shutil.rmtree(album.settings.derivatives / kind)
    album.connection.execute(REDO)


@then("there is a thumbnail, a preview and a web picture of it, all upright")
def pictures_are_there(album: Album) -> None:
    rows = album.connection.execute(
        "SELECT d.kind, d.path, d.width, d.height, d.size_bytes FROM derivatives d "
        "JOIN media_assets a ON a.id = d.asset_id WHERE a.is_thumbnailed AND a.id = %s",
        (album.good,),
    ).fetchall()
    assert {row[0] for row in rows} == {"thumb", "preview", "web"}
    for _, path, width, height, size_bytes in rows:
        made = album.settings.derivatives / path
        assert made.stat().st_size == size_bytes
        with Image.open(made) as picture:
            assert picture.size == (width, height)
            assert_upright(picture.convert("RGB"))
    left = {path.name for path in album.settings.derivatives.rglob("*") if path.is_file()}
    assert left - {MARKER} == {Path(row[1]).name for row in rows}, "something is left lying about"


@then("a blurred placeholder of it is on record")
def placeholder_is_there(album: Album) -> None:
    row = album.connection.execute(
        "SELECT length(placeholder) FROM media_assets WHERE id = %s", (album.good,)
    ).fetchone()
    assert row is not None
    assert 5 < row[0] <= 25


@then("the original has not been touched")
def originals_are_untouched(album: Album) -> None:
    for path, digest in album.digests.items():
        assert sha256(path.read_bytes()).hexdigest() == digest


@then("the damaged photo is listed as a problem that says that the original is kept")
def problem_is_listed(album: Album) -> None:
    (problem,) = read_problems(album.connection, "thumbnailer")
    assert problem.code == "image_damaged"
    assert problem.path.endswith("broken.jpg")
    assert "The original is kept" in problem.message
