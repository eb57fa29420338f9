"""Several copies of the geocoder, each a process of its own, ask one provider."""

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from threading import Thread

import pytest
from geocoder.online import OnlineGeocoder
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from online_copies import Outcome, hammer
from online_requests import online_settings
from photo_factory.database import Connection, connect
from provider_server import NOTHING, Behaviour, provider_server, replying, silent

pytestmark = pytest.mark.integration


def run_copies(
    database_url: str, url: str, copies: int, seconds: float, **changes: object
) -> list[Outcome]:
    """All outcomes of so many copies at work at once, however busy the machine is."""
    changes = {"online_timeout_seconds": 20, **changes}
    with ProcessPoolExecutor(copies, get_context("spawn")) as pool:
        work = [
            pool.submit(hammer, database_url, url, copy, seconds, changes) for copy in range(copies)
        ]
        return [outcome for future in work for outcome in future.result(60)]


def gaps(times: Sequence[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(sorted(times))]


@pytest.mark.parametrize(
    ("copies", "interval", "behaviour"),
    [
        (2, 0.1, replying(NOTHING)),
        (4, 0.05, replying(NOTHING)),
        (4, 0.1, silent(0.03)),
    ],
)
def test_copies_together_never_ask_more_often_than_one_may(
    database_url: str, copies: int, interval: float, behaviour: Behaviour
) -> None:
    with provider_server() as server:
        server.behave = behaviour
        outcomes = run_copies(
            database_url, server.url, copies, 2.5, online_requests_per_second=1 / interval
        )
        times = [seen.at for seen in server.seen]
    answers = sum(name == "Answer" for name, _ in outcomes)
    assert len(times) == answers > 3, "all were answered"
    assert min(gaps(times)) >= interval


def test_a_slow_reply_holds_up_the_next_request_of_all_copies(database_url: str) -> None:
    """One request at a time: the interval begins where the reply ends."""
    with provider_server() as server:
        server.behave = silent(0.4)
        run_copies(database_url, server.url, 3, 2, online_requests_per_second=50)
        times = [seen.at for seen in server.seen]
    assert min(gaps(times)) >= 0.4


def test_copies_share_the_budget_of_the_day(database_url: str, connection: Connection) -> None:
    with provider_server() as server:
        server.behave = replying(NOTHING)
        run_copies(
            database_url,
            server.url,
            4,
            30,
            online_requests_per_second=50,
            online_daily_budget=7,
        )
        assert len(server.seen) == 7
    row = connection.execute("SELECT calls_today FROM geocode_calls").fetchone()
    assert row == (7,)


def test_copies_share_the_breaker(database_url: str, connection: Connection) -> None:
    """A failure of one is a rest for all: 1, 2, 4 … seconds, and a minute after the fifth."""
    with provider_server() as server:
        server.behave = replying({}, 500)
        run_copies(database_url, server.url, 4, 5, online_requests_per_second=50)
        times = [seen.at for seen in server.seen]
    assert 2 <= len(times) <= 3
    assert all(gap >= least for gap, least in zip(gaps(times), (1, 2), strict=False))
    row = connection.execute("SELECT failures FROM geocode_calls").fetchone()
    assert row == (len(times),)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    interval=st.sampled_from([0.02, 0.03, 0.05]),
    naps=st.lists(st.floats(0, 0.02), min_size=2, max_size=4),
    delay=st.sampled_from([0.0, 0.01, 0.04]),
)
def test_no_pace_of_the_copies_brings_two_requests_closer_together(
    database_url: str, interval: float, naps: list[float], delay: float
) -> None:
    """As above with threads, which start at once, so that many paces can be tried."""
    with provider_server() as server:
        server.behave = silent(delay, NOTHING)
        threads = [
            Thread(target=pace, args=(database_url, server.url, copy, nap, interval))
            for copy, nap in enumerate(naps)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        times = [seen.at for seen in server.seen]
    assert len(times) >= 2
    assert min(gaps(times)) >= interval


def pace(database_url: str, url: str, copy: int, nap: float, interval: float) -> None:
    changes: dict[str, object] = {"online_requests_per_second": 1 / interval}
    with connect(database_url, f"copy {copy}") as connection:
        geocoder = OnlineGeocoder(
            online_settings(url, **changes), "en", lambda: connection, lambda *_: False
        )
        end = time.monotonic() + 0.5
        number = int(time.monotonic() * 1000) % 10_000
        while time.monotonic() < end:
            geocoder.find(copy * 10 + number / 1000, number / 100)
            number += 1
            time.sleep(nap)
