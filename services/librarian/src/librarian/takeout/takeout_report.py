"""What an import of a Takeout tells beside what became of each file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from librarian.capture.decision import FILE_TIME
from librarian.takeout.archives import Fault
from librarian.takeout.index import Index

EXAMPLES = 10
TAKEOUT = "Takeout"
FILE_NAME = "file name"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why some have no counterpart.

    Attributes:
        examples: Paths of the first of them.
    """

    text: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TakeoutReport:
    """What was in the Takeout, and what came of it.

    Attributes:
        parts: Names of those that were read.
        missing: Names of those that must exist and were not there.
        media: Photos and videos in these parts.
        earlier: Those of earlier parts, which took part in the matching.
        matched: Media that a JSON speaks of.
        without_note: Media that none speaks of.
        without_medium: JSON whose medium is not here; kept, and tried again the next time.
        attached: JSON newly put beside originals; None if that was not reached.
        redated: Originals whose date changed by that.
        dates: What the dates of all its originals were drawn from; empty if it is not known.
        albums: Titles.
        memberships: Places in albums that are new.
        trashed: Media left out, for they lay in Google's trash.
        other: Files that are neither media nor JSON.
        faults: What could not be read.
    """

    parts: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    media: int = 0
    earlier: int = 0
    matched: int = 0
    without_note: tuple[Reason, ...] = ()
    without_medium: tuple[Reason, ...] = ()
    attached: int | None = None
    redated: int = 0
    dates: Mapping[str, int] = field(default_factory=dict)
    albums: tuple[str, ...] = ()
    memberships: int = 0
    trashed: int = 0
    other: int = 0
    faults: tuple[Fault, ...] = ()

    @property
    def date_groups(self) -> dict[str, int]:
        """The same as `dates`, put together to what people ask for."""
        groups: Counter[str] = Counter()
        for source, number in self.dates.items():
            groups[_group(source)] += number
        return dict(groups)


def reasons(unmatched: Mapping[str, str]) -> tuple[Reason, ...]:
    """Group what has no counterpart (reason by path) by reason, the commonest first."""
    counts = Counter(unmatched.values())
    examples: dict[str, list[str]] = {text: [] for text in counts}
    for path, text in unmatched.items():
        if len(examples[text]) < EXAMPLES:
            examples[text].append(path)
    return tuple(
        Reason(text, number, tuple(examples[text])) for text, number in counts.most_common()
    )


def describe_index(index: Index, parts: tuple[str, ...], trashed: int) -> TakeoutReport:
    """What is known once all parts were read; the rest is for `dataclasses.replace`."""
    media = sum(size is not None for size in index.media.values())
    return TakeoutReport(
        parts=parts,
        missing=index.missing,
        media=media,
        earlier=len(index.media) - media,
        matched=len(index.media) - len(index.unmatched_media),
        without_note=reasons(index.unmatched_media),
        without_medium=reasons(index.unmatched_notes),
        albums=tuple(album.title for album in index.albums),
        trashed=trashed,
        other=index.other,
        faults=tuple(index.faults),
    )


def _group(source: str) -> str:
    if source.startswith("Takeout:"):
        return TAKEOUT
    if source in (FILE_NAME, FILE_TIME, "correction", "paired still"):
        return source
    return "sidecar" if source.startswith("sidecar ") else "embedded"
