"""Who names the right country: the geocoder, and the nearest town (reverse_geocoder).

Run as `python bench/geocode_accuracy.py --truth FOLDER --atlas countries-10m.json`. The truth is
the full polygons of OpenStreetMap's borders as timezonefinder has them, in a virtual environment
outside the checkout; the geocoder itself asks simplified ones of another package. The points come
from Natural Earth's shapes (npm world-atlas) and from GeoNames' towns. Zones that several countries
share have no truth here and are left out.
"""

import argparse
import json
import math
import random
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
from geocoder.gazetteer import find_many
from geocoder.gazetteer.atlas import LEAST_PEOPLE, PEOPLE_PER_KM2, Atlas
from geocoder.gazetteer.borders import CLAIMED, KOSOVO_ZONE, NEAREST_DECIDES
from table import machine

TRUTH = """
import json, sys
from timezonefinder import TimezoneFinder
finder = TimezoneFinder()
print(json.dumps([finder.timezone_at(lng=b, lat=a) for a, b in json.load(sys.stdin)]))
"""
NEAREST = """
import contextlib, io, json, sys
import reverse_geocoder
points = [tuple(point) for point in json.load(sys.stdin)]
with contextlib.redirect_stdout(io.StringIO()):
    found = reverse_geocoder.search(points, mode=1)
print(json.dumps([row["cc"] for row in found]))
"""
NEAREST_REGION = NEAREST.replace('row["cc"]', 'row["admin1"]')
STATES = """
import json, sys
from shapely import STRtree, make_valid, points
from shapely.geometry import MultiPolygon, Polygon
atlas = json.load(open(sys.argv[1]))
(sx, sy), (west, south) = atlas["transform"]["scale"], atlas["transform"]["translate"]
def line(steps):
    x = y = 0
    for dx, dy in steps:
        x, y = x + dx, y + dy
        yield x * sx + west, y * sy + south
arcs = [list(line(steps)) for steps in atlas["arcs"]]
def ring(numbers):
    found = []
    for number in numbers:
        found += arcs[number] if number >= 0 else arcs[~number][::-1]
    return found
names, areas = [], []
for state in atlas["objects"]["states"]["geometries"]:
    parts = state["arcs"] if state["type"] == "MultiPolygon" else [state["arcs"]]
    names.append(state["properties"]["name"])
    rings = [[ring(numbers) for numbers in part] for part in parts]
    areas.append(make_valid(MultiPolygon([Polygon(part[0], part[1:]) for part in rings])))
found = json.load(sys.stdin)
answers = [None] * len(found)
spots = points([(b, a) for a, b in found])
for spot, area in zip(*STRtree(areas).query(spots, predicate="within").tolist()):
    answers[spot] = names[area]
print(json.dumps(answers))
"""
CAPITAL: dict[str | None, str] = {"Washington, D.C.": "District of Columbia"}
KM_PER_DEGREE = 111.195
BORDER_KM = 5.0
PHOTO_KM = 8.0
SMALL_ISLAND = 0.05
"""Square degrees."""
LARGE_TOWN = 15_000
WITHOUT_TRUTH = {*NEAREST_DECIDES, *CLAIMED, KOSOVO_ZONE, "Asia/Nicosia", "Asia/Famagusta"}
"""Shared or disputed."""
FAR_OUT = "Pacific/Easter"
"""Its polygon reaches hundreds of kilometres out to sea."""
ENCLAVES = {
    "Baarle-Hertog": (51.4420, 4.9320, "BE"),
    "Baarle-Hertog, west": (51.4385, 4.9290, "BE"),
    "Baarle-Nassau": (51.4460, 4.9280, "NL"),
    "Büsingen": (47.6970, 8.6900, "DE"),
    "Campione d'Italia": (45.9700, 8.9710, "IT"),
    "Llívia": (42.4650, 1.9800, "ES"),
    "Vatican City": (41.9022, 12.4539, "VA"),
    "San Marino": (43.9360, 12.4470, "SM"),
    "Monaco": (43.7384, 7.4246, "MC"),
    "Liechtenstein": (47.1410, 9.5215, "LI"),
    "Gibraltar": (36.1400, -5.3530, "GI"),
    "Ceuta": (35.8890, -5.3200, "ES"),
    "Melilla": (35.2923, -2.9381, "ES"),
    "Kaliningrad": (54.7104, 20.4522, "RU"),
    "Nakhchivan": (39.2090, 45.4120, "AZ"),
    "Cabinda": (-5.5600, 12.1900, "AO"),
    "Lesotho": (-29.3100, 27.4800, "LS"),
    "Madha in Oman": (25.2800, 56.3300, "OM"),
    "Macau": (22.1900, 113.5400, "MO"),
    "Hong Kong": (22.2800, 114.1600, "HK"),
    "Point Roberts": (48.9850, -123.0600, "US"),
    "Oecusse": (-9.2000, 124.3500, "TL"),
    "Musandam": (26.1800, 56.2500, "OM"),
}
Point = tuple[float, float]
Line = list[Point]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Natural Earth: lines as (longitude, latitude)."""

    borders: list[Line]
    coasts: list[Line]
    islands: list[Point]


def main() -> None:
    """Print the table."""
    options = _options()
    chance = random.Random(options.seed)  # noqa: S311 - points, not secrets
    atlas, shapes = Atlas(), _shapes(json.loads(options.atlas.read_text()))
    names = [level[0].code or "" for level in atlas.levels(np.arange(len(atlas.parents)))]
    python = options.truth / "bin/python"
    countries = _countries_of_zones()
    print(machine())
    print("| points | tested | wrong, geocoder | | wrong, nearest town | |")
    print("|---|---:|---:|---:|---:|---:|")

    def show(title: str, points: Sequence[Point], truth: Sequence[str]) -> None:
        theirs = _ask(python, NEAREST, points)
        ours = [found.country_code for found in find_many(points)]
        cells = [title, f"{len(points):,}"]
        for answers in (ours, theirs):
            wrong = sum(a != t for a, t in zip(answers, truth, strict=True))
            cells += [f"{wrong:,}", f"{wrong / max(len(points), 1):.3%}"]
        print(f"| {' | '.join(cells)} |", flush=True)
        if options.verbose:
            pairs = zip(truth, ours, strict=True)
            print(Counter(pair for pair in pairs if pair[0] != pair[1]).most_common(12))

    for title, draw in _sets(atlas, shapes, chance).items():
        points = [draw() for _ in range(options.points)]
        if title.startswith("within"):
            points = _beside_a_border(python, points, countries)
        truth = [countries.get(zone or "") for zone in _ask(python, TRUTH, points)]
        known = [(point, code) for point, code in zip(points, truth, strict=True) if code]
        show(title, [point for point, _ in known], [code for _, code in known])
    large = np.flatnonzero(_people(atlas) >= LARGE_TOWN)
    centres = list(zip(*(part.tolist() for part in atlas.degrees(large)), strict=True))
    show("centres of towns of 15,000", centres, [names[town] for town in large])
    enclaves = ENCLAVES.values()
    show("enclaves and small states", [case[:2] for case in enclaves], [c[2] for c in enclaves])
    if options.states:
        _show_states(options, atlas, chance)


def _show_states(options: argparse.Namespace, atlas: Atlas, chance: random.Random) -> None:
    """The region, where public polygons of regions are at hand: the United States."""
    python = options.truth / "bin/python"
    shapes = _shapes(json.loads(options.states.read_text()), "states")
    towns = np.flatnonzero(atlas.town_countries == atlas.country_codes.index("US"))
    centres = list(zip(*(part.tolist() for part in atlas.degrees(towns)), strict=True))
    totals = np.cumsum(_people(atlas)[towns]).tolist()
    draws: dict[str, Callable[[], Point]] = {
        "states: photo-like": lambda: _moved(
            chance.choices(centres, cum_weights=totals)[0], abs(chance.gauss(0, PHOTO_KM)), chance
        ),
        "states: within 5 km of a border": lambda: _along(shapes.borders, BORDER_KM, chance),
    }
    for title, draw in draws.items():
        points = [draw() for _ in range(options.points)]
        truth = _ask(python, STATES, points, options.states)
        known = [(point, name) for point, name in zip(points, truth, strict=True) if name]
        spots = [point for point, _ in known]
        ours = [
            next((level.name for level in found.levels if level.kind == "region"), None)
            for found in find_many(spots)
        ]
        cells = [title, f"{len(spots):,}"]
        for answers in (ours, _ask(python, NEAREST_REGION, spots)):
            pairs = zip(answers, known, strict=True)
            wrong = sum(CAPITAL.get(a, a) != k[1] for a, k in pairs)
            cells += [f"{wrong:,}", f"{wrong / max(len(spots), 1):.3%}"]
        print(f"| {' | '.join(cells)} |", flush=True)


def _sets(atlas: Atlas, shapes: Shapes, chance: random.Random) -> dict[str, Callable[[], Point]]:
    towns = list(
        zip(*(p.tolist() for p in atlas.degrees(np.arange(len(atlas.radii)))), strict=True)
    )
    totals = np.cumsum(_people(atlas)).tolist()
    return {
        "photo-like: towns by people, 8 km about them": lambda: _moved(
            chance.choices(towns, cum_weights=totals)[0],
            abs(chance.gauss(0, PHOTO_KM)),
            chance,
        ),
        "land, uniform": lambda: _anywhere(chance),
        "within 5 km of a border": lambda: _along(shapes.borders, BORDER_KM + 1, chance),
        "coasts, 5 km to either side": lambda: _along(shapes.coasts, BORDER_KM, chance),
        "islands under 600 km²": lambda: chance.choice(shapes.islands),
    }


def _anywhere(chance: random.Random) -> Point:
    return math.degrees(math.asin(chance.uniform(-0.86, 1))), chance.uniform(-180, 180)


def _along(lines: list[Line], kilometres: float, chance: random.Random) -> Point:
    line = chance.choice(lines)
    first = chance.randrange(len(line) - 1)
    share = chance.random()
    (west, south), (east, north) = line[first], line[first + 1]
    point = (south + share * (north - south), west + share * (east - west))
    return _moved(point, kilometres * math.sqrt(chance.random()), chance)


def _moved(point: Point, kilometres: float, chance: random.Random) -> Point:
    return _step(point, kilometres, chance.uniform(0, 2 * math.pi))


def _step(point: Point, kilometres: float, bearing: float) -> Point:
    latitude = max(-89.9, min(89.9, point[0] + kilometres / KM_PER_DEGREE * math.cos(bearing)))
    wide = KM_PER_DEGREE * math.cos(math.radians(latitude))
    longitude = point[1] + kilometres / wide * math.sin(bearing)
    return latitude, (longitude + 180) % 360 - 180


def _beside_a_border(python: Path, points: list[Point], countries: dict[str, str]) -> list[Point]:
    """Those with another country, by the truth, on the circle of 5 km about them."""
    directions = [math.pi / 4 * turn for turn in range(8)]
    around = [_step(point, BORDER_KM, turn) for point in points for turn in directions]
    zones = _ask(python, TRUTH, around)
    found = [
        {countries.get(zone or "") for zone in zones[i : i + 8]} for i in range(0, len(zones), 8)
    ]
    return [p for p, codes in zip(points, found, strict=True) if len(codes - {None}) > 1]


def _people(atlas: Atlas) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """At least LEAST_PEOPLE a town."""
    people: np.ndarray[tuple[int], np.dtype[np.float64]] = np.maximum(
        atlas.radii.astype(np.float64) ** 2 * np.pi * PEOPLE_PER_KM2, LEAST_PEOPLE
    )
    return people


def _countries_of_zones() -> dict[str, str]:
    table = files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows if row[2] not in {*WITHOUT_TRUTH, FAR_OUT}}


def _ask(python: Path, program: str, points: Sequence[Point], *arguments: Path) -> list[str | None]:
    command = [str(python), "-c", program, *map(str, arguments)]
    done = subprocess.run(
        command, input=json.dumps(points), capture_output=True, text=True, check=True
    )
    answer: list[str | None] = json.loads(done.stdout)
    return answer


def _shapes(atlas: dict[str, object], layer: str = "countries") -> Shapes:
    """Arcs that two countries share are borders; those of one are coasts."""
    (scale_x, scale_y), (west, south) = atlas["transform"]["scale"], atlas["transform"]["translate"]  # type: ignore[index]  # JSON
    arcs = [_arc(arc, scale_x, scale_y, west, south) for arc in atlas["arcs"]]  # type: ignore[attr-defined]  # JSON
    uses: Counter[int] = Counter()
    islands: list[Point] = []
    for shape in atlas["objects"][layer]["geometries"]:  # type: ignore[index]  # JSON
        parts = shape.get("arcs", []) if shape["type"] != "Polygon" else [shape["arcs"]]
        for part in parts:
            uses.update({number if number >= 0 else ~number for ring in part for number in ring})
            islands += _island(part, arcs)
    borders = [arcs[number] for number, count in uses.items() if count > 1]
    coasts = [arcs[number] for number, count in uses.items() if count == 1]
    return Shapes(_long(borders), _long(coasts), islands)


def _long(lines: list[Line]) -> list[Line]:
    """Each line as often as it has points, so that every piece is as likely."""
    return [line for line in lines for _ in range(len(line) // 10 + 1) if len(line) > 1]


def _island(part: list[list[int]], arcs: list[Line]) -> Iterator[Point]:
    if len(part) == 1 and len(part[0]) == 1 and part[0][0] >= 0:
        line = arcs[part[0][0]]
        area = abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(line))) / 2
        if area < SMALL_ISLAND:
            yield line[0][1], line[0][0]


def _arc(steps: list[list[int]], scale_x: float, scale_y: float, west: float, south: float) -> Line:
    x = y = 0
    line = []
    for step_x, step_y in steps:
        x, y = x + step_x, y + step_y
        line.append((x * scale_x + west, y * scale_y + south))
    return line


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--truth", type=Path, required=True, help="environment with the packages")
    parser.add_argument("--atlas", type=Path, required=True, help="countries-10m.json")
    parser.add_argument("--states", type=Path, help="states-10m.json of the npm package us-atlas")
    parser.add_argument("--points", type=int, default=20_000, help="per set (default: 20,000)")
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--verbose", action="store_true", help="which countries were mistaken")
    return parser.parse_args()


if __name__ == "__main__":
    main()
