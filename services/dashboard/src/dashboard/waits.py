"""Decides what the list of waiting files says. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from photo_factory.waiting import FLOWING, PUT_ASIDE, WORDS, WaitingFile, WaitingGroup

from dashboard import wording
from dashboard.standing import Tone

MOST_ROWS = 50
"""On the page together; the command photo-factory inbox has no such limit."""
SHARED_ROWS = 20
"""A few causes share so many, and many causes have the fewest each."""
FEWEST_ROWS = 4
NAMED_FLOWING = 3
"""Files on their way are named if they are so few; a long row of names that change says nothing."""
OWN_REASONS = frozenset({"not_ready"})
"""Causes for which each file has a reason of its own."""

TONES = {
    "not_ready": Tone.BUSY,
    "settling": Tone.BUSY,
    "in_hand": Tone.BUSY,
    "in_line": Tone.BUSY,
    "sidecar_alone": Tone.QUIET,
    "import_ended": Tone.QUIET,
    PUT_ASIDE: Tone.QUIET,
}
"""Of all other causes, a person should know."""


@dataclass(frozen=True, slots=True)
class WaitRow:
    """One file that waits.

    Attributes:
        reason: Empty where the cause says it all.
        then: What happens next and when; empty where that is not a matter of time.
    """

    path: str
    reason: str
    size: str
    since: str
    since_exact: str
    then: str
    then_exact: str


@dataclass(frozen=True, slots=True)
class Wait:
    """All files of one place that wait for the same reason.

    Attributes:
        number: How many, with their place and size.
        more: Those that are not named.
    """

    tone: Tone
    title: str
    number: str
    since: str
    since_exact: str
    explanation: str
    rows: tuple[WaitRow, ...]
    more: int


def waiting(groups: Iterable[WaitingGroup], read_at: datetime, zone: str) -> tuple[Wait, ...]:
    """What waits in the inboxes and imports."""
    waits = [group for group in groups if group.cause != PUT_ASIDE]
    share = max(FEWEST_ROWS, SHARED_ROWS // max(1, len(waits)))
    left, shown = MOST_ROWS, []
    for group in waits:
        files = _named(group)[: min(share, left)]
        left -= len(files)
        shown.append(_wait(group, files, read_at, zone))
    return tuple(shown)


def put_aside(groups: Iterable[WaitingGroup], read_at: datetime, zone: str) -> tuple[Wait, ...]:
    """What was moved to the quarantine and asks for nothing."""
    return tuple(
        _wait(group, group.files[:FEWEST_ROWS], read_at, zone)
        for group in groups
        if group.cause == PUT_ASIDE
    )


def _named(group: WaitingGroup) -> Sequence[WaitingFile]:
    is_crowd = group.cause in FLOWING and group.count > NAMED_FLOWING
    return () if is_crowd else group.files


def _wait(group: WaitingGroup, files: Sequence[WaitingFile], read_at: datetime, zone: str) -> Wait:
    has_own_reasons = group.cause in OWN_REASONS or group.cause not in WORDS
    return Wait(
        tone=TONES.get(group.cause, Tone.NOTICE),
        title=group.title,
        number=_number(group),
        since=wording.span((read_at - group.since).total_seconds()),
        since_exact=wording.exact(group.since, zone),
        explanation=wording.sentence(group.explanation),
        rows=tuple(_row(file, read_at, zone, has_reason=has_own_reasons) for file in files),
        more=group.count - len(files) if files else 0,
    )


def _number(group: WaitingGroup) -> str:
    files = wording.plural(group.count, "file")
    if group.source:
        return f"{files} of {group.source}"
    return files if group.inbox == "inbox" else f"{files} in {group.inbox}"


def _row(file: WaitingFile, read_at: datetime, zone: str, *, has_reason: bool) -> WaitRow:
    then = then_exact = ""
    if file.next_look_at is not None:
        then = wording.until((file.next_look_at - read_at).total_seconds())
        then_exact = wording.exact(file.next_look_at, zone)
    return WaitRow(
        path=file.path,
        reason=wording.sentence(file.reason) if has_reason else "",
        size=wording.size(file.size_bytes),
        since=wording.span((read_at - file.since).total_seconds()),
        since_exact=wording.exact(file.since, zone),
        then=then,
        then_exact=then_exact,
    )
