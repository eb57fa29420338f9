"""The providers: how geopy asks each, and how its results are read."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from geopy.exc import (
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderQueryError,
    GeocoderQuotaExceeded,
    GeopyError,
)
from geopy.geocoders import GoogleV3, HereV7, Nominatim, OpenCage, Photon
from photo_factory import __version__

from geocoder.online.addresses import (
    Reader,
    clean,
    levels_of,
    read_google,
    read_here,
    read_nominatim,
    read_opencage,
    read_photon,
)
from geocoder.online.answers import Level, ProviderError
from geocoder.online.settings import OnlineSettings, ProviderName
from geocoder.online.transport import REFUSED_REST_SECONDS, GuardedAdapter

SUBURB_ZOOM = 14
"""How far down Nominatim looks: to neighbourhoods, and not to houses."""
PHOTON_LANGUAGES = frozenset({"de", "en", "fr"})
"""Photon refuses others; without one it gives the names that are used there."""
REFUSALS = (
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderQueryError,
    GeocoderQuotaExceeded,
)
OSM_CREDIT = "© OpenStreetMap contributors, ODbL"

Options = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of provider.

    Attributes:
        build: geopy's class with the options that are its own.
        options: Options of its `reverse` for a language.
        credit: What its licence asks to be said.
    """

    build: Callable[[OnlineSettings, Options], Any]
    options: Callable[[str], Options]
    read: Reader
    credit: str


KINDS: Mapping[ProviderName, Kind] = {
    "nominatim": Kind(
        lambda settings, common: Nominatim(**common, **_place(settings)),
        lambda language: {"language": language, "zoom": SUBURB_ZOOM},
        read_nominatim,
        OSM_CREDIT,
    ),
    "photon": Kind(
        lambda settings, common: Photon(**common, **_place(settings)),
        lambda language: {"language": language} if language in PHOTON_LANGUAGES else {},
        read_photon,
        OSM_CREDIT,
    ),
    "opencage": Kind(
        lambda settings, common: OpenCage(settings.online_api_key(), **common, **_place(settings)),
        lambda language: {"language": language},
        read_opencage,
        f"OpenCage; {OSM_CREDIT}",
    ),
    "google": Kind(
        lambda settings, common: GoogleV3(settings.online_api_key(), **common, **_place(settings)),
        lambda language: {"language": language},
        read_google,
        "Google",
    ),
    "here": Kind(
        lambda settings, common: HereV7(settings.online_api_key(), **common),
        lambda language: {"language": language},
        read_here,
        "HERE",
    ),
}


class Provider:
    """One provider, ready to be asked.

    Args:
        settings: Its settings; `online_refusal` must have nothing against it.
        language: Of the names.
    """

    def __init__(self, settings: OnlineSettings, language: str) -> None:
        name = settings.online_provider
        if name == "off":
            message = "no provider is set"
            raise ValueError(message)
        logging.getLogger("geopy").setLevel(logging.WARNING)  # it logs URLs, and keys in them
        self._kind = KINDS[name]
        self._language = language
        self._key = settings.online_api_key()
        self.name = name
        self.data_version = f"{name}: {self._kind.credit}"
        self._geocoder = self._kind.build(
            settings,
            {
                "timeout": settings.online_timeout_seconds,
                "user_agent": user_agent(settings.online_contact),
                "adapter_factory": GuardedAdapter,
                "proxies": {},
            },
        )

    def ask(self, latitude: float, longitude: float) -> tuple[Level, ...]:
        """Send one request; () if the provider knows of nothing there.

        Raises:
            ProviderError: The request failed, or its reply is of no use.
        """
        try:
            found = self._geocoder.reverse(
                (latitude, longitude), exactly_one=True, **self._kind.options(self._language)
            )
            if found is None:
                return ()
            return levels_of(self._kind.read(found.raw), self._language)
        except ProviderError:
            raise
        except GeopyError as error:
            raise self._complaint(error) from error
        except Exception as error:  # a parser that is given what its author never thought of
            message = f"its reply is malformed ({type(error).__name__})"
            raise ProviderError(message) from error

    def _complaint(self, error: GeopyError) -> ProviderError:
        """What the provider complains of in a reply that looks like success."""
        text = str(error).replace(self._key, "***") if self._key else str(error)
        rest = REFUSED_REST_SECONDS if isinstance(error, REFUSALS) else 0.0
        return ProviderError(f"it complains: {clean(text) or type(error).__name__}", rest)


def user_agent(contact: str) -> str:
    """Who we are, and how to reach the person who runs us."""
    name = f"photo-factory/{__version__}"
    return f"{name} ({contact})" if contact else name


def _place(settings: OnlineSettings) -> Options:
    return {"domain": settings.online_domain, "scheme": settings.online_scheme}
