"""Takes the poster frame of a video: one keyframe near its beginning, upright."""

from pathlib import Path

import av
from av.error import FFmpegError
from photo_factory.errors import Permanent
from photo_factory.models import Asset
from PIL import Image

from thumbnailer.pictures import LARGEST_EDGE, MOST_PIXELS

POSTER_AT = 0.1
"""Where the poster is taken, as a part of the length: later than a fade-in from black."""


def decode_poster(path: Path, asset: Asset) -> Image.Image | None:
    """A frame of the video, upright, at most LARGEST_EDGE pixels wide and high.

    One keyframe packet is decoded, wherever the film is long: the time does not depend on it.

    Returns:
        None if there is no picture in it (sound alone).

    Raises:
        Permanent: video_damaged or image_too_large.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                return None
            frame = _poster_frame(container) or _first_frame(path)
    except FFmpegError as error:
        code = "video_damaged"
        hint = f"{asset.path}: the video cannot be decoded ({error}). The original is kept."
        raise Permanent(code, hint) from error
    if frame is None:
        code = "video_damaged"
        hint = f"{asset.path}: no frame of the video can be decoded. The original is kept."
        raise Permanent(code, hint)
    return _upright(frame, asset)


def _poster_frame(container: av.container.InputContainer) -> av.VideoFrame | None:
    if container.duration:
        container.seek(int(container.duration * POSTER_AT))
    stream = container.streams.video[0]
    for packet in container.demux(stream):
        if packet.is_keyframe and packet.size:
            frames = stream.codec_context.decode(packet) or stream.codec_context.decode(None)
            return frames[0] if frames else None
    return None


def _first_frame(path: Path) -> av.VideoFrame | None:
    """Where no keyframe could be reached by seeking: whatever decodes first."""
    with av.open(str(path)) as container:
        return next(iter(container.decode(video=0)), None)


def _upright(frame: av.VideoFrame, asset: Asset) -> Image.Image:
    if frame.width * frame.height > MOST_PIXELS:
        code = "image_too_large"
        raise Permanent(code, f"{asset.path}: {frame.width} x {frame.height} pixels are too many.")
    scale = min(1.0, LARGEST_EDGE / max(frame.width, frame.height))
    small = frame.reformat(
        width=max(2, round(frame.width * scale)),
        height=max(2, round(frame.height * scale)),
        format="rgb24",
    )
    image: Image.Image = small.to_image()  # type: ignore[no-untyped-call] # PyAV leaves it so
    # The display matrix says how far the picture is to be turned against the clock.
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
