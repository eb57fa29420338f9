"""One copy of the geocoder at work, for tests that start several: children import it by name."""

import time

from geocoder.online import Answer, Later, OnlineGeocoder
from online_requests import online_settings
from photo_factory.database import connect

Outcome = tuple[str, float]


def hammer(
    database_url: str, url: str, copy: int, seconds: float, changes: dict[str, object]
) -> list[Outcome]:
    """One copy that asks about ever new points, and never waits as long as it was told to.

    It ends after so many seconds, or when the day's budget is used up.
    """
    outcomes: list[Outcome] = []
    with connect(database_url, f"copy {copy}") as connection:
        geocoder = OnlineGeocoder(
            online_settings(url, **changes), "en", lambda: connection, lambda *_: False
        )
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            outcome = geocoder.find(copy * 10 + number / 1000, 1.0)
            outcomes.append((type(outcome).__name__, getattr(outcome, "seconds", 0.0)))
            if isinstance(outcome, Answer):
                number += 1
            if isinstance(outcome, Later):
                if "used up" in outcome.reason:
                    break
                time.sleep(min(0.002, outcome.seconds))
    return outcomes
