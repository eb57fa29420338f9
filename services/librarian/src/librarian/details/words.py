"""What people write about a picture: rating, title, caption, keywords.

Each is taken from the first of XMP sidecar, file and Takeout that has any of it.

Within a file XMP comes before IPTC and IPTC before EXIF, whose texts know only ASCII and are what
cameras fill with their own name. Only where IPTC was changed by a program that knows no XMP does it
come first: then Photoshop's digest of it no longer agrees (Metadata Working Group,
Guidelines for Handling Image Metadata 2.0).
"""

import re
from collections.abc import Iterable, Mapping, Sequence

from librarian.details.values import number_of, text_of, texts_of
from librarian.tag_values import MAX_ITEMS

Bag = Mapping[str, object]

RATINGS = ("XMP-xmp:Rating", "IFD0:Rating", "Keys:UserRating")
PERCENT_RATINGS = (
    "XMP-microsoft:RatingPercent",
    "IFD0:RatingPercent",
    "Microsoft:SharedUserRating",
    "ASF:SharedUserRating",
)
REJECTED, MOST_STARS = -1, 5
STARS_BY_PERCENT = ((0, 0), (12, 1), (37, 2), (62, 3), (87, 4), (100, 5))
"""Windows writes 1, 25, 50, 75 and 99 for one to five stars; each is up to this percentage."""

TITLES = ("XMP-dc:Title", "IPTC:ObjectName")
MORE_TITLES = (
    "IFD0:XPTitle",
    "Keys:Title",
    "ItemList:Title",
    "UserData:Title",
    "Matroska:Title",
    "RIFF:Title",
    "ASF:Title",
    "PNG:Title",
)
CAPTIONS = ("XMP-dc:Description", "IPTC:Caption-Abstract")
MORE_CAPTIONS = (
    "IFD0:ImageDescription",
    "XMP-tiff:ImageDescription",
    "IFD0:XPComment",
    "Keys:Description",
    "ItemList:Description",
    "UserData:Description",
    "ASF:Description",
    "PNG:Description",
)
TAKEOUT_CAPTIONS = ("Takeout:Description",)
"""Takeout's title is the name of the file and no title."""

DIGEST_NOW, DIGEST_THEN = "File:CurrentIPTCDigest", "Photoshop:IPTCDigest"

SUBJECT, IPTC_KEYWORDS = "XMP-dc:Subject", "IPTC:Keywords"
PATHS = (("XMP-lr:HierarchicalSubject", "|"), ("XMP-digiKam:TagsList", "/"))
"""Keywords with all those above them; only the last word is one of the picture."""
LISTED_IN_ONE = (
    ("IFD0:XPKeywords", ";"),
    ("Keys:Keywords", ","),
    ("ItemList:Keyword", ","),
    ("PNG:Keywords", ","),
)
IPTC_BYTES = 64
"""No longer keyword fits into IPTC, so one of this length may be the start of another."""

MAKERS = (
    "agfa|casio|concord|epson|fuji(?:film)?|hp|jenoptik|kodak|konica|konica minolta|minolta|nikon|"
    "olympus|panasonic|pentax|polaroid|ricoh|samsung|sanyo|sony|toshiba|traveler|vivitar"
)
BY_CAMERA = re.compile(
    rf"(?:{MAKERS}) dsc|(?:(?:{MAKERS}) )?digital (?:still )?camera|exif[ _]jpeg(?:[ _]picture)?"
    rf"|(?:{MAKERS}) picture|samsung camera pictures|camera picture|jpeg image|default"
    r"|(?:[a-z]:)?[\\/]?dcim[\\/].*"
    r"|(?:dsc|img|dji|vid|mvi|gopr|gh01|pict|dscf|dscn|p\d|_dsc|_mg)[_-]?\d[\w-]*\.\w{3,4}"
    r"|(?:dsc|dscf|dscn|_dsc|pict)_?\d{4,5}",
    re.IGNORECASE,
)
"""What cameras write where people would describe the picture: their name or the file's."""
SCENE_MODE = re.compile(r"[a-z0-9]{2,8}(?:_[a-z0-9]{1,8})*")
SCENE_MAKERS = ("huawei", "honor")
"""Their telephones write the mode of the camera, such as oznor or cof_soft."""
MAKE, MODEL = "IFD0:Make", "IFD0:Model"


def rating(tags: Bag, sidecar: Bag) -> int | None:
    """Stars, 0 to 5; -1 for a rejected picture."""
    for bag in (sidecar, tags):
        found = _rating(bag)
        if found is not None:
            return found
    return None


def title(tags: Bag, sidecar: Bag) -> str | None:
    """The title that somebody gave it."""
    return _text(sidecar, TITLES) or _text(tags, (*_in_order(tags, TITLES), *MORE_TITLES))


def caption(tags: Bag, sidecar: Bag, takeout: Bag) -> str | None:
    """What somebody wrote below it."""
    return (
        _text(sidecar, CAPTIONS)
        or _text(tags, (*_in_order(tags, CAPTIONS), *MORE_CAPTIONS))
        or _text(takeout, TAKEOUT_CAPTIONS)
    )


def keywords(tags: Bag, sidecar: Bag) -> tuple[str, ...]:
    """All keywords of the sidecar or else of the file, in the order of their first appearance."""
    return _keywords(sidecar) or _keywords(tags)


def _rating(tags: Bag) -> int | None:
    for name in RATINGS:
        stars = number_of(tags.get(name))
        if stars is not None and REJECTED <= stars <= MOST_STARS:
            return round(stars)
    for name in PERCENT_RATINGS:
        percent = number_of(tags.get(name))
        if percent is not None and percent >= 0:
            return next((stars for most, stars in STARS_BY_PERCENT if percent <= most), None)
    return None


def _in_order(tags: Bag, names: Sequence[str]) -> Iterable[str]:
    now, then = tags.get(DIGEST_NOW), tags.get(DIGEST_THEN)
    is_iptc_newer = now is not None and then is not None and now != then
    return reversed(names) if is_iptc_newer else names


def _text(tags: Bag, names: Iterable[str]) -> str | None:
    for name in names:
        if name in tags:
            text = text_of(tags[name])
            if text is not None and not _is_by_camera(text, tags):
                return text
    return None


def _is_by_camera(text: str, tags: Bag) -> bool:
    make, model = (str(tags.get(name, "")).strip().lower() for name in (MAKE, MODEL))
    return (
        BY_CAMERA.fullmatch(text) is not None
        or text.lower() in (make, model)
        or (make.startswith(SCENE_MAKERS) and SCENE_MODE.fullmatch(text) is not None)
    )


def _keywords(tags: Bag) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for word in _all_keywords(tags):
        key = word.casefold()
        if key not in found:
            found[key] = word
    return tuple(found.values())[:MAX_ITEMS]


def _all_keywords(tags: Bag) -> list[str]:
    words = texts_of(tags[SUBJECT]) if SUBJECT in tags else []
    if IPTC_KEYWORDS in tags:
        words += [word for word in texts_of(tags[IPTC_KEYWORDS]) if not _is_cut(word, words)]
    for name, separator in PATHS:
        if name in tags:
            words += [path.rpartition(separator)[2].strip() for path in texts_of(tags[name])]
    for name, separator in LISTED_IN_ONE:
        if name in tags:
            lists = (text.split(separator) for text in texts_of(tags[name]))
            words += [word.strip() for listed in lists for word in listed]
    return [word for word in words if word]


def _is_cut(word: str, words: list[str]) -> bool:
    return len(word.encode()) >= IPTC_BYTES and any(other.startswith(word) for other in words)
