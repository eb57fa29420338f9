"""Codecs, frame rate and dynamic range of a video, from the tags of its container.

ExifTool numbers the tracks of QuickTime and Matroska files: Track1:CompressorID and so on.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from librarian.details import codecs
from librarian.details.values import first_number, number_of

TRACKS = tuple(f"Track{number}:" for number in range(1, 10))
FRAME_RATES = (
    "RIFF:VideoFrameRate",
    "RIFF:FrameRate",
    "Flash:FrameRate",
    "MPEG:FrameRate",
    "H264:VideoFrameRate",
    "ASF:VideoFrameRate",
)
HIGHEST_RATE = 1000
RATE_DIGITS = 3
THUMBNAIL_CODEC = "mjpeg"
"""Some cameras keep the poster frame as a track of its own."""
RIFF_VIDEO, RIFF_AUDIO = "RIFF:VideoCodec", "RIFF:Encoding"
STREAM_VIDEO, STREAM_AUDIO = "M2TS:VideoStreamType", "M2TS:AudioStreamType"
FLASH_VIDEO, FLASH_AUDIO = "Flash:VideoEncoding", "Flash:AudioEncoding"
DOLBY_VISION = ("dvh1", "dvhe", "dva1", "dvav", "dav1")
"""Dolby's codes for video that only its decoder shows rightly.

A telephone's HLG video that carries Dolby's notes beside is marked as hvc1, and counts as hlg.
"""


@dataclass(frozen=True, slots=True)
class Video:
    """What a container says.

    Attributes:
        transfer: The transfer characteristics of ISO 23091-2; None if unknown.
        primaries: The colour primaries of the same standard.
    """

    video_codec: str | None = None
    audio_codec: str | None = None
    frame_rate: float | None = None
    transfer: int | None = None
    primaries: int | None = None
    is_dolby_vision: bool = False


NO_VIDEO = Video()


def read_video(tags: Mapping[str, object]) -> Video:
    """Read what the container says of its main tracks."""
    track, codec = _main_track(tags)
    rate = first_number(tags, (f"{track}VideoFrameRate", *FRAME_RATES), 0, HIGHEST_RATE)
    return Video(
        video_codec=codec or _other_video_codec(tags),
        audio_codec=_audio_codec(tags),
        frame_rate=None if rate is None else round(rate, RATE_DIGITS) or None,
        transfer=integer(tags.get(f"{track}TransferCharacteristics")),
        primaries=integer(tags.get(f"{track}ColorPrimaries")),
        is_dolby_vision=str(tags.get(f"{track}CompressorID")).strip() in DOLBY_VISION,
    )


def integer(value: object) -> int | None:
    """A whole number of a table."""
    number = number_of(value)
    return None if number is None else int(number)


def _main_track(tags: Mapping[str, object]) -> tuple[str, str | None]:
    """The first video track that holds no mere thumbnail, and its codec."""
    found: tuple[str, str | None] = (TRACKS[0], None)
    for track in TRACKS:
        codec = _track_codec(tags, track)
        if codec is not None and codec != THUMBNAIL_CODEC:
            return track, codec
        if codec is not None and found[1] is None:
            found = track, codec
    return found


def _track_codec(tags: Mapping[str, object], track: str) -> str | None:
    compressor = tags.get(track + "CompressorID")
    if compressor is not None:
        return codecs.video_word(compressor)
    # The name depends on whether the codec or the kind of the track is written first.
    identifier = tags.get(track + "VideoCodecID") or tags.get(track + "CodecID")
    if isinstance(identifier, str) and identifier.startswith("V_"):
        return codecs.matroska_word(identifier)
    return None


def _audio_codec(tags: Mapping[str, object]) -> str | None:
    for track in TRACKS:
        sound = tags.get(track + "AudioFormat")
        if sound is not None:
            return codecs.audio_word(sound)
        identifier = tags.get(track + "AudioCodecID") or tags.get(track + "CodecID")
        if isinstance(identifier, str) and identifier.startswith("A_"):
            return codecs.matroska_word(identifier)
    return (
        codecs.STREAM_TYPES_AUDIO.get(_code(tags, STREAM_AUDIO))
        or codecs.FLASH_AUDIO.get(_code(tags, FLASH_AUDIO))
        or codecs.WAVE.get(_code(tags, RIFF_AUDIO))
    )


def _other_video_codec(tags: Mapping[str, object]) -> str | None:
    return (
        codecs.STREAM_TYPES.get(_code(tags, STREAM_VIDEO))
        or codecs.FLASH.get(_code(tags, FLASH_VIDEO))
        or codecs.video_word(tags.get(RIFF_VIDEO))
    )


def _code(tags: Mapping[str, object], name: str) -> int:
    found = integer(tags.get(name))
    return -1 if found is None else found
