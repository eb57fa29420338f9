"""Assets with real thumbnails, failures and heartbeats, for tests of what shows them."""

import math
import random
from datetime import UTC, datetime
from pathlib import Path

from asset_rows import insert_assets
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, State, Status
from PIL import Image, ImageDraw

DERIVATIVE = """
INSERT INTO derivatives (asset_id, kind, path, mime_type, width, height, size_bytes, engine,
    version)
VALUES (%s, %s, %s, 'image/webp', %s, %s, %s, 'pillow', 1)
"""
FAILED_FILE = """
INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, state,
    next_try_at, error_code, error_message)
VALUES ('inbox', %s, %s, 1, 1, 0, 0, 'failed', now(), %s, %s)
"""
SIZES = {"thumb": (320, 240), "preview": (960, 720)}


def insert_pictured(connection: Connection, root: Path, names: list[str]) -> list[int]:
    """Assets whose thumbnail and preview are made and stand below the derivatives root."""
    ids = insert_assets(connection, names)
    for asset_id in ids:
        for kind, size in SIZES.items():
            target = f"{kind}/{asset_id % 256:02x}/{asset_id:064x}.webp"
            path = root / target
            path.parent.mkdir(parents=True, exist_ok=True)
            landscape(asset_id, size).save(path, "WEBP", quality=80)
            connection.execute(DERIVATIVE, (asset_id, kind, target, *size, path.stat().st_size))
    finished = (ids,)
    connection.execute(
        "UPDATE media_assets SET is_thumbnailed = true WHERE id = ANY (%s)", finished
    )
    connection.execute("DELETE FROM stage_work WHERE asset_id = ANY (%s)", finished)
    return ids


def fail_thumbnail(connection: Connection, asset_id: int, code: str, message: str) -> None:
    """Leave the asset's thumbnail as the thumbnailer leaves it when it gives up."""
    connection.execute(
        "UPDATE stage_work SET state = 'dead', error_code = %s, error_message = %s, "
        "failed_at = now() WHERE asset_id = %s AND stage = 'thumbnailer'",
        (code, message, asset_id),
    )


def fail_inbox_file(connection: Connection, path: str, code: str, message: str) -> None:
    """A file in the inbox that could not be taken in."""
    connection.execute(FAILED_FILE, (path.encode(), path, code, message))


def beat(connection: Connection, service: str, state: State = "healthy", message: str = "") -> None:
    """A heartbeat of a service at this moment."""
    Heartbeat(service, "test", 60).beat(
        connection, Status(state, message, last_work_at=datetime.now(UTC))
    )


def landscape(seed: int, size: tuple[int, int]) -> Image.Image:
    """A made-up picture with hills under a sun; the same for the same seed."""
    draw_from = random.Random(seed)  # noqa: S311 - a picture, no secret
    width, height = size
    sky, ground = ([draw_from.randint(30, 240) for _ in range(3)] for _ in range(2))
    image = Image.new("RGB", size, (sky[0], sky[1], sky[2]))
    draw = ImageDraw.Draw(image)
    x, y, radius = draw_from.randint(0, width), draw_from.randint(0, height // 2), width // 12
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(255, 244, 214))
    for layer in range(3):
        shade = tuple(int(part * (0.8 - 0.22 * layer)) for part in ground)
        phase = draw_from.random() * 9
        line = [
            (at, height * (0.5 + 0.15 * layer + 0.07 * math.sin(at / width * 7 + phase)))
            for at in range(0, width + 8, 8)
        ]
        draw.polygon([(0, height), *line, (width, height)], fill=shade)
    return image
