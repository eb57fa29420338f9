from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.takeout.matching import NO_MEDIUM, NO_NOTE, OTHER_NOTE, UNSURE, Matcher, Matching
from librarian.takeout.names import cut, is_media, originals, units

pytestmark = pytest.mark.unit

YEAR = "Takeout/Google Photos/Photos from 2019"
ALBUM = "Takeout/Google Photos/Paris"
LONG = "A" * 46

# What it is, the media, each JSON with its title, and which JSON each medium is to get.
Row = tuple[str, list[tuple[str, str]], dict[str, str | None]]


def cut_supplement(length: int) -> Row:
    name = f"a.jpg{'.supplemental-metadata'[:length]}.json"
    return f"SUPPLEMENT cut to {length}", [(name, "a.jpg")], {"a.jpg": name}


ONE_FOLDER: list[Row] = [
    ("old form", [("a.jpg.json", "a.jpg")], {"a.jpg": "a.jpg.json"}),
    *map(cut_supplement, range(1, 23)),
    (
        "both forms, as of two exports: the one with the longer name",
        [("a.jpg.json", "a.jpg"), ("a.jpg.supplemental-metadata.json", "a.jpg")],
        {"a.jpg": "a.jpg.supplemental-metadata.json"},
    ),
    (
        "46 units and a number behind",
        [("Screenshot_20231027_123303_Facebook_27214_n.j(1).json", "")],
        {
            "Screenshot_20231027_123303_Facebook_27214_n(1).jpg": "Screenshot_20231027_123303_"
            "Facebook_27214_n.j(1).json"
        },
    ),
    ("stem cut", [(f"{LONG}.json", f"{LONG}BCD.jpg")], {f"{LONG}B.jpg": f"{LONG}.json"}),
    (
        "two titles of one beginning: the title tells them apart",
        [(f"{LONG}.json", f"{LONG}1.jpg"), (f"{LONG}(1).json", f"{LONG}2.jpg")],
        {f"{LONG}1.jpg": f"{LONG}.json", f"{LONG}2.jpg": f"{LONG}(1).json"},
    ),
    (
        "cut to one name, sharing one JSON",
        [(f"{LONG}.json", f"{LONG}x_COV.jpg")],
        {f"{LONG}x.jpg": f"{LONG}.json", f"{LONG}x(1).jpg": f"{LONG}.json"},
    ),
    (
        "three titles of one JSON name, two of one name of media: by rank",
        [
            (f"{LONG}.json", f"{LONG}x1.jpg"),
            (f"{LONG}(1).json", f"{LONG}y1.jpg"),
            (f"{LONG}(2).json", f"{LONG}x2.jpg"),
        ],
        {
            f"{LONG}x.jpg": f"{LONG}.json",
            f"{LONG}y.jpg": f"{LONG}(1).json",
            f"{LONG}x(1).jpg": f"{LONG}(2).json",
        },
    ),
    (
        "the same in another order",
        [
            (f"{LONG}.json", f"{LONG}y1.jpg"),
            (f"{LONG}(1).json", f"{LONG}x1.jpg"),
            (f"{LONG}(2).json", f"{LONG}x2.jpg"),
        ],
        {
            f"{LONG}x.jpg": f"{LONG}(1).json",
            f"{LONG}y.jpg": f"{LONG}.json",
            f"{LONG}x(1).jpg": f"{LONG}(2).json",
        },
    ),
    (
        "the same with a medium missing: nobody can say whose",
        [
            (f"{LONG}.json", f"{LONG}y1.jpg"),
            (f"{LONG}(1).json", f"{LONG}x1.jpg"),
            (f"{LONG}(2).json", f"{LONG}x2.jpg"),
        ],
        {f"{LONG}x(1).jpg": None},
    ),
    (
        "numbers that only these titles have, with a medium missing",
        [(f"{LONG}.json", f"{LONG}x1.jpg"), (f"{LONG}(1).json", f"{LONG}x2.jpg")],
        {f"{LONG}x(1).jpg": f"{LONG}(1).json"},
    ),
    (
        "its title says that it is another's",
        [(f"{LONG}.json", f"{LONG}1.jpg")],
        {f"{LONG}2.jpg": None},
    ),
    (
        "JSON not cut, medium cut (2026)",
        [(f"{LONG}xyz.jpg.json", f"{LONG}xyz.jpg")],
        {f"{LONG}x.jpg": f"{LONG}xyz.jpg.json"},
    ),
    (
        "numbers old and new",
        [("a.jpg(1).json", "a.jpg"), ("a.jpg.supplemental-metadata(2).json", "a.jpg")],
        {"a(1).jpg": "a.jpg(1).json", "a(2).jpg": "a.jpg.supplemental-metadata(2).json"},
    ),
    ("a number of the title's own", [("a(1).jpg.json", "a(1).jpg")], {"a(1).jpg": "a(1).jpg.json"}),
    (
        "a photo's JSON is not its copy's",
        [("DSC_0104.JPG.json", "DSC_0104.JPG")],
        {"DSC_0104(1).JPG": None},
    ),
    (
        "nor a copy's the photo's",
        [("DSC_0104.JPG(1).json", "DSC_0104.JPG")],
        {"DSC_0104.JPG": None},
    ),
    ("title without suffix", [("20030616.json", "20030616")], {"20030616.jpg": "20030616.json"}),
    (
        "title without suffix, new form, numbered",
        [("a.supplemental-metadata.json", "a"), ("a.supplemental-metadata(1).json", "a")],
        {"a.jpg": "a.supplemental-metadata.json", "a(1).jpg": "a.supplemental-metadata(1).json"},
    ),
    (
        "one title without suffix, two photos",
        [("20030616.json", "20030616")],
        {"20030616.jpg": None, "20030616.png": None},
    ),
    (
        "one title without suffix, a photo and its film",
        [("20030616.json", "20030616")],
        {"20030616.jpg": "20030616.json", "20030616.mov": "20030616.json"},
    ),
    ("title unlike the name", [("TST_1.jpg.json", "PXL_1.jpg")], {"TST_1.jpg": "TST_1.jpg.json"}),
    (
        "another stem that begins the same",
        [("IMG_1.json", "IMG_1.png")],
        {"IMG_1.jpg": None, "IMG_10.jpg": None},
    ),
    (
        "edited version of a copy",
        [("a.jpg(1).json", "a.jpg")],
        {"a(1).jpg": "a.jpg(1).json", "a-edited(1).jpg": "a.jpg(1).json"},
    ),
    ("edited version alone", [("a.jpg.json", "a.jpg")], {"a-bearbeitet.jpg": "a.jpg.json"}),
    (
        "edited version in another format",
        [("a.HEIC.json", "a.HEIC")],
        {"a.HEIC": "a.HEIC.json", "a-edited.jpg": "a.HEIC.json"},
    ),
    (
        "edited, with the word cut",
        [(f"{'B' * 44}.j.json", f"{'B' * 44}.jpg")],
        {f"{'B' * 44}.jpg": f"{'B' * 44}.j.json", f"{'B' * 44}-ed.jpg": f"{'B' * 44}.j.json"},
    ),
    ("no word that is cut in a short name", [("a.jpg.json", "a.jpg")], {"a-ed.jpg": None}),
    (
        "an edited version with a JSON of its own",
        [("a.jpg.json", "a.jpg"), ("a-edited.jpg.json", "a-edited.jpg")],
        {"a.jpg": "a.jpg.json", "a-edited.jpg": "a-edited.jpg.json"},
    ),
    (
        "Live Photo",
        [("IMG_1.HEIC.supplemental-metadata.json", "IMG_1.HEIC")],
        {
            "IMG_1.HEIC": "IMG_1.HEIC.supplemental-metadata.json",
            "IMG_1.MOV": "IMG_1.HEIC.supplemental-metadata.json",
        },
    ),
    (
        "Live Photo without still",
        [("I.HEIC.supple.json", "I.HEIC")],
        {"I.MP4": "I.HEIC.supple.json"},
    ),
    (
        "HEIC and JPEG of one stem are two photos, and the film is the HEIC's",
        [("I.JPG.json", "I.JPG"), ("I.HEIC.json", "I.HEIC")],
        {"I.HEIC": "I.HEIC.json", "I.JPG": "I.JPG.json", "I.MOV": "I.HEIC.json"},
    ),
    (
        "a film with a JSON of its own",
        [("I.JPG.json", "I.JPG"), ("I.MP4.json", "I.MP4")],
        {"I.JPG": "I.JPG.json", "I.MP4": "I.MP4.json"},
    ),
    (
        "Pixel's motion photo",
        [("X.MP.jpg.json", "X.MP.jpg")],
        {"X.MP.jpg": "X.MP.jpg.json", "X.MP": "X.MP.jpg.json"},
    ),
    (
        "Pixel's motion photo, edited, with the film of the first",
        [("X.MP.jpg.json", "X.MP.jpg")],
        {"X.MP.jpg": "X.MP.jpg.json", "X.MP~2": "X.MP.jpg.json"},
    ),
    (
        "Pixel's motion photo, its film as MP4",
        [("X.MP.jpg.json", "X.MP.jpg")],
        {"X.MP.jpg": "X.MP.jpg.json", "X.mp4": "X.MP.jpg.json"},
    ),
    ("suffix .JSON", [("a.jpg.JSON", "a.jpg")], {"a.jpg": "a.jpg.JSON"}),
    (
        "half a character at the cut",
        [(f"x{'🏔' * 22}\ufffd.json", f"x{'🏔' * 30}.jpg")],
        {f"x{'🏔' * 23}.jpg": f"x{'🏔' * 22}\ufffd.json"},
    ),
]


def match(
    media: Iterable[tuple[str, str]],
    notes: Iterable[tuple[str, str, str]],
    years: Iterable[str] = (YEAR,),
) -> Matching:
    matcher = Matcher()
    for folder, name, title in notes:
        matcher.add_note(folder, name, title)
    for folder, name in media:
        matcher.add_media(folder, name)
    return matcher.match(set(years))


@pytest.mark.parametrize(
    ("notes", "expected"),
    [row[1:] for row in ONE_FOLDER],
    ids=[row[0] for row in ONE_FOLDER],
)
@pytest.mark.parametrize("is_backwards", [False, True])
def test_each_quirk_of_names_is_understood_in_any_order(
    notes: list[tuple[str, str]], expected: dict[str, str | None], *, is_backwards: bool
) -> None:
    """Names were not found again (immich-go#652, immich-go#756, immich-go#674)."""
    media = [(YEAR, name) for name in expected]
    files = [(YEAR, *note) for note in notes]
    if is_backwards:
        media, files = media[::-1], files[::-1]
    found = match(media, files).notes
    assert {name: found.get((YEAR, name), ("", None))[1] for name in expected} == expected


def test_a_copy_in_an_album_uses_the_year_folders_json() -> None:
    matching = match([(ALBUM, "a.jpg")], [(YEAR, "a.jpg.json", "a.jpg")])
    assert matching.notes == {(ALBUM, "a.jpg"): (YEAR, "a.jpg.json")}


def test_a_copy_in_an_album_prefers_the_albums_json() -> None:
    notes = [(YEAR, "a.jpg.json", "a.jpg"), (ALBUM, "a.jpg.json", "a.jpg")]
    matching = match([(ALBUM, "a.jpg")], notes)
    assert matching.notes == {(ALBUM, "a.jpg"): (ALBUM, "a.jpg.json")}


def test_of_two_years_with_the_name_none_is_taken() -> None:
    other = YEAR.replace("2019", "2018")
    notes = [(YEAR, "a.jpg.json", "a.jpg"), (other, "a.jpg.json", "a.jpg")]
    matching = match([(ALBUM, "a.jpg")], notes, {YEAR, other})
    assert matching.unmatched_media == {(ALBUM, "a.jpg"): UNSURE}


def test_a_json_of_an_album_says_nothing_of_another_folder() -> None:
    matching = match([(YEAR, "a.jpg")], [(ALBUM, "a.jpg.json", "a.jpg")])
    assert matching.unmatched_media == {(YEAR, "a.jpg"): NO_NOTE}
    assert matching.unmatched_notes == {(ALBUM, "a.jpg.json"): NO_MEDIUM}


def test_a_year_of_another_gallery_says_nothing() -> None:
    media = [("other/Google Photos/Paris", "a.jpg")]
    assert match(media, [(YEAR, "a.jpg.json", "a.jpg")]).notes == {}


def test_an_edited_copy_and_a_film_in_an_album_use_the_years_json() -> None:
    media = [(ALBUM, "a-edited.HEIC"), (ALBUM, "a.MOV")]
    matching = match(media, [(YEAR, "a.HEIC.json", "a.HEIC")])
    assert set(matching.notes.values()) == {(YEAR, "a.HEIC.json")}
    assert matching.unmatched_media == {}


def test_a_second_json_of_a_medium_is_reported() -> None:
    notes = [(YEAR, "a.jpg.json", "a.jpg"), (YEAR, "a.jpg.supplemental-metadata.json", "a.jpg")]
    assert match([(YEAR, "a.jpg")], notes).unmatched_notes == {(YEAR, "a.jpg.json"): OTHER_NOTE}


LETTERS = st.text("aB1.()~-_ éё🏔\ufffdedit", min_size=1, max_size=60)
NAMES = st.one_of(
    LETTERS,
    st.tuples(
        LETTERS, st.sampled_from(["", "(1)", "-edited", "-ed"]), st.sampled_from([".jpg", ".MOV"])
    ).map("".join),
)


@given(st.lists(NAMES, max_size=12), st.lists(st.tuples(NAMES, NAMES), max_size=12))
def test_any_names_are_matched_or_reported(media: list[str], notes: list[tuple[str, str]]) -> None:
    files = [(YEAR, f"{name}.json", title) for name, title in notes]
    matching = match([(YEAR, name) for name in media], files)
    matched, left = matching.notes.keys(), matching.unmatched_media.keys()
    assert matched | left == {(YEAR, name) for name in media}
    assert not matched & left
    used = set(matching.notes.values())
    assert used | matching.unmatched_notes.keys() == {(YEAR, file[1]) for file in files}
    assert not used & matching.unmatched_notes.keys()


@given(
    st.lists(NAMES.filter(lambda name: units(name) <= 40 and is_media(name)), unique=True),
    st.sampled_from(["", ".supplemental-metadata", ".suppl"]),
    st.integers(0, 2**16),
)
def test_a_json_is_never_given_away_from_the_medium_that_it_names_in_full(
    media: list[str], supplement: str, chosen: int
) -> None:
    named = [name for name in media if not name.split(".")[0].endswith(")")]
    kept = [name for place, name in enumerate(named) if not chosen >> place & 1]
    files = [(YEAR, f"{name}{supplement}.json", name) for name in kept]
    matching = match([(YEAR, name) for name in named], files)
    for name in kept:
        assert matching.notes[YEAR, name] == (YEAR, f"{name}{supplement}.json")


@given(st.text(max_size=80), st.integers(0, 60))
def test_cutting_never_leaves_more_units_or_another_text(text: str, most: int) -> None:
    shorter = cut(text, most)
    assert units(shorter) <= most
    assert text.startswith(shorter)


@given(st.text(max_size=80))
def test_originals_are_never_the_name_itself(name: str) -> None:
    assert name not in list(originals(name))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jpg", True),
        ("X.MP", True),
        ("X.MP~2", True),
        ("X.mv", True),
        ("a.json", False),
        ("._a.jpg", False),
        ("archive_browser.html", False),
        ("MP", False),
        ("", False),
    ],
)
def test_media_are_told_by_their_suffix(name: str, *, expected: bool) -> None:
    assert is_media(name) is expected
