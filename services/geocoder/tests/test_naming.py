"""How what was found at a point becomes rows of places, in a language."""

import json
import pickle

import pytest
from geocoder.gazetteer import Found, Level
from geocoder.naming import Place, in_language, name_all
from hypothesis import given
from hypothesis import strategies as st

pytestmark = pytest.mark.unit

ITALY = Level("country", "IT", "Italia", {"en": "Italy", "de": "Italien"}, "IT", None, None)
LAZIO = Level("region", "IT.07", "Lazio", {"de": "Latium"}, "IT-62", None, None)
ROME = Level("city", "3169070", "Roma", {"en": "Rome", "de": "Rom"}, None, 41.89, 12.51)
TRASTEVERE = Level("suburb", "3165306", "Trastevere", {}, None, 41.88, 12.46)


def found(*levels: Level, relation: str = "in") -> Found:
    return Found(levels, relation, 0.5, "Europe/Rome", "IT", "data 1")  # type: ignore[arg-type] # one of them


def places(*levels: Level, language: str = "en") -> tuple[Place, ...]:
    (named,) = name_all([found(*levels)], language)
    assert named is not None
    return named.places


def test_each_place_lies_in_the_next_larger_one_that_there_is() -> None:
    chain = places(ITALY, LAZIO, TRASTEVERE)
    assert [place.parent for place in chain] == [None, chain[0].key, chain[1].key]


def test_a_person_reads_district_city_country_or_city_region_country() -> None:
    country, region, city, suburb = places(ITALY, LAZIO, ROME, TRASTEVERE)
    assert (suburb.name, suburb.region, suburb.country) == ("Trastevere", "Rome", "Italy")
    assert (city.name, city.region, city.country) == ("Rome", "Lazio", "Italy")
    assert (region.name, region.region, region.country) == ("Lazio", None, "Italy")
    assert (country.name, country.region, country.country) == ("Italy", None, "Italy")


@pytest.mark.parametrize(
    ("language", "name"), [("de", "Rom"), ("de-AT", "Rom"), ("en", "Rome"), ("mt", "Roma")]
)
def test_a_name_falls_back_to_the_language_and_then_to_the_place(language: str, name: str) -> None:
    assert places(ITALY, ROME, language=language)[-1].name == name


def test_every_name_is_kept_and_the_original_one_too() -> None:
    assert json.loads(places(ITALY)[0].names) == {"en": "Italy", "de": "Italien", "und": "Italia"}


def test_only_places_small_enough_to_lie_in_one_have_a_time_zone() -> None:
    zones = [place.timezone for place in places(ITALY, LAZIO, ROME, TRASTEVERE)]
    assert zones == [None, None, "Europe/Rome", "Europe/Rome"]


def test_at_sea_there_are_no_places_and_nothing_found_stays_nothing() -> None:
    named, nothing = name_all([found(relation="sea"), None], "en")
    assert named is not None
    assert (named.places, named.relation, named.geocoded_by) == ((), "sea", "offline")
    assert nothing is None


def test_equal_places_cross_to_another_process_once() -> None:
    one = len(pickle.dumps(name_all([found(ITALY, LAZIO, ROME)], "en")))
    many = len(pickle.dumps(name_all([found(ITALY, LAZIO, ROME)] * 100, "en")))
    assert many < one + 100 * 60


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=5)), st.text(max_size=8), st.text())
def test_there_is_always_a_name(names: dict[str, str], language: str, original: str) -> None:
    assert in_language(names, language, original) in {*names.values(), original}
