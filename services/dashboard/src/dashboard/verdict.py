"""The one sentence at the top of Home, chosen in a fixed order of severity. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from photo_factory.alerts import Severity
from photo_factory.overview import Overview, ServiceState

from dashboard import wording
from dashboard.standing import (
    Tone,
    failures,
    head_of,
    open_steps,
    service_heads,
    sidecars_wait,
    stage_counts,
)
from dashboard.wording import count, plural, span

NAMED_SERVICES = 3
"""More than these are counted instead of named."""


@dataclass(frozen=True, slots=True)
class Away:
    """The database cannot answer since then."""

    since: datetime
    is_unprepared: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one sentence at the top of a page.

    Attributes:
        link: Page that tells more; empty if none does.
    """

    tone: Tone
    headline: str
    detail: str
    link: str = ""


def verdict_away(away: Away, now: datetime, zone: str) -> Verdict:
    """The sentence while the database cannot answer."""
    if away.is_unprepared:
        return Verdict(
            Tone.BAD,
            "The database is not prepared for this version yet.",
            "Its tables are missing or older than this dashboard. The update that prepares them "
            "may still run; this page goes on by itself when it is done.",
        )
    return Verdict(
        Tone.BAD,
        f"The database has not answered since {wording.clock(away.since, now, zone)}.",
        "Photos that are in the library or the inbox stay where they are. "
        "This page goes on by itself as soon as the database answers.",
    )


def verdict(overview: Overview) -> Verdict:
    """The sentence about everything; the first of these that has something to say decides."""
    checks: tuple[Callable[[Overview], Verdict | None], ...] = (
        _services_down,
        _critical_alert,
        _storage_in_trouble,
        _services_held,
        _files_failed,
        _warning,
        _services_limping,
        _services_missing,
        _library_empty,
        _work_waiting,
    )
    for check in checks:
        found = check(overview)
        if found is not None:
            return found
    return _all_well(overview)


def _in_state(overview: Overview, *statuses: str) -> list[ServiceState]:
    return [state for state in service_heads(overview.services) if state.status in statuses]


def _names(states: list[ServiceState]) -> str:
    if len(states) > NAMED_SERVICES:
        return f"{len(states)} services"
    names = [f"the {state.service}" for state in states]
    joined = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return joined[0].upper() + joined[1:]


def _is_are(states: list[ServiceState]) -> str:
    return "is" if len(states) == 1 else "are"


def _services_down(overview: Overview) -> Verdict | None:
    down = _in_state(overview, "down")
    if not down:
        return None
    silent = span(min(state.age_seconds or 0.0 for state in down))
    return Verdict(
        Tone.BAD,
        f"{_names(down)} {_is_are(down)} down.",
        f"No heartbeat for {silent}. What is stored stays safe; new work waits until "
        f"{'it runs' if len(down) == 1 else 'they run'} again.",
    )


def _critical_alert(overview: Overview) -> Verdict | None:
    return _alert(overview, "critical", Tone.BAD)


def _warning(overview: Overview) -> Verdict | None:
    return _alert(overview, "warning", Tone.NOTICE)


def _alert(overview: Overview, severity: Severity, tone: Tone) -> Verdict | None:
    """The alert that is open for the longest speaks; the page that is linked shows them all."""
    found = [alert for alert in overview.alerts if alert.severity == severity]
    if not found:
        return None
    message = wording.sentence(found[0].message)
    others = len(overview.alerts) - 1
    more = (
        f" There {'is' if others == 1 else 'are'} {plural(others, 'more alert')}." if others else ""
    )
    return Verdict(tone, f"The {found[0].service} needs you.", message + more, link="attention")


def _storage_in_trouble(overview: Overview) -> Verdict | None:
    for volume in overview.volumes:
        if volume.status == "degraded":
            message = volume.message or "Its disk is nearly full or cannot be read."
            return Verdict(Tone.BAD, f"The {volume.instance} folder is in trouble.", message)
    database = overview.database
    if database is not None and database.status == "degraded":
        message = database.message or "It answers, but not as it should."
        return Verdict(Tone.NOTICE, "The database is in trouble.", message)
    return None


def _services_held(overview: Overview) -> Verdict | None:
    held = _in_state(overview, "paused") or _in_state(overview, "stopped")
    if not held:
        return None
    message = held[0].message or "New work waits until it goes on."
    return Verdict(Tone.NOTICE, f"{_names(held)} {_is_are(held)} {held[0].status}.", message)


def _files_failed(overview: Overview) -> Verdict | None:
    number = failures(overview)
    if not number:
        return None
    return Verdict(
        Tone.NOTICE,
        f"{plural(number, 'file')} {'needs' if number == 1 else 'need'} you.",
        f"Everything else goes on. {_stored(overview)}",
        link="attention",
    )


def _services_limping(overview: Overview) -> Verdict | None:
    limping = _in_state(overview, "degraded", "stale")
    if not limping:
        return None
    if limping[0].status == "stale":
        detail = f"Its last heartbeat came {wording.ago(limping[0].age_seconds)}."
        return Verdict(Tone.NOTICE, f"{_names(limping[:1])} is late.", detail)
    message = limping[0].message or "It works, but not as it should."
    return Verdict(Tone.NOTICE, f"{_names(limping[:1])} is in trouble.", message)


def _services_missing(overview: Overview) -> Verdict | None:
    missing = _in_state(overview, "never_seen")
    if not missing:
        return None
    return Verdict(
        Tone.UNKNOWN,
        f"{_names(missing)} {'has' if len(missing) == 1 else 'have'} not been heard of yet.",
        "After a start this takes some seconds. " + _stored(overview),
    )


def _library_empty(overview: Overview) -> Verdict | None:
    if overview.assets or overview.inbox.waiting or overview.inbox.importing:
        return None
    return Verdict(
        Tone.QUIET,
        "The library is empty. Everything is ready.",
        "Put photos or videos into the inbox folder; they appear here within a minute.",
    )


def _work_waiting(overview: Overview) -> Verdict | None:
    inbox, steps = overview.inbox.waiting + overview.inbox.importing, open_steps(overview)
    if not inbox and not steps:
        return None
    return Verdict(
        Tone.BUSY,
        f"{plural(inbox, 'new file')} on the way into the library."
        if inbox
        else f"All {plural(overview.assets, 'asset')} are stored. The last touches are being made."
        if overview.assets > 1
        else "Your first asset is stored. The last touches are being made.",
        _backup_sentence(overview),
    )


def _all_well(overview: Overview) -> Verdict:
    backup = stage_counts(overview, "backup")
    if backup is not None and overview.assets and backup.done >= overview.assets:
        return Verdict(
            Tone.GOOD,
            f"All {plural(overview.assets, 'asset')} are stored and backed up.",
            _calm(overview),
        )
    return Verdict(
        Tone.GOOD,
        f"{_stored(overview)}",
        f"{_calm(overview)} {_backup_sentence(overview)}",
    )


def _calm(overview: Overview) -> str:
    sidecars = sidecars_wait(overview)
    if not sidecars:
        return "Nothing waits, and nothing needs you."
    return f"Nothing needs you. {sidecars}."


def _stored(overview: Overview) -> str:
    if overview.assets == 0:
        return "The library is empty."
    if overview.assets == 1:
        return "1 asset is stored."
    return f"All {plural(overview.assets, 'asset')} are stored."


def _backup_sentence(overview: Overview) -> str:
    head, backup = head_of(overview, "backup"), stage_counts(overview, "backup")
    if head is not None and head.status == "not_configured":
        return "Backup is not set up: this machine holds the only copy."
    if head is None or head.status == "never_seen" or backup is None:
        return "Whether they are backed up is unknown."
    return f"{count(backup.done)} of {count(overview.assets)} are backed up."
