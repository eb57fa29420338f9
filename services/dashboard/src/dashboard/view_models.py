"""Decides what the parts of Home say, in words and tones. Pure: values in, values out."""

from dataclasses import dataclass

from photo_factory.overview import InboxCounts, Overview, ServiceState, StageCounts

from dashboard import wording
from dashboard.standing import (
    LIVE,
    STATES,
    Tone,
    failures,
    head_of,
    open_steps,
    sidecars_wait,
    stage_counts,
)
from dashboard.wording import count, plural, span

SEPARATOR = "\u00a0· "
"""A line may break behind the dot and never before it."""

STUCK_SECONDS = 3600.0
"""Work that waits for this long while nothing gets done is stuck."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One of the four numbers of Home."""

    label: str
    value: str
    detail: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its word on a card."""

    label: str
    value: str
    tone: Tone = Tone.QUIET


@dataclass(frozen=True, slots=True)
class Card:
    """One station of the pipeline."""

    name: str
    tone: Tone
    state: str
    note: str
    figures: tuple[Figure, ...]


def tiles(overview: Overview, arrived_today: int) -> tuple[Tile, ...]:
    """The four numbers of Home."""
    return (
        _library_tile(overview, arrived_today),
        _processing_tile(overview),
        _attention_tile(overview),
        _backup_tile(overview),
    )


def tiles_away() -> tuple[Tile, ...]:
    """The four tiles while nothing is known; unknown is not 0."""
    labels = ("In the library", "Being processed", "Needs you", "Backed up")
    return tuple(Tile(label, wording.UNKNOWN, "", Tone.UNKNOWN) for label in labels)


def _library_tile(overview: Overview, arrived_today: int) -> Tile:
    today = f"{count(arrived_today)} arrived today" if arrived_today else "none arrived today"
    kinds = f"{plural(overview.photos, 'photo')}, {plural(overview.videos, 'video')}"
    detail = SEPARATOR.join((today, kinds, wording.size(overview.total_bytes)))
    return Tile("In the library", count(overview.assets), detail, Tone.GOOD)


def _processing_tile(overview: Overview) -> Tile:
    inbox, steps = overview.inbox, open_steps(overview)
    number = inbox.waiting + inbox.importing + steps
    if not number:
        return Tile("Being processed", "0", sidecars_wait(overview) or "Nothing waits", Tone.GOOD)
    ages = [overview.inbox.oldest_waiting_seconds]
    ages += [stage.oldest_pending_seconds for stage in overview.stages if stage.pending]
    known = [age for age in ages if age is not None]
    parts = [f"{plural(inbox.waiting, 'file')} in the inbox"] if inbox.waiting else []
    parts += [f"{plural(inbox.importing, 'file')} in an import"] if inbox.importing else []
    parts += [f"{plural(steps, 'step')} in the line"] if steps else []
    parts += [f"the oldest waits {span(max(known))}"] if known else []
    return Tile("Being processed", count(number), SEPARATOR.join(parts), Tone.BUSY)


def _attention_tile(overview: Overview) -> Tile:
    alerts = len(overview.alerts)
    number = failures(overview) + alerts
    if not number:
        return Tile("Needs you", "0", "Nothing to do", Tone.GOOD)
    places = [("inbox", overview.inbox.failed)]
    places += [(stage.name, stage.failed) for stage in overview.stages]
    parts = [plural(alerts, "alert")] if alerts else []
    parts += [f"{count(failed)} at {name}" for name, failed in places if failed]
    is_critical = any(alert.severity == "critical" for alert in overview.alerts)
    tone = Tone.BAD if is_critical else Tone.NOTICE
    return Tile("Needs you", count(number), SEPARATOR.join(parts), tone)


def _backup_tile(overview: Overview) -> Tile:
    head, backup = head_of(overview, "backup"), stage_counts(overview, "backup")
    if head is None or backup is None or head.status == "never_seen":
        return Tile("Backed up", wording.UNKNOWN, "No news from backup yet", Tone.UNKNOWN)
    if head.status == "not_configured":
        return Tile("Backed up", "Not set up", "This machine holds the only copy", Tone.QUIET)
    if not overview.assets:
        return Tile("Backed up", "0", "The library is empty", Tone.QUIET)
    detail = f"{count(backup.done)} of {count(overview.assets)}"
    tone = Tone.GOOD if backup.done >= overview.assets else Tone.BUSY
    if head.status != "healthy":
        tone, word = STATES[head.status]
        detail += f"{SEPARATOR}the service is {word}"
    return Tile("Backed up", wording.percent(backup.done, overview.assets), detail, tone)


def pipeline(overview: Overview) -> tuple[Card, ...]:
    """The stations of the line in the order in which a file passes them."""
    stages = tuple(_stage_card(overview, stage) for stage in overview.stages)
    return (_inbox_card(overview), _librarian_card(overview), *stages)


def _figure(label: str, number: int, tone: Tone = Tone.QUIET) -> Figure:
    return Figure(label, count(number), tone if number else Tone.QUIET)


def _inbox_card(overview: Overview) -> Card:
    inbox = overview.inbox
    note = f"oldest {span(inbox.oldest_waiting_seconds)}" if inbox.waiting else ""
    figures = [
        _figure("waiting", inbox.waiting, Tone.BUSY),
        _figure("failed", inbox.failed, Tone.NOTICE),
    ]
    figures += [_figure("importing", inbox.importing, Tone.BUSY)] if inbox.importing else []
    figures += [_figure("put aside", inbox.put_aside)] if inbox.put_aside else []
    return Card("Inbox", *_inbox_state(inbox), note or sidecars_wait(overview), tuple(figures))


def _inbox_state(inbox: InboxCounts) -> tuple[Tone, str]:
    if inbox.waiting:
        return Tone.BUSY, "files waiting"
    if inbox.failed:
        return Tone.NOTICE, "needs you"
    if inbox.sidecars:
        return Tone.QUIET, "at rest"
    return Tone.GOOD, "empty"


def _librarian_card(overview: Overview) -> Card:
    head = head_of(overview, "librarian")
    tone, state = STATES[head.status] if head else STATES["never_seen"]
    in_hand = head.items_in_hand if head and head.status in LIVE else 0
    if tone is Tone.GOOD:
        tone, state = (Tone.BUSY, "working") if in_hand else (Tone.GOOD, "idle")
    figures = (
        _figure("running", in_hand, Tone.BUSY),
        _figure("duplicates", overview.duplicates),
        _figure("done", overview.assets),
    )
    return Card("Librarian", tone, state, _message(head), figures)


def _stage_card(overview: Overview, stage: StageCounts) -> Card:
    head = head_of(overview, stage.name)
    tone, state = STATES[head.status] if head else STATES["never_seen"]
    if tone is Tone.GOOD:
        tone, state = _stage_state(stage)
    note = _message(head)
    if not note and stage.pending and stage.oldest_pending_seconds is not None:
        note = f"oldest {span(stage.oldest_pending_seconds)}"
    figures = (
        _figure("waiting", stage.pending, Tone.BUSY),
        _figure("running", stage.running, Tone.BUSY),
        _figure("failed", stage.failed, Tone.NOTICE),
        _figure("done", stage.done),
    )
    return Card(stage.name.capitalize(), tone, state, note, figures)


def _stage_state(stage: StageCounts) -> tuple[Tone, str]:
    """Of a healthy service: what its stage is doing."""
    if stage.running:
        return Tone.BUSY, "working"
    if not stage.pending:
        return Tone.GOOD, "idle"
    is_old = (stage.oldest_pending_seconds or 0.0) > STUCK_SECONDS
    if is_old and not stage.done_last_hour:
        return Tone.NOTICE, "stuck"
    return Tone.BUSY, "waiting"


def _message(head: ServiceState | None) -> str:
    return head.message if head and head.status in LIVE else ""
