"""Silence and return of a service are told once each."""

import pytest
from photo_factory.overview import ServiceState, State
from service_monitor.watch import Watch

pytestmark = pytest.mark.unit


def state(status: State, service: str = "librarian", instance: str = "one") -> ServiceState:
    return ServiceState(
        service=service,
        instance=instance,
        kind="service",
        status=status,
        message="",
        version="1",
        age_seconds=400,
        interval_seconds=60,
        last_work_age_seconds=None,
        items_in_hand=0,
        memory_bytes=None,
    )


def told(watch: Watch, *states: ServiceState) -> list[str]:
    return [notice.event for notice in watch.observe(states)]


def test_each_step_into_silence_and_the_return_are_told_once() -> None:
    watch = Watch()
    story: list[tuple[State, list[str]]] = [
        ("healthy", []),
        ("stale", ["service fell silent"]),
        ("stale", []),
        ("down", ["service is down"]),
        ("down", []),
        ("degraded", ["service is back"]),
        ("healthy", []),
    ]
    for status, expected in story:
        assert told(watch, state(status)) == expected


def test_a_service_that_stops_on_purpose_is_no_trouble() -> None:
    watch = Watch()
    assert told(watch, state("stopped")) == []
    assert watch.down == ()


def test_a_silent_service_that_then_says_goodbye_has_stopped() -> None:
    watch = Watch()
    told(watch, state("stale"))
    assert told(watch, state("stopped")) == ["service stopped"]


def test_services_that_are_down_are_named_once_each() -> None:
    watch = Watch()
    down = (state("down"), state("down", instance="two"), state("down", "backup"))
    told(watch, *down, state("never_seen", "geocoder", ""))
    assert watch.down == ("backup", "librarian")


def test_the_monitor_does_not_watch_itself() -> None:
    watch = Watch()
    assert told(watch, state("down", "service-monitor")) == []
    assert watch.down == ()


def test_an_instance_that_is_no_longer_listed_is_forgotten() -> None:
    watch = Watch()
    told(watch, state("down"))
    assert told(watch) == []
    assert told(watch, state("down")) == ["service is down"]
