"""Asking about one point, with a real PostgreSQL and a real HTTP server as the provider."""

import math
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from geocoder.online import Answer, Later, OnlineGeocoder, Unavailable, calls
from geocoder.online.geocoder import cell_of
from hypothesis import given
from hypothesis import strategies as st
from online_requests import online_settings
from photo_factory.database import Connection
from provider_server import NOTHING, ProviderServer, provider_server, replying

pytestmark = pytest.mark.integration

ROME = (41.890251, 12.492373)
Make = Callable[..., OnlineGeocoder]


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with provider_server() as running:
        yield running


@pytest.fixture
def make(server: ProviderServer, connection: Connection) -> Make:
    """Makes the geocoder of one copy of the service."""

    def build(
        is_private: Callable[[float, float], bool] = lambda *_: False,
        language: str = "en",
        **changes: object,
    ) -> OnlineGeocoder:
        settings = online_settings(server.url, **changes)
        return OnlineGeocoder(settings, language, lambda: connection, is_private)

    return build


def let_time_pass(connection: Connection, seconds: float) -> None:
    """Move all that is noted into the past, as if so much time had gone by."""
    connection.execute(
        "UPDATE geocode_calls SET next_at = next_at - make_interval(secs => %(s)s), "
        "blocked_until = blocked_until - make_interval(secs => %(s)s)",
        {"s": seconds},
    )
    connection.execute(
        "UPDATE geocode_cache SET expires_at = expires_at - make_interval(secs => %s)", (seconds,)
    )


def ask(geocoder: OnlineGeocoder, connection: Connection, latitude: float) -> object:
    let_time_pass(connection, 10)
    return geocoder.find(latitude, 12.5)


def test_an_answer_has_the_levels_of_the_offline_engine(make: Make) -> None:
    answer = make().find(*ROME)
    assert isinstance(answer, Answer)
    assert [(level.kind, level.name, level.code) for level in answer.levels] == [
        ("country", "Italy", "IT"),
        ("region", "Lazio", "IT-62"),
        ("county", "Roma Capitale", None),
        ("city", "Rome", None),
        ("suburb", "Trastevere", None),
    ]
    assert answer.levels[-1].source_id == (
        "IT/region:IT-62/county:Roma Capitale/city:Rome/suburb:Trastevere"
    )
    assert (answer.country_code, answer.relation, answer.provider) == ("IT", "in", "nominatim")
    assert "OpenStreetMap" in answer.data_version


def test_only_rounded_coordinates_and_our_name_leave_the_house(
    make: Make, server: ProviderServer
) -> None:
    make().find(*ROME)
    (seen,) = server.seen
    assert tuple(map(float, seen.point)) == (41.890, 12.492)
    assert seen.path == "/reverse"
    assert seen.values.keys() == {
        "lat",
        "lon",
        "format",
        "addressdetails",
        "zoom",
        "accept-language",
    }
    agent = seen.headers["User-Agent"]
    assert re.fullmatch(r"photo-factory/[0-9.]+ \(me@example\.org\)", agent)
    assert seen.headers.keys() == ["Host", "Accept-Encoding", "User-Agent"]


@pytest.mark.parametrize("precision", range(6))
def test_the_server_never_sees_more_decimals_than_are_set(
    make: Make, server: ProviderServer, precision: int
) -> None:
    make(online_precision=precision).find(-0.123456789, 179.987654321)
    (seen,) = server.seen
    for text, exact in zip(seen.point, (-0.123456789, 179.987654321), strict=True):
        assert float(text) == round(exact, precision)
        assert len(text.rstrip("0").partition(".")[2]) <= precision


def test_a_second_look_at_the_same_cell_sends_nothing(make: Make, server: ProviderServer) -> None:
    first = make().find(*ROME)
    second = make().find(ROME[0] + 0.0001, ROME[1] - 0.0001)
    assert isinstance(first, Answer)
    assert isinstance(second, Answer)
    assert second.levels == first.levels
    assert (first.is_cached, second.is_cached) == (False, True)
    assert len(server.seen) == 1


def test_nothing_there_is_an_answer_too_and_is_kept(make: Make, server: ProviderServer) -> None:
    server.behave = replying(NOTHING)
    for is_cached in (False, True):
        answer = make().find(30.0, -40.0)
        assert isinstance(answer, Answer)
        assert (answer.levels, answer.relation, answer.is_cached) == ((), "sea", is_cached)
    assert len(server.seen) == 1


def test_an_answer_is_asked_for_again_when_its_days_are_over_or_the_language_changes(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    make(online_cache_days=2).find(*ROME)
    let_time_pass(connection, 2 * 86_400 - 60)
    make(online_cache_days=2).find(*ROME)
    assert len(server.seen) == 1
    let_time_pass(connection, 120)
    make(online_cache_days=2).find(*ROME)
    assert len(server.seen) == 2
    let_time_pass(connection, 10)
    make(language="it").find(*ROME)
    assert [seen.values["accept-language"] for seen in server.seen] == ["en", "en", "it"]


def test_a_private_point_is_neither_sent_nor_looked_up(make: Make, server: ProviderServer) -> None:
    asked: list[tuple[float, float]] = []

    def is_private(latitude: float, longitude: float) -> bool:
        asked.append((latitude, longitude))
        return True

    assert make(is_private).find(*ROME) == Unavailable("it lies in a privacy zone")
    assert asked == [ROME]
    assert not server.seen


def test_a_point_that_would_be_rounded_into_a_privacy_zone_is_not_sent(
    make: Make, server: ProviderServer
) -> None:
    def is_private(latitude: float, longitude: float) -> bool:
        return (latitude, longitude) == (41.890, 12.492)

    assert isinstance(make(is_private).find(*ROME), Unavailable)
    assert not server.seen


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(91.0, 0.0), (-90.1, 0.0), (0.0, 180.5), (math.nan, 0.0), (0.0, math.nan), (math.inf, 0.0)],
)
def test_what_is_not_on_earth_is_not_sent(
    make: Make, server: ProviderServer, latitude: float, longitude: float
) -> None:
    assert isinstance(make().find(latitude, longitude), Unavailable)
    assert not server.seen


def test_a_provider_that_is_refused_by_its_settings_is_not_asked(
    connection: Connection,
) -> None:
    settings = online_settings("", online_contact="")
    geocoder = OnlineGeocoder(settings, "en", lambda: connection, lambda *_: False)
    answer = geocoder.find(*ROME)
    assert isinstance(answer, Unavailable)
    assert "PF_ONLINE_CONTACT" in answer.reason


def test_poles_and_the_date_line_can_be_asked_about(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    geocoder = make()
    for point in ((90.0, 0.0), (-90.0, 0.0), (0.0, 180.0), (0.0, -180.0)):
        let_time_pass(connection, 10)
        assert isinstance(geocoder.find(*point), Answer)
    assert len(server.seen) == 3, "180 degrees east and west are the same"


def test_the_next_request_has_to_wait_for_the_interval(make: Make, server: ProviderServer) -> None:
    geocoder = make(online_requests_per_second=0.5)
    assert isinstance(geocoder.find(1.0, 2.0), Answer)
    later = make(online_requests_per_second=0.5).find(3.0, 4.0)
    assert isinstance(later, Later)
    assert 1.5 < later.seconds <= 2
    assert not later.was_sent
    assert len(server.seen) == 1


def test_a_rest_that_the_provider_asks_for_binds_all_copies(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    server.behave = replying({}, 429, {"Retry-After": "120"})
    later = make().find(1.0, 2.0)
    assert isinstance(later, Later)
    assert later.was_sent
    assert 119 < later.seconds <= 120
    other = make().find(3.0, 4.0)
    assert isinstance(other, Later)
    assert not other.was_sent
    assert 118 < other.seconds <= 120
    assert "429" in other.reason
    assert len(server.seen) == 1
    let_time_pass(connection, 120)
    server.behave = replying(NOTHING)
    assert isinstance(make().find(3.0, 4.0), Answer)


def test_each_failure_in_a_row_means_a_longer_rest_and_an_answer_ends_it(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    server.behave = replying({}, 500)
    rests = []
    for latitude in range(9):
        later = make().find(float(latitude), 0.0)
        assert isinstance(later, Later)
        assert later.was_sent
        rests.append(round(later.seconds))
        let_time_pass(connection, later.seconds + 1)
    assert rests == [1, 2, 4, 8, 60, 120, 240, 480, 960]
    server.behave = replying(NOTHING)
    assert isinstance(make().find(50.0, 0.0), Answer)
    row = connection.execute(
        "SELECT failures, blocked_until, last_error FROM geocode_calls"
    ).fetchone()
    assert row == (0, None, None)


def test_an_open_circuit_lets_one_request_through_when_its_time_is_over(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    make().find(0.0, 0.0)
    connection.execute("UPDATE geocode_calls SET failures = 5")
    let_time_pass(connection, 10)
    server.behave = replying(b"<html>")
    assert isinstance(make().find(1.0, 0.0), Later)
    before = len(server.seen)
    for latitude in range(2, 6):
        later = make().find(float(latitude), 0.0)
        assert isinstance(later, Later)
        assert "left alone after a failure" in later.reason
    assert len(server.seen) == before


def test_cached_answers_are_given_while_the_circuit_is_open(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    make().find(*ROME)
    let_time_pass(connection, 10)
    server.behave = replying({}, 429, {"Retry-After": "3600"})
    assert isinstance(make().find(1.0, 2.0), Later)
    assert isinstance(make().find(*ROME), Answer)


def test_the_budget_of_a_day_is_one_for_all_copies(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    answers = [
        ask(make(online_daily_budget=3), connection, latitude) for latitude in (1, 2, 3, 4, 5)
    ]
    assert [isinstance(answer, Answer) for answer in answers] == [True] * 3 + [False] * 2
    spent = answers[-1]
    assert isinstance(spent, Later)
    assert "today's 3 requests are used up" in spent.reason
    assert 0 < spent.seconds <= 86_400
    assert len(server.seen) == 3


def test_the_next_day_has_a_budget_of_its_own(make: Make, connection: Connection) -> None:
    assert isinstance(ask(make(online_daily_budget=1), connection, 1), Answer)
    assert isinstance(ask(make(online_daily_budget=1), connection, 2), Later)
    connection.execute("UPDATE geocode_calls SET budget_day = budget_day - 1")
    assert isinstance(ask(make(online_daily_budget=1), connection, 2), Answer)
    assert isinstance(ask(make(online_daily_budget=1), connection, 3), Later)


def test_the_day_ends_at_midnight_in_utc_whatever_the_zone_of_the_session(
    make: Make, connection: Connection
) -> None:
    connection.execute("SET timezone = 'Pacific/Kiritimati'")
    assert isinstance(ask(make(online_daily_budget=1), connection, 1), Answer)
    spent = ask(make(online_daily_budget=1), connection, 2)
    assert isinstance(spent, Later)
    row = connection.execute(
        "SELECT budget_day = (now() AT TIME ZONE 'UTC')::date, extract(epoch FROM "
        "((now() AT TIME ZONE 'UTC')::date + 1)::timestamp AT TIME ZONE 'UTC' - now())::float8 "
        "FROM geocode_calls"
    ).fetchone()
    assert row is not None
    assert row[0]
    assert spent.seconds == pytest.approx(row[1], abs=5)


def test_failed_requests_count_towards_the_budget(
    make: Make, server: ProviderServer, connection: Connection
) -> None:
    server.behave = replying({}, 500)
    for latitude in (1, 2, 3):
        ask(make(online_daily_budget=2), connection, latitude)
    assert len(server.seen) == 2


def test_a_copy_that_dies_with_its_turn_blocks_the_others_only_for_a_while(
    make: Make, connection: Connection
) -> None:
    make().find(1.0, 1.0)
    connection.execute(
        "UPDATE geocode_calls SET next_at = clock_timestamp() + interval '4 seconds'"
    )  # as a claim leaves it
    assert isinstance(make().find(2.0, 2.0), Later)
    let_time_pass(connection, 5)
    assert isinstance(make().find(2.0, 2.0), Answer)


def test_one_that_comes_back_too_late_does_not_end_the_turn_of_another(
    connection: Connection,
) -> None:
    account = calls.Account("x", 1.0, 5.0, 10)
    late = calls.claim(connection, account)
    assert isinstance(late, calls.Turn)
    let_time_pass(connection, 6)
    current = calls.claim(connection, account)
    assert isinstance(current, calls.Turn)
    calls.fail(connection, account, late, "late", 1000)
    with connection.cursor() as cursor:
        calls.succeed(cursor, account, late)
    row = connection.execute(
        "SELECT next_at, failures FROM geocode_calls WHERE provider = 'x'"
    ).fetchone()
    assert row == (current.held_until, 0)
    assert current.held_until - late.held_until < timedelta(seconds=6)


def test_two_hosts_have_two_accounts(make: Make, connection: Connection) -> None:
    make().find(*ROME)
    with provider_server() as other:
        settings = online_settings(other.url)
        OnlineGeocoder(settings, "en", lambda: connection, lambda *_: False).find(*ROME)
        assert len(other.seen) == 1
    row = connection.execute("SELECT count(*) FROM geocode_calls").fetchone()
    assert row == (2,)


@given(st.floats(-90, 90), st.floats(-180, 180), st.integers(0, 5), st.integers(1, 3))
def test_a_cell_is_rounded_on_earth_and_named_in_one_way(
    latitude: float, longitude: float, precision: int, times: int
) -> None:
    cell = cell_of(latitude, longitude, precision)
    assert abs(cell.latitude - latitude) <= 0.5 * 10**-precision + 1e-9
    assert abs(abs(cell.longitude) - abs(longitude)) <= 0.5 * 10**-precision + 1e-9
    assert -90 <= cell.latitude <= 90
    assert -180 < cell.longitude <= 180
    assert not any(float(text) == 0 and text.startswith("-") for text in cell.text.split(","))
    for _ in range(times):
        assert cell_of(cell.latitude, cell.longitude, precision) == cell
