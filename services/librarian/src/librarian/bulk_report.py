"""What a bulk import, or a rehearsal of one, tells: how far it is, and what became of each file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["new", "duplicate", "sidecar", "failed", "left"]
"""left: neither stored nor failed. A sidecar without its photo, or a file that was in use."""


@dataclass(frozen=True, slots=True)
class Count:
    """Some files, and how large they are together."""

    files: int = 0
    size_bytes: int = 0

    def __add__(self, other: "Count") -> "Count":
        return Count(self.files + other.files, self.size_bytes + other.size_bytes)

    def __sub__(self, other: "Count") -> "Count":
        return Count(self.files - other.files, self.size_bytes - other.size_bytes)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is.

    Attributes:
        done: Of `total`.
        total: What has been counted so far.
        known: Those of `done` that were not read, for an earlier import had taken them in.
        is_counted: Whether `total` is all that there is.
        reason: Why nothing goes on at present, in a sentence; None while something does.
    """

    done: Count
    total: Count
    known: Count
    is_counted: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of a file, or would become of it.

    Attributes:
        path: Absolute, for people.
        folder: Below the library, of what is new there.
        stored_as: Below the library; of a duplicate, the original that it equals. A rehearsal
            knows no names of new files, for they depend on what else comes.
        date_source: What its day was drawn from; only of what is new.
        code: Why it failed.
        message: The same in a sentence, or why it was left.
    """

    verdict: Verdict
    path: str
    size_bytes: int
    folder: str | None = None
    stored_as: str | None = None
    date_source: str | None = None
    code: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What became of all files together.

    Attributes:
        found: All that were seen.
        known: Not read again, for an earlier import had taken them in.
        other: No photos or videos, and not named like one; left alone. By suffix.
        is_complete: Whether everything was seen and dealt with.
        trouble: Why it is not, in a sentence, if there is a reason.
    """

    found: Count
    known: Count
    verdicts: Mapping[Verdict, Count]
    other: Mapping[str, Count] = field(default_factory=dict)
    is_complete: bool = True
    trouble: str | None = None
