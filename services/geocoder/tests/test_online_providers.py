"""Each provider that may be asked at another address, through geopy and a real HTTP server."""

from collections.abc import Iterator

import pytest
from geocoder.online.answers import ProviderError
from geocoder.online.providers import Provider
from online_requests import online_settings
from provider_server import ProviderServer, provider_server, replying

pytestmark = pytest.mark.integration

PHOTON = {
    "features": [
        {
            "properties": {"name": "Rome", "type": "city", "country": "Italy", "countrycode": "IT"},
            "geometry": {"coordinates": [12.5, 41.9]},
        }
    ]
}
OPENCAGE = {
    "results": [
        {
            "formatted": "Rome",
            "components": {"city": "Rome", "country": "Italy", "country_code": "it"},
            "geometry": {"lat": 41.9, "lng": 12.5},
        }
    ],
    "status": {"code": 200, "message": "OK"},
}
GOOGLE = {
    "status": "OK",
    "results": [
        {
            "formatted_address": "Rome",
            "address_components": [
                {"long_name": "Rome", "short_name": "RM", "types": ["locality"]},
                {"long_name": "Italy", "short_name": "IT", "types": ["country"]},
            ],
            "geometry": {"location": {"lat": 41.9, "lng": 12.5}},
        }
    ],
}
EMPTY = {
    "photon": {"features": []},
    "opencage": {"results": [], "status": {"code": 200, "message": "OK"}},
    "google": {"results": [], "status": "ZERO_RESULTS"},
}
SENT = {
    "photon": {"lat": "41.89", "lon": "12.492", "limit": "1", "lang": "en"},
    "opencage": {"key": "very-secret", "q": "41.89,12.492", "language": "en"},
    "google": {
        "latlng": "41.89,12.492",
        "sensor": "false",
        "language": "en",
        "key": "very-secret",
    },
}


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with provider_server() as running:
        yield running


def provider(name: str, server: ProviderServer, language: str = "en") -> Provider:
    settings = online_settings(server.url, online_provider=name, online_key="very-secret")
    return Provider(settings, language)


@pytest.mark.parametrize(
    ("name", "body"), [("photon", PHOTON), ("opencage", OPENCAGE), ("google", GOOGLE)]
)
def test_a_provider_is_sent_the_point_and_nothing_else_of_us(
    server: ProviderServer, name: str, body: object
) -> None:
    server.behave = replying(body)
    levels = provider(name, server).ask(41.890, 12.492)
    assert [(level.kind, level.name) for level in levels] == [
        ("country", "Italy"),
        ("city", "Rome"),
    ]
    (seen,) = server.seen
    assert seen.values == SENT[name]
    assert seen.headers["User-Agent"].startswith("photo-factory/")


@pytest.mark.parametrize("name", EMPTY)
def test_a_provider_that_knows_nothing_says_so(server: ProviderServer, name: str) -> None:
    server.behave = replying(EMPTY[name])
    assert provider(name, server).ask(30.0, -40.0) == ()


def test_photon_is_not_asked_for_a_language_that_it_refuses(server: ProviderServer) -> None:
    server.behave = replying(PHOTON)
    provider("photon", server, "it").ask(41.9, 12.5)
    assert "lang" not in server.seen[0].values


@pytest.mark.parametrize(
    ("status", "rest"), [("OVER_QUERY_LIMIT", 3600), ("REQUEST_DENIED", 3600), ("UNKNOWN_ERROR", 0)]
)
def test_a_complaint_within_a_reply_is_told_without_the_key(
    server: ProviderServer, status: str, rest: float
) -> None:
    server.behave = replying({"status": status, "error_message": "no: very-secret"})
    with pytest.raises(ProviderError, match=r"it complains: no: \*\*\*") as caught:
        provider("google", server).ask(41.9, 12.5)
    assert caught.value.rest_seconds == rest


@pytest.mark.parametrize("name", EMPTY)
@pytest.mark.parametrize("body", [[], {}, "x", 1, None, {"features": [1]}, {"results": [{}]}])
def test_a_malformed_reply_is_an_error_or_nothing_and_never_a_crash(
    server: ProviderServer, name: str, body: object
) -> None:
    server.behave = replying(body)
    try:
        assert provider(name, server).ask(41.9, 12.5) == ()
    except ProviderError as error:
        assert error.args[0].startswith("it")  # noqa: PT017 - either end is right
