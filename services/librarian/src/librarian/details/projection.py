"""Draws the columns of an asset out of what its file, its XMP sidecar and Google say of it."""

from collections.abc import Mapping

from librarian.details.colour import color_profile, dynamic_range
from librarian.details.details import Details
from librarian.details.exposure import (
    exposure_seconds,
    f_number,
    focal_length_35mm,
    focal_length_mm,
    iso,
)
from librarian.details.people import people
from librarian.details.special_types import special_types
from librarian.details.values import is_true, number_of
from librarian.details.video import NO_VIDEO, read_video
from librarian.details.words import caption, keywords, rating, title
from librarian.tag_values import NO_TAGS

VIDEO = "video"
FAVORITE, ARCHIVED = "Takeout:Favorited", "Takeout:Archived"
"""Neither EXIF, XMP nor any maker's notes has a tag for either."""
PICK, ACCEPTED = "XMP-digiKam:PickLabel", 3
"""Where an export notes a favourite; digiKam writes 0 where nobody has chosen."""


def project(
    tags: Mapping[str, object],
    media_type: str,
    sidecar: Mapping[str, object] = NO_TAGS,
    takeout: Mapping[str, object] = NO_TAGS,
    *,
    name: str = "",
) -> Details:
    """Draw the details of an asset; what cannot be true or cannot be read is left out.

    What people write is the sidecar's, else the file's, else Takeout's; no gap takes anything away.

    Args:
        tags: Of the file, as ExifTool gives them with -G1 -n -struct.
        media_type: photo or video.
        sidecar: Of its XMP file, read in the same way.
        takeout: What Google's JSON says, under names that begin with Takeout.
        name: The file's own, as it came; tells screenshots and bursts.
    """
    container = (video := read_video(tags) if media_type == VIDEO else None) or NO_VIDEO
    return Details(
        exposure_seconds=exposure_seconds(tags),
        f_number=f_number(tags),
        iso=iso(tags),
        focal_length_mm=focal_length_mm(tags),
        focal_length_35mm=focal_length_35mm(tags),
        video_codec=container.video_codec,
        audio_codec=container.audio_codec,
        frame_rate=container.frame_rate,
        dynamic_range=dynamic_range(tags, video),
        color_profile=color_profile(tags, video),
        rating=rating(tags, sidecar),
        title=title(tags, sidecar),
        caption=caption(tags, sidecar, takeout),
        keywords=keywords(tags, sidecar),
        people=people(tags, sidecar, takeout),
        is_favorite=_is_favorite(tags, sidecar, takeout),
        is_archived=is_true(takeout.get(ARCHIVED)),
        special_types=special_types(tags, video, name),
    )


def _is_favorite(
    tags: Mapping[str, object], sidecar: Mapping[str, object], takeout: Mapping[str, object]
) -> bool:
    is_accepted = any(number_of(bag.get(PICK)) == ACCEPTED for bag in (sidecar, tags))
    return is_accepted or is_true(takeout.get(FAVORITE))
