"""What failed can be counted by cause and put back into the line."""

import hashlib

import pytest
from photo_factory.database import PENDING, Connection
from photo_factory.problems import Retried, read_problem_groups, read_problems, retry_problems

pytestmark = pytest.mark.integration


def add_dead(connection: Connection, stage: str, code: str | None, number: int) -> int:
    """Insert an asset on which a stage has given up; returns the asset's id."""
    row = connection.execute(
        "WITH asset AS (INSERT INTO media_assets (sha256, path, original_name, source, "
        "media_type, mime_type, size_bytes, captured_local, captured_source) VALUES "
        "(%s, %s, 'a.jpg', 'inbox/a.jpg', 'photo', 'image/jpeg', 1, now(), 'mtime') RETURNING id) "
        "INSERT INTO stage_work (stage, asset_id, state, attempts, failures, error_code, "
        "error_message, traceback, failed_at, run_at) SELECT %s, id, 'dead', 8, 8, %s, 'No.', "
        "'Traceback', now(), now() + interval '1 hour' FROM asset RETURNING asset_id",
        (hashlib.sha256(str(number).encode()).digest(), f"{number}.jpg", stage, code),
    ).fetchone()
    assert row is not None
    return int(row[0])


def add_failed_file(connection: Connection, name: str, code: str, state: str = "failed") -> int:
    """Insert a file of the inbox that was refused; returns its id."""
    row = connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, "
        "state, next_try_at, attempts, error_code, error_message) VALUES ('inbox', %s, %s, 1, 1, "
        "1, 1, %s, now() + interval '1 hour', 3, %s, 'No.') RETURNING id",
        (name.encode(), name, state, code),
    ).fetchone()
    assert row is not None
    return int(row[0])


def waiting_work(connection: Connection) -> list[int]:
    """Assets whose work is due now with a clean slate."""
    rows = connection.execute(
        "SELECT asset_id FROM stage_work WHERE state = 'ready' AND run_at <= now() "
        "AND attempts = 0 AND failures = 0 AND error_code IS NULL AND traceback IS NULL "
        "ORDER BY asset_id"
    )
    return [row[0] for row in rows]


def waiting_files(connection: Connection) -> list[int]:
    """Files of the inbox that are due now with a clean slate."""
    rows = connection.execute(
        "SELECT id FROM inbox_files WHERE state = 'waiting' AND next_try_at <= now() "
        "AND attempts = 0 AND error_code IS NULL ORDER BY id"
    )
    return [row[0] for row in rows]


def test_problems_are_grouped_by_scope_and_cause_the_most_frequent_first(
    connection: Connection,
) -> None:
    add_dead(connection, "thumbnailer", "bug", 1)
    add_dead(connection, "thumbnailer", None, 2)
    add_failed_file(connection, "a.jpg", "truncated")
    add_failed_file(connection, "b.jpg", "truncated")
    found = [(group.scope, group.code, group.count) for group in read_problem_groups(connection)]
    assert found == [
        ("inbox", "truncated", 2),
        ("thumbnailer", "bug", 1),
        ("thumbnailer", "unknown", 1),
    ]
    assert [group.scope for group in read_problem_groups(connection, "inbox")] == ["inbox"]


def test_everything_that_failed_can_be_retried_at_once(connection: Connection) -> None:
    asset_ids = [add_dead(connection, "thumbnailer", "bug", number) for number in (1, 2)]
    file_id = add_failed_file(connection, "a.jpg", "truncated")
    assert retry_problems(connection) == Retried(work=2, inbox=1)
    assert waiting_work(connection) == asset_ids
    assert waiting_files(connection) == [file_id]
    assert read_problem_groups(connection) == ()


def test_a_retry_can_be_narrowed_to_a_stage_a_cause_or_single_ones(connection: Connection) -> None:
    bug = add_dead(connection, "thumbnailer", "bug", 1)
    add_dead(connection, "thumbnailer", "truncated", 2)
    place = add_dead(connection, "geocoder", "bug", 3)
    add_failed_file(connection, "a.jpg", "bug")
    assert retry_problems(connection, stage="thumbnailer", code="bug") == Retried(1, 0)
    assert waiting_work(connection) == [bug]
    assert retry_problems(connection, stage="geocoder", ids=[place]) == Retried(1, 0)
    assert retry_problems(connection, stage="inbox") == Retried(0, 1)


def test_a_quarantined_file_is_no_problem_and_not_retried(connection: Connection) -> None:
    add_failed_file(connection, "a.txt", "not_media", state="quarantined")
    assert read_problem_groups(connection) == ()
    assert read_problems(connection) == ()
    assert retry_problems(connection) == Retried(0, 0)


def test_a_retry_wakes_the_services(connection: Connection) -> None:
    connection.execute(f"LISTEN {PENDING}")
    add_dead(connection, "thumbnailer", "bug", 1)
    retry_problems(connection)
    assert [notice.channel for notice in connection.notifies(timeout=5, stop_after=1)] == [PENDING]
