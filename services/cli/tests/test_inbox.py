"""What `photo-factory inbox` says of files that wait."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cli.commands.inbox import as_lines, inbox
from inbox_rows import Row, alone, insert_row, put_aside, unfinished
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.waiting import WaitingFile, WaitingGroup
from typer import Typer
from typer.testing import CliRunner, Result

Run = Callable[..., Result]
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
FILE = WaitingFile(7, "inbox", "a.xmp", 4200, NOW - timedelta(hours=2), None, "waits for it")
GROUP = WaitingGroup(
    "sidecar_alone", "inbox", 1, 4200, FILE.since, "Sidecars", "Each waits.", (FILE,)
)


def moment(instant: datetime) -> str:
    """As people at this machine write it."""
    return f"{instant.astimezone():%Y-%m-%d %H:%M}"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Run the command as `photo-factory` would, on this test's database."""
    app = Typer()
    app.command()(inbox)

    def invoke(*arguments: str) -> Result:
        variables = {"PF_DATA_DIR": str(tmp_path), "PF_DATABASE_URL": database_url}
        return CliRunner().invoke(app, arguments, env=variables)

    return invoke


@pytest.fixture
def living(connection: Connection) -> Connection:
    """A database to which a librarian has just reported."""
    Heartbeat("librarian", "here", 60).beat(connection, Status("healthy"))
    return connection


@pytest.mark.unit
def test_a_line_says_since_when_and_when_it_is_looked_at_next() -> None:
    later = replace(FILE, next_look_at=NOW + timedelta(minutes=5))
    due = replace(FILE, next_look_at=NOW)
    seen, then = moment(FILE.since), moment(NOW + timedelta(minutes=5))
    assert as_lines([replace(GROUP, count=4, files=(FILE, later, due))], NOW) == [
        "4 files wait.",
        "",
        f"Sidecars: 4 files, 4.2 kB, since {seen}",
        "  Each waits.",
        f"     4.2 kB  since {seen}  a.xmp",
        f"     4.2 kB  since {seen}  again {then}  a.xmp",
        f"     4.2 kB  since {seen}  looked at next  a.xmp",
        "  … and 1 more",
    ]


@pytest.mark.unit
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("inbox", "1 file, 4.2 kB"),
        ("camera", "1 file in camera, 4.2 kB"),
        ("import:/media/card", "1 file of /media/card, 4.2 kB"),
    ],
)
def test_a_heading_says_where_files_lie(name: str, words: str) -> None:
    assert f"Sidecars: {words}" in as_lines([replace(GROUP, inbox=name)], NOW)[2]


@pytest.mark.integration
def test_an_empty_inbox_is_said_to_be_so(run: Run) -> None:
    result = run()
    assert (result.exit_code, result.stdout) == (0, "Nothing waits.\n")


@pytest.mark.integration
def test_files_are_told_by_reason_with_names_that_cannot_break_the_line(
    run: Run, living: Connection
) -> None:
    for row in (alone("two\nlines.xmp"), unfinished("a.jpg"), put_aside("b.txt")):
        insert_row(living, row)
    result = run()
    assert result.exit_code == 0
    headings = [line.partition(":")[0] for line in result.stdout.splitlines() if line[:1] != " "]
    assert headings == [
        "2 files wait.",
        *("", "Not ready yet"),
        *("", "Sidecars without their photo"),
        *("", "Put aside"),
    ]
    assert "two\\nlines.xmp" in result.stdout
    assert "             looks unfinished: it ends before its end marker" in result.stdout


@pytest.mark.integration
def test_more_files_than_are_named_are_counted(run: Run, living: Connection) -> None:
    for number in range(3):
        insert_row(living, Row(f"{number}.jpg"))
    assert "… and 2 more" in run("--limit", "1").stdout
    assert run("--limit", "0").exit_code == 2


@pytest.mark.integration
def test_json_has_everything(run: Run, living: Connection) -> None:
    file_id = insert_row(living, alone("a.xmp"))
    insert_row(living, put_aside("b.txt"))
    document = json.loads(run("--json").stdout)
    assert (document["waiting"], document["put_aside"]) == (1, 1)
    group = document["groups"][0]
    assert (group["cause"], group["inbox"], group["count"]) == ("sidecar_alone", "inbox", 1)
    (file,) = group["files"]
    assert (file["id"], file["path"], file["size_bytes"]) == (file_id, "a.xmp", 4200)
    since, then = (datetime.fromisoformat(file[key]) for key in ("since", "next_look_at"))
    assert timedelta(hours=6) - timedelta(minutes=1) < then - since < timedelta(hours=6, minutes=1)
    assert file["reason"] == "a.xmp waits for the photo or video that it belongs to"
    assert document["groups"][1]["files"][0]["next_look_at"] is None
