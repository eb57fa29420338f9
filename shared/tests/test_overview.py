"""The picture that people see agrees with the rows in a real PostgreSQL."""

import hashlib

import pytest
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, Status
from photo_factory.overview import (
    STAGES,
    InboxCounts,
    ServiceState,
    StageCounts,
    read_overview,
    read_problems,
)

pytestmark = pytest.mark.integration


def add_asset(
    connection: Connection, number: int, *, media_type: str = "photo", thumbnailed: bool = False
) -> int:
    """Insert an asset of `number` bytes; returns its id."""
    row = connection.execute(
        "INSERT INTO media_assets (sha256, path, original_name, source, media_type, mime_type, "
        "size_bytes, captured_local, captured_source, is_thumbnailed) "
        "VALUES (%s, %s, 'a.jpg', 'inbox/a.jpg', %s, 'image/jpeg', %s, now(), 'mtime', %s) "
        "RETURNING id",
        (
            hashlib.sha256(str(number).encode()).digest(),
            f"2024/2024-01-01/{number}.jpg",
            media_type,
            number,
            thumbnailed,
        ),
    ).fetchone()
    assert row is not None
    return int(row[0])


def add_work(
    connection: Connection, asset_id: int, state: str, *, seconds: float = 0, attempts: int = 0
) -> None:
    """Give an asset to the thumbnailer, due so many seconds from now."""
    connection.execute(
        "INSERT INTO stage_work (stage, asset_id, state, run_at, attempts, enqueued_at) "
        "VALUES ('thumbnailer', %s, %s, now() + make_interval(secs => %s), %s, "
        "now() - interval '90 seconds')",
        (asset_id, state, seconds, attempts),
    )


def add_inbox_file(connection: Connection, name: str, state: str, code: str | None = None) -> int:
    """Insert a file that was first seen a minute ago; returns its id."""
    row = connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, "
        "state, first_seen_at, next_try_at, error_code, error_message) VALUES ('inbox', %s, %s, 1, "
        "1, 1, 1, %s, now() - interval '60 seconds', now(), %s, 'A sentence.') RETURNING id",
        (name.encode(), name, state, code),
    ).fetchone()
    assert row is not None
    return int(row[0])


def stage(connection: Connection, name: str) -> StageCounts:
    return next(one for one in read_overview(connection).stages if one.name == name)


def test_an_empty_database_gives_zeros_and_unknowns(connection: Connection) -> None:
    overview = read_overview(connection)
    assert (overview.assets, overview.total_bytes, overview.duplicates) == (0, 0, 0)
    assert overview.inbox == InboxCounts(0, 0, None)
    assert tuple(one.name for one in overview.stages) == STAGES
    assert {one.oldest_pending_seconds for one in overview.stages} == {None}
    assert {one.status for one in overview.services} == {"never_seen"}
    assert overview.database is None
    assert overview.volumes == ()


def test_assets_are_counted_by_kind_size_and_flag(connection: Connection) -> None:
    add_asset(connection, 10, thumbnailed=True)
    asset_id = add_asset(connection, 20, media_type="video")
    connection.execute(
        "INSERT INTO duplicates (asset_id, sha256, inbox, path, original_name, size_bytes) "
        "VALUES (%s, '', 'inbox', 'b.jpg', 'b.jpg', 20)",
        (asset_id,),
    )
    overview = read_overview(connection)
    assert (overview.assets, overview.photos, overview.videos) == (2, 1, 1)
    assert (overview.total_bytes, overview.duplicates) == (30, 1)
    assert [one.done for one in overview.stages] == [0, 1, 0]


def test_work_is_counted_by_what_happens_to_it_next(connection: Connection) -> None:
    """A lease that ran out waits again, whatever its row says."""
    rows = [("ready", 0.0), ("ready", 60.0), ("leased", -1.0), ("leased", 60.0), ("dead", 0.0)]
    for number, (state, seconds) in enumerate([*rows, ("skipped", 0.0)], 1):
        add_work(connection, add_asset(connection, number), state, seconds=seconds)
    counts = stage(connection, "thumbnailer")
    assert (counts.pending, counts.running, counts.failed, counts.skipped) == (3, 1, 1, 1)
    assert counts.oldest_pending_seconds == pytest.approx(90, abs=30)
    assert stage(connection, "geocoder").pending == 0


def test_only_the_last_hour_counts_as_the_last_hour(connection: Connection) -> None:
    connection.execute(
        "INSERT INTO stage_metrics (stage, minute, done) VALUES "
        "('thumbnailer', now() - interval '59 minutes', 3), "
        "('thumbnailer', now() - interval '61 minutes', 100), "
        "('thumbnailer', now(), 4), ('librarian', now(), 50)"
    )
    assert stage(connection, "thumbnailer").done_last_hour == 7


def test_the_inbox_tells_waiting_files_from_failed_ones(connection: Connection) -> None:
    for state in ("waiting", "ingesting", "releasing", "failed", "quarantined"):
        add_inbox_file(connection, f"{state}.jpg", state)
    inbox = read_overview(connection).inbox
    assert (inbox.waiting, inbox.failed, inbox.put_aside) == (3, 1, 1)
    assert inbox.oldest_waiting_seconds == pytest.approx(60, abs=30)


def test_a_sidecar_that_waits_for_its_photo_is_not_on_its_way(connection: Connection) -> None:
    add_inbox_file(connection, "a.xmp", "waiting")
    connection.execute(
        "UPDATE inbox_files SET companion_key = 'a', next_try_at = now() + interval '6 hours'"
    )
    inbox = read_overview(connection).inbox
    assert (inbox.waiting, inbox.sidecars, inbox.oldest_waiting_seconds) == (0, 1, None)


def librarian(connection: Connection) -> ServiceState:
    return next(one for one in read_overview(connection).services if one.service == "librarian")


def test_a_service_is_what_it_says_until_it_falls_silent(connection: Connection) -> None:
    heartbeat = Heartbeat("librarian", "here", interval_seconds=10)
    heartbeat.beat(connection, Status("degraded", "The disk is slow.", 3, details={"a": 1}))
    found = librarian(connection)
    assert (found.status, found.message) == ("degraded", "The disk is slow.")
    assert (found.items_in_hand, found.details) == (3, {"a": 1})
    connection.execute("UPDATE system_status SET last_seen_at = now() - interval '21 seconds'")
    assert librarian(connection).status == "stale"
    connection.execute("UPDATE system_status SET last_seen_at = now() - interval '51 seconds'")
    assert librarian(connection).status == "down"
    heartbeat.goodbye(connection)
    assert librarian(connection).status == "stopped"


def test_problems_come_from_stages_and_inbox_newest_first(connection: Connection) -> None:
    asset_id = add_asset(connection, 1)
    add_work(connection, asset_id, "dead", attempts=8)
    connection.execute(
        "UPDATE stage_work SET error_code = 'bug', error_message = 'Oh.', "
        "failed_at = now() - interval '1 hour'"
    )
    file_id = add_inbox_file(connection, "cut.jpg", "failed", "truncated")
    add_inbox_file(connection, "fine.jpg", "waiting")
    newest, oldest = read_problems(connection)
    assert (newest.scope, newest.code, newest.id) == ("inbox", "truncated", file_id)
    assert (oldest.scope, oldest.code, oldest.id) == ("thumbnailer", "bug", asset_id)
    assert (oldest.path, oldest.attempts) == ("2024/2024-01-01/1.jpg", 8)
    assert read_problems(connection, limit=1) == (newest,)
    assert read_problems(connection, stage="inbox") == (newest,)
    assert read_problems(connection, stage="thumbnailer") == (oldest,)
    assert read_problems(connection, stage="geocoder") == ()


def test_old_news_of_a_disk_is_stale_and_never_down(connection: Connection) -> None:
    """It is service-monitor that fell silent; the disk may be as well as ever."""
    connection.execute(
        "INSERT INTO system_status (service, instance, kind, status, version, interval_seconds, "
        "started_at, last_seen_at) VALUES ('volume', 'library', 'volume', 'healthy', '1', 30, "
        "now(), now() - interval '1 day')"
    )
    assert [volume.status for volume in read_overview(connection).volumes] == ["stale"]
