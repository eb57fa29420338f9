"""What a file is, told by its content, and whether it is whole.

The packages for this (filetype, puremagic) were looked at and left out: they call every TIFF-based
RAW a TIFF, know few HEIF brands, take audio-only MP4 for video, and cannot tell a whole file from
one that is still being copied; the table here is smaller than the code that would correct them.
"""

from photo_factory.media.completeness import incompleteness
from photo_factory.media.identification import HEAD_BYTES, identify
from photo_factory.media.kinds import Kind, is_usual_suffix

__all__ = ["HEAD_BYTES", "Kind", "identify", "incompleteness", "is_usual_suffix"]
