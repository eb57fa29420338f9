"""Asks the online provider about what a person chose, one asset at a time.

This is no stage: a stage's function opens no connection, and the provider's turns, its budget and
its answers are kept in the database. So it works in the service's own loop, when the stage has
nothing in hand: every asset is named offline first, and better names come after.
"""

import time
from dataclasses import replace

import structlog
from photo_factory.database import Connection
from photo_factory.geocoding import USER
from photo_factory.heartbeat import Status
from photo_factory.pulse import Pulse
from photo_factory.service import Loop

from geocoder.naming import Named, name_all
from geocoder.online import Answer, Later, OnlineGeocoder, OnlineSettings, Unavailable, cache
from geocoder.online.requests import Request, claim, is_private
from geocoder.queries import record

LOGGER = structlog.get_logger()
MOST_AT_ONCE = 50
"""Answers from the cache need no turn; the stage shall not wait for too many of them."""
LONGEST_REST_SECONDS = 600.0
SWEEP_SECONDS = 3600.0


class Refining:
    """Works through the requests, within the provider's rules.

    Args:
        settings: The provider's settings.
        language: Of the names.
    """

    def __init__(self, settings: OnlineSettings, language: str) -> None:
        self._settings = settings
        self._language = language
        self._connection: Connection | None = None
        self._geocoder = OnlineGeocoder(
            settings, language, connect=self._connected, is_private=self._is_private
        )
        self._rest_until = 0.0
        self._sweep_due = 0.0
        self._lease_seconds = 60 + 4 * settings.online_timeout_seconds
        self.trouble = ""

    def turn(self, connection: Connection) -> float:
        """Ask about what is due; returns the seconds until it is worth looking again.

        While the provider cannot be asked at all, requests wait; they are never asked elsewhere.
        """
        if self._settings.online_provider == "off":
            return self._settings.poll_seconds
        to_rest = self._rest_until - time.monotonic()
        if to_rest > 0:
            return to_rest
        refusal = self._settings.online_refusal()
        if refusal is not None:
            self._note(refusal)
            return self._settings.poll_seconds
        self._connection = connection
        self._sweep(connection)
        return self._work_through(connection)

    def _work_through(self, connection: Connection) -> float:
        for _ in range(MOST_AT_ONCE):
            request = claim(connection, self._settings.online_provider, self._lease_seconds)
            if request is None:
                return self._settings.poll_seconds
            pause = self._work(connection, request)
            if pause > 0:
                self._rest_until = time.monotonic() + min(pause, LONGEST_REST_SECONDS)
                return pause
        return 0.0

    def _work(self, connection: Connection, request: Request) -> float:
        """Ask about one asset; returns the seconds that the provider is to be left alone."""
        outcome = self._find(request)
        if isinstance(outcome, Unavailable):
            self._drop(connection, request, outcome.reason)
            return 0.0
        if isinstance(outcome, Later):
            return self._put_off(connection, request, outcome)
        self._note("")
        self._settle(connection, request, outcome)
        return 0.0 if outcome.is_cached else self._settings.online_interval_seconds

    def _find(self, request: Request) -> Answer | Later | Unavailable:
        if request.latitude is None or request.longitude is None:
            return Unavailable("it has no coordinates")
        if request.geocoded_by == USER:
            return Unavailable("a person has given its place")
        return self._geocoder.find(request.latitude, request.longitude)

    def _connected(self) -> Connection:
        """The connection of this turn."""
        if self._connection is None:
            raise AssertionError
        return self._connection

    def _is_private(self, latitude: float, longitude: float) -> bool:
        return is_private(self._connected(), latitude, longitude)

    def _put_off(self, connection: Connection, request: Request, later: Later) -> float:
        if later.was_sent:
            request.retry(connection, later.reason)
            self._note(later.reason)
        else:
            request.give_back(connection)
        return later.seconds

    def _drop(self, connection: Connection, request: Request, reason: str) -> None:
        """Keep the place that the asset has."""
        with connection.transaction(), connection.cursor() as cursor:
            request.finish(cursor)
        LOGGER.info("not refined", asset=request.asset_id, reason=reason)

    def _settle(self, connection: Connection, request: Request, answer: Answer) -> None:
        """Record an answer; one about where the asset is no longer is left to be asked again."""
        if not answer.levels:
            self._drop(connection, request, f"{answer.provider} knows of nothing there")
            return
        with connection.transaction(), connection.cursor() as cursor:
            is_same = request.hold(cursor)
            if is_same:
                record(cursor, [(request.asset_id, self._named(answer))])
                request.finish(cursor)
        if not is_same:
            request.give_back(connection)
            return
        LOGGER.info(
            "refined", asset=request.asset_id, provider=answer.provider, is_cached=answer.is_cached
        )

    def _named(self, answer: Answer) -> Named:
        (named,) = name_all([answer], self._language, answer.provider, answer.provider)  # type: ignore[list-item] # it has all that Found has, whose module loads the offline data
        if named is None:
            raise AssertionError
        return named

    def _note(self, trouble: str) -> None:
        """Log the beginning and the end of trouble, once each."""
        if trouble and not self.trouble:
            LOGGER.warning("online provider in trouble", reason=trouble)
        if self.trouble and not trouble:
            LOGGER.info("online provider recovered")
        self.trouble = trouble

    def _sweep(self, connection: Connection) -> None:
        if time.monotonic() >= self._sweep_due:
            cache.sweep(connection)
            self._sweep_due = time.monotonic() + SWEEP_SECONDS


class GeocoderLoop:
    """The stage's loop, and the refining in its idle moments.

    Args:
        stage: The offline stage's loop.
        refining: Asks the online provider.
        pulse: Says whether the service shall rest.
    """

    def __init__(self, stage: Loop, refining: Refining, pulse: Pulse) -> None:
        self._stage = stage
        self._refining = refining
        self._pulse = pulse

    def turn(self, connection: Connection) -> float:
        """The stage's turn; then one of refining, if it has nothing in hand."""
        delay = self._stage.turn(connection)
        is_busy = self._stage.status().items_in_hand > 0
        if is_busy or self._pulse.is_paused or self._pulse.is_stopping:
            return delay
        return min(delay, self._refining.turn(connection))

    def status(self) -> Status:
        """The stage's, and what the provider's trouble is: the stage does well without it."""
        status = self._stage.status()
        if not self._refining.trouble:
            return status
        return replace(status, details={**status.details, "online": self._refining.trouble})

    def close(self, connection: Connection | None) -> None:
        """As the stage's; a request in hand has been settled within its turn."""
        self._stage.close(connection)
