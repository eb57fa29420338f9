"""How fast points get their places, beside reverse_geocoder and a query per row in PostgreSQL.

Run as `python bench/geocode.py --peers FOLDER`. Every contestant runs in a process of its own, in
turn, on the same points, on one core. Rates are of processor time in that process, except for
PostgreSQL's, which is of wall time: its work is in another process. The look-up per row has the
form that Immich uses: towns of cities500, a GiST index over earthdistance, a box of 25 km.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from cli.local.postgres import EmbeddedPostgres
from geocoder.gazetteer.atlas import LEAST_PEOPLE, PEOPLE_PER_KM2, Atlas, Floats
from photo_factory.database import Connection, connect
from table import Rounds, machine

OURS = """
import json, resource, sys, time
resident = lambda: int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6
bare, wall, used = resident(), time.perf_counter(), time.process_time()
from geocoder.gazetteer import find_many
find_many([(41.9, 12.5)])
start = [time.perf_counter() - wall, time.process_time() - used, resident() - bare]
rates, peak = {}, 0.0
for name in sys.argv[2:]:
    points = list(zip(*(part.tolist() for part in __import__("numpy").load(sys.argv[1])[name])))
    size, before = (len(points) if name.endswith("all") else 256), resident()
    used = time.process_time()
    for first in range(0, len(points), size):
        find_many(points[first : first + size])
    rates[name] = len(points) / (time.process_time() - used)
    if size == 256:
        peak = max(peak, resident() - before)
print(json.dumps([start, rates, peak]))
"""
NEAREST = """
import contextlib, io, json, resource, sys, time
resident = lambda: int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 1e6
bare, wall, used = resident(), time.perf_counter(), time.process_time()
import reverse_geocoder
with contextlib.redirect_stdout(io.StringIO()):
    reverse_geocoder.search([(41.9, 12.5)], mode=1)
start = [time.perf_counter() - wall, time.process_time() - used, resident() - bare]
rates = {}
for name in sys.argv[2:]:
    points = list(zip(*(part.tolist() for part in __import__("numpy").load(sys.argv[1])[name])))
    size = len(points) if name.endswith("all") else 256
    used = time.process_time()
    for first in range(0, len(points), size):
        reverse_geocoder.search(points[first : first + size], mode=1)
    rates[name] = len(points) / (time.process_time() - used)
print(json.dumps([start, rates, 0.0]))
"""
TABLE = """
CREATE EXTENSION cube;
CREATE EXTENSION earthdistance;
CREATE TABLE towns (id int PRIMARY KEY, latitude float8 NOT NULL, longitude float8 NOT NULL)
"""
INDEX = "CREATE INDEX ON towns USING gist (ll_to_earth(latitude, longitude))"
PER_ROW = """
SELECT id FROM towns
WHERE earth_box(ll_to_earth(%(lat)s, %(lon)s), 25000) @> ll_to_earth(latitude, longitude)
ORDER BY earth_distance(ll_to_earth(%(lat)s, %(lon)s), ll_to_earth(latitude, longitude))
LIMIT 1
"""
SQL_POINTS = 2_000
LIBRARY_TOWNS = 400
"""Where the photos of one household were taken."""
KM_PER_DEGREE = 111.195
LIBRARY, WORLD, LAND = "a household's library", "towns of the whole world", "anywhere"


def main() -> None:
    """Print the tables."""
    options = _options()
    print(machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        points = _points(options.points)
        np.savez(folder / "points.npz", **points)  # type: ignore[arg-type]  # numpy's own flag
        with (
            EmbeddedPostgres(folder / "postgres", folder / "log") as server,
            connect(server.address("postgres"), "bench") as connection,
        ):
            _fill(connection)
            _run(options, folder, points, connection)


def _run(
    options: argparse.Namespace, folder: Path, points: dict[str, Floats], connection: Connection
) -> None:
    sets = list(points)
    tables = {name: Rounds("geocoder") for name in sets}
    starts: list[tuple[str, list[float], float]] = []
    contestants = {"geocoder": (sys.executable, OURS)}
    if options.peers:
        contestants["reverse_geocoder"] = (str(options.peers / "bin/python"), NEAREST)
    for _ in range(options.rounds):
        for name, (python, program) in contestants.items():
            start, rates, grown = _child(python, program, folder / "points.npz", sets)
            starts.append((name, start, grown))
            for title, rate in rates.items():
                tables[title].add(name, rate)
        for title in sets:
            tables[title].add("a query per row", _per_row(connection, points[title]))
    for title, table in tables.items():
        print(f"\n### {title}\n", *table.lines("points/s"), sep="\n")
    print("\n| start | wall s | processor s | memory MB | more at work MB |")
    print("|---|---:|---:|---:|---:|")
    for name, (wall, used, memory), grown in starts:
        print(f"| {name} | {wall:.2f} | {used:.2f} | {memory:.0f} | {grown:.0f} |")


def _child(
    python: str, program: str, points: Path, sets: list[str]
) -> tuple[list[float], dict[str, float], float]:
    command = [python, "-c", program, str(points), *sets]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    answer: Any = json.loads(done.stdout)
    return answer[0], answer[1], answer[2]


def _points(count: int) -> dict[str, Floats]:
    """Latitudes and longitudes by the name of the set."""
    atlas, chance = Atlas(), np.random.default_rng(5)
    towns = np.column_stack(atlas.degrees(np.arange(len(atlas.radii))))
    people = np.maximum(atlas.radii**2 * np.pi * PEOPLE_PER_KM2, LEAST_PEOPLE).astype(np.float64)
    share = people / people.sum()
    visited = chance.choice(len(towns), LIBRARY_TOWNS, p=share)
    often = chance.zipf(1.5, LIBRARY_TOWNS).clip(max=1000).astype(np.float64)
    sets = {
        LIBRARY: towns[chance.choice(visited, count, p=often / often.sum())],
        WORLD: towns[chance.choice(len(towns), count, p=share)],
    }
    for name, centres in sets.items():
        sets[name] = centres + _noise(centres, 3.0 if name == LIBRARY else 8.0, chance)
    sine = chance.uniform(-1, 1, count)
    sets[LAND] = np.column_stack((np.degrees(np.arcsin(sine)), chance.uniform(-180, 180, count)))
    sets[f"{WORLD}, all"] = sets[WORLD]
    return {name: _on_earth(points).T for name, points in sets.items()}


def _noise(centres: Floats, kilometres: float, chance: np.random.Generator) -> Floats:
    steps: Floats = chance.normal(0, kilometres / KM_PER_DEGREE, centres.shape)
    steps[:, 1] /= np.maximum(np.cos(np.radians(centres[:, 0])), 0.1)
    return steps


def _on_earth(points: Floats) -> Floats:
    latitude = points[:, 0].clip(-90, 90)
    return np.column_stack((latitude, (points[:, 1] + 180) % 360 - 180))


def _fill(connection: Connection) -> None:
    atlas = Atlas()
    latitudes, longitudes = atlas.degrees(np.arange(len(atlas.radii)))
    for statement in TABLE.split(";"):
        connection.execute(statement)
    rows = zip(latitudes.tolist(), longitudes.tolist(), strict=True)
    with connection.cursor() as cursor, cursor.copy("COPY towns FROM STDIN") as copy:
        for number, row in enumerate(rows):
            copy.write_row((number, *row))
    connection.execute(INDEX)
    connection.execute("ANALYZE towns")


def _per_row(connection: Connection, points: Floats) -> float:
    rows = points.T[:SQL_POINTS].tolist()
    begin = time.perf_counter()
    for latitude, longitude in rows:
        connection.execute(PER_ROW, {"lat": latitude, "lon": longitude}, prepare=True).fetchone()
    return len(rows) / (time.perf_counter() - begin)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--peers", type=Path, help="environment with reverse_geocoder")
    parser.add_argument("--points", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
