"""Replies that no provider should give, up to what is stored of them."""

from collections.abc import Callable, Iterator

import pytest
from geocoder.online import Answer, Later, OnlineGeocoder
from online_requests import online_settings
from photo_factory.database import Connection
from provider_server import ProviderServer, provider_server, replying, silent

pytestmark = pytest.mark.integration

ROME = (41.890251, 12.492373)
Make = Callable[..., OnlineGeocoder]


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with provider_server() as running:
        yield running


@pytest.fixture
def make(server: ProviderServer, connection: Connection) -> Make:
    """Makes the geocoder of one copy of the service."""

    def build(**changes: object) -> OnlineGeocoder:
        settings = online_settings(server.url, **changes)
        return OnlineGeocoder(settings, "en", lambda: connection, lambda *_: False)

    return build


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        "text",
        17,
        None,
        [1],
        [[]],
        {"address": None},
        {"address": []},
        {"lat": "north", "lon": {}, "address": {"country_code": "it"}},
        {"lat": [], "lon": "1", "address": {}},
        {"error": {"code": 500}},
        {"error": "Bandwidth limit exceeded"},
        {"address": {"country": "Italy", "country_code": ["it"], "city": {"a": 1}}},
    ],
)
def test_a_malformed_reply_never_gets_further_than_a_later_or_nothing(
    make: Make, server: ProviderServer, body: object
) -> None:
    server.behave = replying(body)
    outcome = make().find(*ROME)
    assert isinstance(outcome, Later) or (isinstance(outcome, Answer) and not outcome.levels)


def test_hostile_names_are_stored_as_one_short_printable_line(
    make: Make, server: ProviderServer
) -> None:
    name = "Ro\x00me\n\u202e\ud800<b>" + "x" * 5000
    address = {"country": "Italy", "country_code": "IT", "city": name}
    server.behave = replying(
        {"display_name": name, "address": address, "lat": "41.9", "lon": "12.5"}
    )
    answer = make().find(*ROME)
    assert isinstance(answer, Answer)
    city = answer.levels[-1]
    assert city.name.startswith("Ro me ?<b>xxx")
    assert len(city.name) == 100
    assert (city.latitude, city.longitude) == (41.9, 12.5)
    assert make().find(*ROME).levels == answer.levels  # type: ignore[union-attr] # from the cache


def test_a_slow_provider_is_given_up_and_noted(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    server.behave = silent(3)
    later = make(online_timeout_seconds=0.3).find(*ROME)
    assert isinstance(later, Later)
    assert later.reason == "nominatim: no answer within 0.3 seconds"
    row = connection.execute("SELECT failures, last_error FROM geocode_calls").fetchone()
    assert row == (1, later.reason)
