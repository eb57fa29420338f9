"""The values that `projection` draws from tags."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the picture, who has a name.

    Attributes:
        kind: face or pet of a marked area; person where only a name is known.
        x: Of the area's centre, as a share of the upright picture's width; None if unknown.
        y: Of its centre, as a share of the height.
        width: As a share of the width.
        height: As a share of the height.
    """

    name: str
    kind: str
    x: float | None = None
    y: float | None = None
    width: float | None = None
    height: float | None = None


@dataclass(frozen=True, slots=True)
class Details:
    """What has a column of its own; the fields are named as the columns of `media_assets`.

    Attributes:
        focal_length_35mm: That of a lens with the same view on 35 mm film, in millimetres.
        video_codec: A short word such as h264, hevc, av1, prores; None for photos.
        audio_codec: Such as aac, pcm, opus; None for photos and silent videos.
        frame_rate: The average, in frames a second.
        dynamic_range: sdr, hdr10 (that is PQ), hlg, dolby vision, gain map; None if unknown.
        color_profile: Such as Display P3.
        rating: 0 to 5 stars; -1 means rejected.
        special_types: In the order of `special_types.SPECIAL_TYPES`.
    """

    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None
    focal_length_35mm: float | None = None
    video_codec: str | None = None
    audio_codec: str | None = None
    frame_rate: float | None = None
    dynamic_range: str | None = None
    color_profile: str | None = None
    rating: int | None = None
    title: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    is_favorite: bool = False
    is_archived: bool = False
    special_types: tuple[str, ...] = ()

    def columns(self) -> dict[str, object]:
        """The values by their columns, ready for JSON; what is not known of a person is absent."""
        values: dict[str, object] = {name: getattr(self, name) for name in COLUMNS}
        values["keywords"] = list(self.keywords)
        values["people"] = [_known(person) for person in self.people]
        values["special_types"] = list(self.special_types)
        return values


COLUMNS = tuple(field.name for field in fields(Details))
PERSON_FIELDS = tuple(field.name for field in fields(Person))


def _known(person: Person) -> dict[str, object]:
    values = ((name, getattr(person, name)) for name in PERSON_FIELDS)
    return {name: value for name, value in values if value is not None}
