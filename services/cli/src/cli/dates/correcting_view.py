"""What `photo-factory correct` prints."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import typer

from cli.commands.wording import count, printable
from cli.dates.corrections import Made, Standing, Wanted
from cli.dates.librarian_state import LibrarianState
from cli.dates.times import when_words

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Moment:
    """A local time and its offset."""

    local: datetime
    offset_minutes: int | None

    @property
    def words(self) -> str:
        """For people."""
        return when_words(self.local, self.offset_minutes)

    def document(self) -> dict[str, object]:
        """For programs."""
        return {"local": self.local.isoformat(), "offset_minutes": self.offset_minutes}


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one asset.

    Attributes:
        before: None if only the librarian knows it.
        after: None if a correction is undone; what comes back is decided by the librarian.
    """

    asset_id: int
    path: str
    before: Moment | None
    after: Moment | None

    @classmethod
    def of_wanted(cls, wanted: Wanted) -> Self:
        """A correction."""
        former = wanted.former
        before = None if former.local is None else Moment(former.local, former.offset_minutes)
        after = Moment(wanted.local, wanted.offset_minutes)
        return cls(wanted.asset_id, wanted.path, before, after)

    @classmethod
    def of_made(cls, made: Made) -> Self:
        """An undone correction."""
        return cls(made.asset_id, made.path, Moment(made.local, made.offset_minutes), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it stands when the command ends."""

    standings: Sequence[Standing]
    librarian: LibrarianState

    @property
    def waiting(self) -> int:
        """Assets that the librarian has still to see to."""
        return sum(not one.is_done for one in self.standings)


def plan_lines(steps: Sequence[Step]) -> Iterator[str]:
    """What each asset gets, some of them."""
    for step in steps[:SHOWN]:
        before = "?" if step.before is None else step.before.words
        after = "as it was before this correction" if step.after is None else step.after.words
        yield f"{step.asset_id:>8}  {printable(step.path)}: {before} -> {after}"
    if len(steps) > SHOWN:
        yield f"{'':8}  … and {len(steps) - SHOWN:,} more"


def outcome_lines(steps: Sequence[Step], outcome: Outcome) -> Iterator[str]:
    """Where the files are now, or what has to happen before they are there."""
    former = {step.asset_id: step.path for step in steps}
    done = [one for one in outcome.standings if one.is_done]
    moved = [one for one in done if one.path != former.get(one.asset_id)]
    if done:
        yield f"Done: {count(len(done), 'asset')}, {_moves(len(moved))}."
    for one in moved[:SHOWN]:
        yield f"{one.asset_id:>8}  {printable(one.path)}"
    if len(moved) > SHOWN:
        yield f"{'':8}  … and {len(moved) - SHOWN:,} more"
    if outcome.waiting:
        advice = outcome.librarian.advice or "The librarian is at it; photo-factory show tells."
        yield f"Recorded: {count(outcome.waiting, 'asset')}, which the librarian sees to. {advice}"


def _moves(moved: int) -> str:
    return f"{count(moved, 'file')} moved to another folder" if moved else "no file had to move"


def as_document(
    steps: Sequence[Step], outcome: Outcome | None, *, is_dry_run: bool
) -> dict[str, object]:
    """The same under the keys of `correct --json`."""
    standings = {} if outcome is None else {one.asset_id: one for one in outcome.standings}
    return {
        "is_dry_run": is_dry_run,
        "count": len(steps),
        "waiting": None if outcome is None else outcome.waiting,
        "librarian": None if outcome is None else outcome.librarian.name,
        "assets": [_item(step, standings.get(step.asset_id)) for step in steps],
    }


def _item(step: Step, standing: Standing | None) -> dict[str, object]:
    return {
        "id": step.asset_id,
        "path": step.path if standing is None else standing.path,
        "former_path": step.path,
        "before": None if step.before is None else step.before.document(),
        "after": None if step.after is None else step.after.document(),
        "is_done": standing is not None and standing.is_done,
    }


def say_json(document: dict[str, object]) -> None:
    """Print a document for programs."""
    typer.echo(json.dumps(document, indent=2))
