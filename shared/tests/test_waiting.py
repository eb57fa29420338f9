"""Every file that waits says why, since when, and when it is looked at next."""

import pytest
from inbox_rows import Row, alone, insert_row, put_aside, unfinished, without_room
from photo_factory.alerts import raise_alert
from photo_factory.database import Connection
from photo_factory.heartbeat import Heartbeat, State, Status
from photo_factory.imports import IMPORT_LOCKS
from photo_factory.pauses import pause
from photo_factory.waiting import WORDS, WaitingGroup, read_waiting

pytestmark = pytest.mark.integration


@pytest.fixture
def living(connection: Connection) -> Connection:
    """A database to which a librarian that watches `inbox` and `camera` has just reported."""
    beat(connection)
    return connection


def beat(connection: Connection, state: State = "healthy") -> None:
    details = {"noticing": {"inbox": "events", "camera": "scans"}}
    Heartbeat("librarian", "here", 60).beat(connection, Status(state, details=details))


def only(connection: Connection) -> WaitingGroup:
    (group,) = read_waiting(connection, 10)
    return group


def test_nothing_waits_in_an_empty_inbox(connection: Connection) -> None:
    assert read_waiting(connection, 10) == ()


@pytest.mark.parametrize(
    ("row", "cause", "reason"),
    [
        (Row("a.jpg"), "settling", "waits until it has not changed for a while"),
        (Row("a.jpg", next_in=-1), "in_line", "waits for its turn"),
        (Row("a.jpg", next_in=60, state="ingesting"), "in_hand", "is being taken in now"),
        (
            Row("a.jpg", next_in=60, state="releasing"),
            "in_hand",
            "is stored; is being removed from the inbox",
        ),
        (Row("a.jpg", next_in=-1, state="ingesting"), "in_line", "waits for its turn"),
        (
            alone("2024/a.xmp"),
            "sidecar_alone",
            "a.xmp waits for the photo or video that it belongs to",
        ),
        (unfinished("a.jpg"), "not_ready", "looks unfinished: it ends before its end marker"),
        (
            without_room("a.jpg"),
            "disk_full",
            "there is no room in the library /data/library for 3.3 MB",
        ),
    ],
)
def test_a_waiting_file_says_why(living: Connection, row: Row, cause: str, reason: str) -> None:
    file_id = insert_row(living, row)
    group = only(living)
    assert (group.cause, group.count, group.size_bytes) == (cause, 1, row.size_bytes)
    assert (group.title, group.explanation) == WORDS[cause]
    (file,) = group.files
    assert (file.id, file.path, file.reason) == (file_id, row.path, reason)
    assert file.since == group.since


def test_a_waiting_file_says_when_it_is_looked_at_next(living: Connection) -> None:
    insert_row(living, unfinished("a.jpg"))
    (file,) = only(living).files
    row = living.execute("SELECT next_try_at, first_seen_at FROM inbox_files").fetchone()
    assert (file.next_look_at, file.since) == row


def test_a_file_in_hand_has_no_next_look_but_a_lease(living: Connection) -> None:
    insert_row(living, Row("a.jpg", next_in=60, state="ingesting"))
    assert [file.next_look_at for file in only(living).files] == [None]


def test_what_needs_a_look_comes_first_and_what_is_well_last(living: Connection) -> None:
    rows = [put_aside("a.txt"), Row("b.jpg", next_in=-1), alone("c.xmp"), unfinished("d.jpg")]
    for row in [*rows, Row("e.jpg"), without_room("f.jpg")]:
        insert_row(living, row)
    causes = [group.cause for group in read_waiting(living, 10)]
    assert causes == [
        "disk_full",
        "not_ready",
        "settling",
        "sidecar_alone",
        "in_line",
        "put_aside",
    ]


def test_the_longest_waiting_is_named_first_and_the_rest_is_counted(living: Connection) -> None:
    for age in (300.0, 900.0, 600.0):
        insert_row(living, alone(f"{age:.0f}.xmp", age))
    (group,) = read_waiting(living, 2)
    assert [file.path for file in group.files] == ["900.xmp", "600.xmp"]
    assert group.count == 3


def test_what_was_put_aside_last_is_named_first(living: Connection) -> None:
    for age in (300.0, 900.0):
        insert_row(living, put_aside(f"{age:.0f}.txt", age))
    assert [file.path for file in only(living).files] == ["300.txt", "900.txt"]


def test_what_came_just_now_can_be_left_out(living: Connection) -> None:
    insert_row(living, Row("new.jpg", age=50))
    insert_row(living, Row("old.jpg", age=70))
    (group,) = read_waiting(living, 10, longer_than_seconds=60)
    assert [file.path for file in group.files] == ["old.jpg"]


def test_what_failed_does_not_wait(living: Connection) -> None:
    insert_row(living, Row("a.jpg", state="failed", code="truncated", message="It is cut."))
    assert read_waiting(living, 10) == ()


def test_a_cause_that_is_new_here_is_told_by_its_code(living: Connection) -> None:
    insert_row(living, Row("a.jpg", code="moon_missing", message="There is no moon."))
    group = only(living)
    assert (group.title, group.files[0].reason) == ("Moon missing", "There is no moon.")
    assert group.explanation == "The page docs/runbooks/moon_missing.md says what to do."


def test_files_wait_for_the_same_reason_in_two_inboxes(living: Connection) -> None:
    insert_row(living, alone("a.xmp"))
    insert_row(living, Row("b.xmp", next_in=60, key="b", inbox="camera"))
    assert {(group.cause, group.inbox) for group in read_waiting(living, 10)} == {
        ("sidecar_alone", "inbox"),
        ("sidecar_alone", "camera"),
    }


def held(connection: Connection) -> str:
    """Why the one file is held up."""
    group = only(connection)
    assert (group.cause, group.title) == ("held", "Held up")
    assert [file.next_look_at for file in group.files] == [None]
    return group.explanation


def test_files_are_held_up_while_no_librarian_runs(connection: Connection) -> None:
    insert_row(connection, Row("a.jpg", next_in=-1))
    assert held(connection) == "The librarian has not been heard of yet."
    beat(connection)
    assert only(connection).cause == "in_line"
    connection.execute("UPDATE system_status SET last_seen_at = now() - interval '1 hour'")
    assert held(connection).startswith("The librarian is down")
    connection.execute("UPDATE system_status SET status = 'stopped'")
    assert held(connection).startswith("The librarian is stopped")


def test_files_are_held_up_while_the_librarian_is_paused(living: Connection) -> None:
    insert_row(living, Row("a.jpg", next_in=-1))
    pause(living, "librarian", "anna")
    assert held(living).startswith("Paused by anna since ")


@pytest.mark.parametrize(
    ("inbox", "key"),
    [
        ("inbox", "librarian.root.library"),
        ("inbox", "librarian.library.disk_full"),
        ("inbox", "librarian.root.inbox"),
        ("camera", "librarian.root.inbox.camera"),
    ],
)
def test_files_are_held_up_while_a_folder_is_away_or_full(
    living: Connection, inbox: str, key: str
) -> None:
    insert_row(living, Row("a.jpg", next_in=-1, inbox=inbox))
    raise_alert(living, key, "librarian", "critical", "root_missing", "the folder is away")
    assert held(living) == "The folder is away"


def test_the_trouble_of_one_inbox_holds_up_no_other(living: Connection) -> None:
    insert_row(living, Row("a.jpg", next_in=-1))
    raise_alert(
        living, "librarian.root.inbox.camera", "librarian", "critical", "root_missing", "It is away"
    )
    assert only(living).cause == "in_line"


def test_files_of_an_inbox_that_is_watched_no_longer_say_so(living: Connection) -> None:
    insert_row(living, Row("a.jpg", next_in=-1, inbox="scanner"))
    assert held(living).startswith("No librarian watches the inbox scanner")


def test_what_an_import_left_waits_till_it_is_run_again(living: Connection) -> None:
    insert_row(living, Row("a.jpg", next_in=-1, inbox="import:move:/media/import:move:/card"))
    group = only(living)
    assert (group.cause, group.source) == ("import_ended", "/media/import:move:/card")
    assert [file.next_look_at for file in group.files] == [None]
    living.execute(
        "SELECT pg_advisory_lock(%s, hashtext(%s))", [IMPORT_LOCKS, "/media/import:move:/card"]
    )
    assert only(living).cause == "in_line"
    assert read_waiting(living, 0)[0].files == ()


def test_an_import_is_not_held_up_by_the_service(connection: Connection) -> None:
    """It runs beside it, or without it."""
    insert_row(connection, Row("a.jpg", next_in=-1, inbox="import:/media/card"))
    connection.execute("SELECT pg_advisory_lock(%s, hashtext('/media/card'))", [IMPORT_LOCKS])
    assert only(connection).cause == "in_line"
