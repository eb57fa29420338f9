"""Reads numbers and texts out of tags of any kind, for a tag can hold anything."""

import math
from collections.abc import Iterable, Mapping, Sequence

from librarian.tag_values import MAX_CHARACTERS, MAX_ITEMS, storable

MAX_INTEGER = 10**15
"""Longer rows of digits ExifTool gives as texts."""


def number_of(value: object) -> float | None:
    """A finite number; of several in one text the first."""
    if isinstance(value, str):
        first, _, _ = value.strip().partition(" ")
        try:
            value = float(first)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_usable = math.isfinite(value) if isinstance(value, float) else abs(value) < MAX_INTEGER
    return float(value) if is_usable else None


def first_number(
    tags: Mapping[str, object], names: Iterable[str], above: float, highest: float
) -> float | None:
    """The first number of these tags that is greater than `above` and not beyond `highest`."""
    for name in names:
        value = tags.get(name)
        if value is not None:
            number = number_of(value[0] if isinstance(value, list) and value else value)
            if number is not None and above < number <= highest:
                return number
    return None


def text_of(value: object) -> str | None:
    """A text without blanks around it, of at most 2,000 characters; None if it is empty.

    ExifTool gives what looks like a number as one, and so a title may be a number.
    """
    match value:
        case str():
            text = value
        case bool():
            text = str(value).lower()
        case int() if abs(value) < MAX_INTEGER:
            text = str(value)
        case float() if math.isfinite(value):
            text = f"{value:.15g}"
        case _:
            return None
    return storable(text).strip()[:MAX_CHARACTERS].rstrip() or None


def texts_of(value: object) -> list[str]:
    """The texts of a tag that may hold one or a list."""
    values: Sequence[object] = value[:MAX_ITEMS] if isinstance(value, list) else (value,)
    return [text for one in values if (text := text_of(one)) is not None]


def is_true(value: object) -> bool:
    """Whether a tag says yes, in one of the ways of XMP and QuickTime."""
    return value is True or value == 1 or (isinstance(value, str) and value.lower() in TRUTHS)


TRUTHS = ("true", "1", "yes")
