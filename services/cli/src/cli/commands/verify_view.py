"""What `photo-factory verify` says while it finds something, and at the end."""

import json
import sys
from dataclasses import asdict, dataclass
from typing import Protocol

import typer

from cli.commands.wording import count, printable, size
from cli.verification.library import Verification
from cli.verification.original import KINDS, Finding

HINTS = {
    "missing": "Missing: put a copy of the photo into the inbox; it takes its place again.",
    "altered": "Altered: the same; the altered file is then kept in the quarantine.",
    "unreadable": "Unreadable: look at the rights of the file or folder, and at the disk.",
    "unknown": "Unknown: no record knows it. Move it into the inbox to have it taken in.",
}


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

    def end(self, verification: Verification, *, is_complete: bool) -> None:
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

    def end(self, verification: Verification, *, is_complete: bool) -> None:
        """The counts, and what helps."""
        say("\n".join(closing_lines(verification, is_complete=is_complete)))


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
        say(f"{self._separator} {json.dumps(asdict(finding))}")
        self._separator = ","

    def end(self, verification: Verification, *, is_complete: bool) -> None:
        """Close the list and the document; the counts come last."""
        tail: dict[str, int] = {
            "checked": verification.checked,
            "checked_bytes": verification.checked_bytes,
            "intact": verification.intact,
            **{kind: verification.found[kind] for kind in KINDS},
            "files": verification.files,
            "is_complete": is_complete,
        }
        say("], " + json.dumps(tail)[1:])


def say(text: str) -> None:
    """Print lines. A progress bar that is shown lets only `sys.stdout` itself pass above it."""
    typer.echo(text, file=sys.stdout)


def finding_line(finding: Finding) -> str:
    """A finding for people."""
    words = f"{finding.kind:<10}  {printable(finding.path)}"
    if finding.kind == "altered":
        return f"{words}  (expected {finding.expected_sha256}, found {finding.found_sha256})"
    return f"{words}  ({printable(finding.message)})" if finding.message else words


def closing_lines(verification: Verification, *, is_complete: bool) -> list[str]:
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
    return [*lines, f"{total}: {counts}.", *(HINTS[kind] for kind in kinds)]
