"""photo-factory zone: places that are shown by a name of your own only."""

import json
import math
from typing import Annotated

import typer

from cli.commands.pause import person
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.wording import count, printable
from cli.dates.correcting_view import say_json
from cli.dates.options import JsonOption, named
from cli.dates.selection import is_text
from cli.places.zones import Listed, Zone, locate, read_zones, remove, save

LONGEST = 200
SMALLEST_M, LARGEST_M = 1.0, 50_000.0

zone = typer.Typer(
    help="Privacy zones: photos taken there are shown by the zone's name only.",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What it is shown as: Home.")]
AtOption = Annotated[
    str | None,
    typer.Option("--at", metavar="LATITUDE,LONGITUDE", help="Its centre in degrees."),
]
AroundOption = Annotated[
    str | None,
    typer.Option("--around", metavar="ASSET", help="Its centre is where this was taken."),
]
RadiusOption = Annotated[
    float, typer.Option("--radius", metavar="METRES", help="How far it reaches.")
]
KeepOption = Annotated[
    bool,
    typer.Option("--keep-on-export", help="Exported copies keep their coordinates nevertheless."),
]


@zone.command()
def add(
    name: NameArgument,
    *,
    at: AtOption = None,
    around: AroundOption = None,
    radius: RadiusOption = 500.0,
    keeps: KeepOption = False,
) -> None:
    """Make a privacy zone, or change the one of that name."""
    settings = load_settings()
    if not name.strip() or len(name) > LONGEST or not is_text(name) or printable(name) != name:
        fail(f"{printable(name)} cannot be the name of a zone.")
    if not SMALLEST_M <= radius <= LARGEST_M:
        fail(f"The radius is between {SMALLEST_M:.0f} and {LARGEST_M:.0f} metres.")
    if (at is None) == (around is None):
        fail("Say where it is: --at LATITUDE,LONGITUDE or --around ASSET.")
    with database(settings) as connection:
        if at is not None:
            centre: tuple[float, float] | None = parse_point(at)
        else:
            (asset_id,) = named(connection, settings.library, [around or ""])
            centre = locate(connection, asset_id)
        if centre is None:
            fail("That one has no coordinates.")
        made = Zone(name.strip(), *centre, radius, not keeps, person())
        changed = save(connection, made)
    typer.echo(f"{made.name}: {count(changed, 'asset')} will be named anew by the geocoder.")


@zone.command("list")
def list_(*, as_json: JsonOption = False) -> None:
    """Show the privacy zones."""
    settings = load_settings()
    with database(settings) as connection:
        zones = read_zones(connection)
    if as_json:
        say_json({"zones": [json.loads(json.dumps(_item(one), default=str)) for one in zones]})
        return
    typer.echo("\n".join(map(_line, zones)) or "There is no privacy zone.")


@zone.command("remove")
def remove_(name: NameArgument) -> None:
    """Remove a privacy zone: its photos are shown by their own places again."""
    settings = load_settings()
    if not is_text(name):
        fail(f"There is no zone {printable(name)}.")
    with database(settings) as connection:
        changed = remove(connection, name)
    if changed is None:
        typer.echo(f"There is no zone {printable(name)}.")
        raise typer.Exit(FINDINGS)
    typer.echo(f"{printable(name)} is gone; {count(changed, 'asset')} will be named anew.")


def parse_point(text: str) -> tuple[float, float]:
    """Latitude and longitude; what is none ends the command."""
    parts = text.replace(";", ",").split(",")
    try:
        latitude, longitude = (float(part) for part in parts)
    except ValueError:
        fail(f"{printable(text)} is no position. Write it like 45.4642,9.1900")
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180  # noqa: PLR2004 - degrees
    if not (math.isfinite(latitude) and math.isfinite(longitude) and is_on_earth):
        fail(f"{printable(text)} is not on Earth. Latitude comes first.")
    return latitude, longitude


def _item(one: Listed) -> dict[str, object]:
    fields = (*Zone.__slots__, *Listed.__slots__)
    return {name: getattr(one, name) for name in fields}


def _line(one: Listed) -> str:
    export = "stripped on export" if one.strips_on_export else "kept on export"
    return (
        f"{printable(one.name)}: {one.radius_m:.0f} m around {one.latitude:.5f},"
        f"{one.longitude:.5f}, {count(one.assets, 'asset')}, coordinates {export}"
    )
