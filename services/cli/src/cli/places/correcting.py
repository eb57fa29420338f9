"""Carries out `photo-factory place`: plan, ask, write."""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import typer
from photo_factory.database import Connection

from cli.commands.session import FINDINGS, fail
from cli.commands.wording import count, printable
from cli.dates.correcting_view import say_json
from cli.dates.corrections import companions
from cli.dates.selection import Selection
from cli.places import corrections
from cli.places.corrections import Present, UnknownPlaceError, Word

MANY = 10
"""More than these are corrected only after a yes."""
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for.

    Attributes:
        word: The place in words, or
        like: the number of a known one; neither to undo.
        is_alone: What belongs to the same shot is left as it is.
        is_agreed: No question, however many there are.
    """

    word: Word | None
    like: int | None
    author: str
    is_alone: bool = False
    is_agreed: bool = False
    is_dry_run: bool = False
    as_json: bool = False

    @property
    def is_undo(self) -> bool:
        """Whether places are taken back."""
        return self.word is None and self.like is None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be done, and the function that does it.

    Attributes:
        target: The place in words; empty for what the geocoder finds.
    """

    assets: Sequence[Present]
    target: str
    carry_out: Callable[[], int]


def carry_out(connection: Connection, selection: Selection, order: Order) -> int:
    """Do what was asked; returns the exit code."""
    chosen = [one for page in selection.pages(connection) for one in page]
    others = [] if order.is_alone else companions(connection, chosen)
    ids = sorted([*chosen, *others])
    plan = _undoing(connection, ids) if order.is_undo else _giving(connection, ids, order)
    if not plan.assets:
        return _nothing(order, has_assets=bool(ids))
    if not order.as_json:
        typer.echo("\n".join(_lines(plan)))
    if order.is_dry_run:
        _report(order, plan, None)
        return 0
    _ask(order, plan)
    _report(order, plan, plan.carry_out())
    return 0


def _giving(connection: Connection, ids: Sequence[int], order: Order) -> Plan:
    present = corrections.read_present(connection, ids)
    if order.word is not None:
        word = order.word
        target = ", ".join(
            part for part in (word.name, word.city, word.region, word.country_code) if part
        )
        return Plan(
            present,
            target,
            lambda: corrections.write(
                connection, ids, corrections.store_place(connection, word), order.author
            ),
        )
    like = order.like or 0
    try:
        target = corrections.words_of(connection, like)
    except UnknownPlaceError as error:
        fail(str(error))
    return Plan(present, target, lambda: corrections.write(connection, ids, like, order.author))


def _undoing(connection: Connection, ids: Sequence[int]) -> Plan:
    given = corrections.given_among(connection, ids)
    present = corrections.read_present(connection, given)
    return Plan(present, "", lambda: corrections.undo(connection, given))


def _nothing(order: Order, *, has_assets: bool) -> int:
    if order.as_json:
        say_json(_document(order, Plan([], "", lambda: 0), 0))
    elif has_assets:
        typer.echo("Nobody has given any of these a place: there is nothing to undo.")
    else:
        typer.echo("No photo or video matches.")
    return FINDINGS


def _lines(plan: Plan) -> Iterator[str]:
    after = printable(plan.target) or "as it was before"
    for one in plan.assets[:SHOWN]:
        before = printable(one.words) or "no place"
        yield f"{one.id:>8}  {printable(one.path)}: {before} -> {after}"
    if len(plan.assets) > SHOWN:
        yield f"{'':8}  … and {len(plan.assets) - SHOWN:,} more"


def _ask(order: Order, plan: Plan) -> None:
    """Let a person confirm what concerns many assets; without a person, --yes has to."""
    if len(plan.assets) <= MANY or order.is_agreed:
        return
    deed = "lose the place that was given" if order.is_undo else "get this place"
    would = f"{count(len(plan.assets), 'asset')} would {deed}"
    if order.as_json or not sys.stdin.isatty():
        fail(f"{would}. Nothing was changed. Look with --dry-run, then give --yes.")
    if not typer.confirm(f"{would}. Go on?"):
        fail("Nothing was changed.")


def _report(order: Order, plan: Plan, changed: int | None) -> None:
    if order.as_json:
        say_json(_document(order, plan, changed))
    elif changed is None:
        typer.echo("Dry run: nothing was changed.")
    elif order.is_undo:
        typer.echo(f"Taken back: {count(changed, 'asset')}. The geocoder names them again.")
    else:
        typer.echo(f"Done: {count(changed, 'asset')}. Coordinates and originals stay as they are.")


def _document(order: Order, plan: Plan, changed: int | None) -> dict[str, object]:
    return {
        "is_dry_run": order.is_dry_run,
        "count": len(plan.assets),
        "changed": changed,
        "place": plan.target or None,
        "assets": [
            {"id": one.id, "path": one.path, "before": one.words or None} for one in plan.assets
        ],
    }
