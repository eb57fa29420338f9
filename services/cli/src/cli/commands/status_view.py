"""What `photo-factory status` says, as JSON, as lines and as tables. Pure."""

from collections.abc import Iterator

from photo_factory.alerts import Alert, remedy
from photo_factory.overview import Overview, ServiceState, StageCounts
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.commands.wording import age, count, printable, size

WORDS = {"not_configured": "not configured", "never_seen": "never seen"}
COLOURS = {
    "healthy": "green",
    "degraded": "yellow",
    "paused": "yellow",
    "not_configured": "dim",
    "stale": "yellow",
    "down": "red",
    "stopped": "dim",
    "never_seen": "dim",
}
SEVERITY = ("down", "stale", "degraded", "paused", "not_configured", "healthy")
LONG_SECONDS = 3600.0
ABSENT = ("down", "stopped", "never_seen")


def as_document(overview: Overview) -> dict[str, object]:
    """The figures under the stable keys of `status --json`."""
    names = dict.fromkeys(state.service for state in overview.services)
    spokesmen = {name: spokesman(overview, name) for name in names}
    return {
        "assets": overview.assets,
        "inbox": {"waiting": overview.inbox.waiting, "failed": overview.inbox.failed},
        "stages": {
            stage.name: {
                "pending": stage.pending,
                "running": stage.running,
                "failed": stage.failed,
                "done": stage.done,
            }
            for stage in overview.stages
        },
        "services": {
            name: {"status": state.status, "age_seconds": state.age_seconds}
            for name, state in spokesmen.items()
        },
        "disk": {
            volume.instance: {
                "status": volume.status,
                "free_bytes": volume.details.get("free_bytes"),
                "total_bytes": volume.details.get("total_bytes"),
            }
            for volume in overview.volumes
        },
        "alerts": [_alert_document(alert) for alert in overview.alerts],
    }


def _alert_document(alert: Alert) -> dict[str, str]:
    return {
        "key": alert.key,
        "service": alert.service,
        "severity": alert.severity,
        "code": alert.code,
        "message": alert.message,
        "raised_at": alert.raised_at.isoformat(),
        "remedy": remedy(alert.code),
    }


def spokesman(overview: Overview, service: str) -> ServiceState:
    """The instance that speaks for a service: the worst of those that live.

    A copy that is down does not stop the line while another lives; where none lives, the one that
    was heard last speaks.
    """
    instances = [state for state in overview.services if state.service == service]
    living = [state for state in instances if state.status not in ABSENT]
    if living:
        return min(living, key=lambda state: SEVERITY.index(state.status))
    return min(instances, key=lambda state: state.age_seconds or 0.0)


def as_lines(overview: Overview) -> list[str]:
    """Plain lines, one fact each, for pipes and logs."""
    return [
        *(f"alert {_alert(alert)} What helps: {remedy(alert.code)}" for alert in overview.alerts),
        f"assets: {_assets(overview)}",
        f"inbox: {_inbox(overview)}",
        *_long_wait(overview),
        *(_stage_line(stage) for stage in overview.stages),
        *(_service_line(state) for state in overview.services),
        *(_database_lines(overview)),
        *(f"disk {volume.instance}: {_space(volume)}" for volume in overview.volumes),
    ]


def as_tables(overview: Overview) -> Iterator[RenderableType]:
    """The same for a terminal of 80 columns."""
    for alert in overview.alerts:
        yield Text(_alert(alert), style="bold red" if alert.severity == "critical" else "yellow")
        yield Text(f"  What helps: {remedy(alert.code)}")
    if overview.alerts:
        yield Text()
    yield Text(f"Assets  {_assets(overview)}", style="bold")
    yield Text(f"Inbox   {_inbox(overview)}", style="red" if overview.inbox.failed else "")
    for hint in _long_wait(overview):
        yield Text(f"        {hint}", style="yellow")
    yield Text()
    yield _stage_table(overview)
    yield Text()
    yield _service_table(overview)
    if overview.volumes:
        yield Text()
        yield _volume_table(overview)


def _alert(alert: Alert) -> str:
    since = alert.raised_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return printable(
        f"{alert.service}: {alert.code} ({alert.severity}), since {since}: {alert.message}"
    )


def _assets(overview: Overview) -> str:
    return (
        f"{overview.assets:,} ({count(overview.photos, 'photo')}, "
        f"{count(overview.videos, 'video')}), {size(overview.total_bytes)}, "
        f"{count(overview.duplicates, 'duplicate')} removed"
    )


def _inbox(overview: Overview) -> str:
    inbox = overview.inbox
    oldest = f" (oldest {age(inbox.oldest_waiting_seconds)})" if inbox.waiting else ""
    parts = [
        f"{inbox.waiting:,} waiting{oldest}",
        f"{inbox.failed:,} failed",
        *([f"{inbox.importing:,} in an import"] if inbox.importing else []),
        *([f"{count(inbox.sidecars, 'sidecar')} without a photo"] if inbox.sidecars else []),
        *([f"{inbox.put_aside:,} put aside"] if inbox.put_aside else []),
    ]
    return ", ".join(parts)


def _long_wait(overview: Overview) -> list[str]:
    """Where to learn more, if something waits for so long that a person may wonder."""
    is_long = (overview.inbox.oldest_waiting_seconds or 0.0) > LONG_SECONDS
    return ["What waits for so long, and why: photo-factory inbox"] if is_long else []


def _stage_line(stage: StageCounts) -> str:
    oldest = f" (oldest {age(stage.oldest_pending_seconds)})" if stage.pending else ""
    return (
        f"stage {stage.name}: {stage.pending:,} pending{oldest}, {stage.running:,} running, "
        f"{stage.failed:,} failed, {stage.skipped:,} skipped, {stage.done:,} done, "
        f"{stage.done_last_hour:,} in the last hour"
    )


def _service_line(state: ServiceState) -> str:
    words = [_word(state)]
    if state.age_seconds is not None:
        words.append(f"last heartbeat {age(state.age_seconds)} ago")
    if state.message:
        words.append(printable(state.message))
    name = f"{state.service} ({printable(state.instance)})" if state.instance else state.service
    return f"service {name}: {', '.join(words)}"


def _database_lines(overview: Overview) -> Iterator[str]:
    if overview.database is not None:
        message = f", {printable(overview.database.message)}" if overview.database.message else ""
        yield f"database: {_word(overview.database)}{message}"


def _space(volume: ServiceState) -> str:
    free, total = volume.details.get("free_bytes"), volume.details.get("total_bytes")
    known = f"{size(free)} free of {size(total)}" if free is not None and total else "unknown"
    message = f". {printable(volume.message)}" if volume.message else ""
    return f"{_word(volume)}, {known}{message}"


def _word(state: ServiceState) -> str:
    if state.kind != "service" and state.status == "stale":
        return f"not looked at for {age(state.age_seconds)}"
    return WORDS.get(state.status, state.status)


def _stage_table(overview: Overview) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Stage")
    for heading in ("Pending", "Running", "Failed", "Skipped", "Done", "Last hour"):
        table.add_column(heading, justify="right")
    for stage in overview.stages:
        table.add_row(
            stage.name,
            f"{stage.pending:,}",
            f"{stage.running:,}",
            Text(f"{stage.failed:,}", style="red" if stage.failed else ""),
            f"{stage.skipped:,}",
            f"{stage.done:,}",
            f"{stage.done_last_hour:,}",
        )
    return table


def _service_table(overview: Overview) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Service", "Status", "Heartbeat", "Says"):
        table.add_column(heading, overflow="fold")
    rows = list(overview.services)
    if overview.database is not None:
        rows.append(overview.database)
    for state in rows:
        table.add_row(
            state.service,
            Text(_word(state), style=COLOURS[state.status]),
            age(state.age_seconds),
            Text(printable(state.message)),
        )
    return table


def _volume_table(overview: Overview) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("Disk", "Space"):
        table.add_column(heading, overflow="fold")
    for volume in overview.volumes:
        table.add_row(
            printable(volume.instance), Text(_space(volume), style=COLOURS[volume.status])
        )
    return table
