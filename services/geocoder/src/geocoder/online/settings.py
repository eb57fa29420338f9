"""What can be set about online providers, and the limits that no setting lifts."""

import re
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from photo_factory.settings import Settings
from pydantic import Field, SecretStr, field_validator

ProviderName = Literal["nominatim", "photon", "opencage", "google", "here"]

HOSTS: dict[str, str] = {
    "nominatim": "nominatim.openstreetmap.org",
    "photon": "photon.komoot.io",
    "opencage": "api.opencagedata.com",
    "google": "maps.googleapis.com",
    "here": "revgeocode.search.hereapi.com",
}
"""Where each provider is, unless PF_ONLINE_URL says otherwise."""
KEYED = frozenset({"opencage", "google", "here"})
MOVABLE = frozenset({"nominatim", "photon", "opencage", "google"})
"""Providers that may be asked at another address; HERE's is built into its client."""
SHARED_HOSTS = ("openstreetmap.org", "osm.org", "photon.komoot.io")
"""Run by volunteers for everybody: at most one request a second, few a day, and a contact."""
SHARED_SECONDS = 1.0
SHARED_DAILY_BUDGET = 2000
CONTACT = re.compile(r"[!-~]{1,200}")


class OnlineSettings(Settings):
    """The common settings and those of online providers."""

    online_provider: Literal["off", "nominatim", "photon", "opencage", "google", "here"] = Field(
        "off",
        description="Who is asked online for better place names, and only for assets that a "
        "person chose. off: nobody, and nothing leaves the house.",
    )
    online_url: str = Field(
        "",
        description="Address of the provider, such as http://nominatim.lan:8080, if it is one of "
        "your own. Empty: the provider's public one.",
    )
    online_key: SecretStr | None = Field(
        None, description="The provider's API key; opencage, google and here need one."
    )
    online_key_file: Path | None = Field(
        None, description="File with the provider's API key, instead of the key itself."
    )
    online_contact: str = Field(
        "",
        description="E-mail or web address by which the provider can reach you, sent with each "
        "request. The public Nominatim and Photon are not asked without it.",
    )
    online_precision: Annotated[int, Field(ge=0, le=5)] = Field(
        3,
        description="Decimals that coordinates are rounded to before they leave: 3 is about "
        "100 metres, 2 a kilometre.",
    )
    online_cache_days: Annotated[int, Field(ge=1, le=3650)] = Field(
        30, description="Days that an answer is used again for the same rounded coordinates."
    )
    online_daily_budget: Annotated[int, Field(ge=1, le=1_000_000)] = Field(
        1000,
        description="Requests a day (UTC) at most, of all copies of the geocoder together. "
        "For the public Nominatim and Photon never more than 2000.",
    )
    online_requests_per_second: Annotated[float, Field(ge=0.01, le=50)] = Field(
        1,
        description="Requests a second at most, of all copies of the geocoder together. "
        "For the public Nominatim and Photon never more than 1.",
    )
    online_timeout_seconds: Annotated[float, Field(ge=0.1, le=30)] = Field(
        10, description="Seconds that a whole request may take."
    )

    @field_validator("online_url")
    @classmethod
    def _is_address(cls, address: str) -> str:
        if address:
            parts = _split(address)
            if parts is None:
                message = "no address; an example is http://nominatim.lan:8080"
                raise ValueError(message)
            if parts.scheme == "http" and _shared_host(parts.hostname or ""):
                message = f"{parts.hostname} is only asked by https"
                raise ValueError(message)
        return address.rstrip("/")

    @field_validator("online_contact")
    @classmethod
    def _is_contact(cls, contact: str) -> str:
        if contact and not (CONTACT.fullmatch(contact) and re.search(r"[^@]@[^@]|://.", contact)):
            message = "neither an e-mail nor a web address"
            raise ValueError(message)
        return contact

    @property
    def online_scheme(self) -> str:
        """https, unless an address of one's own says http."""
        return urlsplit(self.online_url).scheme or "https"

    @property
    def online_domain(self) -> str:
        """Host, port and path of the provider, without the scheme."""
        if self.online_url:
            parts = urlsplit(self.online_url)
            return parts.netloc.lower() + parts.path
        return HOSTS.get(self.online_provider, "")

    @property
    def online_identity(self) -> str:
        """Under which calls are counted and answers kept: the provider's name and where it is.

        All names of one shared host are one, so that no spelling of it opens a second account.
        """
        place = _shared_host(self._host) or self.online_domain
        return f"{self.online_provider}@{place}"

    @property
    def is_online_shared(self) -> bool:
        """Whether the provider is one that volunteers run for everybody."""
        return _shared_host(self._host) is not None

    @property
    def online_interval_seconds(self) -> float:
        """Seconds between the end of a request and the next one."""
        seconds = 1 / self.online_requests_per_second
        return max(SHARED_SECONDS, seconds) if self.is_online_shared else seconds

    @property
    def online_calls_per_day(self) -> int:
        """The budget, as far as the provider's rules allow it."""
        budget = self.online_daily_budget
        return min(SHARED_DAILY_BUDGET, budget) if self.is_online_shared else budget

    @property
    def _host(self) -> str:
        return urlsplit(f"//{self.online_domain}").hostname or ""

    def online_refusal(self) -> str | None:
        """Why the provider is not asked at all, in a sentence; None if it may be."""
        if self.online_provider == "off":
            return "no online provider is set (PF_ONLINE_PROVIDER)"
        if self.is_online_shared and not self.online_contact:
            return f"{self.online_domain} is not asked without a contact (PF_ONLINE_CONTACT)"
        if self.online_url and self.online_provider not in MOVABLE:
            return f"{self.online_provider} has one address only (PF_ONLINE_URL must be empty)"
        if self.online_provider in KEYED:
            return self._key_refusal()
        return None

    def _key_refusal(self) -> str | None:
        try:
            key = self.online_api_key()
        except (OSError, ValueError) as error:
            return f"the file with the API key cannot be read ({type(error).__name__})"
        return None if key else f"{self.online_provider} needs an API key (PF_ONLINE_KEY_FILE)"

    def online_api_key(self) -> str | None:
        """The provider's API key, wherever it is; None if there is none.

        Raises:
            OSError: The file with the key cannot be read.
            ValueError: It is no text.
        """
        if self.online_key is not None:
            return self.online_key.get_secret_value()
        if self.online_key_file is not None:
            return self.online_key_file.read_text(encoding="utf-8").strip() or None
        return None


def _split(address: str) -> SplitResult | None:
    """The parts of a provider's address; None if it is no plain one."""
    try:
        parts = urlsplit(address)
        is_plain = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        return None
    has_more = parts.username is not None or parts.query or parts.fragment
    return parts if is_plain and not has_more and CONTACT.fullmatch(address) else None


def _shared_host(host: str) -> str | None:
    """The shared host that a name belongs to, if it does."""
    name = host.lower().rstrip(".")
    owners = (shared for shared in SHARED_HOSTS if name == shared or name.endswith(f".{shared}"))
    return next(owners, None)
