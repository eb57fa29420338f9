"""What a heartbeat of a certain age is worth, and which instances are shown."""

import pytest
from photo_factory.overview import SERVICES, ServiceState, State, judge, present_services

pytestmark = pytest.mark.unit

DAY = 86_400.0


@pytest.mark.parametrize(
    ("said", "age", "worth"),
    [
        ("healthy", 0, "healthy"),
        ("healthy", 120, "healthy"),
        ("healthy", 120.1, "stale"),
        ("healthy", 300, "stale"),
        ("healthy", 300.1, "down"),
        ("degraded", 10, "degraded"),
        ("degraded", 301, "down"),
        ("paused", 10, "paused"),
        ("paused", 121, "stale"),
        ("not_configured", 10, "not_configured"),
        ("not_configured", 9999, "down"),
        ("stopped", 10, "stopped"),
        ("stopped", 9999, "stopped"),
        ("a word from a later version", 10, "degraded"),
    ],
)
def test_a_heartbeat_is_judged_by_its_age_unless_the_service_said_goodbye(
    said: str, age: float, worth: State
) -> None:
    assert judge(said, age, interval_seconds=60) == worth


def state(
    status: State, age_seconds: float, instance: str = "one", service: str = "librarian"
) -> ServiceState:
    return ServiceState(
        service=service,
        instance=instance,
        kind="service",
        status=status,
        message="",
        version="1",
        age_seconds=age_seconds,
        interval_seconds=60,
        last_work_age_seconds=None,
        items_in_hand=0,
        memory_bytes=None,
    )


def shown(*seen: ServiceState) -> list[tuple[str, str]]:
    """Instance and status of the librarians that are shown."""
    return [
        (found.instance, found.status)
        for found in present_services(seen)
        if found.service == "librarian"
    ]


def test_every_service_is_shown_in_order_and_as_never_seen_where_it_never_was() -> None:
    found = present_services([])
    assert [one.service for one in found] == list(SERVICES)
    assert {one.status for one in found} == {"never_seen"}
    assert {one.age_seconds for one in found} == {None}


def test_all_living_instances_of_a_service_are_shown() -> None:
    found = shown(state("healthy", 1, "a"), state("degraded", 2, "b"))
    assert found == [("a", "healthy"), ("b", "degraded")]


def test_an_instance_that_stopped_is_left_out_while_another_lives() -> None:
    assert shown(state("stopped", 5, "old"), state("healthy", 1, "new")) == [("new", "healthy")]


def test_an_instance_down_for_a_day_is_left_out_while_another_lives() -> None:
    replaced, new = state("down", DAY + 1, "old"), state("healthy", 1, "new")
    assert shown(replaced, new) == [("new", "healthy")]


def test_an_instance_down_for_an_hour_is_shown_although_another_lives() -> None:
    found = shown(state("down", 3600, "old"), state("healthy", 1, "new"))
    assert found == [("old", "down"), ("new", "healthy")]


def test_the_last_instance_is_shown_however_long_ago_it_went() -> None:
    found = shown(state("down", 9 * DAY, "older"), state("stopped", 3 * DAY, "younger"))
    assert found == [("younger", "stopped")]


def test_an_unknown_service_is_shown_after_the_known_ones() -> None:
    found = present_services([state("healthy", 1, service="recogniser")])
    assert found[-1].service == "recogniser"
