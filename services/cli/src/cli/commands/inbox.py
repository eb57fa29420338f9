"""photo-factory inbox: what waits, why, since when, and what comes next."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer
from photo_factory.waiting import PUT_ASIDE, WORDS, WaitingFile, WaitingGroup, read_waiting

from cli.commands.session import database, load_settings
from cli.commands.wording import count, printable, size

OWN_REASONS = frozenset({"not_ready", PUT_ASIDE})
"""Causes for which each file has a reason of its own."""


def inbox(
    *,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Files named per reason.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for other programs.")] = False,
) -> None:
    """Show what waits in the inboxes, why, since when, and when it is looked at next."""
    settings = load_settings()
    with database(settings) as connection:
        groups = read_waiting(connection, limit)
    if as_json:
        typer.echo(json.dumps(as_document(groups), indent=2))
    else:
        typer.echo("\n".join(as_lines(groups, datetime.now(UTC))))


def as_document(groups: Sequence[WaitingGroup]) -> dict[str, object]:
    """What waits under the keys of `inbox --json`."""
    return {
        "waiting": _total(groups),
        "put_aside": sum(group.count for group in groups) - _total(groups),
        "groups": [
            {
                "cause": group.cause,
                "title": group.title,
                "explanation": group.explanation,
                "inbox": group.inbox,
                "count": group.count,
                "size_bytes": group.size_bytes,
                "since": group.since.isoformat(),
                "files": [_document(file) for file in group.files],
            }
            for group in groups
        ],
    }


def _document(file: WaitingFile) -> dict[str, object]:
    return {
        "id": file.id,
        "path": file.path,
        "size_bytes": file.size_bytes,
        "since": file.since.isoformat(),
        "next_look_at": file.next_look_at.isoformat() if file.next_look_at else None,
        "reason": file.reason,
    }


def as_lines(groups: Sequence[WaitingGroup], now: datetime) -> list[str]:
    """What waits for people: a paragraph per reason."""
    total = _total(groups)
    lines = [f"{count(total, 'file waits', 'files wait')}." if total else "Nothing waits."]
    for group in groups:
        lines += ["", _heading(group), f"  {printable(group.explanation)}"]
        for file in group.files:
            lines.append(_line(file, now))
            if group.cause in OWN_REASONS or group.cause not in WORDS:
                lines.append(f"{'':13}{printable(file.reason)}")
        if group.count > len(group.files):
            lines.append(f"  … and {group.count - len(group.files):,} more")
    return lines


def _total(groups: Sequence[WaitingGroup]) -> int:
    return sum(group.count for group in groups if group.cause != PUT_ASIDE)


def _heading(group: WaitingGroup) -> str:
    place = ""
    if group.source:
        place = f" of {group.source}"
    elif group.inbox != "inbox":
        place = f" in {group.inbox}"
    files = f"{count(group.count, 'file')}{place}, {size(group.size_bytes)}"
    return printable(f"{group.title}: {files}, since {_moment(group.since)}")


def _line(file: WaitingFile, now: datetime) -> str:
    words = [f"{size(file.size_bytes):>11}", f"since {_moment(file.since)}"]
    if file.next_look_at is not None:
        is_due = file.next_look_at <= now
        words.append("looked at next" if is_due else f"again {_moment(file.next_look_at)}")
    return "  ".join([*words, printable(file.path)])


def _moment(instant: datetime) -> str:
    return instant.astimezone().strftime("%Y-%m-%d %H:%M")
