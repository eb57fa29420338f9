"""Makes tags fit for a jsonb column: small, finite, and free of what PostgreSQL refuses."""

import math
from collections.abc import Mapping
from types import MappingProxyType

Tags = dict[str, object]
NO_TAGS: Mapping[str, object] = MappingProxyType({})

MAX_TAGS = 2_000
MAX_CHARACTERS = 2_000
MAX_ITEMS = 200
MAX_DEPTH = 6
"""How deep lists and structures may lie in each other; the deepest known, of a face, takes four."""
MAX_NESTED = 20_000
"""Values within lists and structures, of all tags of a file together."""
BINARY_NOTE = "(Binary data "
OMITTED_GROUPS = ("System:", "ExifTool:ExifToolVersion", "SourceFile", "File:Directory")
"""What describes the copy that was read and not the photo."""
WRITTEN_BY_PEOPLE = (":Description", ":ImageDescription", ":Caption-Abstract", ":Title")
"""Texts that are cut at their greatest length; a longer one of another tag is no text."""


def clean_tags(tags: Mapping[str, object]) -> Tags:
    """Drop binary and huge values, and what cannot be stored; keep the order."""
    cleaned: Tags = {}
    cleaner = _Cleaner()
    for name, value in tags.items():
        if name.startswith(OMITTED_GROUPS):
            continue
        if isinstance(value, str) and name.endswith(WRITTEN_BY_PEOPLE):
            value = value[:MAX_CHARACTERS]  # noqa: PLW2901 - the rest of it is dropped for good
        kept = cleaner.clean(value, 0)
        if kept is not None:
            cleaned[storable(name)] = kept
        if len(cleaned) == MAX_TAGS:
            break
    return cleaned


def storable(text: str) -> str:
    """Remove NUL and lone surrogates, which jsonb refuses."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class _Cleaner:
    """Cleans the values of one file, and counts those that lie within others."""

    def __init__(self) -> None:
        self._left = MAX_NESTED

    def clean(self, value: object, depth: int) -> object | None:
        match value:
            case bool() | int():
                return value
            case float():
                return value if math.isfinite(value) else None
            case str():
                is_left_out = value.startswith(BINARY_NOTE) or len(value) > MAX_CHARACTERS
                return None if is_left_out else storable(value)
            case list():
                return self._clean_list(value, depth)
            case dict():
                return self._clean_structure(value, depth)
            case _:
                return None

    def _clean_list(self, values: list[object], depth: int) -> list[object] | None:
        """Of too many words or structures the first are kept; a long table is of no use."""
        if len(values) > MAX_ITEMS and not isinstance(values[0], str | dict):
            return None
        values = values[:MAX_ITEMS]
        if not self._may_enter(len(values), depth):
            return None
        items = (self.clean(item, depth + 1) for item in values)
        return [item for item in items if item is not None]

    def _clean_structure(self, fields: dict[object, object], depth: int) -> Tags | None:
        if len(fields) > MAX_ITEMS or not self._may_enter(len(fields), depth):
            return None
        items = ((str(name), self.clean(item, depth + 1)) for name, item in fields.items())
        return {
            storable(name): item
            for name, item in items
            if item is not None and len(name) <= MAX_CHARACTERS
        }

    def _may_enter(self, count: int, depth: int) -> bool:
        self._left -= count
        return self._left >= 0 and depth < MAX_DEPTH
