"""Short words for the many codes by which files name their codecs."""

import re

UNKNOWN = re.compile(r"[a-z0-9][a-z0-9_-]{1,15}")

FOUR_CHARACTERS = {
    "h264": ("avc1", "avc3", "h264", "x264", "dva1", "dvav"),
    "hevc": ("hvc1", "hev1", "hevc", "h265", "x265", "dvh1", "dvhe"),
    "vvc": ("vvc1", "vvi1"),
    "av1": ("av01", "dav1"),
    "vp8": ("vp08", "vp80"),
    "vp9": ("vp09", "vp90"),
    "prores": ("apch", "apcn", "apcs", "apco", "ap4h", "ap4x"),
    "prores raw": ("aprn", "aprh"),
    "apv": ("apv1",),
    "mpeg4": ("mp4v", "xvid", "divx", "dx50", "fmp4", "div3", "mp43", "3iv2"),
    "mpeg2": ("m2v1", "mp2v", "mpg2", "mx5p", "hdv1", "hdv2", "hdv3", "xdv1", "xdvb"),
    "mpeg1": ("mp1v", "mpg1"),
    "mjpeg": ("jpeg", "mjpa", "mjpb", "mjpg", "avrn"),
    "h263": ("s263", "h263"),
    "dv": ("dvc", "dvcp", "dvpp", "dvsd", "dvhd"),
    "cineform": ("cfhd",),
    "dnxhd": ("avdn", "avdh"),
}
"""QuickTime's CompressorID and AVI's VideoCodec, in small letters."""
FOUR_CHARACTERS_AUDIO = {
    "aac": ("mp4a",),
    "mp3": (".mp3", "mp3"),
    "alac": ("alac",),
    "flac": ("flac",),
    "opus": ("opus",),
    "ac3": ("ac-3",),
    "eac3": ("ec-3",),
    "ac4": ("ac-4",),
    "apac": ("apac",),
    "amr": ("samr", "sawb"),
    "pcm": ("sowt", "twos", "lpcm", "ipcm", "fpcm", "in24", "in32", "fl32", "raw", "none"),
    "g711": ("ulaw", "alaw"),
    "adpcm": ("ima4",),
}
"""QuickTime's AudioFormat."""
MATROSKA = (
    ("V_MPEG4/ISO/AVC", "h264"),
    ("V_MPEGH/ISO/HEVC", "hevc"),
    ("V_MPEGI/ISO/VVC", "vvc"),
    ("V_MPEG4/", "mpeg4"),
    ("V_AV1", "av1"),
    ("V_VP8", "vp8"),
    ("V_VP9", "vp9"),
    ("V_PRORES", "prores"),
    ("V_MPEG2", "mpeg2"),
    ("V_MPEG1", "mpeg1"),
    ("V_MJPEG", "mjpeg"),
    ("A_AAC", "aac"),
    ("A_OPUS", "opus"),
    ("A_VORBIS", "vorbis"),
    ("A_FLAC", "flac"),
    ("A_MPEG/L3", "mp3"),
    ("A_MPEG/L2", "mp2"),
    ("A_AC3", "ac3"),
    ("A_EAC3", "eac3"),
    ("A_DTS", "dts"),
    ("A_ALAC", "alac"),
    ("A_PCM", "pcm"),
)
"""How the names of Matroska's codecs begin."""
STREAM_TYPES = {1: "mpeg1", 2: "mpeg2", 16: "mpeg4", 27: "h264", 36: "hevc"}
STREAM_TYPES_AUDIO = {15: "aac", 17: "aac", 128: "pcm", 129: "ac3", 130: "dts", 135: "eac3"}
"""ISO 13818-1 and Blu-ray, for M2TS."""
FLASH = {2: "h263", 4: "vp6", 5: "vp6", 7: "h264", 12: "hevc"}
FLASH_AUDIO = {0: "pcm", 1: "adpcm", 2: "mp3", 3: "pcm", 10: "aac", 14: "mp3"}
WAVE = {
    1: "pcm",
    2: "adpcm",
    6: "g711",
    7: "g711",
    17: "adpcm",
    80: "mp2",
    85: "mp3",
    255: "aac",
    8192: "ac3",
}
"""AVI's numbers of audio formats."""

VIDEO_WORDS = {code: word for word, codes in FOUR_CHARACTERS.items() for code in codes}
AUDIO_WORDS = {code: word for word, codes in FOUR_CHARACTERS_AUDIO.items() for code in codes}


def video_word(code: object) -> str | None:
    """The word for a code of four characters; an unknown code stands for itself."""
    return _word(code, VIDEO_WORDS)


def audio_word(code: object) -> str | None:
    """As `video_word`, for sound."""
    return _word(code, AUDIO_WORDS)


def matroska_word(code: object) -> str | None:
    """The word for Matroska's CodecID."""
    if not isinstance(code, str):
        return None
    return next((word for start, word in MATROSKA if code.startswith(start)), None)


def _word(code: object, words: dict[str, str]) -> str | None:
    if not isinstance(code, str):
        return None
    text = code.strip().lower()
    known = words.get(text)
    return known or (text if UNKNOWN.fullmatch(text) else None)
