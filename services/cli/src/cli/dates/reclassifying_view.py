"""What `photo-factory reclassify` prints."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, Protocol

import typer
from librarian.redating import Change, Dated

from cli.commands.wording import count, printable
from cli.dates.librarian_state import LibrarianState
from cli.dates.times import when_words

Kind = Literal["day", "time", "zone", "source", "confidence"]
KINDS: Mapping[Kind, str] = {
    "day": "another day: the file belongs into another folder",
    "time": "another time of the same day",
    "zone": "the same time with another offset",
    "source": "the same time by another source",
    "confidence": "the same time, more or less sure",
}


def kind_of(change: Change) -> Kind:
    """The weightiest of what is different."""
    before, after = change.before, change.after
    if before.local.date() != after.local.date():
        return "day"
    if before.local != after.local:
        return "time"
    if before.offset_minutes != after.offset_minutes:
        return "zone"
    return "source" if before.source != after.source else "confidence"


def reason_of(change: Change) -> str:
    """Why the former date does not stand any more."""
    before, after = change.before, change.after
    if before.source == after.source:
        return f"{after.source} is judged anew"
    lost = [one for one in change.candidates if one.source == before.source and one.reason]
    if lost:
        return f"{before.source}: {lost[0].reason}"
    return f"{before.source} is no candidate any more"


class View(Protocol):
    """Whoever is told what differs."""

    def begin(self, *, is_applied: bool, rules: int) -> None:
        """The first asset is about to be looked at."""

    def add(self, change: Change, kind: Kind) -> None:
        """Something differs."""

    def end(self, assets: int, kinds: Counter[Kind], *, is_complete: bool) -> None:
        """That was all, or as far as it came."""

    def advise(self, librarian: LibrarianState, moves: int) -> None:
        """What happens next to the files whose day is another one now."""


class LineView:
    """For people: some changes of each kind, and counts.

    Args:
        examples: Changes shown of each kind.
    """

    def __init__(self, examples: int) -> None:
        self._examples = examples
        self._shown: Counter[Kind] = Counter()
        self._is_applied = False
        self._rules = 0

    def begin(self, *, is_applied: bool, rules: int) -> None:
        """Remember what the end has to say."""
        self._is_applied = is_applied
        self._rules = rules

    def add(self, change: Change, kind: Kind) -> None:
        """Show it, if not too many of its kind have been shown."""
        self._shown[kind] += 1
        if self._shown[kind] <= self._examples:
            typer.echo("\n".join(_lines(change)))

    def end(self, assets: int, kinds: Counter[Kind], *, is_complete: bool) -> None:
        """Count by kind, and say how to go on."""
        typer.echo("\n".join(self._summary(assets, kinds, is_complete=is_complete)))

    def _summary(self, assets: int, kinds: Counter[Kind], *, is_complete: bool) -> Iterator[str]:
        looked_at = f"{count(assets, 'asset')} looked at by rules {self._rules}"
        if not kinds:
            yield f"{looked_at}; all dates stand."
        else:
            would = "got" if self._is_applied else "would get"
            yield f"{looked_at}; {kinds.total():,} {would} another date:"
        for kind, words in KINDS.items():
            if kinds[kind]:
                hidden = kinds[kind] - self._examples
                note = f" ({hidden:,} of them not shown)" if hidden > 0 else ""
                yield f"  {kinds[kind]:>9,}  {words}{note}"
        if not is_complete:
            yield "Stopped before the end. The same command looks at all of it again."
        elif kinds and not self._is_applied:
            yield "Nothing was changed. Do it with the same command and --apply."

    def advise(self, librarian: LibrarianState, moves: int) -> None:
        """Say who moves the files."""
        if moves:
            advice = f" {librarian.advice}" if librarian.advice else ""
            typer.echo(f"The librarian moves {count(moves, 'file')} to another folder.{advice}")


def _lines(change: Change) -> Iterator[str]:
    yield f"{change.asset_id:>8}  {printable(change.path)}"
    yield f"{'':8}  {_dated_words(change.before)} -> {_dated_words(change.after)}"
    yield f"{'':8}  {printable(reason_of(change))}"


def _dated_words(dated: Dated) -> str:
    when = when_words(dated.local, dated.offset_minutes)
    return f"{when} ({printable(dated.source)}, {dated.confidence})"


class JsonView:
    """For programs: one document, of which each change is written as it is found."""

    def __init__(self) -> None:
        self._separator = " "

    def begin(self, *, is_applied: bool, rules: int) -> None:
        """Open the document and its list of changes."""
        head = json.dumps({"is_applied": is_applied, "rules": rules})
        typer.echo(head[:-1] + ', "changes": [')

    def add(self, change: Change, kind: Kind) -> None:
        """A line of the list."""
        item = {
            "id": change.asset_id,
            "path": change.path,
            "kind": kind,
            "before": _document(change.before),
            "after": _document(change.after),
            "reason": reason_of(change),
            "candidates": [
                {"source": one.source, "text": one.text, "reason": one.reason}
                for one in change.candidates
            ],
        }
        typer.echo(f"{self._separator} {json.dumps(item)}")
        self._separator = ","

    def end(self, assets: int, kinds: Counter[Kind], *, is_complete: bool) -> None:
        """Close the list and the document; the counts come last."""
        counts = {kind: kinds[kind] for kind in KINDS}
        tail = {"assets": assets, "kinds": counts, "is_complete": is_complete}
        typer.echo("], " + json.dumps(tail)[1:])

    def advise(self, librarian: LibrarianState, moves: int) -> None:
        """Nothing: a program asks for the status."""


def _document(dated: Dated) -> dict[str, object]:
    return {
        "local": dated.local.isoformat(),
        "offset_minutes": dated.offset_minutes,
        "source": dated.source,
        "confidence": dated.confidence,
    }
