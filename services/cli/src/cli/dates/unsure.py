"""Dates that are not sure, for a person to look through: `photo-factory problems --dates`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from photo_factory.database import Connection
from psycopg.rows import dict_row

from cli.commands.wording import count, printable
from cli.dates.times import when_words

GROUPS = """
SELECT unsure.confidence, unsure.source, unsure.count, example.*
FROM (
    SELECT captured_confidence AS confidence, captured_source AS source, count(*) AS count
    FROM media_assets WHERE captured_confidence IN ('low', 'none')
    GROUP BY captured_confidence, captured_source) unsure
CROSS JOIN LATERAL (
    SELECT id, path, captured_local AS local, utc_offset_minutes AS offset_minutes,
        captured_candidates AS candidates
    FROM media_assets
    WHERE captured_confidence = unsure.confidence AND captured_source = unsure.source
        AND captured_confidence IN ('low', 'none')
    ORDER BY id LIMIT %s) example
ORDER BY unsure.confidence DESC, unsure.count DESC, unsure.source, example.id
"""


@dataclass(frozen=True, slots=True)
class Unsure:
    """An asset whose date may be wrong."""

    id: int
    path: str
    local: datetime
    offset_minutes: int | None
    candidates: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class UnsureGroup:
    """Dates that are known in one way, with some of their assets."""

    confidence: str
    source: str
    count: int
    examples: Sequence[Unsure]


def read_unsure(connection: Connection, examples: int) -> list[UnsureGroup]:
    """The groups, the least sure and then the largest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(GROUPS, [examples]).fetchall()
    found: dict[tuple[str, str, int], list[Unsure]] = {}
    for row in rows:
        key = (row.pop("confidence"), row.pop("source"), row.pop("count"))
        found.setdefault(key, []).append(Unsure(**row))
    return [UnsureGroup(*key, assets) for key, assets in found.items()]


def show_unsure(connection: Connection, examples: int, *, as_json: bool) -> bool:
    """Print them; returns whether there are any."""
    groups = read_unsure(connection, examples)
    if as_json:
        typer.echo(json.dumps(as_document(groups), indent=2))
    else:
        typer.echo("\n".join(as_lines(groups)))
    return bool(groups)


def as_lines(groups: Sequence[UnsureGroup]) -> Iterator[str]:
    """A paragraph for each way in which unsure dates are known, and what to do."""
    if not groups:
        yield "No unsure dates."
        return
    total = sum(group.count for group in groups)
    yield f"{count(total, 'unsure date')}, known in {count(len(groups), 'way')}"
    for group in groups:
        yield ""
        yield (
            f"by {printable(group.source)} (confidence {group.confidence}), "
            f"{count(group.count, 'asset')}"
        )
        for asset in group.examples:
            yield from _asset_lines(asset)
        if group.count > len(group.examples):
            yield f"  … and {group.count - len(group.examples):,} more"
    yield ""
    yield "Look at one with: photo-factory show NUMBER"
    yield "Give the right time with: photo-factory correct NUMBER --date '2019-05-04 12:30'"
    yield "A clock that was wrong: photo-factory correct --path '2019/2019-05-*' --shift +1:00:00"


def _asset_lines(asset: Unsure) -> Iterator[str]:
    when = when_words(asset.local, asset.offset_minutes)
    yield f"  {asset.id:>6}  {when}  {printable(asset.path)}"
    for candidate in asset.candidates:
        reason = candidate.get("reason") or "this one decided"
        yield printable(f"{'':10}{candidate.get('source')}: {candidate.get('text')} ({reason})")


def as_document(groups: Sequence[UnsureGroup]) -> dict[str, object]:
    """The same under the keys of `problems --dates --json`."""
    return {
        "total": sum(group.count for group in groups),
        "groups": [
            {
                "confidence": group.confidence,
                "source": group.source,
                "count": group.count,
                "examples": [
                    {
                        "id": asset.id,
                        "path": asset.path,
                        "local": asset.local.isoformat(),
                        "offset_minutes": asset.offset_minutes,
                        "candidates": list(asset.candidates),
                    }
                    for asset in group.examples
                ],
            }
            for group in groups
        ],
    }
