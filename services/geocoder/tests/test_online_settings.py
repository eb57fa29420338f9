"""The limits that no setting lifts."""

from pathlib import Path

import pytest
from geocoder.online.settings import OnlineSettings
from pydantic import SecretStr, ValidationError

pytestmark = pytest.mark.unit


def test_nothing_is_asked_online_unless_a_provider_is_set() -> None:
    assert OnlineSettings().online_refusal() == "no online provider is set (PF_ONLINE_PROVIDER)"


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("nominatim", ""),
        ("photon", ""),
        ("nominatim", "https://nominatim.openstreetmap.org"),
        ("nominatim", "https://NOMINATIM.OpenStreetMap.org./"),
        ("nominatim", "https://nominatim.openstreetmap.org:443"),
        ("nominatim", "https://nominatim.osm.org/nominatim"),
    ],
)
def test_a_shared_provider_gets_one_request_a_second_and_never_without_a_contact(
    provider: str, url: str
) -> None:
    settings = OnlineSettings.model_validate(
        {
            "online_provider": provider,
            "online_url": url,
            "online_requests_per_second": 50,
            "online_daily_budget": 1_000_000,
        }
    )
    assert settings.is_online_shared
    assert settings.online_interval_seconds == 1
    assert settings.online_calls_per_day == 2000
    assert "without a contact" in (settings.online_refusal() or "")
    known = settings.model_copy(update={"online_contact": "me@example.org"})
    assert known.online_refusal() is None


def test_all_spellings_of_a_shared_host_have_one_account() -> None:
    identities = {
        OnlineSettings(online_provider="nominatim", online_url=url).online_identity
        for url in (
            "",
            "https://nominatim.openstreetmap.org",
            "https://NOMINATIM.openstreetmap.org:443/",
            "https://nominatim.openstreetmap.org./x",
        )
    }
    assert identities == {"nominatim@openstreetmap.org"}


def test_a_slower_rate_and_a_smaller_budget_are_kept_with_a_shared_provider() -> None:
    settings = OnlineSettings(
        online_provider="nominatim", online_requests_per_second=0.1, online_daily_budget=7
    )
    assert settings.online_interval_seconds == 10
    assert settings.online_calls_per_day == 7


def test_a_provider_of_ones_own_may_be_asked_faster_and_without_a_contact() -> None:
    settings = OnlineSettings(
        online_provider="nominatim",
        online_url="http://nominatim.lan:8080/",
        online_requests_per_second=20,
        online_daily_budget=100_000,
    )
    assert settings.online_refusal() is None
    assert not settings.is_online_shared
    assert settings.online_interval_seconds == 0.05
    assert settings.online_calls_per_day == 100_000
    assert settings.online_domain == "nominatim.lan:8080"
    assert settings.online_scheme == "http"


def test_a_host_that_only_looks_like_a_shared_one_is_none() -> None:
    settings = OnlineSettings(
        online_provider="nominatim", online_url="https://notopenstreetmap.org"
    )
    assert not settings.is_online_shared


@pytest.mark.parametrize(
    "url",
    [
        "nominatim.lan",
        "ftp://nominatim.lan",
        "http://",
        "http://user:password@nominatim.lan",
        "http://nominatim.lan/?key=1",
        "http://nominatim.lan:99999",
        "http://nominatim.lan/\r\nX-Other: 1",
        "http://nominatim.openstreetmap.org",
    ],
)
def test_an_address_that_is_none_or_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        OnlineSettings(online_provider="nominatim", online_url=url)


@pytest.mark.parametrize("contact", ["me", "@", "me@example.org\r\nX-Other: 1", "me @example.org"])
def test_a_contact_by_which_nobody_can_be_reached_is_refused(contact: str) -> None:
    with pytest.raises(ValidationError):
        OnlineSettings(online_contact=contact)


@pytest.mark.parametrize("provider", ["opencage", "google", "here"])
def test_a_provider_that_needs_a_key_is_refused_without_one(provider: str, tmp_path: Path) -> None:
    settings = OnlineSettings.model_validate({"online_provider": provider})
    assert "needs an API key" in (settings.online_refusal() or "")
    file = tmp_path / "key"
    from_file = settings.model_copy(update={"online_key_file": file})
    assert "cannot be read" in (from_file.online_refusal() or "")
    file.write_text("secret\n")
    assert from_file.online_refusal() is None
    assert from_file.online_api_key() == "secret"
    assert settings.model_copy(update={"online_key": SecretStr("a")}).online_refusal() is None


def test_an_address_for_a_provider_that_cannot_be_moved_is_refused_and_not_ignored() -> None:
    settings = OnlineSettings(
        online_provider="here", online_url="http://here.lan", online_key=SecretStr("a")
    )
    assert "PF_ONLINE_URL" in (settings.online_refusal() or "")


def test_a_key_is_never_shown() -> None:
    settings = OnlineSettings(online_provider="google", online_key=SecretStr("very-secret"))
    assert "very-secret" not in repr(settings)
