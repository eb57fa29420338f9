"""Takes the poster frame of a video: one keyframe near its beginning, upright."""

from fractions import Fraction
from pathlib import Path

import av
from av.error import FFmpegError
from photo_factory.errors import Permanent
from photo_factory.models import Asset
from PIL import Image

from thumbnailer.pictures import LARGEST_EDGE, refuse_too_large, refuse_unreadable

POSTER_AT = 0.1
"""Where the poster is taken, as a part of the length: later than a fade-in from black."""
OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,asf,flv",
}
"""A file must not choose what else is opened: playlists name other files and addresses."""


def decode_poster(path: Path, asset: Asset) -> Image.Image | None:
    """A frame of the video, upright, at most LARGEST_EDGE pixels wide and high.

    One keyframe packet is decoded, however long the film is: the time does not depend on it.

    Returns:
        None if there is no picture in it (sound alone).

    Raises:
        Permanent: video_damaged, format_unsupported or image_too_large.
        Transient: original_unreadable.
    """
    try:
        with _open(path) as container:
            stream = container.streams.best("video")
            if not isinstance(stream, av.VideoStream):
                return None
            _refuse_undecodable(stream, asset)
            shape = stream.sample_aspect_ratio or Fraction(1)
            frame = _keyframe(container, stream) or _first_frame(path)
    except FFmpegError as error:
        refuse_unreadable(error, asset)
        raise _damaged(asset, f"it cannot be decoded ({error})") from error
    if frame is None:
        raise _damaged(asset, "none of its frames can be decoded")
    refuse_too_large((frame.width, frame.height), asset)
    return _upright(frame, shape)


def _refuse_undecodable(stream: av.VideoStream, asset: Asset) -> None:
    codec: av.VideoCodecContext | None = stream.codec_context
    if codec is None:
        code = "format_unsupported"
        hint = f"{asset.path}: no decoder for this video's codec yet. "
        raise Permanent(code, hint + "The original is safe; it has no thumbnail.")
    refuse_too_large((codec.width, codec.height), asset)


def _open(path: Path) -> av.container.InputContainer:
    """Titles need not be UTF-8."""
    return av.open(str(path), options=OPTIONS, metadata_errors="replace")


def _damaged(asset: Asset, reason: str) -> Permanent:
    hint = f"{asset.path}: no picture can be taken of this video: {reason}. The original is kept."
    return Permanent("video_damaged", hint)


def _keyframe(
    container: av.container.InputContainer, stream: av.VideoStream
) -> av.VideoFrame | None:
    """The keyframe before the poster's time, or None if that part is damaged."""
    try:
        if container.duration:
            container.seek((container.start_time or 0) + int(container.duration * POSTER_AT))
        for packet in container.demux(stream):
            if packet.is_keyframe and packet.size:
                # One packet, then the end: decoding on would read whole groups of pictures.
                frames = stream.codec_context.decode(packet) or stream.codec_context.decode(None)
                return frames[0] if frames else None
    except FFmpegError:
        return None
    return None


def _first_frame(path: Path) -> av.VideoFrame | None:
    """Where no keyframe could be reached by seeking: whatever decodes first."""
    with _open(path) as container:
        return next(container.decode(video=0), None)


def _upright(frame: av.VideoFrame, shape: Fraction) -> Image.Image:
    """The frame as it is to be seen: pixels that are not square made so, turned, reduced."""
    seen_width = round(frame.width * shape)
    scale = min(1.0, LARGEST_EDGE / max(seen_width, frame.height))
    small = frame.reformat(
        width=max(2, round(seen_width * scale)),
        height=max(2, round(frame.height * scale)),
        format="rgb24",
        interpolation="AREA",
    )
    image: Image.Image = small.to_image()  # type: ignore[no-untyped-call] # PyAV leaves it so
    # The display matrix says how far the picture is to be turned against the clock.
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image
