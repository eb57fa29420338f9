"""What of ExifTool's answers is stored."""

import json

import pytest
from librarian.tag_values import (
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_NESTED,
    clean_tags,
)

pytestmark = pytest.mark.unit


def nested(depth: int, *, in_lists: bool) -> object:
    value: object = "core"
    for _ in range(depth):
        value = [value] if in_lists else {"more": value}
    return value


def count(value: object) -> int:
    """Values within this one."""
    if isinstance(value, list):
        return sum(1 + count(item) for item in value)
    if isinstance(value, dict):
        return sum(1 + count(item) for item in value.values())
    return 0


def test_a_structure_keeps_its_shape() -> None:
    regions: dict[str, object] = {
        "XMP-mwg-rs:RegionInfo": {
            "RegionList": [{"Area": {"X": 0.5, "Y": 0.25}, "Name": "Ann"}],
            "AppliedToDimensions": {"W": 60, "H": 40},
        }
    }
    assert clean_tags(regions) == regions


def test_within_a_structure_the_same_is_left_out_as_outside() -> None:
    tags: dict[str, object] = {
        "A:Face": {
            "Na\x00me": "An\x00n",
            "Half": "\ud800!",
            "Endless": float("inf"),
            "Image": "(Binary data 9 bytes, use -b option to extract)",
            "Long": "x" * (MAX_CHARACTERS + 1),
            "x" * (MAX_CHARACTERS + 1): 1,
            "Nothing": None,
        }
    }
    assert clean_tags(tags) == {"A:Face": {"Name": "Ann", "Half": "?!"}}


@pytest.mark.parametrize("in_lists", [True, False])
def test_what_is_nested_too_deeply_is_cut_off(*, in_lists: bool) -> None:
    kept = clean_tags({"A:Fair": nested(MAX_DEPTH, in_lists=in_lists)})
    assert "core" in json.dumps(kept)
    kept = clean_tags({"A:Deep": nested(900, in_lists=in_lists)})
    assert "core" not in json.dumps(kept)


def test_of_many_words_the_first_are_kept_and_of_a_long_table_none() -> None:
    words = [f"word {number}" for number in range(MAX_ITEMS + 50)]
    tags: dict[str, object] = {
        "XMP-dc:Subject": words,
        "A:Table": list(range(MAX_ITEMS + 1)),
        "A:Wide": {str(number): number for number in range(MAX_ITEMS + 1)},
    }
    assert clean_tags(tags) == {"XMP-dc:Subject": words[:MAX_ITEMS]}


def test_a_bomb_of_structures_is_defused() -> None:
    inner = [{"a": [1] * 150, "b": [2] * 150}] * 150
    kept = clean_tags({f"A:Bomb{number}": inner for number in range(500)})
    assert sum(count(value) for value in kept.values()) <= MAX_NESTED


def test_a_long_caption_is_cut_and_not_lost() -> None:
    caption = "w" * (MAX_CHARACTERS + 500)
    kept = clean_tags({"XMP-dc:Description": caption, "A:Long": caption})
    assert kept == {"XMP-dc:Description": caption[:MAX_CHARACTERS]}
