"""What comes of asking a provider: an answer, a later, or a no."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

LevelKind = Literal["country", "region", "county", "city", "suburb"]


@dataclass(frozen=True, slots=True)
class Level:
    """One place of an answer, as the offline engine names them."""

    kind: LevelKind
    source_id: str
    name: str
    names: Mapping[str, str]
    code: str | None
    latitude: float | None
    longitude: float | None


Relation = Literal["in", "region", "country", "sea"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider says; has all that the offline engine's `Found` has.

    Attributes:
        levels: From the largest to the smallest, the country first; empty where the provider
            knows of nothing, as at sea.
        country_code: ISO 3166-1; None without levels.
        data_version: Whose data it is, with the credit that its licence asks for.
        provider: Its name, for places.source and media_assets.geocoded_by.
        cell: The rounded coordinates as they were sent.
        is_cached: Nothing was sent for it.
    """

    levels: tuple[Level, ...]
    country_code: str | None
    data_version: str
    provider: str
    cell: str
    is_cached: bool

    @property
    def relation(self) -> Relation:
        """How the point lies to the smallest level."""
        kind = self.levels[-1].kind if self.levels else None
        if kind is None:
            return "sea"
        return "country" if kind == "country" else "region" if kind == "region" else "in"

    @property
    def distance_km(self) -> None:
        """Unknown: a provider says what lies around the point, not how far its centre is."""
        return

    @property
    def timezone(self) -> None:
        """Unknown: no provider was asked for it."""
        return


@dataclass(frozen=True, slots=True)
class Later:
    """No answer now; worth asking again.

    Attributes:
        seconds: Not sooner than after so many.
        reason: A sentence fragment for a person.
        was_sent: A request went out and failed, so it was not only not this point's turn.
    """

    seconds: float
    reason: str
    was_sent: bool = False


@dataclass(frozen=True, slots=True)
class Unavailable:
    """This point is not asked about; the reason is a sentence fragment for a person."""

    reason: str


class ProviderError(Exception):
    """A request that failed, whoever is to blame.

    Attributes:
        rest_seconds: How long the provider shall be left alone at least.
    """

    def __init__(self, reason: str, rest_seconds: float = 0.0) -> None:
        super().__init__(reason)
        self.rest_seconds = rest_seconds
