"""What an export says of its files and at the end: for people, or as JSON."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import typer

from cli.commands.wording import age, count, printable, size
from cli.export.copying import Result, Verdict
from cli.export.order import Order

EXAMPLES = 10


@dataclass(slots=True)
class Tally:
    """The counts of an export; grows while it runs.

    Attributes:
        chosen: Assets that were asked for, companions too.
        trouble: Why it could not go on.
    """

    chosen: int
    files: Counter[Verdict] = field(default_factory=Counter)
    size_bytes: Counter[Verdict] = field(default_factory=Counter)
    sidecars: int = 0
    seconds: float = 0.0
    trouble: str | None = None
    is_complete: bool = False

    def add(self, result: Result) -> None:
        """Count an asset."""
        self.files[result.verdict] += 1
        self.size_bytes[result.verdict] += result.size_bytes
        self.sidecars += len(result.sidecars)


class View(Protocol):
    """Takes results as they come, so that a million need no memory."""

    def begin(self, order: Order, target: Path, chosen: int) -> None:
        """Say what will be exported."""

    def add(self, result: Result) -> None:
        """Take what became of an asset."""

    def end(self, tally: Tally) -> None:
        """Say what became of all."""


def view(order: Order) -> View:
    """The one that was asked for."""
    return JsonView() if order.as_json else LineView()


def say(text: str) -> None:
    """Print lines. A progress bar that is shown lets only `sys.stdout` itself pass above it."""
    typer.echo(text, file=sys.stdout)


class JsonView:
    """For other programs: one document, written piece by piece."""

    def __init__(self) -> None:
        self._separator = " "

    def begin(self, order: Order, target: Path, chosen: int) -> None:
        """Open the document and its list of files."""
        head = {"target": str(target), "is_dry_run": order.is_dry_run, "chosen": chosen}
        say(json.dumps(head)[:-1] + ', "files": [')

    def add(self, result: Result) -> None:
        """A line of the list."""
        item = {
            "asset_id": result.asset_id,
            "path": result.path,
            "verdict": result.verdict,
            "bytes": result.size_bytes,
            "stored_as": result.stored_as,
            "sidecars": result.sidecars,
            "note": result.note,
            "message": result.message,
        }
        say(f"{self._separator} {json.dumps(item)}")
        self._separator = ","

    def end(self, tally: Tally) -> None:
        """Close the list and the document; the counts come last."""
        tail: dict[str, object] = {
            name: {"files": tally.files[name], "bytes": tally.size_bytes[name]} for name in VERDICTS
        }
        tail |= {
            "sidecars": tally.sidecars,
            "seconds": round(tally.seconds, 3),
            "is_complete": tally.is_complete,
            "trouble": tally.trouble,
        }
        say("], " + json.dumps(tail)[1:])


VERDICTS: tuple[Verdict, ...] = ("copied", "there", "failed")


class LineView:
    """For people: counts, and examples of what needs them."""

    def __init__(self) -> None:
        self._is_dry_run = False
        self._failures: list[Result] = []
        self._notes: Counter[str] = Counter()

    def begin(self, order: Order, target: Path, chosen: int) -> None:
        """Name the target."""
        self._is_dry_run = order.is_dry_run
        verb = "Dry run, nothing is written: exporting" if order.is_dry_run else "Exporting"
        say(f"{verb} {count(chosen, 'original')} to {printable(str(target))}.")

    def add(self, result: Result) -> None:
        """Keep what is to be shown of it."""
        if result.verdict == "failed" and len(self._failures) < EXAMPLES:
            self._failures.append(result)
        if result.note is not None:
            self._notes[result.note] += 1

    def end(self, tally: Tally) -> None:
        """Counts, causes, and what to do next."""
        say("\n".join(self.lines(tally)))

    def lines(self, tally: Tally) -> Iterator[str]:
        """What is said at the end."""
        copied, there, failed = (tally.files[name] for name in VERDICTS)
        amount = size(tally.size_bytes["copied"])
        if self._is_dry_run:
            yield f"{copied:,} would be copied ({amount}), {there:,} are there already."
            return
        rate = tally.size_bytes["copied"] / tally.seconds if tally.seconds else 0.0
        speed = f"{size(rate)}/s" if copied else ""
        words = f"{copied:,} copied ({amount}{', ' if speed else ''}{speed})"
        yield f"{words}, {there:,} were there already, {failed:,} failed, in {age(tally.seconds)}."
        if tally.sidecars:
            yield f"{count(tally.sidecars, 'sidecar lies', 'sidecars lie')} beside them."
        for note, number in self._notes.most_common(EXAMPLES):
            yield f"{count(number, 'copy', 'copies')} got {printable(note)}."
        yield from self._failure_lines(failed)
        if tally.trouble is not None:
            yield f"It could not go on: {printable(tally.trouble)}"
        if not tally.is_complete:
            yield "Stopped before the end. The same command goes on; what is there is whole."

    def _failure_lines(self, failed: int) -> Iterator[str]:
        for result in self._failures:
            yield f"failed: {printable(result.message or result.path)}"
        if failed > len(self._failures):
            yield f"  … and {failed - len(self._failures):,} more; --json lists all"
