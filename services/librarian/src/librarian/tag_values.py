"""Makes tags fit for a jsonb column: small, finite, and free of what PostgreSQL refuses."""

import math
from collections.abc import Mapping

Tags = dict[str, object]

MAX_TAGS = 2_000
MAX_CHARACTERS = 2_000
MAX_ITEMS = 200
BINARY_NOTE = "(Binary data "
OMITTED_GROUPS = ("System:", "ExifTool:ExifToolVersion", "SourceFile", "File:Directory")
"""What describes the copy that was read and not the photo."""


def clean_tags(tags: Mapping[str, object]) -> Tags:
    """Drop binary and huge values, and what cannot be stored; keep the order."""
    cleaned: Tags = {}
    for name, value in tags.items():
        if name.startswith(OMITTED_GROUPS):
            continue
        kept = _clean(value)
        if kept is not None:
            cleaned[_storable(name)] = kept
        if len(cleaned) == MAX_TAGS:
            break
    return cleaned


def _clean(value: object) -> object | None:
    match value:
        case bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else None
        case str():
            is_left_out = value.startswith(BINARY_NOTE) or len(value) > MAX_CHARACTERS
            return None if is_left_out else _storable(value)
        case list() if len(value) <= MAX_ITEMS:
            items = [_clean(item) for item in value]
            return [item for item in items if item is not None]
        case _:
            return None


def _storable(text: str) -> str:
    """Without NUL and lone surrogates, which jsonb refuses."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
