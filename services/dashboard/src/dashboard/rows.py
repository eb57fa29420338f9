"""Decides what the lists of the pages say: photos, services, disks, causes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from photo_factory.alerts import Alert, remedy
from photo_factory.overview import Problem, ProblemGroup, ServiceState

from dashboard import wording
from dashboard.dating import source_words
from dashboard.queries import LatestAsset, Work
from dashboard.standing import STATES, Tone
from dashboard.thumbnails import photo_address, picture_address

SAME_DISK_BYTES = 64 * 1024**2
"""Folders whose disks are equally large and differ by less in free space lie on one disk: their
readings are seconds apart."""

DISK_STATES = {"healthy": (Tone.GOOD, "enough space")}

ALERTS = {"critical": (Tone.BAD, "Critical"), "warning": (Tone.NOTICE, "Warning")}

SCOPES = {
    "inbox": "In the inbox",
    "import": "In an import",
    "geocoder": "Place name",
    "thumbnailer": "Thumbnail",
}


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture of the strip.

    Attributes:
        picture: Address of the thumbnail; None if there is none yet.
        page: Address of the page that shows it alone.
        excuse: Why there is no thumbnail.
    """

    name: str
    picture: str | None
    page: str
    tone: Tone
    excuse: str
    day: str
    place: str
    runtime: str
    taken: str


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service with the age of its heartbeat.

    Attributes:
        seen: The exact time of the heartbeat.
    """

    name: str
    instance: str
    tone: Tone
    state: str
    message: str
    age: str
    seen: str
    memory: str


@dataclass(frozen=True, slots=True)
class Disk:
    """The disk of one or more folders.

    Attributes:
        used: Share in use in percent; None if unknown.
    """

    folders: str
    tone: Tone
    state: str
    used: int | None
    words: str
    message: str


@dataclass(frozen=True, slots=True)
class Cause:
    """All problems with one cause."""

    scope: str
    code: str
    number: int
    message: str
    since: str
    since_exact: str
    examples: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class AlertRow:
    """A state of the installation that a person should know of, and what to do about it."""

    tone: Tone
    state: str
    service: str
    code: str
    message: str
    remedy: str
    since: str
    since_exact: str


def photo(asset: LatestAsset) -> Photo:
    """An asset of the strip of latest photos."""
    tone, excuse = absence(asset.thumb_made, asset.work, asset.reason)
    taken = asset.captured_local
    return Photo(
        name=asset.name,
        picture=picture_address(asset.id, "thumb", asset.thumb_made)
        if asset.thumb_made is not None
        else None,
        page=photo_address(asset.id),
        tone=tone,
        excuse=excuse,
        day=wording.day(taken),
        place=", ".join(part for part in dict.fromkeys((asset.place, asset.country)) if part),
        runtime=wording.runtime(asset.duration_seconds) if asset.media_type == "video" else "",
        taken=f"{taken:%Y-%m-%d %H:%M}: {source_words(asset.captured_source)}",
    )


def absence(made: int | None, work: Work | None, reason: str | None) -> tuple[Tone, str]:
    """Why there is no picture to show; no words if there is one."""
    if made is not None:
        return Tone.GOOD, ""
    match work:
        case "dead":
            return Tone.NOTICE, reason or "No thumbnail could be made."
        case "skipped":
            return Tone.QUIET, reason or "There is nothing to show."
        case "leased":
            return Tone.BUSY, "Its thumbnail is being made."
        case _:
            return Tone.BUSY, "Its thumbnail waits for its turn."


def service_rows(
    states: Iterable[ServiceState], read_at: datetime, zone: str
) -> tuple[ServiceRow, ...]:
    """The services, PostgreSQL among them, with the age of what was last heard of each."""
    return tuple(_service_row(state, read_at, zone) for state in states)


def _service_row(state: ServiceState, read_at: datetime, zone: str) -> ServiceRow:
    tone, word = STATES[state.status]
    age = state.age_seconds
    seen = wording.exact(read_at - timedelta(seconds=age), zone) if age is not None else ""
    is_database = state.kind == "database"
    return ServiceRow(
        name="PostgreSQL" if is_database else state.service,
        instance=state.instance,
        tone=tone,
        state=word,
        message=state.message,
        age=wording.ago(age),
        seen=seen,
        memory=wording.size(state.memory_bytes) if state.memory_bytes else "",
    )


def disks(volumes: Iterable[ServiceState]) -> tuple[Disk, ...]:
    """The volumes, those on one disk together."""
    groups: list[list[ServiceState]] = []
    for volume in volumes:
        group = next((group for group in groups if _is_same_disk(group[0], volume)), None)
        if group is None:
            groups.append([volume])
        else:
            group.append(volume)
    return tuple(_disk(group) for group in groups)


def _bytes(volume: ServiceState, key: str) -> int | None:
    amount = volume.details.get(key)
    return int(amount) if isinstance(amount, int | float) else None


def _is_same_disk(one: ServiceState, other: ServiceState) -> bool:
    total, free = _bytes(one, "total_bytes"), _bytes(one, "free_bytes")
    other_total, other_free = _bytes(other, "total_bytes"), _bytes(other, "free_bytes")
    if total is None or free is None or other_free is None or one.status != other.status:
        return False
    return total == other_total and abs(free - other_free) < SAME_DISK_BYTES


def _disk(group: Sequence[ServiceState]) -> Disk:
    first = group[0]
    tone, state = DISK_STATES.get(first.status, STATES[first.status])
    total, free = _bytes(first, "total_bytes"), _bytes(first, "free_bytes")
    used, words = None, wording.UNKNOWN
    if total and free is not None:
        used = round(100 * (total - free) / total)
        words = f"{wording.size(free)} free of {wording.size(total)}"
    folders = ", ".join(volume.instance for volume in group)
    return Disk(folders, tone, state, used, words, first.message)


def cause(group: ProblemGroup, examples: Sequence[Problem], read_at: datetime, zone: str) -> Cause:
    """One cause of failures."""
    return Cause(
        scope=SCOPES.get(group.scope, group.scope.capitalize()),
        code=group.code,
        number=group.count,
        message=group.message or "No reason was recorded.",
        since=wording.span((read_at - group.first_since).total_seconds()),
        since_exact=wording.exact(group.first_since, zone),
        examples=tuple(problem.path for problem in examples),
        more=max(0, group.count - len(examples)),
    )


def alert(open_alert: Alert, read_at: datetime, zone: str) -> AlertRow:
    """One alert that has not ended."""
    tone, state = ALERTS[open_alert.severity]
    return AlertRow(
        tone=tone,
        state=state,
        service=open_alert.service,
        code=open_alert.code,
        message=wording.sentence(open_alert.message),
        remedy=remedy(open_alert.code),
        since=wording.span((read_at - open_alert.raised_at).total_seconds()),
        since_exact=wording.exact(open_alert.raised_at, zone),
    )
