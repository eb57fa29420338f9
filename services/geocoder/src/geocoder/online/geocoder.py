"""Asks about one point: by privacy, cache and turn, in this order, and only then by network."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photo_factory.database import Connection

from geocoder.online import cache, calls
from geocoder.online.answers import Answer, Later, Level, ProviderError, Unavailable
from geocoder.online.settings import OnlineSettings

if TYPE_CHECKING:  # geopy takes a third of a second to load, and most households never ask
    from geocoder.online.providers import Provider

IsPrivate = Callable[[float, float], bool]


@dataclass(frozen=True, slots=True)
class Cell:
    """Rounded coordinates, as they are sent and as answers are kept."""

    latitude: float
    longitude: float
    text: str


class OnlineGeocoder:
    """The provider that is set, for all copies of the service as for one.

    Args:
        settings: The provider's settings.
        language: Of the names that it is asked for.
        connect: Gives the caller's own open connection, in autocommit mode.
        is_private: Whether a point lies where nobody shall be told of.
    """

    def __init__(
        self,
        settings: OnlineSettings,
        language: str,
        connect: Callable[[], Connection],
        is_private: IsPrivate,
    ) -> None:
        self._settings = settings
        self._language = language
        self._connect = connect
        self._is_private = is_private
        self._provider: Provider | None = None
        self._account = calls.Account(
            provider=settings.online_identity,
            interval_seconds=settings.online_interval_seconds,
            hold_seconds=2 * settings.online_timeout_seconds + settings.online_interval_seconds,
            budget=settings.online_calls_per_day,
        )

    def find(self, latitude: float, longitude: float) -> Answer | Later | Unavailable:
        """What the provider says of a point; at most one request is sent for it.

        Raises:
            psycopg.Error: The database did not answer; a turn that was taken ends by itself.
        """
        refusal = self._settings.online_refusal()
        if refusal is not None:
            return Unavailable(refusal)
        if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):  # noqa: PLR2004 - degrees
            return Unavailable("its coordinates are not on Earth")
        cell = cell_of(latitude, longitude, self._settings.online_precision)
        if self._is_private(latitude, longitude) or self._is_private(cell.latitude, cell.longitude):
            return Unavailable("it lies in a privacy zone")
        connection = self._connect()
        known = cache.read(connection, self._key(cell))
        if known is not None:
            return self._answer(known, cell, is_cached=True)
        turn = calls.claim(connection, self._account)
        if isinstance(turn, calls.Wait):
            return Later(turn.seconds, turn.reason)
        return self._ask(connection, turn, cell)

    def _ask(self, connection: Connection, turn: calls.Turn, cell: Cell) -> Answer | Later:
        try:
            levels = self._ready_provider().ask(cell.latitude, cell.longitude)
        except ProviderError as error:
            reason = f"{self._settings.online_provider}: {error}"
            rest = calls.fail(connection, self._account, turn, reason, error.rest_seconds)
            return Later(rest, reason, was_sent=True)
        with connection.transaction(), connection.cursor() as cursor:
            cache.keep(cursor, self._key(cell), levels, self._settings.online_cache_days)
            calls.succeed(cursor, self._account, turn)
        return self._answer(levels, cell, is_cached=False)

    def _answer(self, levels: tuple[Level, ...], cell: Cell, *, is_cached: bool) -> Answer:
        provider = self._ready_provider()
        country_code = levels[0].code if levels else None
        return Answer(
            levels, country_code, provider.data_version, provider.name, cell.text, is_cached
        )

    def _ready_provider(self) -> "Provider":
        from geocoder.online.providers import Provider  # noqa: PLC0415 - see above

        if self._provider is None:
            self._provider = Provider(self._settings, self._language)
        return self._provider

    def _key(self, cell: Cell) -> cache.Key:
        return cache.Key(self._settings.online_identity, self._language, cell.text)


def cell_of(latitude: float, longitude: float, precision: int) -> Cell:
    """Round a point; 180° has one name, and so has zero."""
    texts = [f"{degrees:.{precision}f}" for degrees in (latitude, longitude)]
    if float(texts[1]) == -180:  # noqa: PLR2004 - degrees
        texts[1] = texts[1].removeprefix("-")
    texts = [text.removeprefix("-") if float(text) == 0 else text for text in texts]
    return Cell(float(texts[0]), float(texts[1]), ",".join(texts))
