"""From a person's request to a better name, on a real PostgreSQL and a real HTTP server."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from typing import LiteralString
from uuid import UUID, uuid4

import pytest
from geocoder.online import OnlineSettings
from geocoder.online.requests import claim
from geocoder.refining import GeocoderLoop, Refining
from online_requests import add_zone, insert_located, online_settings
from photo_factory.database import Connection, connect
from photo_factory.heartbeat import Status
from photo_factory.pulse import Pulse
from provider_server import (
    NOTHING,
    TRASTEVERE,
    ProviderServer,
    provider_server,
    reply,
    replying,
)

pytestmark = pytest.mark.integration

ROME = (41.890251, 12.492373)
PARIS = (48.8566, 2.3522)


@pytest.fixture
def server() -> Iterator[ProviderServer]:
    with provider_server() as running:
        yield running


@pytest.fixture
def chosen(server: ProviderServer) -> OnlineSettings:
    return online_settings(server.url)


def request(connection: Connection, asset_ids: list[int], provider: str = "nominatim") -> None:
    connection.execute(
        "INSERT INTO geocode_requests (asset_id, provider, author) "
        "SELECT unnest(%s::bigint[]), %s, 'me'",
        (asset_ids, provider),
    )


def let_time_pass(connection: Connection) -> None:
    connection.execute("UPDATE geocode_calls SET next_at = now(), blocked_until = NULL")
    connection.execute("UPDATE geocode_requests SET run_at = now() WHERE owner IS NULL")


def work(connection: Connection, settings: OnlineSettings, turns: int = 10) -> None:
    """Turns of copies that begin anew each time, so that nothing is known but what is stored."""
    for _ in range(turns):
        Refining(settings, "en").turn(connection)
        let_time_pass(connection)


def named(connection: Connection, asset_id: int) -> object:
    return connection.execute(
        "SELECT p.name, p.region, p.country, p.country_code, a.geocoded_by, a.place_relation "
        "FROM media_assets a LEFT JOIN places p ON p.id = a.place_id WHERE a.id = %s",
        (asset_id,),
    ).fetchone()


def waiting(connection: Connection) -> int:
    row = connection.execute("SELECT count(*) FROM geocode_requests").fetchone()
    assert row is not None
    return int(row[0])


def test_an_asset_that_a_person_chose_gets_the_providers_names(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    first, second = insert_located(connection, [ROME, PARIS])
    request(connection, [first])
    work(connection, chosen)
    assert named(connection, first) == ("Trastevere", "Rome", "Italy", "IT", "nominatim", "in")
    assert named(connection, second) == (None, None, None, None, "offline", None)
    assert waiting(connection) == 0
    assert len(server.seen) == 1
    levels = connection.execute(
        "SELECT level, name, code, source FROM places ORDER BY id"
    ).fetchall()
    assert levels == [
        ("country", "Italy", "IT", "nominatim"),
        ("region", "Lazio", "IT-62", "nominatim"),
        ("county", "Roma Capitale", None, "nominatim"),
        ("city", "Rome", None, "nominatim"),
        ("suburb", "Trastevere", None, "nominatim"),
    ]


def test_nothing_is_sent_for_assets_that_nobody_chose(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    insert_located(connection, [ROME, PARIS])
    work(connection, chosen, turns=3)
    assert not server.seen


def test_assets_of_one_cell_cost_one_request(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    ids = insert_located(connection, [(ROME[0] + n / 1e6, ROME[1]) for n in range(30)])
    request(connection, ids)
    work(connection, chosen, turns=4)
    assert waiting(connection) == 0
    assert len(server.seen) == 1
    assert {named(connection, asset_id) for asset_id in ids} == {
        ("Trastevere", "Rome", "Italy", "IT", "nominatim", "in")
    }


def test_a_privacy_zone_is_never_sent_and_what_nears_it_is_not_rounded_into_it(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    add_zone(connection, (41.890, 12.492), 25)
    ids = insert_located(connection, [(41.8901, 12.4921), (41.89030, 12.49230), PARIS])
    request(connection, ids)
    work(connection, chosen)
    assert waiting(connection) == 0
    assert [tuple(map(float, seen.point)) for seen in server.seen] == [(48.857, 2.352)]


def test_a_place_that_a_person_gave_is_not_asked_about(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    ids = insert_located(connection, [ROME])
    connection.execute("UPDATE media_assets SET geocoded_by = 'user'")
    request(connection, ids)
    work(connection, chosen)
    assert waiting(connection) == 0
    assert not server.seen


def test_what_the_provider_knows_nothing_of_keeps_its_name(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    server.behave = replying(NOTHING)
    (asset_id,) = insert_located(connection, [ROME])
    request(connection, [asset_id])
    work(connection, chosen)
    assert named(connection, asset_id) == (None, None, None, None, "offline", None)
    assert waiting(connection) == 0


def test_a_provider_in_trouble_leaves_the_name_and_is_asked_again_later(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    server.behave = replying({}, 503)
    (asset_id,) = insert_located(connection, [ROME])
    request(connection, [asset_id])
    refining = Refining(chosen, "en")
    refining.turn(connection)
    assert refining.trouble == "nominatim: it answers with the error 503"
    assert named(connection, asset_id) == (None, None, None, None, "offline", None)
    row = connection.execute(
        "SELECT failures, last_error, owner, run_at - now() FROM geocode_requests"
    ).fetchone()
    assert row is not None
    assert row[:3] == (1, "nominatim: it answers with the error 503", None)
    assert 50 < row[3].total_seconds() <= 60
    server.behave = replying(TRASTEVERE)
    let_time_pass(connection)
    work(connection, chosen)
    assert named(connection, asset_id) == ("Trastevere", "Rome", "Italy", "IT", "nominatim", "in")


def test_each_failure_puts_a_request_off_for_longer_until_a_day(
    connection: Connection,
) -> None:
    ids = insert_located(connection, [ROME])
    request(connection, ids)
    delays = []
    for _ in range(14):
        connection.execute("UPDATE geocode_requests SET run_at = now()")
        held = claim(connection, "nominatim", 60)
        assert held is not None
        held.retry(connection, "no")
        row = connection.execute(
            "SELECT extract(epoch FROM run_at - now())::float8 FROM geocode_requests"
        ).fetchone()
        assert row is not None
        delays.append(round(row[0]))
    assert delays[:4] == [60, 120, 240, 480]
    assert delays[-1] == 86_400


def test_requests_for_another_provider_wait_and_go_to_nobody_else(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    ids = insert_located(connection, [ROME])
    request(connection, ids, "google")
    work(connection, chosen, turns=3)
    assert waiting(connection) == 1
    assert not server.seen


def test_without_a_provider_or_a_contact_requests_wait_and_the_heartbeat_says_why(
    connection: Connection,
) -> None:
    ids = insert_located(connection, [ROME])
    request(connection, ids)
    silent = Refining(online_settings("", online_provider="off"), "en")
    silent.turn(connection)
    assert silent.trouble == ""
    unknown = Refining(online_settings("", online_contact=""), "en")
    unknown.turn(connection)
    assert "PF_ONLINE_CONTACT" in unknown.trouble
    row = connection.execute("SELECT failures, owner FROM geocode_requests").fetchone()
    assert row == (0, None)


def test_an_asset_that_is_not_named_offline_yet_waits_for_that(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    (asset_id,) = insert_located(connection, [ROME])
    connection.execute("UPDATE media_assets SET is_geocoded = false")
    request(connection, [asset_id])
    work(connection, chosen, turns=3)
    assert not server.seen
    connection.execute("UPDATE media_assets SET is_geocoded = true")
    work(connection, chosen)
    assert waiting(connection) == 0


@pytest.mark.parametrize(
    ("change", "values"),
    [
        ("UPDATE media_assets SET location = jsonb_set(location, '{latitude}', '48.8')", ()),
        ("UPDATE media_assets SET geocoded_by = 'user'", ()),
        ("UPDATE media_assets SET is_geocoded = false", ()),
        ("DELETE FROM geocode_requests", ()),
        ("UPDATE geocode_requests SET owner = %s", (uuid4(),)),
    ],
    ids=["moved", "corrected", "to be done again", "withdrawn", "claimed by another"],
)
def test_an_answer_that_comes_too_late_is_not_recorded(
    connection: Connection, database_url: str, change: LiteralString, values: tuple[UUID, ...]
) -> None:
    request(connection, insert_located(connection, [ROME]))
    with connect(database_url, "other") as other, provider_server() as server:

        def behave(handler: BaseHTTPRequestHandler) -> None:
            other.execute(change, values)
            reply(handler, TRASTEVERE)

        server.behave = behave
        Refining(online_settings(server.url), "en").turn(connection)
        assert len(server.seen) == 1
    row = connection.execute("SELECT place_id FROM media_assets").fetchone()
    assert row == (None,)


def test_a_request_whose_holder_died_is_taken_over(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    (asset_id,) = insert_located(connection, [ROME])
    request(connection, [asset_id])
    assert claim(connection, "nominatim", 60) is not None
    assert claim(connection, "nominatim", 60) is None
    connection.execute("UPDATE geocode_requests SET run_at = now()")
    work(connection, chosen)
    assert waiting(connection) == 0
    assert len(server.seen) == 1


def test_a_request_that_has_to_wait_for_its_turn_keeps_its_place(
    connection: Connection, server: ProviderServer
) -> None:
    slow = online_settings(server.url, online_requests_per_second=0.1)
    ids = insert_located(connection, [ROME, PARIS])
    request(connection, ids)
    before = connection.execute("SELECT max(run_at) FROM geocode_requests").fetchone()
    Refining(slow, "en").turn(connection)
    delay = Refining(slow, "en").turn(connection)
    assert 9 < delay <= 10
    row = connection.execute("SELECT run_at, owner, failures FROM geocode_requests").fetchone()
    assert before is not None
    assert row == (before[0], None, 0)
    assert len(server.seen) == 1


class Stage:
    """Stands for the stage's loop: says what it has in hand."""

    def __init__(self, items: int) -> None:
        self.items = items

    def turn(self, connection: Connection) -> float:  # noqa: ARG002 - the form of a loop
        return 7.0

    def status(self) -> Status:
        return Status("healthy", items_in_hand=self.items)

    def close(self, connection: Connection | None) -> None:
        """Nothing to do."""


@pytest.mark.parametrize(
    ("items", "is_paused", "requests"), [(0, False, 1), (1, False, 0), (0, True, 0)]
)
def test_the_provider_is_asked_only_when_the_stage_has_nothing_in_hand_and_may_work(
    connection: Connection, items: int, *, is_paused: bool, requests: int
) -> None:
    request(connection, insert_located(connection, [ROME]))
    pulse = Pulse()
    pulse.is_paused = is_paused
    with provider_server() as server:
        refining = Refining(online_settings(server.url), "en")
        loop = GeocoderLoop(Stage(items), refining, pulse)
        assert 0 <= loop.turn(connection) <= 7
        assert len(server.seen) == requests


def test_the_heartbeat_tells_of_the_providers_trouble_and_stays_healthy(
    connection: Connection, chosen: OnlineSettings, server: ProviderServer
) -> None:
    server.behave = replying({}, 403)
    request(connection, insert_located(connection, [ROME]))
    loop = GeocoderLoop(Stage(0), Refining(chosen, "en"), Pulse())
    loop.turn(connection)
    status = loop.status()
    assert status.state == "healthy"
    assert "refuses to answer us (403)" in str(status.details["online"])
