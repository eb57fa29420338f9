"""The columns of an asset that follow from the tags of its file and of its sidecars."""

from collections.abc import Mapping
from dataclasses import asdict

from librarian.capture.decision import RULES_VERSION
from librarian.capture.evidence import NO_TAGS, CaptureTime
from librarian.capture.location import location_of
from librarian.details.details import Details
from librarian.details.projection import project

DERIVED = {
    "captured_local": "timestamp",
    "captured_at": "timestamptz",
    "utc_offset_minutes": "smallint",
    "captured_source": "text",
    "captured_confidence": "text",
    "offset_source": "text",
    "captured_candidates": "jsonb",
    "capture_rules": "smallint",
    "location": "jsonb",
    "exposure_seconds": "float8",
    "f_number": "float8",
    "iso": "integer",
    "focal_length_mm": "float8",
    "focal_length_35mm": "float8",
    "video_codec": "text",
    "audio_codec": "text",
    "frame_rate": "float8",
    "dynamic_range": "text",
    "color_profile": "text",
    "rating": "smallint",
    "title": "text",
    "caption": "text",
    "keywords": "text[]",
    "people": "jsonb",
    "is_favorite": "boolean",
    "is_archived": "boolean",
    "special_types": "text[]",
}
"""Names, with PostgreSQL's types."""
NO_DETAILS = Details()


def derive(  # noqa: PLR0913 - the tags come from three places
    when: CaptureTime,
    media_type: str,
    tags: Mapping[str, object],
    sidecar: Mapping[str, object] = NO_TAGS,
    takeout: Mapping[str, object] = NO_TAGS,
    *,
    name: str = "",
    is_quick: bool = False,
) -> dict[str, object]:
    """The values of all derived columns; for JSON, once times are made text.

    Args:
        when: What has been decided of its date.
        media_type: photo or video.
        tags: Of the file, as ExifTool gives them.
        sidecar: Of its XMP file.
        takeout: Google's.
        name: The file's own, as it came.
        is_quick: Few tags have been read, and none that details follow from: they come later.
    """
    where = location_of(tags, sidecar, takeout)
    details = NO_DETAILS
    if takeout or not is_quick:
        details = project(tags, media_type, sidecar, takeout, name=name)
    return {
        "captured_local": when.local,
        "captured_at": when.utc,
        "utc_offset_minutes": when.offset_minutes,
        "captured_source": when.source,
        "captured_confidence": when.confidence,
        "offset_source": when.offset_source,
        "captured_candidates": [
            {"source": one.source, "text": one.text, "reason": one.reason}
            for one in when.candidates
        ],
        "capture_rules": RULES_VERSION,
        "location": None if where is None else asdict(where),
        **details.columns(),
    }
