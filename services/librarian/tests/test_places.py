"""Positions from tags, sidecars and Google, and the time zones of places."""

import sys
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian.capture import zones
from librarian.capture.location import location_of
from librarian.capture.zones import zone_at
from photo_factory.models import Location

pytestmark = pytest.mark.unit

SANTIAGO = {"Composite:GPSLatitude": -33.4489, "Composite:GPSLongitude": -70.6693}


def test_a_sidecar_comes_before_the_file_and_google_comes_last() -> None:
    sidecar = {"XMP-exif:GPSLatitude": 48.8577, "XMP-exif:GPSLongitude": 2.295}
    takeout = {"Takeout:Latitude": 1.5, "Takeout:Longitude": -2.5, "Takeout:Altitude": 3}
    assert location_of(SANTIAGO, sidecar, takeout) == Location(48.8577, 2.295, None, "sidecar")
    assert location_of(SANTIAGO, {}, takeout) == Location(-33.4489, -70.6693, None, "gps")
    assert location_of({}, {}, takeout) == Location(1.5, -2.5, 3.0, "takeout")
    assert location_of({}, {}, {}) is None


def test_a_sidecar_that_repeats_the_position_leaves_the_files_own_with_its_altitude() -> None:
    tags = {**SANTIAGO, "Composite:GPSAltitude": 570}
    sidecar = {"XMP-exif:GPSLatitude": -33.448901, "XMP-exif:GPSLongitude": -70.669299}
    assert location_of(tags, sidecar) == Location(-33.4489, -70.6693, 570.0, "gps")


def test_a_false_position_gives_way_to_the_next() -> None:
    nowhere = {"Composite:GPSLatitude": 0, "Composite:GPSLongitude": 0.0}
    takeout = {"Takeout:Latitude": 1.5, "Takeout:Longitude": -2.5}
    assert location_of(nowhere, {"XMP-exif:GPSLatitude": 91, "XMP-exif:GPSLongitude": 2}) is None
    found = location_of(nowhere, nowhere, takeout)
    assert found is not None
    assert found.source == "takeout"
    assert location_of(nowhere, {}, {"Takeout:Latitude": 0, "Takeout:Longitude": 0}) is None


@pytest.mark.parametrize(
    ("text", "latitude", "longitude", "altitude"),
    [
        ("48.8577 2.295 35", 48.8577, 2.295, 35.0),
        ("-33.4489 -70.6693", -33.4489, -70.6693, None),
        ("+48.8577+002.2950+035.000/", 48.8577, 2.295, 35.0),
        ("-33.4489-070.6693/", -33.4489, -70.6693, None),
        ("+48.8577-002.2950+035.000CRSWGS_84/", 48.8577, -2.295, 35.0),
        ("-3326.934-07040.158/", -33.4489, -70.6693, None),
        ("-332656.04-0704009.48+570/", -33.4489, -70.6693, 570.0),
        ("+00.0000-070.6693/", 0.0, -70.6693, None),
        ("-00.5000+000.2500/", -0.5, 0.25, None),
    ],
)
def test_a_movies_position_keeps_its_signs(
    text: str, latitude: float, longitude: float, altitude: float | None
) -> None:
    for tag in ("Keys:GPSCoordinates", "UserData:GPSCoordinates", "ItemList:GPSCoordinates"):
        found = location_of({tag: text})
        assert found is not None
        assert found.latitude == pytest.approx(latitude, abs=1e-6)
        assert found.longitude == pytest.approx(longitude, abs=1e-6)
        assert (found.altitude, found.source) == (altitude, "gps")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0 0 0",
        "+00.0000+000.0000/",
        "+91.0+000.0/",
        "48.8577",
        "+4+5+6+7",
        "+123+5/",
        "a b c",
        7,
    ],
)
def test_what_is_no_position_of_a_movie_is_none(text: object) -> None:
    assert location_of({"Keys:GPSCoordinates": text}) is None


ANYTHING = st.floats() | st.text(max_size=20) | st.integers() | st.none() | st.booleans()


@given(
    st.dictionaries(
        st.sampled_from(
            [
                *SANTIAGO,
                "Composite:GPSAltitude",
                "XMP-exif:GPSLatitude",
                "XMP-exif:GPSLongitude",
                "Keys:GPSCoordinates",
            ]
        ),
        ANYTHING | st.from_regex(r"\A[+-][0-9.]{1,9}[+-][0-9.]{1,9}/?\Z"),
    )
)
def test_a_position_is_always_one_on_earth(tags: dict[str, object]) -> None:
    found = location_of(tags, tags, tags)
    if found is not None:
        assert -90 <= found.latitude <= 90
        assert -180 <= found.longitude <= 180
        assert (found.latitude, found.longitude) != (0, 0)


@pytest.mark.parametrize(
    ("latitude", "longitude", "zone"),
    [
        (48.8577, 2.295, "Europe/Paris"),
        (-33.4489, -70.6693, "America/Santiago"),
        (28.6139, 77.209, "Asia/Kolkata"),
        (47.5596, 7.5886, "Europe/Zurich"),
        (36.14, -5.353, "Europe/Gibraltar"),
        (0.0, -150.0, "Etc/GMT+10"),
    ],
)
def test_a_place_has_its_zone(latitude: float, longitude: float, zone: str) -> None:
    assert zone_at(latitude, longitude) == ZoneInfo(zone)


@given(st.floats(), st.floats())
def test_asking_for_a_zone_never_fails(latitude: float, longitude: float) -> None:
    found = zone_at(latitude, longitude)
    assert found is None or isinstance(found, ZoneInfo)


def test_a_zone_that_this_machine_does_not_know_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The polygons are another package's, and may be newer than the machine's own database."""
    newer = SimpleNamespace(get_tz=lambda _longitude, _latitude: "Mars/Olympus_Mons")
    monkeypatch.setitem(sys.modules, "tzfpy", newer)
    assert zones.zone_at(1.0, 1.0) is None


def test_the_polygons_know_only_zones_of_the_tz_database() -> None:
    tzfpy = pytest.importorskip("tzfpy")
    moment = datetime(2024, 1, 1)  # noqa: DTZ001 - any moment
    for name in tzfpy.timezonenames():
        assert moment.replace(tzinfo=ZoneInfo(name)).utcoffset() is not None


def test_an_altitude_below_the_sea_in_xmp_keeps_its_sign() -> None:
    dead_sea = {
        "XMP-exif:GPSLatitude": 31.5,
        "XMP-exif:GPSLongitude": 35.5,
        "XMP-exif:GPSAltitude": 430,
        "XMP-exif:GPSAltitudeRef": 1,
    }
    found = location_of({}, dead_sea)
    assert found is not None
    assert found.altitude == -430
