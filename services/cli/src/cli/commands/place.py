"""photo-factory place: a person says where photos were taken."""

import re
from typing import Annotated

import typer
from photo_factory.settings import Settings

from cli.commands.pause import person
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.wording import count, printable
from cli.dates.correcting_view import say_json
from cli.dates.options import (
    AssetsArgument,
    ConfidenceOption,
    Filters,
    FromOption,
    JsonOption,
    PathOption,
    SourceOption,
    ToOption,
    select,
)
from cli.dates.selection import is_text
from cli.places.correcting import Order, carry_out
from cli.places.corrections import FoundPlace, Word, as_document, search

LONGEST = 200
MOST = 20
COUNTRY = re.compile("[A-Z]{2}")

NameOption = Annotated[
    str | None,
    typer.Option("--name", metavar="NAME", help="What you call the place: 'Cabin at the lake'."),
]
CityOption = Annotated[
    str | None, typer.Option("--city", metavar="NAME", help="The town that it is in or near.")
]
RegionOption = Annotated[
    str | None, typer.Option("--region", metavar="NAME", help="The state or region.")
]
CountryOption = Annotated[
    str | None,
    typer.Option("--country", metavar="CODE", help="The country's code of two letters: IT, US."),
]
LikeOption = Annotated[
    int | None,
    typer.Option("--like", metavar="PLACE", min=1, help="The place with this number (--search)."),
]
SearchOption = Annotated[
    str | None,
    typer.Option("--search", metavar="NAME", help="Show the known places called like this."),
]
UndoOption = Annotated[
    bool, typer.Option("--undo", help="Take back the newest place that was given to each.")
]
AloneOption = Annotated[
    bool,
    typer.Option(
        "--alone",
        help="Not along with it its RAW, its edited versions, the video of its Live Photo.",
    ),
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Ask nothing, however many.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show it, and change nothing.")]


def place(  # noqa: PLR0913 - one for each option
    assets: AssetsArgument = None,
    *,
    name: NameOption = None,
    city: CityOption = None,
    region: RegionOption = None,
    country: CountryOption = None,
    like: LikeOption = None,
    wanted: SearchOption = None,
    is_undo: UndoOption = False,
    path: PathOption = None,
    since: FromOption = None,
    until: ToOption = None,
    source: SourceOption = None,
    confidence: ConfidenceOption = None,
    is_alone: AloneOption = False,
    is_agreed: YesOption = False,
    is_dry_run: DryRunOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say where photos and videos were taken. Ends with 1 if nothing matches.

    Neither the originals nor their coordinates are changed, and the geocoder leaves what was
    given here alone. --undo takes it back.
    """
    settings = load_settings()
    _check(texts := (name, city, region, country, wanted))
    if wanted is not None:
        is_more = bool(assets) or like is not None or is_undo or any(texts[:-1])
        _search(settings, wanted, is_more=is_more, as_json=as_json)
        return
    word = _word(name, city, region, country)
    _check_one(word is not None, like is not None, is_undo)
    filters = Filters(path, since, until, source, confidence)
    if not assets and filters.selection().is_everything:
        fail("Say which: numbers, paths in the library, or --path, --from, --to, --source, …")
    order = Order(word, like, person(), is_alone, is_agreed, is_dry_run, as_json)
    with database(settings) as connection:
        code = carry_out(connection, select(connection, settings.library, assets, filters), order)
    raise typer.Exit(code)


def _check(texts: tuple[str | None, ...]) -> None:
    for text in texts:
        if text is None:
            continue
        if not text.strip() or len(text) > LONGEST:
            fail(f"A name has between 1 and {LONGEST} characters.")
        if not is_text(text) or printable(text) != text:
            fail(f"{printable(text)} cannot be the name of a place.")


def _check_one(*are_given: bool) -> None:
    if sum(are_given) != 1:
        fail("Say one: --name with --country, --like, --undo; or --search to look for a place.")


def _word(
    name: str | None, city: str | None, region: str | None, country: str | None
) -> Word | None:
    """The place in words; None if none was given. What is incomplete ends the command."""
    if name is None:
        if city or region or country:
            fail("--city, --region and --country go with --name.")
        return None
    if country is None or COUNTRY.fullmatch(country.strip().upper()) is None:
        fail("Say in which country it is, by its code of two letters: --country IT")
    stripped = [None if part is None else part.strip() for part in (city, region)]
    return Word(name.strip(), stripped[0], stripped[1], country.strip().upper())


def _search(settings: Settings, wanted: str, *, is_more: bool, as_json: bool) -> None:
    if is_more:
        fail("--search only looks. Give it without anything to change.")
    with database(settings) as connection:
        found = search(connection, wanted.strip(), MOST)
    if as_json:
        say_json({"places": as_document(found)})
    else:
        typer.echo("\n".join(map(_line, found)) or f"No place is called {printable(wanted)}.")
    if not found:
        raise typer.Exit(FINDINGS)


def _line(one: FoundPlace) -> str:
    words = ", ".join(dict.fromkeys(part for part in (one.name, one.region, one.country) if part))
    return f"{one.id:>8}  {printable(words)} ({one.level}, {count(one.assets, 'asset')})"
