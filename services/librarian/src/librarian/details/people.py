"""Who is in a picture: marked faces and pets that have a name, and names without a place.

Two schemas mark areas. The Metadata Working Group's (XMP-mwg-rs) holds the area's centre, that of
Windows (XMP-MP) its top left corner. Both count on the stored picture: "Guidelines for Handling
Image Metadata 2.0", section 5.9, wants them turned as the EXIF orientation turns the picture, and
Lightroom, digiKam and telephones write them so. An area is left as it is where its own note of the
picture's size (AppliedToDimensions) lies the other way round than the stored picture, for then it
was marked on the upright one.
"""

from collections.abc import Callable, Iterator, Mapping

from librarian.details.details import Person
from librarian.details.values import number_of, text_of, texts_of
from librarian.metadata import SIDEWAYS, orientation_of
from librarian.tag_values import MAX_ITEMS

Bag = Mapping[str, object]
Area = tuple[float, float, float, float]
"""Centre and size: x, y, width, height."""

MWG_REGIONS, MWG_LIST = "XMP-mwg-rs:RegionInfo", "RegionList"
WINDOWS_REGIONS, WINDOWS_LIST = "XMP-MP:RegionInfoMP", "Regions"
NAMES = ("XMP-iptcExt:PersonInImage",)
TAKEOUT_NAMES = ("Takeout:People",)
KINDS = {"face": "face", "pet": "pet", "": "face"}
"""Of the kinds of the Working Group, those that are somebody; Windows marks only people."""
ONLY_NAMED = "person"
DIGITS = 6

TURNS: dict[int, Callable[[float, float], tuple[float, float]]] = {
    2: lambda x, y: (1 - x, y),
    3: lambda x, y: (1 - x, 1 - y),
    4: lambda x, y: (x, 1 - y),
    5: lambda x, y: (y, x),
    6: lambda x, y: (1 - y, x),
    7: lambda x, y: (1 - y, 1 - x),
    8: lambda x, y: (y, 1 - x),
}
"""Where a point of the stored picture lies in the upright one, by EXIF's orientation."""


def people(tags: Bag, sidecar: Bag, takeout: Bag) -> tuple[Person, ...]:
    """Those of the sidecar, or else of the file, or else of Takeout; each of them once."""
    for bag, names in ((sidecar, NAMES), (tags, NAMES), (takeout, TAKEOUT_NAMES)):
        found = _people(bag, names, tags)
        if found:
            return found
    return ()


def _people(bag: Bag, names: tuple[str, ...], picture: Bag) -> tuple[Person, ...]:
    """The first mention of a name counts, or the first that says where."""
    found: dict[str, Person] = {}
    for person in _mentions(bag, names, picture):
        key = person.name.casefold()
        if key not in found or (found[key].x is None and person.x is not None):
            found[key] = person
    return tuple(found.values())[:MAX_ITEMS]


def _mentions(bag: Bag, names: tuple[str, ...], picture: Bag) -> Iterator[Person]:
    if MWG_REGIONS in bag:
        yield from _mwg_people(bag[MWG_REGIONS], picture)
    if WINDOWS_REGIONS in bag:
        yield from _windows_people(bag[WINDOWS_REGIONS], picture)
    for tag in names:
        if tag in bag:
            yield from (Person(name, ONLY_NAMED) for name in texts_of(bag[tag]))


def _mwg_people(info: object, picture: Bag) -> Iterator[Person]:
    applied = info.get("AppliedToDimensions") if isinstance(info, dict) else None
    size = _size(applied)
    orientation = _turn(picture, size)
    for region in _regions(info, MWG_LIST):
        name = text_of(region.get("Name"))
        kind = KINDS.get(str(region.get("Type", "")).strip().lower())
        if name is not None and kind is not None:
            yield _person(name, kind, _mwg_area(region.get("Area"), size), orientation)


def _windows_people(info: object, picture: Bag) -> Iterator[Person]:
    orientation = _turn(picture, None)
    for region in _regions(info, WINDOWS_LIST):
        name = text_of(region.get("PersonDisplayName"))
        if name is not None:
            yield _person(name, "face", _windows_area(region.get("Rectangle")), orientation)


def _regions(info: object, name: str) -> list[dict[str, object]]:
    listed = info.get(name) if isinstance(info, dict) else None
    entries = listed if isinstance(listed, list) else [listed]
    return [entry for entry in entries[:MAX_ITEMS] if isinstance(entry, dict)]


def _person(name: str, kind: str, area: Area | None, orientation: int) -> Person:
    if area is None or not _is_possible(area):
        return Person(name, kind)
    x, y, width, height = area
    if orientation in TURNS:
        x, y = TURNS[orientation](x, y)
    if orientation in SIDEWAYS:
        width, height = height, width
    return Person(name, kind, *(round(number, DIGITS) for number in (x, y, width, height)))


def _is_possible(area: Area) -> bool:
    x, y, width, height = area
    return 0 <= x <= 1 and 0 <= y <= 1 and 0 < width <= 1 and 0 < height <= 1


def _mwg_area(area: object, size: tuple[float, float] | None) -> Area | None:
    if not isinstance(area, dict):
        return None
    x, y, width, height = (number_of(area.get(key)) for key in ("X", "Y", "W", "H"))
    if x is None or y is None or width is None or height is None:
        return None  # a point or a circle, which says nothing of the face's size
    if str(area.get("Unit", "")).strip().lower() != "pixel":
        return x, y, width, height
    return None if size is None else (x / size[0], y / size[1], width / size[0], height / size[1])


def _windows_area(rectangle: object) -> Area | None:
    parts = [number_of(part) for part in str(rectangle).split(",")]
    if len(parts) != len(("left", "top", "width", "height")):
        return None
    left, top, width, height = parts
    if left is None or top is None or width is None or height is None:
        return None
    return left + width / 2, top + height / 2, width, height


def _turn(picture: Bag, applied: tuple[float, float] | None) -> int:
    """The orientation by which areas have to be turned."""
    orientation = orientation_of(picture) or 1
    stored = _stored_size(picture)
    if orientation in SIDEWAYS and applied is not None and stored is not None:
        is_marked_upright = (applied[0] - applied[1]) * (stored[0] - stored[1]) < 0
        return 1 if is_marked_upright else orientation
    return orientation


def _stored_size(picture: Bag) -> tuple[float, float] | None:
    width, height = (number_of(picture.get(f"File:Image{side}")) for side in ("Width", "Height"))
    if width is None or height is None:
        words = str(picture.get("Composite:ImageSize", "")).split()
        if len(words) != len(("width", "height")):
            return None
        width, height = number_of(words[0]), number_of(words[1])
    return None if width is None or height is None else (width, height)


def _size(applied: object) -> tuple[float, float] | None:
    if not isinstance(applied, dict):
        return None
    width, height = number_of(applied.get("W")), number_of(applied.get("H"))
    if width is None or height is None or width <= 0 or height <= 0:
        return None
    return width, height
