"""A video is shown by one of its frames, upright; what holds none says so."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from generate import landscape
from photo_factory.errors import Permanent, Transient
from photo_factory.stage import Skipped
from PIL import Image
from thumbnails import Workshop, assert_near, assert_upright, quadrants

pytestmark = pytest.mark.unit
FRAMES_PER_SECOND = 10
TURNS = {
    0: None,
    -90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    90: Image.Transpose.ROTATE_270,
}
"""How a frame lies in the file when the player is told to turn it against the clock by so much."""


@dataclass(frozen=True, slots=True)
class Film:
    """Pictures of a second each, and how a player shall show them."""

    seconds: list[Image.Image]
    turn: int = 0
    pixel_shape: Fraction | None = None
    title: str = ""

    def write(self, path: Path, container_format: str | None = None) -> Path:
        """Encode it, a keyframe every second."""
        with av.open(path, "w", format=container_format) as container:
            container.metadata["title"] = self.title
            stream = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
            stream.width, stream.height = self.seconds[0].size
            stream.pix_fmt = "yuv420p"
            stream.options = {"preset": "ultrafast", "g": str(FRAMES_PER_SECOND), "threads": "1"}
            if self.pixel_shape is not None:
                stream.codec_context.sample_aspect_ratio = self.pixel_shape
            if self.turn:
                stream.set_display_rotation(self.turn)
            for picture in self.seconds:
                for _ in range(FRAMES_PER_SECOND):
                    frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call] # PyAV types it not
                    container.mux(stream.encode(frame))
            container.mux(stream.encode())
        return path


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("turn", list(TURNS))
def test_the_poster_is_upright(workshop: Workshop, turn: int, suffix: str) -> None:
    stored = TURNS[turn]
    picture = quadrants() if stored is None else quadrants().transpose(stored)
    path = Film([picture], turn).write(workshop.folder / f"clip{suffix}")
    for made in workshop.pictures(path).values():
        assert made.size == (240, 160)
        assert_upright(made)


@pytest.mark.parametrize(("suffix", "container_format"), [(".mp4", "mp4"), (".ts", "mpegts")])
def test_the_poster_is_taken_after_a_dark_beginning(
    workshop: Workshop, suffix: str, container_format: str
) -> None:
    """A tenth into the film, even where time does not begin at zero (mpegts)."""
    dark = Image.new("RGB", (160, 96), "black")
    film = Film([dark, *[Image.new("RGB", (160, 96), "teal")] * 9])
    path = film.write(workshop.folder / f"fade{suffix}", container_format)
    assert_near(workshop.pictures(path)["web"].getpixel((80, 48)), (0, 128, 128), 12)


def test_pixels_that_are_not_square_are_made_so(workshop: Workshop) -> None:
    """As camcorders record: 1440 x 1080 that is to be seen at 16:9."""
    film = Film([quadrants()], pixel_shape=Fraction(4, 3))
    made = workshop.pictures(film.write(workshop.folder / "camcorder.mp4"))["web"]
    assert made.size == (320, 160)
    assert_upright(made)


def test_a_large_video_gets_a_poster_that_fits(workshop: Workshop) -> None:
    film = Film([landscape(4, (400, 225)).resize((2560, 1440))])
    made = workshop.pictures(film.write(workshop.folder / "large.mp4"))
    sizes = {kind: picture.size for kind, picture in made.items()}
    assert sizes == {"web": (2048, 1152), "preview": (1440, 810), "thumb": (256, 144)}


def test_a_title_that_is_not_utf_8_does_no_harm(workshop: Workshop) -> None:
    path = Film([quadrants()], title="HoliXday").write(workshop.folder / "titled.mp4")
    content = path.read_bytes()
    assert b"HoliXday" in content
    path.write_bytes(content.replace(b"HoliXday", b"Holi\xffday"))
    assert_upright(workshop.pictures(path)["web"])


def test_damage_where_the_poster_would_be_is_stepped_around(workshop: Workshop) -> None:
    film = Film([quadrants()] * 10)
    path = film.write(workshop.folder / "scratched.mp4")
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    length = int.from_bytes(content[start - 8 : start - 4], "big")
    damaged = slice(start + length // 11, start + length // 2)
    content[damaged] = b"\xff" * (damaged.stop - damaged.start)
    path.write_bytes(content)
    assert workshop.pictures(path)["web"].size == (240, 160)


def test_sound_alone_is_skipped(workshop: Workshop) -> None:
    path = workshop.folder / "voice.mp4"
    with av.open(path, "w") as container:
        stream = container.add_stream("aac", rate=44100)
        silence = np.zeros((1, 44100), dtype=np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 44100
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    assert workshop.run(path) == Skipped("there is no picture in it, only sound")


def code_of(workshop: Workshop, path: Path) -> str:
    with pytest.raises(Permanent) as raised:
        workshop.run(path, "video/mp4")
    assert raised.value.hint.startswith(f"{path.name}: ")
    return raised.value.code


@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_video_without_its_index_is_damaged(workshop: Workshop, keep: float) -> None:
    path = Film([landscape(5, (160, 96))] * 3).write(workshop.folder / "cut.mp4")
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"moov") - 4][: round(len(content) * keep)])
    assert code_of(workshop, path) == "video_damaged"


def test_a_video_of_which_nothing_decodes_is_damaged(workshop: Workshop) -> None:
    path = Film([landscape(5, (160, 96))] * 3).write(workshop.folder / "noise.mp4")
    content = bytearray(path.read_bytes())
    start = content.index(b"mdat") + 4
    length = int.from_bytes(content[start - 8 : start - 4], "big") - 8
    content[start : start + length] = b"\x5a" * length
    path.write_bytes(content)
    assert code_of(workshop, path) == "video_damaged"


def test_a_codec_without_a_decoder_is_unsupported(workshop: Workshop) -> None:
    path = Film([quadrants()]).write(workshop.folder / "exotic.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    assert code_of(workshop, path) == "format_unsupported"


def test_a_playlist_cannot_make_other_files_be_read(workshop: Workshop) -> None:
    private = Film([quadrants()]).write(workshop.folder / "private.ts", "mpegts")
    path = workshop.folder / "list.mp4"
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{private}\n#EXT-X-ENDLIST\n")
    assert code_of(workshop, path) == "video_damaged"


def test_a_missing_original_is_not_called_damaged(workshop: Workshop) -> None:
    with pytest.raises(FileNotFoundError):
        workshop.run(workshop.folder / "gone.mp4", "video/mp4")


def test_a_failing_disk_is_not_called_a_damaged_video(workshop: Workshop) -> None:
    with pytest.raises(Transient) as raised:
        workshop.run(Path("/proc/self/mem"), "video/mp4")
    assert raised.value.code == "original_unreadable"
