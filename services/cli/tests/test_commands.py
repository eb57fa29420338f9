"""The commands against a real PostgreSQL: what they print, what they change, how they end."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.commands.config import config
from cli.commands.doctor import doctor
from cli.commands.pause import pause, resume
from cli.commands.problems import problems
from cli.commands.retry import retry
from cli.commands.status import status
from photo_factory.alerts import raise_alert
from photo_factory.database import Connection
from photo_factory.pauses import PAUSABLE, find_pause, is_paused
from photo_factory.roots import MARKER, ensure_root
from typer import Typer
from typer.testing import CliRunner, Result

pytestmark = pytest.mark.integration

Run = Callable[..., Result]
UNREACHABLE = "postgresql://me:geheim@127.0.0.1:1/photos"


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Run:
    """Run a command as `photo-factory` would, on this test's data folder and database."""
    app = Typer()
    for command in (config, doctor, pause, problems, resume, retry, status):
        app.command()(command)
    data = tmp_path / "data"
    for name in ("inbox", "library", "derivatives"):
        (data / name).mkdir(parents=True)

    def invoke(*arguments: str, **environment: str) -> Result:
        variables = {"PF_DATA_DIR": str(data), "PF_DATABASE_URL": database_url, **environment}
        return CliRunner().invoke(app, arguments, env=variables)

    return invoke


def add_failed_file(connection: Connection, name: str, code: str) -> int:
    row = connection.execute(
        "INSERT INTO inbox_files (inbox, path_bytes, path, device, inode, size_bytes, modified_ns, "
        "state, next_try_at, error_code, error_message) VALUES ('inbox', %s, %s, 1, 1, 1, 1, "
        "'failed', now(), %s, 'It ends too early.') RETURNING id",
        (name.encode(), name, code),
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_status_shows_an_empty_line_in_plain_lines(run: Run) -> None:
    result = run("status")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[:2] == [
        "assets: 0 (0 photos, 0 videos), 0 B, 0 duplicates removed",
        "inbox: 0 waiting, 0 failed",
    ]


def test_status_as_json_has_its_stable_keys(run: Run, connection: Connection) -> None:
    add_failed_file(connection, "a.jpg", "truncated")
    document = json.loads(run("status", "--json").stdout)
    assert set(document) == {"assets", "inbox", "stages", "services", "disk", "alerts"}
    assert document["assets"] == 0
    assert document["inbox"] == {"waiting": 0, "failed": 1}
    assert document["stages"]["thumbnailer"] == dict.fromkeys(
        ("pending", "running", "failed", "done"), 0
    )
    assert document["services"]["librarian"] == {"status": "never_seen", "age_seconds": None}
    assert document["alerts"] == []


def test_status_shows_open_alerts_first_and_what_helps(run: Run, connection: Connection) -> None:
    raise_alert(connection, "a", "librarian", "critical", "disk_full", "The disk is\nfull.")
    first, second = run("status").stdout.splitlines()[:2]
    assert first.startswith("alert librarian: disk_full (critical), since ")
    assert ": The disk is\\nfull. What helps: Make room on that disk" in first
    assert second.startswith("assets: ")
    (alert,) = json.loads(run("status", "--json").stdout)["alerts"]
    assert (alert["key"], alert["severity"], alert["code"]) == ("a", "critical", "disk_full")
    assert alert["remedy"].startswith("Make room on that disk")


def test_problems_are_shown_by_cause_with_names_that_cannot_break_the_line(
    run: Run, connection: Connection
) -> None:
    add_failed_file(connection, "two\nlines.jpg", "truncated")
    add_failed_file(connection, "-x 🎂.jpg", "truncated")
    result = run("problems")
    assert result.exit_code == 1
    assert "inbox: truncated, 2 files" in result.stdout
    assert "two\\nlines.jpg" in result.stdout
    assert "-x 🎂.jpg" in result.stdout


def test_problems_as_json_carry_numbers_and_names(run: Run, connection: Connection) -> None:
    number = add_failed_file(connection, "a.jpg", "truncated")
    document = json.loads(run("problems", "--stage", "inbox", "--json").stdout)
    assert document["total"] == 1
    (group,) = document["groups"]
    assert (group["scope"], group["code"], group["count"]) == ("inbox", "truncated", 1)
    assert [(one["id"], one["path"]) for one in group["examples"]] == [(number, "a.jpg")]


def test_more_problems_than_are_shown_are_counted(run: Run, connection: Connection) -> None:
    for number in range(3):
        add_failed_file(connection, f"{number}.jpg", "truncated")
    assert "… and 2 more" in run("problems", "--examples", "1").stdout


def test_no_problems_is_exit_code_0(run: Run) -> None:
    result = run("problems")
    assert (result.exit_code, result.stdout) == (0, "No problems.\n")


def test_an_unknown_stage_is_wrong_usage(run: Run) -> None:
    result = run("problems", "--stage", "laundry")
    assert result.exit_code == 2
    assert "no stage 'laundry'" in result.stderr


@pytest.mark.parametrize(
    "arguments", [("--all",), ("--stage", "inbox"), ("--code", "truncated"), ("NUMBER",)]
)
def test_retry_puts_failed_files_back(
    run: Run, connection: Connection, arguments: tuple[str, ...]
) -> None:
    number = add_failed_file(connection, "a.jpg", "truncated")
    result = run("retry", *(one.replace("NUMBER", str(number)) for one in arguments))
    assert (result.exit_code, result.stdout) == (0, "1 failed file will be tried again.\n")
    states = connection.execute("SELECT state, error_code FROM inbox_files").fetchall()
    assert states == [("waiting", None)]


def test_retry_that_matches_nothing_says_so(run: Run, connection: Connection) -> None:
    add_failed_file(connection, "a.jpg", "truncated")
    result = run("retry", "--code", "empty_file")
    assert (result.exit_code, result.stdout) == (1, "Nothing that failed matches.\n")


@pytest.mark.parametrize("arguments", [(), ("--all", "--code", "truncated"), ("seven",)])
def test_retry_wants_to_know_what(run: Run, arguments: tuple[str, ...]) -> None:
    assert run("retry", *arguments).exit_code == 2


def test_pause_lets_all_services_rest_and_resume_lets_them_go_on(
    run: Run, connection: Connection
) -> None:
    result = run("pause", LOGNAME="anna")
    assert result.exit_code == 0
    assert "librarian: paused." in result.stdout
    assert result.stdout.splitlines()[-1] == "Go on with: photo-factory resume"
    found = [find_pause(connection, service) for service in PAUSABLE]
    assert [one and one.by for one in found] == ["anna"] * len(PAUSABLE)
    result = run("resume")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [f"{service}: goes on." for service in PAUSABLE]
    assert not any(is_paused(connection, service) for service in PAUSABLE)


def test_one_service_can_be_paused_alone(run: Run, connection: Connection) -> None:
    result = run("pause", "geocoder")
    assert result.stdout.splitlines()[-1] == "Go on with: photo-factory resume geocoder"
    assert [service for service in PAUSABLE if is_paused(connection, service)] == ["geocoder"]


def test_a_second_pause_or_resume_changes_nothing_and_says_so(run: Run) -> None:
    run("pause", "geocoder", LOGNAME="anna")
    result = run("pause", "geocoder", LOGNAME="ben")
    assert (result.exit_code, "was paused already, by anna since 20" in result.stdout) == (0, True)
    run("resume", "geocoder")
    result = run("resume", "geocoder")
    assert (result.exit_code, result.stdout) == (0, "geocoder: was not paused.\n")


@pytest.mark.parametrize("command", ["pause", "resume"])
def test_what_cannot_be_paused_is_wrong_usage(run: Run, command: str) -> None:
    result = run(command, "dashboard")
    assert result.exit_code == 2
    assert "Choose one of: librarian, geocoder, thumbnailer, backup" in result.stderr


def test_doctor_finds_the_database_in_order(run: Run) -> None:
    document = json.loads(run("doctor", "--json").stdout)
    results = {check["name"]: check["result"] for check in document["checks"]}
    assert results["inbox folder"] == "ok"
    assert results["postgresql"] == "ok"
    assert results["schema"] == "ok"
    assert results["clock"] == "ok"
    assert results["library marker"] == "skipped"


def test_doctor_finds_a_folder_that_is_not_the_one(
    run: Run, connection: Connection, tmp_path: Path
) -> None:
    library = tmp_path / "data" / "library"
    ensure_root(connection, "library", library)
    assert "ok       library marker" in run("doctor").stdout
    (library / MARKER).unlink()
    result = run("doctor")
    assert result.exit_code == 1
    assert "FINDING  library marker" in result.stdout
    assert "What helps: Mount the disk" in result.stdout


def test_doctor_goes_on_without_a_database_and_names_what_helps(run: Run) -> None:
    result = run("doctor", PF_DATABASE_URL=UNREACHABLE)
    assert result.exit_code == 1
    assert "ok       inbox folder" in result.stdout
    assert "FINDING  postgresql: PostgreSQL cannot be reached" in result.stdout
    assert "geheim" not in result.stdout


def test_doctor_finds_tables_that_are_missing(run: Run, connection: Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS alembic_version")
    result = run("doctor")
    assert result.exit_code == 1
    assert "What helps: Run: photo-factory migrate" in result.stdout


@pytest.mark.parametrize("command", ["status", "problems", "retry --all", "pause", "resume"])
@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        (UNREACHABLE, "PostgreSQL cannot be reached"),
        ("geheim geheim", "The address of PostgreSQL cannot be understood"),
        ("", "There is no database"),
    ],
)
def test_a_database_that_is_not_there_is_one_sentence_and_exit_code_2(
    run: Run, command: str, address: str, sentence: str
) -> None:
    result = run(*command.split(), PF_DATABASE_URL=address)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert "geheim" not in result.output


def test_a_database_without_tables_names_the_remedy(run: Run, connection: Connection) -> None:
    connection.execute("DROP TABLE inbox_files CASCADE")
    result = run("status")
    assert (result.exit_code, "photo-factory migrate" in result.stderr) == (2, True)


def test_a_wrong_setting_is_named(run: Run) -> None:
    result = run("status", PF_POLL_SECONDS="-1")
    assert result.exit_code == 2
    assert "PF_POLL_SECONDS: Input should be greater than 0" in result.stderr


def test_config_hides_the_password_unless_asked_for(run: Run) -> None:
    assert "geheim" not in run("config", PF_DATABASE_URL=UNREACHABLE).stdout
    shown = run("config", "--json", "--show-secrets", PF_DATABASE_URL=UNREACHABLE)
    document = json.loads(shown.stdout)
    assert document["database_url"] == {"value": UNREACHABLE, "source": "environment"}
    assert document["poll_seconds"] == {"value": 15.0, "source": "default"}
