"""Carries out `photo-factory correct`: plan, ask, write, wait for the librarian."""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import typer
from photo_factory.database import Connection

from cli.commands.session import FINDINGS, fail
from cli.commands.wording import count, printable
from cli.dates import corrections
from cli.dates.correcting_view import (
    Outcome,
    Step,
    as_document,
    outcome_lines,
    plan_lines,
    say_json,
)
from cli.dates.corrections import Present, Wanted, Word
from cli.dates.librarian_state import LibrarianState, look
from cli.dates.selection import Selection
from cli.dates.times import local_words

EARLIEST = datetime(1826, 1, 1)  # noqa: DTZ001 - local wall-clock time
"""Of this year is the oldest photograph that has survived."""
FARTHEST_AHEAD = timedelta(hours=14)
"""So far the clocks of Kiribati are ahead of UTC."""
MANY = 10
"""More than these are corrected only after a yes."""
WAIT_SECONDS = 10.0
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for.

    Attributes:
        word: None to undo.
        author: Who says it.
        is_alone: What belongs to the same shot is left as it is.
        is_agreed: No question, however many there are.
        wait_seconds: None for what is usual: a little while a librarian works, else not at all.
    """

    word: Word | None
    author: str
    is_alone: bool = False
    is_agreed: bool = False
    is_dry_run: bool = False
    as_json: bool = False
    wait_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is about to be done, and the function that does it."""

    steps: Sequence[Step]
    carry_out: Callable[[Connection], list[int]]


def carry_out(connection: Connection, selection: Selection, order: Order) -> int:
    """Do what was asked; returns the exit code."""
    ids = [one for page in selection.pages(connection) for one in page]
    others = [] if order.is_alone else corrections.companions(connection, ids)
    if order.word is None:
        plan = _undoing(connection, ids, others)
    else:
        plan = _correcting(connection, sorted([*ids, *others]), order.word, order.author)
    if not plan.steps:
        return _nothing(order, has_assets=bool(ids))
    if order.is_dry_run:
        _rehearse(order, plan.steps)
        return 0
    _ask(order, plan.steps)
    changed = plan.carry_out(connection)
    librarian = look(connection)
    _wait(connection, changed, order, librarian)
    outcome = Outcome(corrections.read_standing(connection, changed), look(connection))
    _report(order, plan.steps, outcome)
    return 0


def _correcting(connection: Connection, ids: Sequence[int], word: Word, author: str) -> Plan:
    latest = datetime.now(UTC).replace(tzinfo=None) + FARTHEST_AHEAD
    wanted = [
        _checked(word, present, latest) for present in corrections.read_present(connection, ids)
    ]
    steps = [Step.of_wanted(one) for one in wanted]
    return Plan(steps, lambda connection: corrections.write(connection, wanted, author))


def _checked(word: Word, present: Present, latest: datetime) -> Wanted:
    """What the word means for an asset; what cannot be ends the command before it has begun."""
    if word.local is None and present.local is None:
        fail(
            f"{printable(present.path)}: its last correction was undone, and the librarian has "
            "not acted upon that yet. Nothing was changed; try again when it has."
        )
    wanted = word.applied_to(present)
    if wanted is None or not EARLIEST <= wanted.local <= latest:
        then = "beyond the calendar" if wanted is None else local_words(wanted.local)
        fail(
            f"{printable(present.path)} cannot have been taken then ({then}): that is in the "
            f"future or before {EARLIEST.year}. Nothing was changed."
        )
    return wanted


def _undoing(connection: Connection, ids: Sequence[int], others: Sequence[int]) -> Plan:
    made = corrections.read_newest(connection, ids, others)
    steps = [Step.of_made(one) for one in made]
    return Plan(steps, lambda connection: corrections.undo(connection, made))


def _nothing(order: Order, *, has_assets: bool) -> int:
    if order.as_json:
        say_json(as_document([], None, is_dry_run=order.is_dry_run))
    elif has_assets:
        typer.echo("None of these has a correction that could be undone.")
    else:
        typer.echo("No asset matches.")
    return FINDINGS


def _rehearse(order: Order, steps: Sequence[Step]) -> None:
    if order.as_json:
        say_json(as_document(steps, None, is_dry_run=True))
        return
    typer.echo("\n".join(plan_lines(steps)))
    typer.echo(f"Dry run, nothing was changed: {_would(order, steps)}.")


def _would(order: Order, steps: Sequence[Step]) -> str:
    deed = "get another time" if order.word else "lose the last correction"
    return f"{count(len(steps), 'asset')} would {deed}"


def _ask(order: Order, steps: Sequence[Step]) -> None:
    """Let a person confirm what concerns many assets; without a person, --yes has to."""
    if not order.as_json:
        typer.echo("\n".join(plan_lines(steps)))
    if len(steps) <= MANY or order.is_agreed:
        return
    if order.as_json or not sys.stdin.isatty():
        fail(f"{_would(order, steps)}. Nothing was changed. Look with --dry-run, then give --yes.")
    if not typer.confirm(f"{_would(order, steps)}. Go on?"):
        fail("Nothing was changed.")


def _wait(
    connection: Connection, changed: Sequence[int], order: Order, librarian: LibrarianState
) -> None:
    """Until the librarian has done it all, or the time is over."""
    seconds = order.wait_seconds
    if seconds is None:
        seconds = WAIT_SECONDS if librarian.is_working else 0.0
    deadline = time.monotonic() + seconds
    left = _left(connection, changed)
    while left and time.monotonic() < deadline:
        time.sleep(min(POLL_SECONDS, max(0.0, deadline - time.monotonic())))
        left = _left(connection, left)


def _left(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The corrections that the librarian has still to act upon."""
    standings = corrections.read_standing(connection, ids)
    return [one.correction_id for one in standings if not one.is_done]


def _report(order: Order, steps: Sequence[Step], outcome: Outcome) -> None:
    if order.as_json:
        say_json(as_document(steps, outcome, is_dry_run=False))
    else:
        typer.echo("\n".join(outcome_lines(steps, outcome)))
