"""photo-factory redo: have a stage do assets again."""

from typing import Annotated

import typer
from photo_factory.geocoding import PROVIDERS
from photo_factory.redo import FLAGS

from cli.commands.pause import person
from cli.commands.session import FINDINGS, database, fail, load_settings
from cli.commands.wording import count
from cli.dates.options import (
    AssetsArgument,
    ConfidenceOption,
    Filters,
    FromOption,
    PathOption,
    SourceOption,
    ToOption,
    select,
)
from cli.places.redoing import Order, carry_out

StageArgument = Annotated[str, typer.Argument(metavar="STAGE", help=f"One of: {', '.join(FLAGS)}.")]
AllOption = Annotated[bool, typer.Option("--all", help="All assets.")]
OutdatedOption = Annotated[
    bool,
    typer.Option("--outdated", help="geocoder: only places named by older rules or data."),
]
ProviderOption = Annotated[
    str | None,
    typer.Option(
        "--provider",
        metavar="NAME",
        help=f"geocoder: ask this one online: {', '.join(PROVIDERS)}. Without it, nothing leaves "
        "the house.",
    ),
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Count them, and change nothing.")]


def redo(  # noqa: PLR0913 - one for each option
    stage: StageArgument,
    assets: AssetsArgument = None,
    *,
    path: PathOption = None,
    since: FromOption = None,
    until: ToOption = None,
    source: SourceOption = None,
    confidence: ConfidenceOption = None,
    is_all: AllOption = False,
    is_outdated: OutdatedOption = False,
    provider: ProviderOption = None,
    is_dry_run: DryRunOption = False,
) -> None:
    """Have a stage do photos and videos again. Ends with 1 if nothing matches.

    What it made before stays until it is replaced. A place that a person has given stays for good.
    """
    settings = load_settings()
    _check(stage, provider, is_outdated=is_outdated)
    filters = Filters(path, since, until, source, confidence)
    is_narrowed = bool(assets) or not filters.selection().is_everything
    if is_all == is_narrowed and not (is_outdated and not is_all):
        fail("Say which: assets, --path, --from, --to, …, --outdated; or --all alone for all.")
    order = Order(stage, person(), provider, is_outdated, is_dry_run)
    with database(settings) as connection:
        selection = select(connection, settings.library, assets, filters)
        changed = carry_out(connection, selection, order)
    if changed == 0:
        typer.echo(f"There is nothing that the {stage} would do again.")
        raise typer.Exit(FINDINGS)
    typer.echo(_words(changed, order))


def _check(stage: str, provider: str | None, *, is_outdated: bool) -> None:
    if stage not in FLAGS:
        fail(f"There is no stage {stage!r} to redo. Choose one of: {', '.join(FLAGS)}")
    if stage != "geocoder" and (provider or is_outdated):
        fail("--provider and --outdated are of the geocoder.")
    if provider is not None and provider not in PROVIDERS:
        fail(f"There is no provider {provider!r}. Choose one of: {', '.join(PROVIDERS)}")
    if provider is not None and is_outdated:
        fail("--outdated names places anew from the offline data. Give it without --provider.")


def _words(changed: int, order: Order) -> str:
    number = count(changed, "asset")
    if order.is_dry_run:
        return f"{number} would be done again. Nothing was changed."
    if order.provider is not None:
        return (
            f"{number} will be asked about at {order.provider}, if the geocoder is set to it "
            f"(PF_ONLINE_PROVIDER={order.provider}). What lies in a privacy zone is left out."
        )
    return f"{number} will be done again by the {order.stage}."
