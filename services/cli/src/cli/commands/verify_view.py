"""What `photo-factory verify` says while it finds or repairs something, and at the end."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

import typer

from cli.commands.wording import count, printable, size
from cli.verification.library import Verification
from cli.verification.original import KINDS, Finding
from cli.verification.repair import REPAIRABLE, Repair, Repairs

HINTS = {
    "missing": "Missing: put a copy of the photo into the inbox; it takes its place again. "
    "Or let all copies be found: photo-factory verify --repair --from FOLDER "
    "(an old backup, a memory card; --from can be given again).",
    "altered": "Altered: the same; the altered file is then kept in the quarantine.",
    "unreadable": "Unreadable: look at the rights of the file or folder, and at the disk.",
    "unknown": "Unknown: no record knows it. Move it into the inbox to have it taken in.",
}
LEFT = (
    "No healthy copy: look in other folders with --from, such as an old backup, the phone or the "
    "memory card."
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What is checked: so many of all originals of a library."""

    library: str
    originals: int
    chosen: int

    @property
    def is_sample(self) -> bool:
        """Whether some originals are left out."""
        return self.chosen < self.originals


class Report(Protocol):
    """Takes findings as they come, so that millions need no memory."""

    def begin(self, scope: Scope) -> None:
        """Say what will be checked."""

    def add(self, finding: Finding) -> None:
        """Show a finding."""

    def begin_repairs(self, places: Sequence[Path]) -> None:
        """All findings are there; say where copies will be looked for, if anywhere."""

    def add_repair(self, repair: Repair) -> None:
        """Show what became of a finding."""

    def end(
        self, verification: Verification, repairs: Repairs | None, *, is_complete: bool
    ) -> None:
        """Show the counts."""


class LineReport:
    """For people."""

    def begin(self, scope: Scope) -> None:
        """Say what will be checked, and that it is a sample if it is one."""
        if scope.is_sample:
            say(
                f"Reading a random sample: {scope.chosen:,} of "
                f"{count(scope.originals, 'original')}. --all reads every one."
            )
        else:
            say(f"Reading every original: {scope.originals:,}.")

    def add(self, finding: Finding) -> None:
        """A line for a finding."""
        say(finding_line(finding))

    def begin_repairs(self, places: Sequence[Path]) -> None:
        """Name the places."""
        if places:
            names = ", ".join(printable(str(place)) for place in places)
            say(f"Looking for healthy copies in {names}.")

    def add_repair(self, repair: Repair) -> None:
        """A line for what became of a finding."""
        say(repair_line(repair))

    def end(
        self, verification: Verification, repairs: Repairs | None, *, is_complete: bool
    ) -> None:
        """The counts, and what helps."""
        say("\n".join(closing_lines(verification, repairs, is_complete=is_complete)))


class JsonReport:
    """For other programs: one document, written piece by piece."""

    def __init__(self) -> None:
        self._separator = " "

    def begin(self, scope: Scope) -> None:
        """Open the document."""
        head = {
            "library": scope.library,
            "originals": scope.originals,
            "is_sample": scope.is_sample,
        }
        say(json.dumps(head)[:-1] + ', "findings": [')

    def add(self, finding: Finding) -> None:
        """A line of the list of findings."""
        self._item(asdict(finding))

    def begin_repairs(self, places: Sequence[Path]) -> None:
        """Close the list of findings and open that of repairs."""
        say(f'], "places": {json.dumps([str(place) for place in places])}, "repairs": [')
        self._separator = " "

    def add_repair(self, repair: Repair) -> None:
        """A line of the list of repairs."""
        self._item(asdict(repair))

    def end(
        self, verification: Verification, repairs: Repairs | None, *, is_complete: bool
    ) -> None:
        """Close the list and the document; the counts come last."""
        tail: dict[str, int] = {
            "checked": verification.checked,
            "checked_bytes": verification.checked_bytes,
            "intact": verification.intact,
            **{kind: verification.found[kind] for kind in KINDS},
            "files": verification.files,
        }
        if repairs is not None:
            left = verification.found.total() - repairs.mended
            tail |= {"mended": repairs.mended, "left": left, "unread": repairs.unread}
        say("], " + json.dumps(tail | {"is_complete": is_complete})[1:])

    def _item(self, values: dict[str, object]) -> None:
        say(f"{self._separator} {json.dumps(values)}")
        self._separator = ","


def say(text: str) -> None:
    """Print lines. A progress bar that is shown lets only `sys.stdout` itself pass above it."""
    typer.echo(text, file=sys.stdout)


def finding_line(finding: Finding) -> str:
    """A finding for people."""
    words = f"{finding.kind:<10}  {printable(finding.path)}"
    if finding.kind == "altered":
        return f"{words}  (expected {finding.expected_sha256}, found {finding.found_sha256})"
    return f"{words}  ({printable(finding.message)})" if finding.message else words


def repair_line(repair: Repair) -> str:
    """What became of a finding, for people."""
    words = f"{repair.outcome:<10}  {printable(repair.path)}"
    if repair.outcome == "repaired":
        return f"{words}  (from {printable(repair.source or '')})"
    return f"{words}  ({printable(repair.message)})" if repair.message else words


def closing_lines(
    verification: Verification, repairs: Repairs | None, *, is_complete: bool
) -> list[str]:
    """Counts and hints for people."""
    read = f"{count(verification.checked, 'original')} read ({size(verification.checked_bytes)})"
    lines = [
        f"{read}: {verification.intact:,} intact.",
        f"{count(verification.files, 'file')} seen.",
    ]
    if not is_complete:
        return [*lines, "Stopped before the end."]
    if not verification.found:
        return [*lines, "No findings."]
    kinds = [kind for kind in KINDS if verification.found[kind]]
    counts = ", ".join(f"{verification.found[kind]:,} {kind}" for kind in kinds)
    total = count(verification.found.total(), "finding")
    lines.append(f"{total}: {counts}.")
    if repairs is None:
        return [*lines, *(HINTS[kind] for kind in kinds)]
    return [*lines, *_repair_lines(verification, repairs)]


def _repair_lines(verification: Verification, repairs: Repairs) -> Iterator[str]:
    found, mended = verification.found, repairs.mended
    yield f"{mended:,} of them in order again, {found.total() - mended:,} left."
    if mended:
        yield "Work that failed because of them: photo-factory retry tries it again."
    if mended < sum(found[kind] for kind in REPAIRABLE):
        yield LEFT
        yield from _unread_lines(repairs)
    for kind in KINDS:
        if found[kind] and kind not in REPAIRABLE:
            yield HINTS[kind]


def _unread_lines(repairs: Repairs) -> Iterator[str]:
    """Where a copy may lie that nobody could see."""
    if repairs.unread:
        yield f"{count(repairs.unread, 'file or folder', 'files or folders')} could not be read:"
    for unread in repairs.unread_examples:
        yield f"  {printable(str(unread.path))}  ({printable(unread.message)})"
