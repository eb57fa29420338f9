"""photo-factory reclassify: decide again when photos were taken, from what is stored."""

from typing import Annotated

import typer

from cli.commands.session import database, fail, load_settings
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

AllOption = Annotated[bool, typer.Option("--all", help="The whole library.")]
OutdatedOption = Annotated[
    bool, typer.Option("--outdated", help="Only what older rules than today's have decided.")
]
ApplyOption = Annotated[
    bool,
    typer.Option(
        "--apply", help="Do it. Without it, what would be different is shown and nothing changed."
    ),
]
ExamplesOption = Annotated[
    int, typer.Option(min=0, max=1_000_000, help="Changes shown of each kind; --json has all.")
]


def reclassify(  # noqa: PLR0913 - one for each option
    assets: AssetsArgument = None,
    *,
    path: PathOption = None,
    since: FromOption = None,
    until: ToOption = None,
    source: SourceOption = None,
    confidence: ConfidenceOption = None,
    is_all: AllOption = False,
    is_outdated: OutdatedOption = False,
    is_applied: ApplyOption = False,
    examples: ExamplesOption = 20,
    as_json: JsonOption = False,
) -> None:
    """Decide dates again by today's rules; no file is read. Ends with 1 if something would differ.

    A time that a person has given stands. With --apply, the rows are changed in batches, and the
    librarian moves the files whose day is another one; stopped halfway, the same command goes on.
    """
    settings = load_settings()
    filters = Filters(path, since, until, source, confidence)
    is_narrowed = bool(assets) or is_outdated or not filters.selection().is_everything
    if is_all == is_narrowed:
        fail("Say which: numbers, paths, filters such as --path, or --outdated; or --all alone.")
    # Kept out of the way of the other commands: the rules and the map of zones are slow to load.
    from cli.dates.reclassifying import Order, reclassify_all  # noqa: PLC0415 - see above
    from cli.dates.reclassifying_view import JsonView, LineView  # noqa: PLC0415 - see above

    with database(settings) as connection:
        selection = select(connection, settings.library, assets, filters)
        view = JsonView() if as_json else LineView(examples)
        code = reclassify_all(connection, selection, Order(is_outdated, is_applied), view)
    if code:
        raise typer.Exit(code)
