"""Settings, zones and requests for tests of what is asked online."""

import json
from collections.abc import Sequence

from asset_rows import insert_assets
from geocoder.online import OnlineSettings
from photo_factory.database import Connection

LANGUAGE = "en"


def online_settings(url: str, **changes: object) -> OnlineSettings:
    """A Nominatim of one's own that is asked quickly."""
    values: dict[str, object] = {
        "online_provider": "nominatim",
        "online_url": url,
        "online_contact": "me@example.org",
        "online_requests_per_second": 50,
        "online_timeout_seconds": 2,
        **changes,
    }
    return OnlineSettings.model_validate(values)


def insert_located(connection: Connection, points: Sequence[tuple[float, float]]) -> list[int]:
    """Assets at these points, as the offline stage leaves them; returns their ids."""
    ids = insert_assets(connection, [f"{number}.jpg" for number, _ in enumerate(points)])
    for asset_id, point in zip(ids, points, strict=True):
        move(connection, asset_id, point)
    connection.execute("UPDATE media_assets SET is_geocoded = true, geocoded_by = 'offline'")
    connection.execute("DELETE FROM stage_work WHERE stage = 'geocoder'")
    return ids


def move(connection: Connection, asset_id: int, point: tuple[float, float]) -> None:
    """Give an asset other coordinates."""
    location = {"latitude": point[0], "longitude": point[1], "altitude": None, "source": "gps"}
    connection.execute(
        "UPDATE media_assets SET location = %s::jsonb WHERE id = %s",
        (json.dumps(location), asset_id),
    )


def add_zone(connection: Connection, point: tuple[float, float], radius_m: float) -> None:
    """A privacy zone called home."""
    connection.execute(
        "INSERT INTO privacy_zones (name, latitude, longitude, radius_m, author) "
        "VALUES ('home', %s, %s, %s, 'test')",
        (*point, radius_m),
    )
