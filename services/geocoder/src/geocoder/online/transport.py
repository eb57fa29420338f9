"""Fetches one JSON reply over HTTP, trusting nothing that comes back.

geopy leaves the fetching to an adapter. Those it brings follow redirects to any host, read replies
of any size, and bound each read instead of the whole request; so this one takes their place.
"""

import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter

from geocoder.online.answers import ProviderError

LARGEST_REPLY_BYTES = 1 << 20
LONGEST_REST_SECONDS = 86_400.0
REFUSED_REST_SECONDS = 3600.0
"""After a refusal that only a person can mend, such as a wrong key."""
BUSY_REST_SECONDS = 60.0
"""After a 429 that does not say for how long."""
REFUSALS = {401, 402, 403, 407}


@dataclass(frozen=True, slots=True)
class _Reply:
    status: int
    headers: Message
    body: bytes


class GuardedAdapter(BaseSyncAdapter):  # type: ignore[misc] # geopy leaves it untyped
    """geopy's view of the network: one request, one host, one deadline, no proxy, no redirect."""

    def __init__(self, *, proxies: object, ssl_context: ssl.SSLContext | None) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)
        self._tls = ssl_context or ssl.create_default_context()

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:  # noqa: ANN401 - a provider may say anything
        """The reply to a GET request.

        Raises:
            ProviderError: There is none, or it is not one that can be used.
        """
        try:
            return json.loads(self.get_text(url, timeout=timeout, headers=headers))
        except (ValueError, RecursionError):
            message = "its reply is not JSON"
            raise ProviderError(message) from None

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """As get_json, but as text."""
        reply = self._fetch(url, timeout, headers)
        _check_status(reply)
        if len(reply.body) > LARGEST_REPLY_BYTES:
            message = f"its reply is larger than {LARGEST_REPLY_BYTES >> 20} MiB"
            raise ProviderError(message)
        return reply.body.decode("utf-8", "replace")

    def _fetch(self, url: str, timeout: float, headers: Mapping[str, str]) -> _Reply:
        deadline = _Deadline(timeout)
        try:
            with deadline.over(self._connection(url, timeout)) as connection:
                reply = _exchange(connection, url, headers, deadline)
        except (OSError, HTTPException, ValueError) as error:
            reason = _reason_of(error, deadline)
            raise ProviderError(reason) from error
        if deadline.has_passed:
            raise ProviderError(deadline.reason)
        return reply

    def _connection(self, url: str, timeout: float) -> HTTPConnection:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme == "https":
            return HTTPSConnection(host, parts.port, timeout=timeout, context=self._tls)
        return HTTPConnection(host, parts.port, timeout=timeout)


class _Deadline:
    """Ends a connection when its whole time is up, in whichever phase it is."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self.reason = f"no answer within {seconds:g} seconds"

    @property
    def has_passed(self) -> bool:
        return time.monotonic() >= self._ends

    @contextmanager
    def over(self, connection: HTTPConnection) -> Iterator[HTTPConnection]:
        """The connection, cut off at the deadline and closed in the end."""
        timer = threading.Timer(self._ends - time.monotonic(), _cut, (connection,))
        timer.daemon = True
        timer.start()
        try:
            yield connection
        finally:
            timer.cancel()
            connection.close()


def _cut(connection: HTTPConnection) -> None:
    """End both directions, so that a blocked read returns; beneath TLS, which must not notice."""
    connected = connection.sock
    if connected is not None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)


def _exchange(
    connection: HTTPConnection, url: str, headers: Mapping[str, str], deadline: _Deadline
) -> _Reply:
    connection.connect()
    if deadline.has_passed:  # too late to send: the turn may be another's by now
        raise TimeoutError
    parts = urlsplit(url)
    connection.request("GET", f"{parts.path}?{parts.query}", headers=dict(headers))
    response = connection.getresponse()
    with response:
        return _Reply(response.status, response.headers, response.read(LARGEST_REPLY_BYTES + 1))


def _reason_of(error: Exception, deadline: _Deadline) -> str:
    """What a failed exchange comes down to. Never quotes the URL: a key may be in it."""
    if deadline.has_passed or isinstance(error, TimeoutError):
        return deadline.reason
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not to be trusted: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection: {error.reason or 'the handshake failed'}"
    if isinstance(error, socket.gaierror):
        return "its name is unknown, or there is no network"
    if isinstance(error, ConnectionError | HTTPException | ValueError):
        return f"the connection failed ({type(error).__name__})"
    return f"it cannot be reached: {getattr(error, 'strerror', None) or type(error).__name__}"


def _check_status(reply: _Reply) -> None:
    status = reply.status
    if status == HTTPStatus.OK:
        return
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        host = _redirect_host(reply)
        message = f"it redirects to {host}, which is not followed ({status})"
        raise ProviderError(message, REFUSED_REST_SECONDS)
    rest = rest_seconds(reply.headers)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        message = "it asks for a rest (429)"
        raise ProviderError(message, BUSY_REST_SECONDS if rest is None else rest)
    if status in REFUSALS:
        message = f"it refuses to answer us ({status}): see the key, the contact, the account"
        raise ProviderError(message, max(REFUSED_REST_SECONDS, rest or 0.0))
    message = f"it answers with the error {status}"
    raise ProviderError(message, rest or 0.0)


def _redirect_host(reply: _Reply) -> str:
    try:
        host = urlsplit(reply.headers.get("Location", "")).hostname
    except ValueError:
        host = None
    return (host or "another path")[:100]


def rest_seconds(headers: Message) -> float | None:
    """Seconds that Retry-After asks for, at most a day; None if it says nothing of sense.

    A date counts from the reply's own Date where there is one: its clock, not ours.
    """
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(min(int(text[:9]), LONGEST_REST_SECONDS))
    until = _timestamp(text)
    if until is None:
        return None
    now = _timestamp(headers.get("Date", ""))
    return min(max(0.0, until - (time.time() if now is None else now)), LONGEST_REST_SECONDS)


def _timestamp(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
