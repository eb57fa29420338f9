"""How much of the queue's own rate is left when the geocoder works for it.

Run as `python bench/geocode_stage.py --rows 10000 100000`. Each size gets a fresh database of a
PostgreSQL that waits for the disk at each commit. `alone` claims and completes without any result;
`geocoder` is the service's whole loop with its child process. One after the other, in rounds.
"""

import argparse
import os
import random
import select
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import structlog
from cli.local.postgres import EmbeddedPostgres
from cli.migrations import migrate
from geocoder.settings import GeocoderSettings
from geocoder.stage import STAGE
from photo_factory.database import Connection, Cursor, connect
from photo_factory.log import configure
from photo_factory.pulse import Pulse
from photo_factory.queue import StageQueue
from photo_factory.settings import Settings
from photo_factory.stage import Stage
from photo_factory.worker import StageLoop
from table import machine

CITIES = (
    *((41.9, 12.5), (52.5, 13.4), (48.9, 2.35), (40.7, -74.0), (35.7, 139.7), (-33.9, 151.2)),
    *((51.5, -0.1), (37.8, -122.4), (19.4, -99.1), (-23.5, -46.6), (55.7, 37.6), (1.3, 103.8)),
)
SPREAD_DEGREES = 0.08
INSERT = """
INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, size_bytes,
    captured_local, captured_source, location, metadata, is_thumbnailed)
SELECT sha256(n::text::bytea), '2024/' || n, n || '.jpg', 'bench', 'photo', 'image/jpeg', 1000,
    '2024-05-17 10:00', 'bench', jsonb_build_object('latitude', latitude, 'longitude', longitude,
    'altitude', null, 'source', 'gps'), %s::jsonb, true
FROM unnest(%s::int[], %s::float8[], %s::float8[]) AS point (n, latitude, longitude)
"""
TAGS = '{"IFD0:Make": "Apple", "IFD0:Model": "iPhone 15", "ExifIFD:ISO": 50}'
AGAIN = "UPDATE media_assets SET is_geocoded = false, place_id = NULL WHERE is_geocoded"
FEED = "INSERT INTO stage_work (stage, asset_id) SELECT stage, asset_id FROM stage_candidates"
LEFT = """
SELECT count(*) FROM stage_work WHERE stage = 'geocoder' AND state IN ('ready', 'leased')
"""


def fill(connection: Connection, rows: int) -> None:
    """Assets with coordinates around some cities, described and thumbnailed."""
    draw = random.Random(5)  # noqa: S311 - a benchmark
    for start in range(0, rows, 10_000):
        numbers = list(range(start, min(rows, start + 10_000)))
        centres = [draw.choice(CITIES) for _ in numbers]
        latitudes = [centre[0] + draw.gauss(0, SPREAD_DEGREES) for centre in centres]
        longitudes = [centre[1] + draw.gauss(0, SPREAD_DEGREES) for centre in centres]
        connection.execute(INSERT, (TAGS, numbers, latitudes, longitudes))


def feed(connection: Connection) -> None:
    """All assets into the line, on tables as they are after maintenance."""
    connection.execute("SET statement_timeout = 0")
    connection.execute(AGAIN)
    connection.execute("VACUUM ANALYZE media_assets")
    connection.execute(FEED)
    connection.execute("VACUUM ANALYZE stage_work")
    connection.execute("CHECKPOINT")


def nothing(cursor: Cursor, results: object) -> None:
    """Record no result."""


def alone(connection: Connection, rows: int) -> float:
    """Rows per second of claim and complete with nothing between them."""
    plain: Stage[None] = Stage(
        name=STAGE.name,
        flag=STAGE.flag,
        process=STAGE.process,  # type: ignore[arg-type] # never called
        record=nothing,
    )
    work = StageQueue(plain, uuid4())
    feed(connection)
    started = time.perf_counter()
    while claims := work.claim(connection, STAGE.chunk_size):
        with connection.transaction(), connection.cursor() as cursor:
            work.hold(cursor, claims)
            work.complete(cursor, [(claim.asset.id, None) for claim in claims])
    return rows / (time.perf_counter() - started)


def geocoder(connection: Connection, rows: int, settings: GeocoderSettings) -> float:
    """Rows per second of the service's loop, from its first completion to its last."""
    pulse = Pulse()
    loop = StageLoop(STAGE, settings, pulse)
    feed(connection)
    began, started, first = time.perf_counter(), 0.0, 0
    try:
        while True:
            delay = loop.turn(connection)
            left = _left(connection)
            if started == 0.0 and left < rows:
                started, first = time.perf_counter(), rows - left
            if left == 0:
                break
            select.select([pulse], [], [], delay)  # as the service waits
            pulse.drain()
        ended = time.perf_counter()
        print(f"{'':>14} the child process had loaded its data after {started - began:.1f} s")
        return (rows - first) / (ended - started)
    finally:
        loop.close(connection)


def _left(connection: Connection) -> int:
    row = connection.execute(LEFT).fetchone()
    return 0 if row is None else int(row[0])


def measure(server: EmbeddedPostgres, rows: int, rounds: int, folder: Path) -> None:
    """A line of the table for each round."""
    with connect(server.address("postgres"), "bench") as administrator:
        administrator.execute(f"CREATE DATABASE bench_{rows}")
    address = server.address(f"bench_{rows}")
    migrate(address)
    settings = GeocoderSettings(data_dir=folder, database_url=address)
    with connect(address, "bench") as connection:
        connection.execute("SET statement_timeout = 0")
        fill(connection, rows)
        for _ in range(rounds):
            base = alone(connection, rows)
            ours = geocoder(connection, rows, settings)
            print(
                f"{rows:>9,} rows  alone {base:>8,.0f}/s  geocoder {ours:>8,.0f}/s"
                f"  ratio {ours / base:.2f}",
                flush=True,
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    configure(Settings(log_format="json"), STAGE.name)
    sink = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - till the end
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(sink))
    print(machine())
    with tempfile.TemporaryDirectory(prefix="pf-bench-") as name:
        folder = Path(name)
        with EmbeddedPostgres(folder / "postgres", folder / "log") as server:
            for rows in options.rows:
                measure(server, rows, options.rounds, folder)


if __name__ == "__main__":
    main()
