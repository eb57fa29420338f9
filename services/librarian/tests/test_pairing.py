"""Who belongs with whom."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.companions import companion_key
from librarian.pairing import Candidate, Standing, arrange
from photo_factory.media import kinds

pytestmark = pytest.mark.unit

NOON = datetime(2024, 5, 17, 12)  # noqa: DTZ001 - wall-clock time by design
TYPES = {
    "jpg": kinds.JPEG,
    "heic": kinds.HEIC,
    "cr2": kinds.CR2,
    "cr3": kinds.CR3,
    "dng": kinds.TIFF_BASED_RAW[2],
    "mov": kinds.MOV,
    "mp4": kinds.MP4,
}
SPACE = UUID(int=7)


def shot(  # noqa: PLR0913 - each of them varies alone
    path: str,
    seconds: float = 0,
    *,
    utc: float | None = None,
    content: str | None = None,
    burst: str | None = None,
    is_dated: bool = True,
    lasts: float | None = None,
) -> Candidate:
    """A file; `seconds` after noon by its own clock, `utc` hours from there to UTC if known."""
    local = NOON + timedelta(seconds=seconds)
    kind = TYPES[path.rpartition(".")[2].lower()]
    return Candidate(
        frozenset({companion_key("inbox", path)}),
        path.rpartition("/")[2],
        kind.media_type,
        kind.mime_type,
        local,
        None if utc is None else local.replace(tzinfo=UTC) + timedelta(hours=utc),
        is_dated,
        lasts,
        content,
        burst,
    )


def roles(*candidates: Candidate) -> list[str]:
    """Their roles; a capital letter for the group, if there is one."""
    found: list[str] = []
    letters: dict[int, str] = {}
    for standing in arrange(candidates):
        if standing.group is None:
            found.append(standing.role)
            continue
        letter = letters.setdefault(standing.group, chr(ord("A") + len(letters)))
        found.append(f"{letter} {standing.role}")
    return found


def recorded(candidates: Sequence[Candidate], standings: Sequence[Standing]) -> list[Candidate]:
    """The same as they are once the standings are in the database."""
    return [
        replace(
            one,
            role=standing.role,
            group_id=None if standing.group is None else uuid5(SPACE, str(standing.group)),
        )
        for one, standing in zip(candidates, standings, strict=True)
    ]


def test_a_live_photo_is_paired_by_its_identifier_wherever_its_halves_came_from() -> None:
    still, film = shot("a/IMG_1.HEIC", content="X"), shot("b/clip.MOV", 9e9, content="X")
    assert roles(still, film) == ["A primary", "A live_video"]
    assert roles(film, still) == ["A live_video", "A primary"]


def test_one_name_from_two_months_is_no_pair() -> None:
    """Immich joined IMG_9140 of two months (immich#14459)."""
    assert roles(shot("IMG_9140.HEIC"), shot("IMG_9140.MOV", 31 * 86400)) == ["primary"] * 2


def test_one_name_and_time_is_a_pair_without_identifiers() -> None:
    assert roles(shot("IMG_1.JPG"), shot("IMG_1.MOV", 2)) == ["A primary", "A live_video"]
    assert roles(shot("IMG_1.JPG"), shot("IMG_1.MOV", 4)) == ["primary"] * 2
    assert roles(shot("a/IMG_1.JPG"), shot("b/IMG_1.MOV")) == ["primary"] * 2


@pytest.mark.parametrize(
    ("hours", "is_pair"), [(9, True), (-3.5, True), (5.75, True), (9.1, False), (27, False)]
)
def test_a_film_known_in_utc_only_is_paired_across_an_offset(
    hours: float,
    is_pair: bool,  # noqa: FBT001 - a table's column
) -> None:
    still, film = shot("IMG_1.JPG"), shot("IMG_1.MOV", hours * 3600 + 1, utc=0)
    assert (roles(still, film) == ["A primary", "A live_video"]) is is_pair


def test_known_instants_leave_no_room_for_an_offset() -> None:
    still, film = shot("IMG_1.JPG", utc=-9), shot("IMG_1.MOV", 3600, utc=-9)
    assert roles(still, film) == ["primary"] * 2


def test_different_identifiers_are_never_paired_by_name() -> None:
    pair = shot("IMG_1.HEIC", content="X"), shot("IMG_1.MOV", content="Y")
    assert roles(*pair) == ["primary"] * 2


def test_a_long_film_is_no_live_photo() -> None:
    assert roles(shot("X.JPG"), shot("X.MP4", lasts=95.0)) == ["primary"] * 2


def test_the_identifier_goes_before_the_name() -> None:
    by_name, still = shot("a/IMG_1.JPG"), shot("b/IMG_7.HEIC", content="X")
    film = shot("a/IMG_1.MOV", content="X")
    assert roles(by_name, still, film) == ["primary", "A primary", "A live_video"]


def test_a_partner_is_never_taken_from_another() -> None:
    """Not even by one whose identifier fits better."""
    pair = [shot("IMG_1.JPG"), shot("IMG_1.MOV", 1, content="X")]
    stored = recorded(pair, arrange(pair))
    newcomer = shot("b/IMG_1.HEIC", content="X")
    assert roles(*stored, newcomer) == ["A primary", "A live_video", "primary"]


def test_heic_and_jpeg_of_one_stem_are_two_photos() -> None:
    assert roles(shot("IMG_1.HEIC"), shot("IMG_1.JPG")) == ["primary"] * 2


def test_raw_and_jpeg_are_one_shot() -> None:
    assert roles(shot("IMG_1.CR2"), shot("IMG_1.JPG", 4)) == ["A raw", "A primary"]
    assert roles(shot("IMG_1.CR2"), shot("IMG_1.JPG", 6)) == ["primary"] * 2
    pixel = "PXL_20230101_120000000.RAW-0"
    assert roles(shot(f"{pixel}1.COVER.jpg"), shot(f"{pixel}2.ORIGINAL.dng", 2)) == [
        "A primary",
        "A raw",
    ]


def test_a_photo_has_one_raw_of_each_type() -> None:
    """A converted DNG beside the camera's own RAW is part of the shot, a second CR2 is not."""
    found = roles(shot("X.JPG"), shot("X.CR2"), shot("X.DNG"), shot("x.cr2", 3))
    assert found == ["A primary", "A raw", "A raw", "primary"]


def test_raws_alone_stand_alone() -> None:
    assert roles(shot("X.CR3"), shot("X.DNG")) == ["primary"] * 2


def test_a_raw_can_be_the_still_of_a_live_photo_until_the_picture_comes() -> None:
    pair = [shot("IMG_1.DNG", content="X"), shot("IMG_1.MOV", content="X")]
    assert roles(*pair) == ["A primary", "A live_video"]
    stored = recorded(pair, arrange(pair))
    assert roles(*stored, shot("IMG_1.HEIC", content="X")) == ["A raw", "A live_video", "A primary"]


def test_edited_versions_go_to_their_original() -> None:
    found = roles(
        shot("IMG_E1234.MOV", content="X"),
        shot("IMG_1234.HEIC", content="X"),
        shot("IMG_E1234.HEIC"),
        shot("IMG_1234.MOV", content="X"),
    )
    assert found == ["A edited", "A primary", "A edited", "A live_video"]
    assert roles(shot("a_edited.jpg"), shot("a.jpg")) == ["A edited", "A primary"]
    assert roles(shot("a-edited.jpg", 400), shot("a.jpg")) == ["primary"] * 2


def test_an_edited_version_alone_is_a_photo_like_any_other() -> None:
    assert roles(shot("a-edited.jpg")) == ["primary"]
    assert roles(shot("IMG_E1.HEIC", content="X"), shot("IMG_1.MOV", content="X")) == [
        "A primary",
        "A live_video",
    ]


def test_an_edited_version_that_lost_its_date_goes_by_name_if_that_is_clear() -> None:
    version = shot("a-edited.jpg", 9e7, is_dated=False)
    assert roles(version, shot("a.jpg")) == ["A edited", "A primary"]
    assert roles(version, shot("a.jpg"), shot("a.heic", 8e7)) == ["primary"] * 3
    assert roles(version, shot("a.jpg", 2e8)) == ["primary"] * 2


def test_a_burst_has_one_first() -> None:
    burst = [shot(f"IMG_{n}.HEIC", n, burst="B") for n in (3, 1, 2)]
    assert roles(*burst) == ["A burst", "A primary", "A burst"]
    named = [
        shot(f"IMG_20150802_110411_BURST00{n}{c}.jpg", n, burst="B")
        for n, c in ((1, ""), (2, "_COVER"))
    ]
    assert roles(*named) == ["A burst", "A primary"]


def test_what_came_first_stays_first_in_its_burst() -> None:
    burst = [shot(f"IMG_{n}.HEIC", n, burst="B") for n in (3, 4)]
    stored = recorded(burst, arrange(burst))
    assert roles(*stored, shot("IMG_1.HEIC", 1, burst="B")) == ["A primary", "A burst", "A burst"]


def test_a_half_whose_other_half_is_gone_stands_alone_again() -> None:
    film = replace(shot("IMG_1.MOV"), role="live_video", group_id=SPACE)
    assert roles(film) == ["primary"]


crowds = st.lists(
    st.builds(
        shot,
        st.builds(
            "{}{}.{}".format,
            st.sampled_from(["a/", "b/"]),
            st.sampled_from(["IMG_1001", "IMG_E1001", "IMG_1002", "IMG_1002_edited"]),
            st.sampled_from(sorted(TYPES)),
        ),
        st.sampled_from([0, 1, 3, 6, 3600, 10**6]),
        utc=st.sampled_from([None, 0]),
        content=st.sampled_from([None, None, "X", "Y"]),
        burst=st.sampled_from([None, None, "B"]),
        is_dated=st.booleans(),
        lasts=st.sampled_from([None, 2.5, 60.0]),
    ),
    max_size=9,
)


@given(crowds)
def test_every_group_has_one_first_and_all_others_belong_to_it(crowd: list[Candidate]) -> None:
    standings = arrange(crowd)
    firsts = Counter(one.group for one in standings if one.role == "primary")
    assert all(firsts[one.group] == 1 for one in standings if one.group is not None)
    assert all(one.role == "primary" for one in standings if one.group is None)
    for at, one in enumerate(standings):
        anchor = standings[one.anchor]
        assert anchor.anchor == one.anchor
        assert (one.anchor == at) is (one.role in {"primary", "burst"})
        assert anchor.group == one.group


@given(crowds)
def test_no_shot_has_two_films_and_no_film_of_one_is_a_photo(crowd: list[Candidate]) -> None:
    standings = arrange(crowd)
    films = [at for at, one in enumerate(standings) if one.role == "live_video"]
    assert all(crowd[at].is_video for at in films)
    stills = [standings[at].anchor for at in films]
    assert not any(crowd[at].is_video for at in stills)
    assert len(set(stills)) == len(stills)


@given(crowds)
def test_what_is_recorded_is_found_again(crowd: list[Candidate]) -> None:
    """Looking a second time changes nothing, so nothing ever swings to and fro."""
    standings = arrange(crowd)
    again = arrange(recorded(crowd, standings))
    assert [one.role for one in again] == [one.role for one in standings]
    pairs = {(one.group, other.group) for one, other in zip(standings, again, strict=True)}
    assert len({one for one, _ in pairs}) == len({other for _, other in pairs}) == len(pairs)


@given(crowds, crowds)
def test_newcomers_part_no_recorded_pair(crowd: list[Candidate], later: list[Candidate]) -> None:
    """Save one that was made of an edited version, when its original comes after all."""
    before = arrange(crowd)
    after = arrange([*recorded(crowd, before), *later])
    shots: dict[int, list[int]] = {}
    for at, one in enumerate(before):
        if one.role != "edited":
            shots.setdefault(one.anchor, []).append(at)
    for shot_now in ([after[at] for at in positions] for positions in shots.values()):
        if "edited" not in {one.role for one in shot_now}:
            assert len({one.anchor for one in shot_now}) == 1


@given(crowds, st.data())
def test_strangers_are_left_in_peace(crowd: list[Candidate], data: st.DataObject) -> None:
    """Whoever shares neither name nor identifier changes nothing for the others."""
    at = data.draw(st.integers(0, len(crowd)))
    wider = [*crowd[:at], shot("c/other.jpg"), *crowd[at:]]
    found = arrange(wider)
    assert found[at].group is None
    assert [one.role for one in (*found[:at], *found[at + 1 :])] == [
        one.role for one in arrange(crowd)
    ]
