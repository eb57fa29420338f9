"""What `photo-factory status` shows of a picture, without a database."""

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cli.commands.status_view import as_document, as_lines, as_tables
from photo_factory.alerts import Alert
from photo_factory.overview import InboxCounts, Overview, ServiceState, StageCounts, State
from rich.console import Console

pytestmark = pytest.mark.unit

HEALTHY = ServiceState(
    service="librarian",
    instance="here",
    kind="service",
    status="healthy",
    message="",
    version="1",
    age_seconds=12.0,
    interval_seconds=60.0,
    last_work_age_seconds=None,
    items_in_hand=0,
    memory_bytes=None,
)
DISK = replace(
    HEALTHY,
    service="volume",
    instance="library",
    kind="volume",
    details={"free_bytes": 70_000_000_000, "total_bytes": 270_000_000_000},
)
PICTURE = Overview(
    assets=1234,
    photos=1200,
    videos=34,
    total_bytes=5_600_000_000,
    duplicates=1,
    inbox=InboxCounts(waiting=3, failed=1, oldest_waiting_seconds=125.0),
    stages=(StageCounts("thumbnailer", 5, 2, 1, 0, 1226, 30.0, 900),),
    services=(HEALTHY,),
    database=replace(HEALTHY, service="postgresql", kind="database"),
    volumes=(DISK,),
)


def test_json_has_the_promised_keys() -> None:
    assert as_document(PICTURE) == {
        "assets": 1234,
        "inbox": {"waiting": 3, "failed": 1},
        "stages": {"thumbnailer": {"pending": 5, "running": 2, "failed": 1, "done": 1226}},
        "services": {"librarian": {"status": "healthy", "age_seconds": 12.0}},
        "disk": {
            "library": {
                "status": "healthy",
                "free_bytes": 70_000_000_000,
                "total_bytes": 270_000_000_000,
            }
        },
        "alerts": [],
    }


def test_lines_say_one_fact_each() -> None:
    assert as_lines(PICTURE) == [
        "assets: 1,234 (1,200 photos, 34 videos), 5.6 GB, 1 duplicate removed",
        "inbox: 3 waiting (oldest 2 min), 1 failed",
        (
            "stage thumbnailer: 5 pending (oldest 30 s), 2 running, 1 failed, 0 skipped, "
            "1,226 done, 900 in the last hour"
        ),
        "service librarian (here): healthy, last heartbeat 12 s ago",
        "database: healthy",
        "disk library: healthy, 70.0 GB free of 270.0 GB",
    ]


def test_a_long_wait_names_the_command_that_explains_it() -> None:
    hint = "What waits for so long, and why: photo-factory inbox"
    assert hint not in as_lines(PICTURE)
    slow = replace(PICTURE, inbox=InboxCounts(waiting=1, failed=0, oldest_waiting_seconds=3700.0))
    assert as_lines(slow)[1:3] == ["inbox: 1 waiting (oldest 1.0 h), 0 failed", hint]
    assert hint in "".join(str(part) for part in as_tables(slow))


def test_what_is_not_on_its_way_is_told_apart() -> None:
    inbox = InboxCounts(0, 0, None, importing=1200, sidecars=1, put_aside=2)
    assert as_lines(replace(PICTURE, inbox=inbox))[1] == (
        "inbox: 0 waiting, 0 failed, 1,200 in an import, 1 sidecar without a photo, 2 put aside"
    )


@pytest.mark.parametrize(
    ("statuses", "spoken"),
    [
        (("healthy", "degraded"), "degraded"),
        (("down", "healthy"), "healthy"),
        (("stopped", "down"), "stopped"),
        (("never_seen",), "never_seen"),
    ],
)
def test_the_worst_living_copy_speaks_for_its_service(
    statuses: tuple[State, ...], spoken: str
) -> None:
    copies = tuple(replace(HEALTHY, instance=status, status=status) for status in statuses)
    document = as_document(replace(PICTURE, services=copies))
    assert document["services"] == {"librarian": {"status": spoken, "age_seconds": 12.0}}


def test_a_disk_that_was_not_looked_at_is_not_called_healthy() -> None:
    stale = replace(PICTURE, volumes=(replace(DISK, status="stale", age_seconds=7200.0),))
    assert as_lines(stale)[-1].startswith("disk library: not looked at for 2.0 h, 70.0 GB free")


def test_a_disk_of_unknown_size_is_called_unknown() -> None:
    gone = replace(DISK, status="degraded", message="It is gone.", details={"path": "/x"})
    line = as_lines(replace(PICTURE, volumes=(gone,)))[-1]
    assert line == "disk library: degraded, unknown. It is gone."


def test_tables_fit_into_80_columns_and_take_names_literally() -> None:
    since = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    alert = Alert("a", "librarian", "critical", "disk_full", "[red]full[/red]\nx", since)
    loud = replace(HEALTHY, status="degraded", message="[red]a[/red]\nb " + "long words " * 20)
    output = io.StringIO()
    console = Console(file=output, width=80, highlight=False)
    for part in as_tables(replace(PICTURE, services=(loud,), alerts=(alert,))):
        console.print(part)
    shown = output.getvalue()
    assert max(len(line) for line in shown.splitlines()) <= 80
    assert "[red]a[/red]\\nb" in shown
    assert "[red]full[/red]\\nx" in shown
    assert "What helps: Make room on that disk" in shown
    assert "thumbnailer" in shown
