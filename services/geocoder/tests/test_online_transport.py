"""One request over real sockets, to a server that does all that a server should not."""

import json
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import Message
from email.utils import format_datetime
from pathlib import Path
from threading import Thread

import pytest
from geocoder.online.answers import ProviderError
from geocoder.online.transport import GuardedAdapter, rest_seconds
from hypothesis import given
from hypothesis import strategies as st
from provider_server import (
    TRASTEVERE,
    Behaviour,
    ProviderServer,
    dripping,
    dripping_headers,
    provider_server,
    replying,
    silent,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with provider_server() as running:
        yield running


def fetch(url: str, timeout: float = 5.0, tls: ssl.SSLContext | None = None) -> object:
    adapter = GuardedAdapter(proxies={}, ssl_context=tls)
    return adapter.get_json(url, timeout=timeout, headers={"User-Agent": "test/1"})


def complaint(server: ProviderServer, behaviour: Behaviour, timeout: float = 5.0) -> ProviderError:
    server.behave = behaviour
    with pytest.raises(ProviderError) as caught:
        fetch(f"{server.url}/reverse?lat=1", timeout)
    return caught.value


def test_a_reply_is_read_and_our_name_is_sent(server: ProviderServer) -> None:
    assert fetch(f"{server.url}/reverse?lat=41.900&lon=12.500") == TRASTEVERE
    (seen,) = server.seen
    assert seen.path == "/reverse"
    assert seen.values == {"lat": "41.900", "lon": "12.500"}
    assert seen.headers["User-Agent"] == "test/1"


@pytest.mark.parametrize("behaviour", [silent(3), dripping(0.05), dripping_headers(0.05)])
def test_a_request_ends_at_its_deadline_however_slowly_the_server_answers(
    server: ProviderServer, behaviour: Behaviour
) -> None:
    started = time.monotonic()
    assert str(complaint(server, behaviour, 0.4)) == "no answer within 0.4 seconds"
    assert time.monotonic() - started < 1.5


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>busy</html>", b"{", b"\xff\xfe\x00", b"[" * 100_000, b'{"a": ' * 100_000],
)
def test_a_reply_that_is_not_json_is_refused(server: ProviderServer, body: bytes) -> None:
    assert str(complaint(server, replying(body))) == "its reply is not JSON"


def test_a_huge_reply_is_not_read_to_its_end(server: ProviderServer) -> None:
    error = complaint(server, replying(b'"' + b"a" * (64 << 20) + b'"'))
    assert str(error) == "its reply is larger than 1 MiB"


def test_a_redirect_is_not_followed_and_its_host_is_named(server: ProviderServer) -> None:
    with provider_server() as other:
        target = {"Location": f"http://localhost:{other.port}/reverse"}
        error = complaint(server, replying({}, 302, target))
        assert str(error) == "it redirects to localhost, which is not followed (302)"
        assert not other.seen


@pytest.mark.parametrize("location", ["", "/elsewhere", "http://[", "\x7f"])
def test_a_redirect_to_nowhere_is_refused_as_well(server: ProviderServer, location: str) -> None:
    error = complaint(server, replying({}, 301, {"Location": location}))
    assert "another path" in str(error)


def test_a_rest_that_is_asked_for_in_seconds_is_kept(server: ProviderServer) -> None:
    error = complaint(server, replying({}, 429, {"Retry-After": "120"}))
    assert error.rest_seconds == 120
    assert str(error) == "it asks for a rest (429)"


def test_a_rest_that_is_asked_for_as_a_date_counts_from_the_servers_own_clock() -> None:
    now = datetime(2020, 2, 29, 23, 59, tzinfo=UTC)  # it has run slow for years
    headers = Message()
    headers["Date"] = format_datetime(now, usegmt=True)
    headers["Retry-After"] = format_datetime(now + timedelta(seconds=300), usegmt=True)
    assert rest_seconds(headers) == 300


def test_a_date_without_the_servers_clock_counts_from_ours() -> None:
    headers = Message()
    headers["Retry-After"] = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    assert 3590 < (rest_seconds(headers) or 0) <= 3600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("999999999999999999999", 86_400),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400),
    ],
)
def test_a_rest_is_neither_negative_nor_longer_than_a_day(text: str, seconds: float) -> None:
    headers = Message()
    headers["Retry-After"] = text
    assert rest_seconds(headers) == seconds


@given(st.text(st.characters(codec="ascii", exclude_characters="\r\n")), st.text(max_size=30))
def test_no_header_breaks_the_reading_of_a_rest(text: str, date: str) -> None:
    headers = Message()
    headers["Retry-After"] = text
    headers["Date"] = date.replace("\r", "").replace("\n", "")
    seconds = rest_seconds(headers)
    assert seconds is None or 0 <= seconds <= 86_400


def test_a_429_that_does_not_say_for_how_long_means_a_minute(server: ProviderServer) -> None:
    assert complaint(server, replying({}, 429)).rest_seconds == 60
    assert complaint(server, replying({}, 429, {"Retry-After": "soon"})).rest_seconds == 60


def test_an_error_of_the_server_is_told_with_the_rest_that_it_asks_for(
    server: ProviderServer,
) -> None:
    error = complaint(server, replying({}, 503, {"Retry-After": "30"}))
    assert (str(error), error.rest_seconds) == ("it answers with the error 503", 30)
    assert complaint(server, replying({}, 500)).rest_seconds == 0


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refusal_that_only_a_person_can_mend_means_a_long_rest(
    server: ProviderServer, status: int
) -> None:
    assert complaint(server, replying({}, status)).rest_seconds == 3600


def test_what_does_not_speak_http_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(4096)
                client.sendall(b"220 mail.example.org ESMTP\r\n")

        thread = Thread(target=answer)
        thread.start()
        with pytest.raises(ProviderError, match="the connection failed"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}/?a=1")
        thread.join()


def test_a_server_that_is_not_there_is_told_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ProviderError, match="the connection failed"):
        fetch(f"http://127.0.0.1:{port}/?a=1")


def test_a_name_that_is_unknown_is_told_so() -> None:
    with pytest.raises(ProviderError, match="its name is unknown"):
        fetch("http://no-such-host.invalid/?a=1")


def test_no_message_quotes_the_address_in_which_a_key_may_be(server: ProviderServer) -> None:
    for behaviour in (replying({}, 403), replying(b"x"), silent(1)):
        server.behave = behaviour
        with pytest.raises(ProviderError) as caught:
            fetch(f"{server.url}/reverse?key=very-secret", 0.3)
        assert "very-secret" not in str(caught.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine's that nobody has signed, and its key."""
    path = tmp_path / "server.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=provider.example",
    ]
    names = ["-subj", "/CN=provider.example", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", f"{tmp_path}/key.pem", "-out", f"{tmp_path}/certificate.pem"]
    subprocess.run([*command, *names, *files], check=True, capture_output=True)
    path.write_text((tmp_path / "key.pem").read_text() + (tmp_path / "certificate.pem").read_text())
    return path


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[ProviderServer]:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with provider_server(tls) as running:
        yield running


def test_a_certificate_that_nobody_has_signed_is_not_trusted(secure_server: ProviderServer) -> None:
    with pytest.raises(ProviderError, match="its certificate is not to be trusted"):
        fetch(f"https://127.0.0.1:{secure_server.port}/?a=1")
    assert not secure_server.seen


def test_a_certificate_for_another_name_is_not_trusted(
    secure_server: ProviderServer, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    with pytest.raises(ProviderError, match="certificate is not to be trusted"):
        fetch(f"https://localhost:{secure_server.port}/?a=1", tls=trusting)
    assert not secure_server.seen


def test_a_trusted_server_is_read_and_held_to_the_deadline_too(
    secure_server: ProviderServer, certificate: Path
) -> None:
    trusting = ssl.create_default_context(cafile=str(certificate))
    url = f"https://127.0.0.1:{secure_server.port}/?a=1"
    assert json.dumps(fetch(url, tls=trusting)) == json.dumps(TRASTEVERE)
    secure_server.behave = dripping(0.05)
    with pytest.raises(ProviderError, match=r"no answer within 0\.5 seconds"):
        fetch(url, 0.5, tls=trusting)


def test_a_server_without_tls_is_not_asked_in_clear_instead(server: ProviderServer) -> None:
    with pytest.raises(ProviderError, match=r"no secure connection|connection failed"):
        fetch(f"https://127.0.0.1:{server.port}/?a=1")
    assert not server.seen
