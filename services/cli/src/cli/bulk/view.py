"""What an import says of its files and at the end: for people, or as JSON."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import typer
from librarian.bulk_report import Count, FileResult, Report
from librarian.capture.decision import FILE_TIME
from librarian.takeout.takeout_report import TakeoutReport

from cli.bulk.order import Order
from cli.bulk.takeout_view import takeout_document, takeout_lines
from cli.commands.wording import age, count, printable, size

EXAMPLES = 10
SUFFIXES = 8


@dataclass(frozen=True, slots=True)
class Ending:
    """How it ended.

    Attributes:
        free_bytes: Room on the library's disk; None if it is not known.
        takeout: What a Takeout says beside; None if it was none.
    """

    report: Report
    seconds: float
    free_bytes: int | None = None
    takeout: TakeoutReport | None = None

    @property
    def is_well(self) -> bool:
        """Whether all was dealt with and nothing is left for a person to see to."""
        has_faults = self.takeout is not None and bool(self.takeout.faults)
        has_failed = self.report.verdicts["failed"].files > 0
        return self.report.is_complete and not has_failed and not has_faults


class View(Protocol):
    """Takes results as they come, so that a million need no memory."""

    def begin(self, order: Order, sources: list[str], library: Path) -> None:
        """Say what will be imported."""

    def add(self, result: FileResult) -> None:
        """Take what became of a file."""

    def end(self, ending: Ending) -> None:
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

    def begin(self, order: Order, sources: list[str], library: Path) -> None:
        """Open the document and its list of files."""
        head = {
            "sources": sources,
            "library": str(library),
            "mode": order.verb,
            "is_dry_run": order.is_dry_run,
        }
        say(json.dumps(head)[:-1] + ', "files": [')

    def add(self, result: FileResult) -> None:
        """A line of the list."""
        item = {
            "verdict": result.verdict,
            "path": result.path,
            "bytes": result.size_bytes,
            "folder": result.folder,
            "stored_as": result.stored_as,
            "date_source": result.date_source,
            "code": result.code,
            "message": result.message,
        }
        say(f"{self._separator} {json.dumps(item)}")
        self._separator = ","

    def end(self, ending: Ending) -> None:
        """Close the list and the document; the counts come last."""
        report = ending.report
        tail: dict[str, object] = {
            "found": _amount(report.found),
            "known": _amount(report.known),
            **{verdict: _amount(number) for verdict, number in report.verdicts.items()},
            "other": {
                **_amount(sum(report.other.values(), Count())),
                "suffixes": {suffix: one.files for suffix, one in sorted(report.other.items())},
            },
            "seconds": round(ending.seconds, 3),
            "is_complete": report.is_complete,
            "trouble": report.trouble,
        }
        if ending.takeout is not None:
            tail["takeout"] = takeout_document(ending.takeout)
        say("], " + json.dumps(tail)[1:])


def _amount(number: Count) -> dict[str, int]:
    return {"files": number.files, "bytes": number.size_bytes}


class LineView:
    """For people: counts, and examples of what needs them."""

    def __init__(self) -> None:
        self._order: Order | None = None
        self._failures: Counter[str] = Counter()
        self._examples: dict[str, list[FileResult]] = {}
        self._left: list[FileResult] = []
        self._years: Counter[str] = Counter()
        self._guessed = 0

    def begin(self, order: Order, sources: list[str], library: Path) -> None:
        """Name source and target."""
        self._order = order
        verb = {"copy": "Copying", "move": "Moving"}[order.verb]
        if order.is_dry_run:
            verb = f"Dry run, nothing is changed: {verb.lower()}"
        names = ", ".join(printable(source) for source in sources)
        say(f"{verb} from {names} into {printable(str(library))}.")

    def add(self, result: FileResult) -> None:
        """Keep what is to be shown of it."""
        if result.verdict == "failed":
            code = result.code or "unknown"
            self._failures[code] += 1
            examples = self._examples.setdefault(code, [])
            if len(examples) < EXAMPLES:
                examples.append(result)
        elif result.verdict == "left" and len(self._left) < EXAMPLES:
            self._left.append(result)
        elif result.verdict == "new":
            self._years[(result.folder or "").partition("/")[0]] += 1
            self._guessed += result.date_source == FILE_TIME

    def end(self, ending: Ending) -> None:
        """Counts, causes, and what to do next."""
        say("\n".join(self.lines(ending)))

    def lines(self, ending: Ending) -> Iterator[str]:
        """What is said at the end."""
        report = ending.report
        found = f"{count(report.found.files, 'file')} seen ({size(report.found.size_bytes)})"
        yield f"{found} in {age(ending.seconds)}."
        yield from self._count_lines(report)
        yield from self._year_lines()
        yield from self._failure_lines()
        if ending.takeout is not None:
            is_dry_run = self._order is not None and self._order.is_dry_run
            yield from takeout_lines(ending.takeout, is_dry_run=is_dry_run)
        for result in self._left:
            yield f"  left: {printable(result.path)} ({printable(result.message or '')})"
        yield from self._closing_lines(ending)

    def _count_lines(self, report: Report) -> Iterator[str]:
        others = sum(report.other.values(), Count())
        common = sorted(report.other.items(), key=lambda item: -item[1].files)[:SUFFIXES]
        suffixes = ", ".join(
            f"{one.files:,} {printable(suffix) or 'without a suffix'}" for suffix, one in common
        )
        rows = [
            ("new", report.verdicts["new"], ""),
            ("duplicate", report.verdicts["duplicate"], "the library has them"),
            ("known", report.known, "imported before and not changed since: not read again"),
            ("sidecar", report.verdicts["sidecar"], "put beside their photos"),
            ("other", others, f"no photos or videos, left alone: {suffixes}"),
            ("left", report.verdicts["left"], "left alone, see below"),
            ("failed", report.verdicts["failed"], "see below"),
        ]
        for name, number, note in rows:
            if number.files or name == "new":
                words = f"  {name:<10}{number.files:>9,}  {size(number.size_bytes):>9}"
                yield f"{words}  {note}" if note else words

    def _year_lines(self) -> Iterator[str]:
        if self._order is None or not self._order.is_dry_run or not self._years:
            return
        if self._order.is_takeout:
            return
        years = ", ".join(f"{number:,} in {year}" for year, number in sorted(self._years.items()))
        yield f"The new ones would be filed by day: {years}."
        if self._guessed:
            yield (
                f"{count(self._guessed, 'of them says', 'of them say')} nothing of when they "
                "were taken; the time of the file decides."
            )

    def _failure_lines(self) -> Iterator[str]:
        for code, number in self._failures.most_common():
            yield f"failed: {printable(code)}, {count(number, 'file')}"
            examples = self._examples[code]
            yield from (f"  {printable(one.message or one.path)}" for one in examples)
            if number > len(examples):
                yield f"  … and {number - len(examples):,} more"

    def _closing_lines(self, ending: Ending) -> Iterator[str]:
        report, order = ending.report, self._order
        if order is None:
            return
        if order.is_dry_run:
            yield from _room_lines(ending)
        elif order.is_takeout:
            yield "The parts are as they were."
        elif order.verb == "copy":
            yield "The source is as it was."
        else:
            yield "What is stored was removed from the source; its folders were left."
        if report.trouble is not None:
            yield f"It could not go on: {printable(report.trouble)}"
        if not report.is_complete:
            yield "Stopped before the end. The same command goes on; what is stored stays stored."
        elif report.verdicts["failed"].files and not order.is_dry_run:
            yield (
                "What failed was left where it is. photo-factory problems lists it; "
                "the same command tries it again."
            )


def _room_lines(ending: Ending) -> Iterator[str]:
    new = ending.report.verdicts["new"]
    if ending.free_bytes is None or not new.files:
        return
    room = f"{size(new.size_bytes)} would be added; {size(ending.free_bytes)} are free."
    yield room if new.size_bytes < ending.free_bytes else f"There is too little room: {room}"
